"""Runs one crawl in this process, from its options to its report."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.collection.folder import Collection
from crawler.crawls.report import CrawlReport, crawl_id, now
from crawler.errors import CallError, CollectionError, CrawlError
from crawler.from_archive.choice import Choice
from crawler.from_archive.settings import replay_settings
from crawler.sites.profile import Profile


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """What a crawl is asked for."""

    profile: Profile
    collection: Collection
    editions: tuple[str, ...] = ()
    """Codes; all of the site's when empty."""
    start: tuple[str, ...] = ()
    """URLs to start from instead of seeds and front pages."""
    max_pages: int | None = None
    max_depth: int | None = None
    fresh: bool = False
    """Whether to forget what the frontier knows."""
    progress: bool = True
    archive: Choice | None = None
    """Where the answers come from in the place of the network."""
    metrics: Path | None = None
    """Where the crawl's metrics are left as a text file."""
    metrics_port: int | None = None
    """Where they are served on loopback meanwhile."""


def run(options: CrawlOptions) -> CrawlReport:
    """Crawl; returns when the crawl has ended. Once a process, for Twisted's reactor starts but once.

    Raises:
        EditionsError: the crawl could not be started, or what it brought could not be kept.
    """
    options.collection.make()
    try:
        return _run(options)
    except OSError as error:
        folder = options.collection.folder
        raise CollectionError(
            f"{folder}: cannot be written ({error.strerror or error}); free the disk, or choose another folder with "
            "--collection"
        ) from error


def _run(options: CrawlOptions) -> CrawlReport:
    logging.raiseExceptions = False  # a log that cannot be written must not bury the message that says why
    process = AsyncCrawlerProcess(_settings(options))
    crawler = process.create_crawler("news")
    crawling = process.crawl(
        crawler,
        site=str(options.profile.path),
        editions=options.editions,
        start=options.start,
        max_depth=options.max_depth,
    )
    process.start()
    if crawling.done():
        crawling.result()
    crawler.keeping.close("stopped at once")  # type: ignore[attr-defined]  # if it is not closed already
    if crawler.failure is not None:  # type: ignore[attr-defined]
        raise CrawlError(str(crawler.failure)) from crawler.failure  # type: ignore[attr-defined]
    return crawler.report  # type: ignore[attr-defined, no-any-return]


def _settings(options: CrawlOptions) -> Settings:
    settings = Settings()
    id_ = os.environ.get("EDITIONS_CRAWL_ID") or crawl_id(now())  # who begins a crawl may name it
    settings.setmodule("crawler.settings", priority="project")
    for name, value in {
        "EDITIONS_COLLECTION": str(options.collection.folder),
        "EDITIONS_PROGRESS": options.progress,
        "EDITIONS_MAX_PAGES": options.max_pages,
        "EDITIONS_FRESH": options.fresh,
        "EDITIONS_CRAWL_ID": id_,
        "LOG_FILE": str(options.collection.crawls / f"{id_}.log"),
        "LOG_LEVEL": "INFO",
    }.items():
        settings.set(name, value, priority="cmdline")
    if options.metrics is not None or options.metrics_port is not None:
        _measure(settings, options)
    if options.archive is not None:
        replay_settings(settings, options.archive, unlinked=not options.start and options.max_depth is None)
    return settings


def _measure(settings: Settings, options: CrawlOptions) -> None:
    """Metrics need a package that most crawls do not: their extension is loaded where it is asked for."""
    if find_spec("prometheus_client") is None:
        raise CallError("--metrics: needs one package more: pip install 'editions[schedule]'")
    settings.set(
        "EXTENSIONS", {**settings["EXTENSIONS"], "crawler.crawls.metrics.CrawlMetrics": 600}, priority="cmdline"
    )
    settings.set("EDITIONS_METRICS_FILE", options.metrics and str(options.metrics.absolute()), priority="cmdline")
    settings.set("EDITIONS_METRICS_PORT", options.metrics_port, priority="cmdline")
