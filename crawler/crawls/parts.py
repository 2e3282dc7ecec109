"""The open parts of a crawl: handed to Scrapy's as attributes of its crawler, and taken back as its report."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from scrapy.crawler import Crawler

from crawler.crawls.report import CrawlReport
from crawler.frontier.store import Ended

logger = logging.getLogger(__name__)


def hand_out(crawler: Crawler, **parts: object) -> None:
    """Let handlers, scheduler, middlewares, pipelines and commands find each part by its name."""
    for name, part in parts.items():
        setattr(crawler, name, part)


def leave_report(crawler: Crawler, report: CrawlReport, folder: Path, ended: Iterable[Ended]) -> None:
    """Hand the report out, and write it into *folder*; one that cannot be written is told in the log."""
    hand_out(crawler, report=report)
    try:
        report.write(folder, ended)
    except (OSError, sqlite3.Error) as error:
        logger.error("The report of this crawl could not be written: %s", error)
