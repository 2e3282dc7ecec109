"""How often a host is asked: not more often than its robots.txt allows."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

LONGEST = 60.0
"""Seconds between two requests that a robots.txt may ask for; with more a crawl would never end."""


class Throttle(AutoThrottle):
    """Scrapy's own, but that no delay gets shorter than :func:`slow_down` made it."""

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        slot.delay = max(slot.delay, _least(_downloader(self.crawler), _host(response.url)))


def slow_down(crawler: Crawler, url: str, delay: float) -> None:
    """Let at least *delay* seconds, up to ``LONGEST``, pass between two requests to the host of *url*.

    The setting DOWNLOAD_DELAY holds where it is longer.
    """
    downloader, host, delay = _downloader(crawler), _host(url), min(delay, LONGEST)
    if not delay > max(_least(downloader, host), crawler.settings.getfloat("DOWNLOAD_DELAY")):
        return
    downloader.per_slot_settings[host] = {**downloader.per_slot_settings.get(host, {}), "delay": delay}
    slot = downloader.slots.get(host)
    if slot is not None:
        slot.delay = max(slot.delay, delay)


def _least(downloader: Downloader, host: str) -> float:
    return float(downloader.per_slot_settings.get(host, {}).get("delay", 0.0))


def _host(url: str) -> str:
    """By which the downloader tells hosts apart, ports left out."""
    return urlsplit(url).hostname or ""


def _downloader(crawler: Crawler) -> Downloader:
    assert crawler.engine is not None
    return crawler.engine.downloader
