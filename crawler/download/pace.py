"""The pace of downloads: those that come too slowly ever to end are given up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from scrapy.exceptions import DownloadTimeoutError

from crawler.download.exchange import Exchange
from crawler.limits import Limits, TooSlowError

LOOKS = 10
"""How often a download is looked at in the time over which its rate is averaged."""


@dataclass(slots=True, eq=False)
class _Download:
    exchange: Exchange
    deadline: asyncio.Timeout
    looked: deque[int] = field(default_factory=lambda: deque(maxlen=2 * LOOKS + 1))
    """Bytes received until each look; the first ones are of the time of grace."""


class Pace:
    """Watches downloads: after ``limits.patience`` seconds each must bring ``limits.rate`` bytes a second.

    The rate is averaged over the same time again, so that the first verdict comes at twice that. One timer looks
    at all downloads under way, and none runs while there is none.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._under_way: set[_Download] = set()
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def watching(self, exchange: Exchange) -> AsyncIterator[None]:
        """Watch the download of *exchange* in the block.

        Raises:
            TimeoutError: it was too slow; ``exchange.refused`` says how: DownloadTimeoutError where nothing came
                any more (asking again may help), TooSlowError where something did.
        """
        async with asyncio.timeout(None) as deadline:
            download = _Download(exchange, deadline)
            self._under_way.add(download)
            self._set_timer()
            try:
                yield
            finally:
                self._under_way.discard(download)

    def _set_timer(self) -> None:
        if self._timer is None and self._under_way and self._limits.rate > 0:
            interval = self._limits.patience / LOOKS
            self._timer = asyncio.get_running_loop().call_later(interval, self._look)

    def _look(self) -> None:
        self._timer = None
        for download in self._under_way:
            self._judge(download)
        self._set_timer()

    def _judge(self, download: _Download) -> None:
        looked, exchange = download.looked, download.exchange
        looked.append(exchange.received_bytes)
        if len(looked) <= 2 * LOOKS or exchange.ended or exchange.refused is not None:
            return
        came = looked[-1] - looked[LOOKS]
        if came < self._limits.rate * self._limits.patience:
            exchange.refused = self._refusal(exchange.url, came)
            download.deadline.reschedule(asyncio.get_running_loop().time())

    def _refusal(self, url: str, came: int) -> Exception:
        seconds = f"{self._limits.patience:g} seconds"
        if not came:
            return DownloadTimeoutError(f"{url}: nothing came for {seconds}")
        return TooSlowError(f"{url}: {came} bytes in {seconds}, less than {self._limits.rate:g} a second")
