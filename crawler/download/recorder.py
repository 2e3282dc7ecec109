"""Where captures go, and what becomes of the crawl when they cannot be kept."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol

from scrapy.crawler import Crawler
from scrapy.utils.defer import deferred_from_coro

from archive.capture import Capture, Location
from crawler.frontier.unsaved import Unsaved

logger = logging.getLogger(__name__)

CLOSE_REASON = "archive_write_failed"
"""The finish reason of a crawl that was stopped because a capture could not be kept."""

FAILURE_STAT = "archive/write_error"
"""The crawl's statistic that says what went wrong, set once."""


class Recorder(Protocol):
    """What keeps captures: an archive's writer."""

    def write(self, capture: Capture) -> Future[Location]:
        """Take over *capture* and its spool; the future is done once it is on disk, or holds the error."""
        ...


class Recording:
    """Hands a crawl's captures to ``crawler.recorder``, and stops the crawl when one is not kept.

    Where the crawler has ``unsaved``, no more requests are begun than that allows.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @property
    def recorder(self) -> Recorder | None:
        """The crawl's recorder, or None where nothing is to be kept."""
        return getattr(self._crawler, "recorder", None)

    @property
    def _unsaved(self) -> Unsaved | None:
        return getattr(self._crawler, "unsaved", None)

    def request(self) -> AbstractAsyncContextManager[None]:
        """Around a request and the keeping of its captures: it begins when few enough others are not on disk."""
        return nullcontext() if self._unsaved is None else self._unsaved.request()

    def keep(self, capture: Capture) -> None:
        """Hand *capture* over, without waiting for the disk."""
        if self.recorder is None:
            return
        try:
            written = self.recorder.write(capture)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must stop the crawl, not one request
            self._stop(capture.url, error)
        else:
            if self._unsaved is not None:
                self._unsaved.add(written)
            written.add_done_callback(lambda future: self._check(capture.url, future))

    def _check(self, url: str, written: Future[Location]) -> None:
        """Runs in the writer's thread."""
        error = written.exception()
        if error is not None:
            from twisted.internet import reactor

            reactor.callFromThread(self._stop, url, error)

    def _stop(self, url: str, error: BaseException) -> None:
        stats = self._crawler.stats
        if stats is None or stats.get_value(FAILURE_STAT) is not None:
            return  # there is a handler for each scheme; one of them has seen to it
        stats.set_value(FAILURE_STAT, str(error))
        logger.critical("Stopping the crawl: the capture of %s could not be written: %s", url, error)
        if self._crawler.engine is not None:
            closing = deferred_from_coro(self._crawler.engine.close_spider_async(reason=CLOSE_REASON))
            closing.addErrback(lambda failure: logger.error("While stopping the crawl: %s", failure))
