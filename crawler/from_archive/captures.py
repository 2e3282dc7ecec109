"""The captures of each URL that a replay answers from, one after another."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime

from archive.entry import ERROR_PREFIX, NOT_MODIFIED_PREFIX, Entry, parse_line
from archive.index import Index
from archive.surt import url_key
from crawler.from_archive.choice import Choice
from crawler.urls import normalise

NOT_MODIFIED = 304

_RETRIED = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
"""Answers after which a crawl asks again: where they come first, the first capture is what came of that."""


class Captures:
    """The captures of an index that a :class:`Choice` lets count, and which of a URL's is to be given next."""

    def __init__(self, index: Index, choice: Choice) -> None:
        self._index = index
        self._choice = choice
        self._left: dict[str, deque[Entry]] = {}

    def current(self, url: str) -> Entry | None:
        """The capture that a request for *url* is answered from now; None where there is none.

        Raises:
            IndexFormatError: a line of the index is no CDXJ.
        """
        if url not in self._left:
            self._left[url] = deque(self._chosen(url))
        left = self._left[url]
        return left[0] if left else None

    def advance(self, url: str) -> bool:
        """The present capture of *url* has had its turn; whether another is to be given."""
        left = self._left.get(url)
        if left and len(left) > 1:
            left.popleft()
            return True
        self._left.pop(url, None)
        return False

    def of(self, url: str) -> list[Entry]:
        """All captures of *url* that are not too late, in time order, failed fetches and 304s among them.

        Of a URL in any spelling: archives of others do not normalise theirs.
        """
        wanted, latest = _normal(url), self._choice.as_of
        found = self._index.find(url, exact=False, errors=True)
        same = (entry for entry in found if entry.url == url or _normal(entry.url) == wanted)
        return [entry for entry in same if latest is None or entry.when <= latest]

    def at(self, url: str, when: datetime | None) -> Entry | None:
        """The capture of *url* that was the newest at that time (now where it is None), else its first one."""
        return at(self.of(url), when)

    def articles(self, domains: Iterable[str]) -> Iterator[str]:
        """The URLs captured on *domains* and their subdomains, each once or more, as the index sorts them."""
        hosts = tuple(url_key(f"http://{domain.partition(':')[0]}/").partition(")")[0].encode() for domain in domains)
        last = ""
        with self._index.path.open("rb") as lines:
            for line in lines:
                key = line.removeprefix(ERROR_PREFIX.encode()).removeprefix(NOT_MODIFIED_PREFIX.encode())
                if key.startswith(hosts) and (url := self._counted(line)) not in ("", last):
                    yield url
                    last = url

    def _counted(self, line: bytes) -> str:
        """The URL of a line of the index; empty where its capture is too late."""
        entry = parse_line(line, str(self._index.path))
        latest = self._choice.as_of
        return entry.url if latest is None or entry.when <= latest else ""

    def _chosen(self, url: str) -> list[Entry]:
        found = self.of(url)
        if not found or self._choice.which == "first":
            return [entry for entry in found if entry.status is not None and entry.status not in _RETRIED][
                :1
            ] or found[:1]
        return found[-1:] if self._choice.which == "newest" else _telling(found)


def at(entries: list[Entry], when: datetime | None) -> Entry | None:
    """Of *entries* in time order, the last that is not after *when*, else the first."""
    before = [entry for entry in entries if when is None or entry.when <= when]
    return before[-1] if before else next(iter(entries), None)


def _telling(entries: list[Entry]) -> list[Entry]:
    """Without the 304s that come after a page: they say that it is still the same."""
    kept: list[Entry] = []
    for entry in entries:
        if entry.status == NOT_MODIFIED and kept and kept[-1].status is not None and 200 <= kept[-1].status < 300:
            continue
        kept.append(entry)
    return kept


def _normal(url: str) -> str:
    try:
        return normalise(url)
    except ValueError:
        return url
