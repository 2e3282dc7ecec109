from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest
from pytest_twisted import ensureDeferred
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload

from archive.capture import Capture, Location
from archive.errors import ArchiveWriteError
from crawler.download.recorder import CLOSE_REASON, FAILURE_STAT
from crawler.flags import capture_flag
from tests.download.cases import PAGE, answer
from tests.download.crawl import Fetcher, Shelf, crawl, request_of
from tests.download.torture import Case, Hold, TortureServer, Wait

PAGES = tuple(Case(f"page-{n}", (Wait(0.02), answer("200 OK"))) for n in range(40))


class FullDisk:
    """A recorder whose disk is full: from its writer's thread, or at once."""

    def __init__(self, *, at_once: bool) -> None:
        self.at_once = at_once
        self.asked = 0

    def write(self, capture: Capture) -> Future[Location]:
        self.asked += 1
        if capture.response is not None:
            capture.response.close()
        error = ArchiveWriteError("news.warc.gz: no space left on device")
        if self.at_once:
            raise error
        written: Future[Location] = Future()
        threading.Timer(0.01, written.set_exception, [error]).start()
        return written


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in its thread"])
@ensureDeferred
async def test_a_crawl_whose_captures_cannot_be_written_is_stopped(
    at_once: bool, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = FullDisk(at_once=at_once)
    with TortureServer(PAGES) as server:
        requests = [request_of(case, server) for case in PAGES]
        result = await crawl(requests, recorder, CONCURRENT_REQUESTS=2)
    assert result.reason == CLOSE_REASON
    assert result.stats[FAILURE_STAT] == "news.warc.gz: no space left on device"
    assert recorder.asked < len(PAGES)
    told = [r.getMessage() for r in caplog.records if r.levelname == "CRITICAL"]
    assert len(told) == 1
    assert "could not be written: news.warc.gz: no space left on device" in told[0]


@ensureDeferred
async def test_without_a_recorder_nothing_is_captured() -> None:
    (case, *_) = PAGES
    with TortureServer(PAGES) as server:
        result = await crawl([request_of(case, server)], None)
    (response,) = result.responses.values()
    assert (response.body, response.flags) == (PAGE, [])


BODY_STOPPED = Case("stopped", (b"HTTP/1.1 200 OK\r\n\r\n", PAGE, Hold()))
HEAD_STOPPED = Case("stopped", (b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", PAGE, Hold()))


@pytest.mark.parametrize("fail", [True, False])
@pytest.mark.parametrize(
    ("signal", "case"), [(signals.bytes_received, BODY_STOPPED), (signals.headers_received, HEAD_STOPPED)]
)
@ensureDeferred
async def test_a_download_that_the_spider_stopped_is_kept_as_cut(signal: object, case: Case, fail: bool) -> None:
    shelf = Shelf()
    with TortureServer((case,)) as server:
        result = await crawl([request_of(case, server)], shelf, spider=stopping(signal, fail=fail))
    (capture,) = shelf.captures
    if fail:
        (error,) = result.errors.values()
        assert isinstance(error, StopDownload)
        assert error.response is not None
        flags = error.response.flags
    else:
        (response,) = result.responses.values()
        flags = response.flags
    assert flags == ["download_stopped", capture_flag(capture.record_id)]
    assert capture.truncated == "unspecified"
    assert capture.response is not None
    assert server.log[0].response.startswith(capture.response.read())
    shelf.close()


def stopping(signal: object, *, fail: bool) -> type[Fetcher]:
    """A spider that stops each download at *signal*."""

    class Stopper(Fetcher):
        @classmethod
        def from_crawler(cls, crawler: Crawler, *args: object, **kwargs: object) -> Fetcher:
            spider = super().from_crawler(crawler, *args, **kwargs)
            spider.stop = stop  # type: ignore[attr-defined]
            crawler.signals.connect(stop, signal)
            return spider

    def stop() -> None:
        raise StopDownload(fail=fail)

    return Stopper


@ensureDeferred
async def test_a_large_answer_lies_in_a_file_and_is_cut_at_the_limit() -> None:
    piece = b"x" * 1_000_000
    case = Case("endless", (b"HTTP/1.1 200 OK\r\n\r\n", *([piece] * 60), Hold()))
    shelf = Shelf()
    with TortureServer((case,)) as server:
        request = request_of(case, server)
        del request.meta["download_maxsize"]
        result = await crawl([request], shelf, DOWNLOAD_MAXSIZE=20_000_000)
    (capture,) = shelf.captures
    assert capture.truncated == "length"
    assert capture.response is not None
    assert 20_000_000 <= capture.response.size < 21_000_000
    assert list(result.errors)
    shelf.close()
