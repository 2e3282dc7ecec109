from __future__ import annotations

import asyncio
import time

import pytest
from pytest_twisted import ensureDeferred
from scrapy.exceptions import DownloadTimeoutError
from scrapy.utils.defer import deferred_from_coro

from archive.capture import FetchError
from crawler.download.exchange import Exchange
from crawler.download.pace import Pace
from crawler.limits import Limits, TooSlowError
from tests.download.cases import EARLY, answer
from tests.download.crawl import Crawl, Shelf, crawl, request_of
from tests.download.torture import Case, Hold, Interim, Step, TortureServer, Wait

PATIENCE = 0.5
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


def drip(data: bytes, every: float, times: int) -> tuple[Step, ...]:
    return tuple(step for _ in range(times) for step in (data, Wait(every)))


SLOW = (
    Case("drip-body", (HEAD, *drip(b"x", 0.1, 600)), truncated="time"),
    Case("drip-no-length", (b"HTTP/1.1 200 OK\r\n\r\n", *drip(b"x", 0.1, 600)), truncated="time"),
    Case("drip-head", (b"HTTP/1.1 200 OK\r\n", *drip(b"X-A: b\r\n", 0.1, 600)), truncated="time"),
    Case("drip-interim", (Interim(EARLY), *[Interim(b"HTTP/1.1 100 \r\n\r\n"), Wait(0.15)] * 400), answered=False),
)
SILENT = (
    Case("silent", (Hold(),), answered=False),
    Case("silent-in-body", (HEAD, b"x" * 5_000, Hold()), truncated="time"),
)
QUICK = (
    Case("steady", (b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n", *drip(b"x" * 100, 0.1, 30))),
    Case("slow-to-begin", (Wait(0.7), answer("200 OK"))),
)


async def play(cases: tuple[Case, ...], shelf: Shelf, **settings: object) -> tuple[Crawl, str, float]:
    began = time.monotonic()
    with TortureServer(cases) as server:
        limits = {"EDITIONS_MIN_RATE": 200, "EDITIONS_MIN_RATE_PATIENCE": PATIENCE} | settings
        requests = [request_of(case, server) for case in cases]
        result = await crawl(requests, shelf, **limits)  # type: ignore[arg-type]
        return result, server.url, time.monotonic() - began


@pytest.mark.parametrize("retry", [False, True])
@ensureDeferred
async def test_what_drips_is_given_up_and_not_asked_again(retry: bool) -> None:
    shelf = Shelf()
    result, url, took = await play(SLOW, shelf, RETRY_ENABLED=retry)
    for case in SLOW:
        error = result.errors[f"{url}/{case.name}"]
        assert isinstance(error, TooSlowError)
        assert str(error).startswith(f"{url}/{case.name}: ")
        assert str(error).endswith(" bytes in 0.5 seconds, less than 200 a second")
        (capture,) = shelf.of(f"{url}/{case.name}")
        assert capture.truncated == case.truncated
        assert (capture.response is not None) == case.answered
        assert capture.error == FetchError("crawler.limits.TooSlowError", str(error))
    assert 2 * PATIENCE < took < 50
    shelf.close()


@ensureDeferred
async def test_what_has_ended_is_judged_no_more() -> None:
    exchange = Exchange("http://news.example/")
    exchange.received(HEAD)
    exchange.complete(surplus=0)

    async def taken_late() -> None:
        async with Pace(Limits(rate=200, patience=0.1)).watching(exchange):
            await asyncio.sleep(0.4)

    await deferred_from_coro(taken_late())
    assert exchange.refused is None
    capture = exchange.capture()
    assert capture.truncated is None
    assert capture.response is not None
    capture.response.close()


@ensureDeferred
async def test_what_falls_silent_is_asked_again() -> None:
    shelf = Shelf()
    result, url, took = await play(SILENT, shelf, RETRY_ENABLED=True, RETRY_TIMES=1)
    for case in SILENT:
        error = result.errors[f"{url}/{case.name}"]
        assert isinstance(error, DownloadTimeoutError)
        assert str(error) == f"{url}/{case.name}: nothing came for 0.5 seconds"
        assert [capture.truncated for capture in shelf.of(f"{url}/{case.name}")] == [case.truncated] * 2
    assert 4 * PATIENCE < took < 50
    shelf.close()


@ensureDeferred
async def test_what_keeps_pace_is_left_alone() -> None:
    shelf = Shelf()
    result, _, _ = await play(QUICK, shelf, EDITIONS_MIN_RATE_PATIENCE=1)
    assert len(result.responses) == len(QUICK)
    assert [capture.truncated for capture in shelf.captures] == [None] * len(QUICK)
    shelf.close()


@ensureDeferred
async def test_a_rate_of_nothing_is_no_limit() -> None:
    shelf = Shelf()
    case = Case("drip", (b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", *drip(b"x", 0.2, 12)))
    result, _, _ = await play((case,), shelf, EDITIONS_MIN_RATE=0)
    assert len(result.responses) == 1
    shelf.close()
