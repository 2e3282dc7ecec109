"""Scrapy's queues of requests that wait for their turn, one for each host: held back, or emptied at a stop."""

from __future__ import annotations

from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import call_later
from twisted.python.failure import Failure


def hold(crawler: Crawler, name: str, seconds: float) -> None:
    """Let nothing out of the queue of the host of that *name* for so long, counted from now."""
    slot = _downloader(crawler).slots.get(name)
    if slot is None:
        return
    if slot.latercall is not None:
        slot.latercall.cancel()
    # As long as a call is to come, the downloader takes nothing from the queue, be there a delay or none.
    slot.latercall = call_later(seconds, _downloader(crawler)._latercall, slot)


def give_back(crawler: Crawler, error: Exception) -> None:
    """Let all that waits for its turn fail with *error*."""
    for slot in list(_downloader(crawler).slots.values()):
        _empty(slot, error)


def is_stopping(crawler: Crawler) -> bool:
    """Whether the crawl has been told to stop: no new request is made, and those under way are waited for."""
    slot = crawler.engine._slot if crawler.engine is not None else None
    return slot is not None and slot.closing is not None


def _empty(slot: Slot, error: Exception) -> None:
    while slot.queue:
        _, answer = slot.queue.popleft()
        answer.errback(Failure(error))  # type: ignore[no-untyped-call]


def _downloader(crawler: Crawler) -> Downloader:
    assert crawler.engine is not None
    return crawler.engine.downloader
