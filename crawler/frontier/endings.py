"""Every URL ends in one stated way: what Scrapy says of a request, told to the frontier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.errors import NotArchivedError
from crawler.frontier.frontier import Frontier
from crawler.frontier.store import Ending

NOT_MODIFIED = 304


class EndingMiddleware:
    """Spider middleware: a page is done when all that its callback gives has been taken.

    Links found on it are in the frontier by then, so that a page is never done without them.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Of this crawl."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware._spider_error, signals.spider_error)
        return middleware

    @property
    def _frontier(self) -> Frontier:
        return self._crawler.frontier  # type: ignore[attr-defined, no-any-return]

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass all on; then the page is done."""
        async for one in result:
            yield one
        if response.request is not None and (outcome := _outcome(response.status)):
            self._end(response.request, outcome, "")

    def _spider_error(self, failure: Failure, response: Response, spider: Spider) -> None:
        if response.request is not None:
            self._end(response.request, "failed", f"spider: {type(failure.value).__name__}")

    def _end(self, request: Request, outcome: str, reason: str) -> None:
        self._frontier.ended(ending(request, outcome, reason), article=request.meta.get("kind") == "article")


def _outcome(status: int) -> str | None:
    """How a page ended that was read; of one that is unchanged, the links were."""
    if status == NOT_MODIFIED:
        return "not-modified"
    return "captured" if 200 <= status < 300 else None


def ending(request: Request, outcome: str, reason: str = "") -> Ending:
    """How a request ended, with the number of its tries."""
    return Ending(request.url, outcome, reason, request.meta.get("retry_times", 0) + 1)


def failed(failure: Failure) -> Ending:
    """How a request ended that gave no page to read."""
    request: Request = failure.request  # type: ignore[attr-defined]
    error = failure.value
    if isinstance(error, HttpError):
        status = error.response.status
        return ending(request, "not-modified") if status == NOT_MODIFIED else ending(request, "status", str(status))
    if isinstance(error, NotArchivedError):
        return ending(request, "not-archived", error.reason)
    if isinstance(error, IgnoreRequest):
        return ending(request, "robots" if "robots.txt" in str(error) else "filtered", str(error))
    return ending(request, "failed", f"{type(error).__name__}: {error}"[:500])
