"""The frontier of a replay: a URL's turn comes once for each of its captures, and requisites have none."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from crawler.from_archive.captures import Captures
from crawler.frontier.frontier import Frontier
from crawler.frontier.store import Ending, Found

_REFUSED = 50_000
"""Requisites remembered, so that no request is made of each again."""


class ReplayFrontier:
    """A :class:`Frontier` in which a URL has ended when the last of its captures has, and so as that one did."""

    def __init__(self, frontier: Frontier, captures: Captures) -> None:
        self._frontier = frontier
        self._captures = captures
        self._again: deque[Found] = deque()
        self._asked: dict[str, Found] = {}
        self._refused: set[str] = set()

    def __contains__(self, url: str) -> bool:
        return url in self._refused or url in self._frontier

    def __len__(self) -> int:
        """Turns that are still to come."""
        return len(self._again) + len(self._frontier)

    def offer(self, found: Found) -> bool:
        """Let a URL wait; False where it is known, or only what a browser needs."""
        if found.kind == "requisite":
            if len(self._refused) >= _REFUSED:
                self._refused.clear()
            self._refused.add(found.url)
            return False
        return self._frontier.offer(found)

    def refuse(self, found: Found, reason: str, *, outcome: str = "filtered") -> None:
        """A URL that is not to be asked for."""
        self._frontier.refuse(found, reason, outcome=outcome)

    def asked(self) -> Sequence[str]:
        """The pages that were asked for before: none, each replay begins anew."""
        return self._frontier.asked()

    def next(self) -> Found | None:
        """The URL whose turn it is."""
        if self._again:
            return self._again.popleft()
        found = self._frontier.next()
        if found is not None:
            self._asked[found.url] = found
        return found

    def ended(self, ending: Ending, *, article: bool = False) -> None:
        """One capture of a URL has had its turn: the next one follows, or the URL has ended."""
        found = self._asked.get(ending.url)
        if found is not None and self._captures.advance(ending.url):
            self._again.append(found)
            return
        self._asked.pop(ending.url, None)
        self._frontier.ended(ending, article=article)
