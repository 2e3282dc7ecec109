"""What a crawl did: ``crawls/ID.json`` and the table at its end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.crawls.past import URLS
from crawler.crawls.tally import Tally
from crawler.drift.alarm import Drift, Past, drift
from crawler.drift.fill import EditionFill
from crawler.files import replace_file
from crawler.frontier.store import PAGES, Ended, Run


@dataclass(frozen=True, slots=True)
class EditionCount:
    """What one edition gave."""

    pages: int
    documents: int


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What a crawl did, when and how it ended."""

    id: str
    site: str
    started: str
    finished: str
    seconds: float
    reason: str
    """Scrapy's finish reason: ``finished`` where nothing was left to do."""
    captures: int
    bytes: int
    """Of all responses, as they crossed the wire."""
    statuses: dict[str, int]
    failures: dict[str, int]
    outcomes: dict[str, int]
    drops: dict[str, int]
    editions: dict[str, EditionCount] = field(default_factory=dict)
    endings: dict[str, dict[str, int]] = field(default_factory=dict)
    """How the crawl's URLs ended, its earlier runs included: counts by edition (empty for what has none)."""
    goes_on: str | None = None
    """The crawl that was cut off and that this run went on with."""
    answered: int = 0
    """Articles answered with a page, or with 304."""
    problems: tuple[str, ...] = ()
    """The first requests that failed, with their URLs."""
    fill: dict[str, EditionFill] = field(default_factory=dict)
    """What the articles that were read say, by edition: what later crawls are compared with."""
    drift: tuple[Drift, ...] = ()
    """What they say less often than those of the crawls before."""
    stale: str = ""
    """Why the corpus is not what a regeneration gives now; empty where it is."""

    @property
    def pages(self) -> int:
        """Articles captured and read."""
        return sum(count.pages for count in self.editions.values())

    @property
    def documents(self) -> int:
        """New and changed documents."""
        return sum(count.documents for count in self.editions.values())

    @property
    def stopped(self) -> bool:
        """Whether the crawl was cut off, and the next run goes on with it."""
        return self.reason != "finished"

    @property
    def left(self) -> int:
        """URLs that wait."""
        return sum(counts.get("waiting", 0) for counts in self.endings.values())

    @property
    def captured_nothing(self) -> bool:
        """Whether not one article came, and none was to come."""
        return self.answered == 0 and self.goes_on is None

    @property
    def captured_no_page(self) -> bool:
        """Whether not even a list came."""
        return not _ended(self.endings, *PAGES) and self.goes_on is None

    def why_nothing(self) -> str:
        """What a user should know when not one article came."""
        return why_nothing(self.fields())

    def fields(self) -> dict[str, object]:
        """All of it, for JSON."""
        return asdict(self) | {"pages": self.pages, "documents": self.documents}

    def write(self, folder: Path, ended: Iterable[Ended]) -> Path:
        """Write the report as ``ID.json``, with the list of all URLs under ``urls``; streams."""
        path = folder / f"{self.id}.json"
        replace_file(path, self._parts(ended))
        return path

    def _parts(self, ended: Iterable[Ended]) -> Iterator[str]:
        yield json.dumps(self.fields(), ensure_ascii=False, indent=1).removesuffix("\n}")
        yield f",\n{URLS}"
        for number, one in enumerate(ended):
            yield f"{',' if number else ''}\n  {json.dumps(asdict(one), ensure_ascii=False)}"
        yield "\n ]\n}\n"


def now() -> datetime:
    """The time, aware, UTC."""
    return datetime.now(UTC)


def why_nothing(fields: Mapping[str, Any]) -> str:
    """What a user should know when not one article came, from the report's fields."""
    site = fields["site"]
    if not fields["statuses"]:
        return f"{site}: nothing captured, no answer came; {'; '.join(fields['problems']) or fields['reason']}"
    statuses = ", ".join(f"{count} × {status}" for status, count in fields["statuses"].items())
    said = f"{site}: no article captured; the site answered {statuses}"
    if forbidden := _ended(fields["endings"], "robots"):
        return (
            f"{said}, and its robots.txt forbids {forbidden} of the {_ended(fields['endings'])} URLs to be asked for"
        )
    return f"{said}. Check start_urls and article_url of the profile"


def _ended(endings: Mapping[str, Mapping[str, int]], *ways: str) -> int:
    """How many URLs ended in one of these ways, or in any."""
    return sum(n for counts in endings.values() for way, n in counts.items() if way in ways or not ways)


def crawl_id(started: datetime) -> str:
    """A crawl's name: when it started, to the millisecond, so that names sort by time."""
    return started.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")[:-3] + "Z"


def report(
    run: Run,
    id_: str,
    site: str,
    started: datetime,
    reason: str,
    tally: Tally,
    past: Sequence[Past] = (),
    stale: str = "",
) -> CrawlReport:
    """The report of a crawl that has just ended; *past* are those before, oldest first; *stale*: see there."""
    finished = now()
    codes = sorted(set(tally.pages) | set(tally.documents))
    return CrawlReport(
        id=id_,
        site=site,
        started=started.isoformat(timespec="milliseconds"),
        finished=finished.isoformat(timespec="milliseconds"),
        seconds=round((finished - started).total_seconds(), 3),
        reason=reason,
        captures=tally.captures,
        bytes=tally.bytes,
        statuses={str(status): count for status, count in sorted(tally.statuses.items())},
        failures=dict(sorted(tally.failures.items())),
        outcomes=dict(sorted(tally.outcomes.items())),
        drops=dict(sorted(tally.drops.items())),
        editions={code: EditionCount(tally.pages[code], tally.documents[code]) for code in codes},
        endings={edition: dict(counts) for edition, counts in tally.endings.items()},
        goes_on=run.id if run.resumed else None,
        answered=tally.answered,
        problems=tuple(tally.problems),
        fill={code: tally.fill[code].result() for code in sorted(tally.fill)},
        drift=drift(tally.fill, past),
        stale=stale,
    )
