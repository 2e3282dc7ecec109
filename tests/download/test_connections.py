from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from pytest_twisted import ensureDeferred
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, DownloadConnectionRefusedError
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.test import get_crawler

from archive.capture import Capture, FetchError
from crawler.download.failures import SENT_AGAIN
from crawler.download.wire import WireDownloadHandler
from crawler.flags import capture_flag
from tests.download.cases import KEPT_ALIVE, PAGE, STALE, answer, chunked
from tests.download.certificate import server_context
from tests.download.crawl import Fetcher, Shelf, crawl, request_of
from tests.download.proxy import Proxy
from tests.download.torture import (
    Case,
    Close,
    CloseIfReused,
    CloseUnderRequest,
    Reset,
    ResetIfReused,
    Step,
    Surplus,
    TortureServer,
    Wait,
)
from tests.ports import free_port

ONE_BY_ONE = {"CONCURRENT_REQUESTS": 1}


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()
    yield shelf
    shelf.close()


def whole(capture: Capture) -> bytes:
    assert capture.response is not None
    return capture.response.read()


@pytest.mark.parametrize("scheme", ["http", "https"])
@ensureDeferred
async def test_each_turn_on_one_connection_is_a_capture(shelf: Shelf, scheme: str, tmp_path: Path) -> None:
    context = server_context(tmp_path) if scheme == "https" else None
    with TortureServer(KEPT_ALIVE, context) as server:
        await crawl([request_of(case, server) for case in KEPT_ALIVE], shelf, **ONE_BY_ONE)
    assert {entry.connection for entry in server.log} == {0}
    assert sorted(whole(capture) for capture in shelf.captures) == sorted(bytes(e.response) for e in server.log)
    assert sorted(capture.request for capture in shelf.captures) == sorted(e.request for e in server.log)


@pytest.mark.parametrize("end", [CloseIfReused(), ResetIfReused()], ids=["closed", "reset"])
@ensureDeferred
async def test_a_request_repeated_because_its_connection_was_stale_is_two_captures(shelf: Shelf, end: Step) -> None:
    cases = (STALE[0], Case("stale", (end, answer("200 OK", b"X-A: b"))))
    with TortureServer(cases) as server:
        await crawl([request_of(case, server) for case in cases], shelf, **ONE_BY_ONE)
    fresh, unanswered, answered = sorted(server.log, key=lambda entry: entry.date)
    assert (fresh.connection, unanswered.connection, answered.connection) == (0, 0, 1)
    abandoned, capture = shelf.of(f"{server.url}/stale")
    assert (abandoned.request, abandoned.response, abandoned.ip) == (unanswered.request, None, "127.0.0.1")
    assert abandoned.error is not None
    assert abandoned.error.kind in ("twisted.internet.error.ConnectionDone", "twisted.internet.error.ConnectionLost")
    assert (capture.request, whole(capture)) == (answered.request, bytes(answered.response))
    assert capture.error is None
    assert abandoned.date <= unanswered.date <= capture.date
    assert abandoned.record_id != capture.record_id


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("scheme", ["http", "https"])
@ensureDeferred
async def test_a_request_that_the_server_never_read_is_a_failed_fetch(
    shelf: Shelf, scheme: str, reset: bool, tmp_path: Path
) -> None:
    """The race of a kept-alive connection, forced: the server closes it as the request is under way to it."""
    context = server_context(tmp_path) if scheme == "https" else None
    cases = (Case("fresh", (answer("200 OK"), CloseUnderRequest(reset))), Case("second", (answer("200 OK"),)))
    with TortureServer(cases, context) as server:
        result = await crawl([request_of(case, server) for case in cases], shelf, **ONE_BY_ONE)
    assert [(entry.path, entry.connection) for entry in server.log] == [("/fresh", 0), ("/second", 1)]
    url = f"{server.url}/second"
    lost, answered = shelf.of(url)
    assert (lost.request, lost.response, lost.truncated) == (server.log[1].request, None, None)
    assert lost.error is not None
    assert lost.error.kind in ("twisted.internet.error.ConnectionDone", "twisted.internet.error.ConnectionLost")
    assert (answered.request, whole(answered), answered.error) == (server.log[1].request, answer("200 OK"), None)
    assert result.responses[url].flags == [capture_flag(answered.record_id)]
    assert len(shelf.of(f"{server.url}/fresh")) == 1


