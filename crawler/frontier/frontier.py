"""The frontier of a running crawl: a URL is done when its capture is on disk, and not before."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar, cast

from archive.capture import Location
from crawler.frontier.store import PAGES, Ending, Found, FrontierStore, Wait

Method = TypeVar("Method", bound=Callable[..., Any])

_TAKEN_AT_ONCE = 16
"""URLs read from the store at a time; what is found meanwhile waits behind them. One, where articles are counted: a
known article must not take the place of a new one."""


@dataclass(frozen=True, slots=True)
class _Pending:
    ending: Ending
    written: Future[Location]


def _told(default: object) -> Callable[[Method], Method]:
    """An error of the store is told to ``on_failure`` and not raised into Scrapy, which would stand still."""

    def decorate(method: Method) -> Method:
        @wraps(method)
        def guarded(self: Frontier, *args: Any, **kwargs: Any) -> Any:
            try:
                return method(self, *args, **kwargs)
            except sqlite3.Error as error:
                self.on_failure(error)
                return default

        return cast("Method", guarded)

    return decorate


class Frontier:
    """What to ask for next, and how each URL ended. All methods belong to one thread, the reactor's.

    *on_end* is called with each URL that has ended without its page being read, *on_failure* when the store cannot be
    used. *max_pages*: articles to capture in this crawl, those of its earlier runs included.
    """

    def __init__(
        self,
        store: FrontierStore,
        *,
        on_end: Callable[[str], None],
        on_failure: Callable[[sqlite3.Error], None],
        max_pages: int | None = None,
    ) -> None:
        self._store = store
        self._on_end = on_end
        self.on_failure = on_failure
        self._ready: deque[Found] = deque()
        self._captures: dict[str, Future[Location]] = {}
        self._pending: deque[_Pending] = deque()
        self._waiting = store.waiting()
        self._always_waiting = store.waiting(articles=False)
        self._flying: dict[str, bool] = {}
        """What is in flight: whether it is known from before."""
        self._is_counted = max_pages is not None
        self._pages_left = float("inf") if max_pages is None else max_pages - store.captured_articles()

    @_told(default=True)
    def __contains__(self, url: str) -> bool:
        return self._store.knows(url)

    @_told(default=True)
    def has(self, url: str) -> bool:
        """Whether this crawl or an earlier one has captured the URL."""
        return self._store.has(url)

    def __len__(self) -> int:
        """URLs that wait and may still be asked for."""
        return self._waiting if self._pages_left > 0 else self._always_waiting

    @_told(default=False)
    def is_done(self) -> bool:
        """Whether nothing is left of the crawl: nothing waits that may be asked for, and nothing is in flight."""
        return len(self) == 0 and not self._flying

    @_told(default=False)
    def offer(self, found: Found) -> bool:
        """Let a URL wait; False where it is known."""
        added = self._store.add(found)
        self._waiting += added
        self._always_waiting += added and found.is_always_asked
        return added

    @_told(default=None)
    def refuse(self, found: Found, reason: str, *, outcome: str = "filtered") -> None:
        """A URL that is not to be asked for: it is known from now on, with the rule that says so."""
        if self._store.add(found):
            self._store.end(Ending(found.url, outcome, reason, attempts=0))

    @_told(default=None)
    def next(self) -> Found | None:
        """The URL whose turn it is; it is in flight until it ends."""
        if not self._ready:
            most = 1 if self._is_counted else _TAKEN_AT_ONCE
            self._ready.extend(self._store.take(most, articles=self._pages_left > 0))
        while self._ready:
            found = self._ready.popleft()
            if self._may_go(found):
                self._pages_left -= found.kind == "article"
                self._waiting -= 1
                self._always_waiting -= found.is_always_asked
                self._flying[found.url] = found.is_known
                return found
            self._store.give_back(found.url)
        return None

    def _may_go(self, found: Found) -> bool:
        """Whether there is room for it; a known article waits for those that may lead to new ones."""
        if not self._is_counted:
            return True
        if found.is_known and not all(self._flying.values()):
            return False
        return found.is_always_asked or self._pages_left > 0

    @_told(default=())
    def asked(self) -> Sequence[str]:
        """The pages that the crawl's earlier runs asked for."""
        return list(self._store.asked())

    @_told(default=None)
    def wait(self, wait: Wait) -> None:
        """A host is to be left alone."""
        self._store.wait(wait)

    @_told(default=())
    def waits(self, now: float) -> Sequence[Wait]:
        """The hosts that earlier runs were asked to leave alone, and are to at *now*, in seconds since 1970."""
        return self._store.waits(now)

    def captured(self, url: str, written: Future[Location]) -> None:
        """A capture of *url* is on its way to the disk."""
        self._captures[url] = written

    @_told(default=None)
    def ended(self, ending: Ending, *, article: bool = False) -> None:
        """A URL has ended; that is kept once its capture is on disk. Without a page it leaves room for another."""
        self._flying.pop(ending.url, None)
        if article and ending.outcome not in PAGES:
            self._pages_left += 1
        if ending.outcome != "captured":
            self._on_end(ending.url)
        written = self._captures.pop(ending.url, None)
        if written is None or written.done():
            self._end(ending, written)
        else:
            self._pending.append(_Pending(ending, written))

    def settle(self, *, wait: bool = False) -> None:
        """Keep the endings whose captures are on disk by now (with *wait*: of all)."""
        for _ in range(len(self._pending)):
            pending = self._pending.popleft()
            if wait or pending.written.done():
                self._end(pending.ending, pending.written)
            else:
                self._pending.append(pending)

    def _end(self, ending: Ending, written: Future[Location] | None) -> None:
        """A URL whose capture could not be written is not done: it will be asked for again."""
        if written is None:
            self._store.end(ending)
        elif written.exception() is None:
            same = ending.outcome == "captured" and written.result().type == "revisit"
            self._store.end(replace(ending, outcome="revisit") if same else ending)
