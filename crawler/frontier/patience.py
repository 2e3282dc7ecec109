"""A host that asks to be left alone for a while is: Retry-After, RFC 9110, 10.2.3."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.task import LoopingCall

from crawler.errors import StoppedError
from crawler.frontier.backoff import BackOff
from crawler.frontier.frontier import Frontier
from crawler.frontier.queues import give_back, hold, is_stopping
from crawler.frontier.store import Wait

logger = logging.getLogger(__name__)

BUSY = frozenset({429, 503})

CAPTURED = "captured"
"""In a request's meta: when the archive's answer to it came, in seconds since 1970; without it, it came just now."""

_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]*)?")

STOP_INTERVAL = 0.25
"""Seconds between two looks at whether the crawl is to stop."""


class Patience:
    """How long each host is to be left alone; kept in the frontier, so that a crawl that is cut off goes on waiting.

    *longest*: the longest wait obeyed, in seconds. *clock* never jumps; *now* tells seconds since 1970, and may.
    """

    def __init__(
        self,
        frontier: Frontier,
        longest: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._frontier = frontier
        self._longest = longest
        self._clock = clock
        self._now = now
        self._until: dict[str, float] = {}
        for wait in frontier.waits(now()):
            self._hold(wait)

    def ask(self, wait: Wait) -> float:
        """A host asks to wait; seconds that are left of it where that is longer than it asked for before, or 0."""
        wait = replace(wait, seconds=min(wait.seconds, self._longest))
        left = self._hold(wait)
        if left:
            self._frontier.wait(wait)
        return left

    def _hold(self, wait: Wait) -> float:
        """A clock that was set back since makes no wait longer than it was."""
        left = min(wait.seconds, self._longest) - max(0.0, self._now() - wait.asked)
        if left <= self.left(wait.host):
            return 0.0
        self._until[wait.host] = self._clock() + left
        return left

    def left(self, host: str) -> float:
        """Seconds until *host* may be asked again."""
        return max(0.0, self._until.get(host, 0.0) - self._clock())

    def left_of(self, name: str) -> float:
        """Seconds until all servers on the host of that *name* may be asked again: they share a queue."""
        return max((self.left(host) for host in self._until if _name(host) == name), default=0.0)

    def longest(self) -> tuple[str, float]:
        """The host that is to be left alone longest, and for how many seconds; an empty name where none is."""
        left = ((host, self.left(host)) for host in self._until)
        return max(left, key=lambda one: one[1], default=("", 0.0))


class RetryAfterMiddleware:
    """Holds back every request to a host, those in the downloader's queue too, until the time that it named in a 429
    or 503 answer; where it named none, longer each time. Of what is on its way already nothing can be held.

    A crawl that is stopped meanwhile does not wait: what was held back fails with StoppedError, and so does all that
    waits for its turn; it is asked for when the crawl goes on.

    Settings, in seconds: ``EDITIONS_RETRY_AFTER_MAX``, the longest wait obeyed; ``DOWNLOAD_DELAY`` and
    ``AUTOTHROTTLE_MAX_DELAY``, between which the waits lie that no host named. The crawler gets the attribute
    ``patience``, by which progress tells who is waited for.
    """

    def __init__(self, crawler: Crawler, patience: Patience, back_off: BackOff) -> None:
        self._crawler = crawler
        self._patience = patience
        self._back_off = back_off
        self._stopped = asyncio.Event()
        self._watching = LoopingCall(self._watch)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """From the crawler's settings and its frontier."""
        frontier: Frontier = crawler.frontier  # type: ignore[attr-defined]
        settings = crawler.settings
        patience = Patience(frontier, settings.getfloat("EDITIONS_RETRY_AFTER_MAX"))
        back_off = BackOff(settings.getfloat("DOWNLOAD_DELAY"), settings.getfloat("AUTOTHROTTLE_MAX_DELAY"))
        crawler.patience = patience  # type: ignore[attr-defined]
        middleware = cls(crawler, patience, back_off)
        crawler.signals.connect(middleware._opened, signals.spider_opened)
        crawler.signals.connect(middleware._closed, signals.spider_closed)
        # Not process_response: by then the downloader has let the next request out of its queue.
        crawler.signals.connect(middleware._answered, signals.response_downloaded)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Wait until the request's host may be asked again.

        Raises:
            StoppedError: the crawl was stopped before.
        """
        host = urlsplit(request.url).netloc
        while (wait := self._patience.left(host)) > 0:
            await self._pass(wait)

    async def _pass(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return
        raise StoppedError

    def _answered(self, response: Response, request: Request) -> None:
        """Note what a busy host asks for, or asked for when the archive's answer came."""
        came = request.meta.pop(CAPTURED, None) or time.time()  # a retry has the same meta, and its own answer
        host = urlsplit(request.url).netloc
        if response.status not in BUSY:
            self._back_off.answered(host)
            return
        wait = seconds(response.headers.get(b"Retry-After"), came)
        if wait is None:
            wait = self._unnamed(host)
        if left := self._patience.ask(Wait(host, came, wait)):
            logger.info("%s asks to wait: no request to it for %.1f seconds (%s)", host, left, request.url)
            # By its URL: the request may have been redirected from another host, whose queue it was in.
            hold(self._crawler, _name(host), self._patience.left_of(_name(host)))

    def _unnamed(self, host: str) -> float:
        """No longer than it is left alone already: its answers to what was on its way then are no news."""
        return 0.0 if self._patience.left(host) else self._back_off.busy(host)

    def _opened(self) -> None:
        self._watching.start(STOP_INTERVAL, now=False)

    def _closed(self) -> None:
        if self._watching.running:
            self._watching.stop()

    def _watch(self) -> None:
        """No signal of Scrapy's says that a crawl begins to stop."""
        if is_stopping(self._crawler):
            self._stopped.set()
            give_back(self._crawler, StoppedError())


def _name(host: str) -> str:
    """A host without its port, as the downloader tells queues apart."""
    return urlsplit(f"//{host}").hostname or ""


def seconds(value: bytes | None, now: float) -> float | None:
    """How long a Retry-After value asks to wait, in seconds from *now*; None where it says nothing sensible.

    Parts of a second, for which RFC 9110 has no place, are rounded up.
    """
    text = (value or b"").decode("latin-1").strip()
    if _SECONDS.fullmatch(text):
        return float(ceil(float(text)))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # Without a zone it is UTC, as all of HTTP's dates are (RFC 9110, 5.6.7), and not this machine's time.
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)