ENDING = {
    "close": (b"HTTP/1.1", b"Connection: close", False),
    "Close": (b"HTTP/1.1", b"Connection: Close", False),
    "close among others": (b"HTTP/1.1", b"Connection: foo, CLOSE", False),
    "1.1": (b"HTTP/1.1", b"X-A: b", True),
    "1.0": (b"HTTP/1.0", b"X-A: b", False),
    "1.0 kept alive": (b"HTTP/1.0", b"Connection: Keep-Alive", True),
}


@pytest.mark.parametrize(("version", "field", "goes_on"), ENDING.values(), ids=ENDING)
@ensureDeferred
async def test_a_connection_that_the_server_is_about_to_close_is_used_no_more(
    shelf: Shelf, version: bytes, field: bytes, goes_on: bool
) -> None:
    cases = tuple(Case(f"turn-{n}", (answer("200 OK", field).replace(b"HTTP/1.1", version),)) for n in range(2))
    with TortureServer(cases) as server:
        await crawl([request_of(case, server) for case in cases], shelf, **ONE_BY_ONE)
    assert [entry.connection for entry in server.log] == [0, 0 if goes_on else 1]
    assert sorted(map(whole, shelf.captures)) == sorted(bytes(entry.response) for entry in server.log)


@ensureDeferred
async def test_every_request_that_the_server_saw_is_a_capture(shelf: Shelf) -> None:
    """A server that closes each connection at its second request, and at times twice in a row."""
    cases = tuple(Case(f"page-{n}", (CloseIfReused(), answer("200 OK"))) for n in range(5))
    never = Case("never", (Close(),))
    with TortureServer((*cases, never)) as server:
        requests = [request_of(case, server) for case in (*cases, never)]
        await crawl(requests, shelf, RETRY_ENABLED=True, RETRY_TIMES=2, **ONE_BY_ONE)
    assert len(server.log) > len(requests)
    assert sorted(entry.request for entry in server.log) == sorted(capture.request for capture in shelf.captures)
    assert len({capture.record_id for capture in shelf.captures}) == len(shelf.captures)


@ensureDeferred
async def test_a_post_on_a_stale_connection_is_not_sent_twice(shelf: Shelf) -> None:
    fresh, stale = STALE
    with TortureServer(STALE) as server:
        requests = [request_of(fresh, server), request_of(stale, server).replace(method="POST", body=b"x")]
        await crawl(requests, shelf, **ONE_BY_ONE)
    (entry,) = server.entries("stale")
    (capture,) = shelf.of(f"{server.url}/stale")
    assert capture.request == entry.request
    assert capture.response is None
    assert capture.error is not None
    assert capture.error.kind == "scrapy.exceptions.DownloadFailedError"


@ensureDeferred
async def test_a_connection_with_surplus_bytes_is_used_no_more(shelf: Shelf) -> None:
    cases = tuple(Case(f"turn-{n}", (Surplus(answer("200 OK"), b"?"),)) for n in range(3))
    with TortureServer(cases) as server:
        await crawl([request_of(case, server) for case in cases], shelf, **ONE_BY_ONE)
    assert [whole(capture) for capture in shelf.captures] == [answer("200 OK")] * 3


@ensureDeferred
async def test_a_refused_connection_is_an_error_without_messages(shelf: Shelf) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    await crawl([Request(url)], shelf)
    (capture,) = shelf.captures
    text = "Connection was refused by other side: 111: Connection refused."
    assert capture.error == FetchError("scrapy.exceptions.DownloadConnectionRefusedError", text)
    assert (capture.url, capture.request, capture.response, capture.ip) == (url, b"", None, None)


