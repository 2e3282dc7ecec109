"""Late editions: those of a story that a later crawl found than the first that found it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from archive.index import Index
from crawler.crawls.past import crawl_starts
from crawler.stories.story import Story, Told


def with_lateness(stories: Iterable[Story], index: Path, crawls: Path) -> list[Story]:
    """The stories with the first captures of their documents, and by how many crawls each came late.

    *index* is the collection's CDXJ, which is read once; *crawls* the folder of the crawls' reports.
    """
    stories = list(stories)
    firsts = _first_captures(index, {told.url for story in stories for told in story.told})
    starts = crawl_starts(crawls)
    return [replace(story, told=_timed(story.told, firsts, starts)) for story in stories]


def _timed(told: Iterable[Told], firsts: Mapping[str, str], starts: Sequence[datetime]) -> tuple[Told, ...]:
    dated = [replace(one, first=min(one.first, firsts.get(one.url, one.first))) for one in told]
    if not starts:
        return tuple(dated)
    crawls = [bisect_right(starts, _moment(one.first)) for one in dated]
    return tuple(replace(one, late=crawl - min(crawls)) for one, crawl in zip(dated, crawls, strict=True))


def _moment(date: str) -> datetime:
    """A WARC-Date, as a time; long ago where it is none."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _first_captures(index: Path, urls: set[str]) -> dict[str, str]:
    """When each URL was first answered with a page."""
    found: dict[str, str] = {}
    if not index.is_file():
        return found
    with Index(index) as entries:
        for entry in entries.entries():
            if entry.url in urls and entry.status is not None and 200 <= entry.status < 300:
                found[entry.url] = min(entry.date, found.get(entry.url, entry.date))
    return found
