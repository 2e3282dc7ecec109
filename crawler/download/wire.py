"""The live download handler: answers from the network, with a capture of every byte that crossed the wire."""

from __future__ import annotations

import asyncio
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, ResponseDataLossError, StopDownload
from scrapy.http import Response

from crawler.download.exchange import Exchange
from crawler.download.guard import AddressGuard
from crawler.download.pace import Pace
from crawler.download.recorder import Recording
from crawler.download.tee import RecordedPool
from crawler.flags import capture_flag
from crawler.limits import Limits
from crawler.text.article import TOO_LARGE

UNSAID: dict[type[Exception], str] = {
    DownloadCancelledError: "more bytes came than DOWNLOAD_MAXSIZE allows",
    ResponseDataLossError: "the answer was cut short or is badly framed",
}
"""What Scrapy's handler means by errors that it raises without a word."""


class WireDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, with one capture of each request handed to ``crawler.recorder``.

    Named for ``http`` and ``https`` in DOWNLOAD_HANDLERS. It behaves as Scrapy's own towards a spider, but that
    the response's flags name its record (``capture:urn:uuid:…``), that odd heads are read as browsers read them,
    that an answer past a limit (:class:`crawler.limits.Limits`) is given up, and that of a body larger than any page
    nothing is held in memory: its capture has it, and the response is empty and flagged ``too-large``. A request that
    was sent again because its kept-alive connection turned out to be stale makes two captures. Without a recorder
    nothing is kept, all bodies are given, and neither head nor rate is watched. Addresses that are not public are
    refused unless the setting EDITIONS_ALLOW_PRIVATE_ADDRESSES is true.

    Raises in place of a response, beside what Scrapy's handler raises: LimitError, PrivateAddressError.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool: RecordedPool = _pool(crawler)
        self._recording = Recording(crawler)
        self._limits = Limits.of(crawler.settings)
        self._pace = Pace(self._limits)
        private = crawler.settings.getbool("EDITIONS_ALLOW_PRIVATE_ADDRESSES", False)
        self._guard = None if private else AddressGuard()

    async def download_request(self, request: Request) -> Response:
        """The answer to *request*, from the network."""
        if self._recording.recorder is None:
            return await self._fetch(request, None)
        async with self._recording.request():
            return await self._recorded(request)

    async def _recorded(self, request: Request) -> Response:
        exchange = Exchange(urldefrag(request.url).url, self._limits.head)
        try:
            response = await self._watched(request, exchange)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, StopDownload) and error.response is not None:
                error.response.flags.append(capture_flag(exchange.record_id))
            self._keep(exchange, error)
            raise
        self._keep(exchange)
        if exchange.oversized:
            response.flags.append(TOO_LARGE)
        response.flags.append(capture_flag(exchange.record_id))
        return response

    def _keep(self, exchange: Exchange, error: BaseException | None = None) -> None:
        last = exchange.capture(error)
        for capture in (*exchange.abandoned, last):
            self._recording.keep(capture)

    async def _watched(self, request: Request, exchange: Exchange) -> Response:
        """The answer, or the reason why the exchange was refused."""
        try:
            async with self._pace.watching(exchange):
                response = await self._fetch(request, exchange)
        except Exception as error:
            if exchange.refused is not None:
                raise exchange.refused from error
            if not str(error) and type(error) in UNSAID:
                error.args = (f"{exchange.url}: {UNSAID[type(error)]}",)
            raise
        if exchange.refused is not None:
            raise exchange.refused
        return response

    async def _fetch(self, request: Request, exchange: Exchange | None) -> Response:
        """What Scrapy's handler does, recorded and guarded."""
        proxied = bool(request.meta.get("proxy"))
        if proxied and self._guard is not None:
            self._guard.check_host(urlsplit(request.url).hostname or "")
        self._pool.expect(exchange, None if proxied else self._guard)
        return await super().download_request(request)


def _pool(crawler: Crawler) -> RecordedPool:
    """A pool as Scrapy's handler makes it, of connections that are recorded."""
    from twisted.internet import reactor

    pool = RecordedPool(reactor, persistent=True)  # type: ignore[no-untyped-call]
    pool.maxPersistentPerHost = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
    return pool