@ensureDeferred
async def test_a_name_without_address_is_an_error_without_messages(shelf: Shelf) -> None:
    await crawl([Request("http://nowhere.invalid/#part")], shelf)
    (capture,) = shelf.captures
    assert capture.error is not None
    assert capture.error.kind == "scrapy.exceptions.CannotResolveHostError"
    assert "nowhere.invalid" in capture.error.message
    assert (capture.url, capture.request, capture.response) == ("http://nowhere.invalid/", b"", None)


@ensureDeferred
async def test_a_server_without_tls_is_an_error_and_no_request_was_sent(shelf: Shelf) -> None:
    with TortureServer(()) as server:
        await crawl([Request(server.url.replace("http:", "https:"), meta={"download_timeout": 2})], shelf)
    (capture,) = shelf.captures
    assert capture.error is not None
    assert (capture.request, capture.response, capture.ip) == (b"", None, "127.0.0.1")


@ensureDeferred
async def test_an_untrusted_certificate_is_an_error_and_no_request_was_sent(shelf: Shelf, tmp_path: Path) -> None:
    case = Case("plain", (answer("200 OK"),))
    with TortureServer((case,), server_context(tmp_path)) as server:
        await crawl([request_of(case, server)], shelf, DOWNLOAD_VERIFY_CERTIFICATES=True)
    (capture,) = shelf.captures
    assert capture.error is not None
    assert "certificate" in capture.error.message
    assert (capture.request, capture.response, server.log) == (b"", None, [])


