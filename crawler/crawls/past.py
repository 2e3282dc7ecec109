"""What earlier crawls of a collection left: the reports ``crawls/ID.json``, their lists of URLs unread."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.drift.alarm import Past
from crawler.drift.fill import EditionFill
from crawler.labels.label import Label

logger = logging.getLogger(__name__)

URLS = ' "urls": ['
"""The line of a report at which its list of URLs begins: all else stands before."""


@dataclass(frozen=True, slots=True)
class PastCrawl:
    """One run of an earlier crawl."""

    id: str
    crawl: str
    """The crawl that it belongs to: itself, or the one that was cut off and that it went on with."""
    started: datetime
    fill: Past
    """What its pages said."""


def past_crawls(folder: Path) -> list[PastCrawl]:
    """The crawls whose reports lie in *folder*, oldest first; what is no report is told in the log and left out."""
    return sorted(_readable(folder), key=lambda crawl: (crawl.started, crawl.id))


def crawl_starts(folder: Path) -> list[datetime]:
    """When each crawl began; a run that went on with one that was cut off begins none."""
    firsts: dict[str, datetime] = {}
    for one in past_crawls(folder):
        firsts.setdefault(one.crawl, one.started)
    return sorted(firsts.values())


def summary(path: Path) -> dict[str, Any] | None:
    """What one report says, its list of URLs left out; None where there is none that can be read."""
    try:
        return _head(path)
    except (OSError, ValueError):
        return None


def _readable(folder: Path) -> Iterator[PastCrawl]:
    for path in folder.glob("*.json"):
        try:
            yield _past_crawl(_head(path))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning("%s: is no report of a crawl (%r): passed over", path, error)


def _head(path: Path) -> dict[str, Any]:
    """A report without its URLs, which can be many."""
    lines: list[str] = []
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if line.startswith(URLS):
                lines.append(' "urls": []}')
                break
            lines.append(line)
    head: dict[str, Any] = json.loads("".join(lines))
    return head


def _past_crawl(report: dict[str, Any]) -> PastCrawl:
    started = datetime.fromisoformat(report["started"])
    fill = {edition: _fill(told) for edition, told in report.get("fill", {}).items()}
    return PastCrawl(
        id=report["id"],
        crawl=report.get("goes_on") or report["id"],
        started=started if started.tzinfo else started.replace(tzinfo=UTC),
        fill=Past(report["id"], fill),
    )


def _fill(told: dict[str, Any]) -> EditionFill:
    labels = tuple(Label(**one) for one in told["labels"])
    return EditionFill(told["pages"], dict(told["fields"]), told["median_chars"], labels)
