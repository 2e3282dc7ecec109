"""A crawl of given requests through a download handler: what the recorder was handed and what the spider saw."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler, CrawlerRunner
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.capture import Capture, Location
from tests.download.torture import Case, TortureServer

WIRE = "crawler.download.wire.WireDownloadHandler"
STOCK = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"


class Shelf:
    """A recorder that keeps captures in memory."""

    def __init__(self) -> None:
        self.captures: list[Capture] = []

    def write(self, capture: Capture) -> Future[Location]:
        self.captures.append(capture)
        written: Future[Location] = Future()
        written.set_result(Location("none", 0, 0, capture.record_id, "", "response"))
        return written

    def of(self, url: str) -> list[Capture]:
        return [capture for capture in self.captures if capture.url == url]

    def close(self) -> None:
        for capture in self.captures:
            if capture.response is not None:
                capture.response.close()


@dataclass(slots=True)
class Crawl:
    """What a crawl saw: by URL, the response or the error."""

    reason: str = ""
    stats: dict[str, Any] = field(default_factory=dict)
    responses: dict[str, Response] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)


class Fetcher(Spider):
    """Fetches the requests given and keeps what comes of each."""

    name = "fetcher"

    def __init__(self, requests: Iterable[Request], crawl: Crawl, recorder: object) -> None:
        super().__init__()
        self._requests = requests
        self._crawl = crawl
        self._recorder = recorder

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Fetcher:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.recorder = spider._recorder  # type: ignore[attr-defined]
        return spider

    async def start(self) -> AsyncIterator[Any]:
        for request in self._requests:
            yield request.replace(callback=self.keep, errback=self.fail, dont_filter=True)

    def keep(self, response: Response) -> None:
        self._crawl.responses[response.url] = response

    def fail(self, failure: Failure) -> None:
        self._crawl.errors[failure.request.url] = failure.value  # type: ignore[attr-defined]

    def closed(self, reason: str) -> None:
        self._crawl.reason = reason
        self._crawl.stats = self.crawler.stats.get_stats()


async def crawl(
    requests: Iterable[Request],
    recorder: object,
    *,
    handler: str = WIRE,
    spider: type[Fetcher] = Fetcher,
    **settings: object,
) -> Crawl:
    """Run a crawl of *requests* to its end."""
    result = Crawl()
    runner = CrawlerRunner(
        {
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "CONCURRENT_REQUESTS": 16,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "EDITIONS_ALLOW_PRIVATE_ADDRESSES": True,
            "RETRY_ENABLED": False,
            "REDIRECT_ENABLED": False,
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "HTTPERROR_ALLOW_ALL": True,
            "LOG_LEVEL": "CRITICAL",
            **settings,
        }
    )
    await runner.crawl(spider, requests=requests, crawl=result, recorder=recorder)
    return result


def request_of(case: Case, server: TortureServer) -> Request:
    """The request that plays *case*."""
    return Request(
        f"{server.url}/{case.name}",
        method=case.method,
        headers=list(case.headers),
        body=case.body,
        meta={"download_timeout": case.timeout, "download_maxsize": case.maxsize},
    )