@ensureDeferred
async def test_a_tls_1_2_suite_has_its_iana_name(shelf: Shelf, tmp_path: Path) -> None:
    case = Case("plain", (answer("200 OK"),))
    context = server_context(tmp_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    with TortureServer((case,), context) as server:
        await crawl([request_of(case, server)], shelf)
    (capture,) = shelf.captures
    assert capture.protocols == ("tls/1.2", "http/1.1")
    assert capture.cipher == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"


@ensureDeferred
async def test_an_end_of_tls_out_of_order_cuts_a_message_that_ends_with_it(shelf: Shelf, tmp_path: Path) -> None:
    case = Case("torn", (b"HTTP/1.1 200 OK\r\n\r\n", PAGE, Reset()))
    with TortureServer((case,), server_context(tmp_path)) as server:
        result = await crawl([request_of(case, server)], shelf)
    (capture,) = shelf.captures
    assert whole(capture) == bytes(server.log[0].response)
    assert capture.truncated == "disconnect"
    assert result.responses[capture.url].body == PAGE


async def last_body(requests: list[Request], shelf: Shelf, pause: Callable[[], Awaitable[None]]) -> bytes:
    """Fetch *requests* in turn, with a pause after each."""
    crawler = get_crawler(Fetcher, {"EDITIONS_ALLOW_PRIVATE_ADDRESSES": True})
    crawler.recorder = shelf  # type: ignore[attr-defined]
    handler = WireDownloadHandler(crawler)
    for request in requests:
        try:
            response = await handler.download_request(request)
        except BaseException:
            await handler.close()
            raise
        await pause()
    await handler.close()
    return response.body


@pytest.mark.parametrize("looking", [False, True])
@pytest.mark.parametrize("scheme", ["http", "https"])
@ensureDeferred
async def test_late_surplus_bytes_are_not_taken_for_the_next_answer(
    shelf: Shelf, scheme: str, looking: bool, tmp_path: Path
) -> None:
    """They come while the reactor is *looking*, or elsewhere; the server does not notice that we close."""
    evil = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    cases = (Case("first", (answer("200 OK"), Wait(0.1), evil, Wait(2))), Case("second", (answer("200 OK"),)))
    with TortureServer(cases, server_context(tmp_path) if scheme == "https" else None) as server:

        async def evil_has_come() -> None:
            while not server.log[0].response.endswith(evil):
                await asyncio.sleep(0.05) if looking else time.sleep(0.05)
            await asyncio.sleep(0.2) if looking else time.sleep(0.2)

        requests = [request_of(case, server) for case in cases]
        assert await deferred_from_coro(last_body(requests, shelf, evil_has_come)) == PAGE
    assert [whole(capture) for capture in shelf.captures] == [answer("200 OK")] * 2


@pytest.mark.parametrize("scheme", ["http", "https"])
@ensureDeferred
async def test_a_server_that_goes_away_between_two_requests_is_two_captures(
    shelf: Shelf, scheme: str, tmp_path: Path
) -> None:
    """The kept-alive connection takes the second request and ends, and there is no other to be had."""
    cases = (Case("first", (answer("200 OK"),)), Case("second", (CloseIfReused(),)))
    with TortureServer(cases, server_context(tmp_path) if scheme == "https" else None) as server:

        async def nobody_listens() -> None:
            server.close()

        requests = [request_of(case, server) for case in cases]
        with pytest.raises(DownloadConnectionRefusedError):
            await deferred_from_coro(last_body(requests, shelf, nobody_listens))
    lost, refused = shelf.of(f"{server.url}/second")
    assert (lost.request, lost.response, lost.ip) == (server.log[1].request, None, "127.0.0.1")
    assert (refused.request, refused.response, refused.ip) == (b"", None, None)
    assert lost.error is not None
    assert lost.error.kind in SENT_AGAIN
    assert refused.error is not None
    assert refused.error.kind.endswith("DownloadConnectionRefusedError")
    assert lost.record_id != refused.record_id


@ensureDeferred
async def test_what_is_cancelled_in_the_read_that_ends_it_is_cut_short_and_its_connection_used_no_more(
    shelf: Shelf,
) -> None:
    cases = (Case("first", (chunked(PAGE),), maxsize=len(PAGE) // 2), Case("second", (answer("200 OK"),)))
    with TortureServer(cases) as server:
        result = await crawl([request_of(case, server) for case in cases], shelf, **ONE_BY_ONE)
    assert isinstance(result.errors[f"{server.url}/first"], DownloadCancelledError)
    first, second = shelf.captures
    assert (first.truncated, whole(first)) == ("length", chunked(PAGE))
    assert (second.truncated, whole(second)) == (None, answer("200 OK"))
    assert [entry.connection for entry in server.log] == [0, 1]


@ensureDeferred
async def test_through_a_proxy_the_messages_are_those_on_its_connection(shelf: Shelf) -> None:
    case = Case("plain", (answer("200 OK"),))
    with TortureServer((case,)) as server, Proxy() as proxy:
        request = request_of(case, server)
        request.meta["proxy"] = proxy.url
        await crawl([request], shelf)
    assert proxy.asked == [f"GET {request.url}"]
    (capture,) = shelf.captures
    assert capture.request == server.log[0].request.replace(b"/plain", request.url.encode(), 1)
    assert whole(capture) == answer("200 OK")


@ensureDeferred
async def test_through_a_tunnel_the_messages_are_those_inside_tls(shelf: Shelf, tmp_path: Path) -> None:
    closed = Case("closed", (b"HTTP/1.1 200 OK\r\n\r\n" + PAGE, Close()))
    cases = (Case("plain", (answer("200 OK"),)), Case("again", (chunked(PAGE),)), closed)
    with TortureServer(cases, server_context(tmp_path)) as server, Proxy() as proxy:
        requests = [request_of(case, server) for case in cases]
        for request in requests:
            request.meta["proxy"] = proxy.url
        await crawl(requests, shelf, **ONE_BY_ONE)
    assert set(proxy.asked) == {f"CONNECT 127.0.0.1:{server.port}"}
    for case in cases:
        (entry,) = server.entries(case.name)
        (capture,) = shelf.of(f"{server.url}/{case.name}")
        assert (capture.request, whole(capture)) == (entry.request, bytes(entry.response))
        assert capture.protocols == ("tls/1.3", "http/1.1")
        assert capture.truncated is None
