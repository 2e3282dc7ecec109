"""A crawl's metrics for Prometheus: served on loopback while it goes on, and left as a text file at its end."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from typing import Self
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from twisted.internet.task import LoopingCall

from crawler.crawls.report import now
from crawler.errors import CallError

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"

INTERVAL = 15.0
"""Seconds between two writings of the file while the crawl goes on."""


class CrawlMetrics:
    """Scrapy extension; on with ``EDITIONS_METRICS_FILE`` (a path) or ``EDITIONS_METRICS_PORT``.

    The file is node_exporter's text format, each time put in place as a whole.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._file: str | None = crawler.settings.get("EDITIONS_METRICS_FILE")
        port = crawler.settings.get("EDITIONS_METRICS_PORT")
        if self._file is None and port is None:
            raise NotConfigured("neither EDITIONS_METRICS_FILE nor EDITIONS_METRICS_PORT is set")
        self._crawler = crawler
        self._ended: tuple[float, str] | None = None
        self._scheduler: object = None
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._loop = LoopingCall(self._write)
        self._server: WSGIServer | None = None
        if port is not None:
            self._serve(int(port))
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Measure this crawl."""
        return cls(crawler)

    def collect(self) -> Iterator[Metric]:
        """All metrics as they stand now."""
        spider = self._crawler.spider
        tally, site = self._crawler.tally, spider.profile.name if spider else ""  # type: ignore[attr-defined]
        yield _counter("captures", "Requests made, with or without an answer.", site, {(): tally.captures})
        yield _counter("bytes", "Of all responses, as they crossed the wire.", site, {(): tally.bytes})
        yield _counter("pages", "Articles captured and read.", site, _by(tally.pages), "edition")
        yield _counter("documents", "New and changed documents.", site, _by(tally.documents), "edition")
        yield _counter("responses", "By HTTP status.", site, _by(tally.statuses), "status")
        yield _counter("failures", "Requests without a whole answer.", site, _by(tally.failures), "error")
        waiting = _gauge("waiting_urls", "URLs that wait.")
        waiting.add_metric([site], self._waiting())
        yield waiting
        yield self._scrapy_stats(site)
        if self._ended is not None:
            moment, reason = self._ended
            ended = _gauge("end_timestamp_seconds", "When it ended, and why.", "reason")
            ended.add_metric([site, reason], moment)
            yield ended

    def _scrapy_stats(self, site: str) -> Metric:
        """Scrapy's own counts, whichever there are, under their names."""
        stats = _gauge("scrapy_stat", "A number of Scrapy's statistics.", "stat")
        for name, value in dict(self._crawler.stats.get_stats() if self._crawler.stats else {}).items():
            if isinstance(value, (int, float)):
                stats.add_metric([site, name], value)
        return stats

    def _waiting(self) -> int:
        return len(self._scheduler) if hasattr(self._scheduler, "__len__") else 0

    def _serve(self, port: int) -> None:
        try:
            self._server, _ = start_http_server(port, HOST, self._registry)
        except OSError as error:
            raise CallError(f"--metrics-port {port}: cannot be had ({error.strerror})") from error
        if self._crawler.settings.getbool("EDITIONS_PROGRESS"):
            print(f"metrics at http://{HOST}:{self._server.server_port}/metrics", file=sys.stderr, flush=True)

    def _opened(self, spider: Spider) -> None:
        assert self._crawler.engine is not None
        self._scheduler = self._crawler.engine.scheduler
        if self._file is not None:
            self._loop.start(INTERVAL, now=True)

    def _closed(self, spider: Spider, reason: str) -> None:
        self._ended = (now().timestamp(), reason)
        if self._loop.running:
            self._loop.stop()
            self._write()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _write(self) -> None:
        """A file that cannot be written is no reason to end a crawl."""
        try:
            write_to_textfile(str(self._file), self._registry)
        except OSError as error:
            logger.error("The metrics could not be written to %s: %s", self._file, error)


def _by(counts: Mapping[str, int] | Mapping[int, int]) -> dict[tuple[str, ...], int]:
    """A copy, for the crawl goes on counting in another thread."""
    return {(str(name),): count for name, count in dict(counts).items()}


def _counter(
    name: str, words: str, site: str, counts: Mapping[tuple[str, ...], int], *labels: str
) -> CounterMetricFamily:
    metric = CounterMetricFamily(f"editions_crawl_{name}", words, labels=["site", *labels])
    for values, count in counts.items():
        metric.add_metric([site, *values], count)
    return metric


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"editions_crawl_{name}", words, labels=["site", *labels])
