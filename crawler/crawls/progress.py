"""A crawl's progress on stderr: one line that moves on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from twisted.internet.task import LoopingCall

from crawler.crawls.tally import Tally
from crawler.frontier.patience import Patience

ON_TERMINAL = 0.5
ELSEWHERE = 10.0
"""Seconds between two lines."""

LONG = 2.0
"""Seconds of waiting for a host that are told."""


class Progress:
    """Scrapy extension; on with the setting ``EDITIONS_PROGRESS``."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("EDITIONS_PROGRESS"):
            raise NotConfigured("EDITIONS_PROGRESS is off")
        self._crawler = crawler
        self._console = Console(stderr=True, highlight=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._loop = LoopingCall(self._show)
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Show this crawl's progress."""
        return cls(crawler)

    def _opened(self, spider: Spider) -> None:
        self._started = time.monotonic()
        if self._console.is_terminal:
            self._live.start()
        interval = ON_TERMINAL if self._console.is_terminal else ELSEWHERE
        self._loop.start(interval, now=False)

    def _closed(self, spider: Spider) -> None:
        if self._loop.running:
            self._loop.stop()
        self._live.stop()

    def _show(self) -> None:
        tally: Tally = self._crawler.tally  # type: ignore[attr-defined]
        text = line(tally, time.monotonic() - self._started, self._queued(), waiting(self._crawler))
        if self._console.is_terminal:
            self._live.update(Text(text, overflow="ellipsis", no_wrap=True), refresh=True)
        else:
            print(text, file=sys.stderr, flush=True)

    def _queued(self) -> int:
        scheduler = self._crawler.engine.scheduler if self._crawler.engine else None
        return len(scheduler) if hasattr(scheduler, "__len__") else 0  # type: ignore[arg-type]


def waiting(crawler: Crawler) -> str:
    """Which host is waited for, and how long still; empty where none is, or not for long."""
    patience: Patience | None = getattr(crawler, "patience", None)
    host, left = patience.longest() if patience else ("", 0.0)
    if left >= LONG:
        return f"{host} asks to wait: {left:.0f} s"
    host, left = _next_delayed(crawler)
    return f"{host} is asked again in {left:.0f} s" if left >= LONG else ""


def _next_delayed(crawler: Crawler) -> tuple[str, float]:
    """The host for which requests wait, by the delay between them, and the seconds until the next; the longest."""
    slots = crawler.engine.downloader.slots if crawler.engine else {}
    now = time.monotonic()  # as the slots' own clock
    left = ((host, slot.lastseen + slot.delay - now) for host, slot in slots.items() if slot.queue)
    return max(left, key=lambda one: one[1], default=("", 0.0))


def line(tally: Tally, seconds: float, queued: int, waiting: str = "") -> str:
    """Who is waited for, pages, documents, rate, queue, and documents per edition, in one line."""
    pages = sum(tally.pages.values())
    rate = pages / seconds if seconds > 0 else 0.0
    editions = " ".join(f"{code} {count}" for code, count in sorted(tally.documents.items()))
    return (
        f"{waiting}{' | ' if waiting else ''}"
        f"{pages} pages, {sum(tally.documents.values())} documents, {rate:.1f} pages/s, "
        f"{queued} queued, {sum(tally.failures.values())} failed | {editions}"
    )
