"""What the tee costs: pages a second of a bare Scrapy crawl over loopback, with Scrapy's handler and with ours.

    python -m benchmarks.wire [--pages 3000] [--rounds 5] [--tls]

Each round runs each variant once, in a process of its own, so that a busy machine troubles all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response

from archive.capture import Capture, Location
from tests.download.certificate import server_context

STOCK = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
WIRE = "crawler.download.wire.WireDownloadHandler"
VARIANTS = {
    "Scrapy's handler": (STOCK, False),
    "the wire, no recorder": (WIRE, False),
    "the wire, captures dropped": (WIRE, True),
}
PAGE = (b"<!doctype html><title>Page</title>" + b"<p>Prose of a news page, again and again.</p>\n" * 1400)[:60_000]


class Drop:
    """A recorder that keeps nothing, so that only the capturing is measured."""

    def write(self, capture: Capture) -> Future[Location]:
        if capture.response is not None:
            capture.response.close()
        written: Future[Location] = Future()
        written.set_result(Location("", 0, 0, capture.record_id, "", "response"))
        return written


class Pages(Spider):
    """Fetches pages and does nothing with them."""

    name = "pages"

    def __init__(self, url: str, pages: int, record: bool) -> None:
        super().__init__()
        self.url, self.pages, self.record, self.seen = url, pages, record, 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Pages:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.recorder = Drop() if spider.record else None  # type: ignore[attr-defined]
        return spider

    async def start(self) -> AsyncIterator[Request]:
        self.started, self.cpu = time.perf_counter(), time.process_time()
        for number in range(self.pages):
            yield Request(f"{self.url}/{number}")

    def parse(self, response: Response) -> None:
        self.seen += len(response.body) == len(PAGE)

    def closed(self, reason: str) -> None:
        seconds, cpu = time.perf_counter() - self.started, time.process_time() - self.cpu
        print(json.dumps({"pages": self.seen, "seconds": seconds, "cpu": cpu}))


def crawl(url: str, pages: int, variant: str) -> None:
    """One crawl in this process; one JSON line on stdout."""
    handler, record = VARIANTS[variant]
    process = AsyncCrawlerProcess(
        {
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "EDITIONS_ALLOW_PRIVATE_ADDRESSES": True,
            "CONCURRENT_REQUESTS": 16,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "CONCURRENT_ITEMS": 4,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    process.crawl(Pages, url=url, pages=pages, record=record)
    process.start()


def serve(context: ssl.SSLContext | None) -> tuple[int, str]:
    """A forked server of `PAGE`; its process id and address."""
    import asyncio
    import socket

    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    url = f"{'https' if context else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    child = os.fork()
    if child:
        return child, url
    message = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(message)

    async def main() -> None:
        server = await asyncio.start_server(answer, sock=listener, ssl=context)
        asyncio.get_running_loop().set_exception_handler(lambda loop, about: None)  # clients that hang up
        await server.serve_forever()

    asyncio.run(main())
    raise AssertionError("served for ever")


def measure(url: str, pages: int, variant: str) -> dict[str, float]:
    """One crawl in a new process."""
    command = [sys.executable, "-m", "benchmarks.wire", "--crawl", variant, "--url", url, "--pages", str(pages)]
    result: dict[str, float] = json.loads(subprocess.check_output(command, timeout=600))
    if result["pages"] != pages:
        raise SystemExit(f"{variant}: {result['pages']} of {pages} pages came whole")
    return result


def report(rounds: dict[str, list[dict[str, float]]]) -> None:
    """A line for each variant: medians, and the share of the stock handler's speed in the same round."""
    stock = rounds["Scrapy's handler"]
    for variant, results in rounds.items():
        rate = statistics.median(r["pages"] / r["seconds"] for r in results)
        cpu = statistics.median(1000 * r["cpu"] / r["pages"] for r in results)
        share = statistics.median(s["cpu"] / r["cpu"] for s, r in zip(stock, results, strict=True))
        print(f"{variant:28} {rate:7.0f} pages/s   {cpu:6.3f} ms CPU a page   {share:5.2f} of Scrapy's speed by CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--crawl", choices=list(VARIANTS), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.crawl:
        crawl(options.url, options.pages, options.crawl)
        return
    with tempfile.TemporaryDirectory() as folder:
        child, url = serve(server_context(Path(folder)) if options.tls else None)
        try:
            rounds: dict[str, list[dict[str, float]]] = {variant: [] for variant in VARIANTS}
            for _ in range(options.rounds):
                for variant, results in rounds.items():
                    results.append(measure(url, options.pages, variant))
            report(rounds)
        finally:
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)


if __name__ == "__main__":
    main()
