from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from archive.capture import Capture, FetchError
from crawler.flags import capture_of
from crawler.limits import TooLargeError
from tests.download.cases import CASES, PAGE, Case
from tests.download.certificate import server_context
from tests.download.crawl import STOCK, WIRE, Crawl, Shelf, crawl, request_of
from tests.download.torture import Entry, TortureServer


@dataclass(frozen=True)
class Played:
    """All cases played once."""

    server: TortureServer
    shelf: Shelf
    crawl: Crawl

    def url(self, case: Case) -> str:
        return f"{self.server.url}/{case.name}"

    def of(self, case: Case) -> tuple[Capture, Entry]:
        entries = self.server.entries(case.name)
        captures = self.shelf.of(self.url(case))
        assert len(entries) == 1 or not case.answered  # what a kept-alive connection left unanswered is asked anew
        assert len(captures) == len(entries)
        return captures[-1], entries[-1]


def play(folder: Path, scheme: str, handler: str = WIRE) -> Iterator[Played]:
    context = server_context(folder) if scheme == "https" else None
    shelf = Shelf()
    with TortureServer(CASES, context) as server:
        crawling = crawl([request_of(case, server) for case in CASES], shelf, handler=handler)
        result = pytest_twisted.blockon(Deferred.fromCoroutine(crawling))
        yield Played(server, shelf, result)
    shelf.close()


@pytest.fixture(scope="module", params=["http", "https"])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    yield from play(tmp_path_factory.mktemp("certificate"), request.param)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    yield from play(tmp_path_factory.mktemp("certificate"), "http", STOCK)


each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_case
def test_the_capture_equals_the_servers_log(played: Played, case: Case) -> None:
    capture, entry = played.of(case)
    assert capture.request == entry.request
    assert capture.interim == tuple(entry.interim)
    received = None if capture.response is None else capture.response.read()
    if case.truncated in ("length", "unspecified"):  # the client hung up: it cannot have read all that was sent
        assert received
        assert entry.response.startswith(received)
    else:
        assert received == (bytes(entry.response) if case.answered else None)


@each_case
def test_the_capture_says_how_it_ended(played: Played, case: Case) -> None:
    capture, _ = played.of(case)
    assert capture.truncated == case.truncated
    raised = played.crawl.errors.get(played.url(case))
    assert (capture.error is None) == (raised is None)
    assert case.answered or raised is not None
    if capture.error is not None:
        assert capture.error == FetchError(f"{type(raised).__module__}.{type(raised).__qualname__}", str(raised))


@each_case
def test_the_capture_names_the_connection(played: Played, case: Case) -> None:
    capture, entry = played.of(case)
    version = "http/1.0" if entry.response.startswith(b"HTTP/1.0") else "http/1.1"
    secure = played.server.url.startswith("https")
    assert capture.protocols == (("tls/1.3", version) if secure else (version,))
    assert capture.cipher in (("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256") if secure else (None,))
    assert capture.ip == "127.0.0.1"
    assert abs(capture.date - entry.date) < timedelta(seconds=10)


@pytest.mark.parametrize("case", [case for case in CASES if not case.forgiven], ids=lambda case: case.name)
def test_the_spider_sees_what_it_would_see_without(played: Played, stock: Played, case: Case) -> None:
    ours, theirs = seen(played, case), seen(stock, case)
    record = capture_of(ours.pop("flags", []))
    assert record in (None, played.of(case)[0].record_id)
    assert (record is None) == (ours["error"] is not None)
    theirs.pop("flags", None)
    assert ours == theirs


ODD_HEADS = {
    "spaces-around": {b"X-A": [b"b"], b"X-C": [b"d"], b"Content-Length": [b"2"]},
    "empty-name": {b"Content-Length": [b"%d" % len(PAGE)]},
    "odd-names": {b"Content-Length": [b"%d" % len(PAGE)]},
    "folded-at-once": {b"Content-Length": [b"2"]},
    "longer-field": {b"X-Long": [b"y" * 60_000], b"Content-Length": [b"%d" % len(PAGE)]},
    "longest-field": {b"X-Long": [b"y" * 261_000], b"Content-Length": [b"%d" % len(PAGE)]},
}


@pytest.mark.parametrize("name", ODD_HEADS)
def test_odd_heads_are_read_as_browsers_read_them(played: Played, name: str) -> None:
    response = played.crawl.responses[f"{played.server.url}/{name}"]
    assert dict(response.headers) == ODD_HEADS[name]
    assert response.body in (PAGE, b"hi")


@pytest.mark.parametrize("name", ["field-too-long", "head-too-long", "whole-head-too-long"])
def test_a_head_past_the_limit_is_given_up_in_words(played: Played, name: str) -> None:
    error = played.crawl.errors[f"{played.server.url}/{name}"]
    assert isinstance(error, TooLargeError)
    assert str(error).endswith(f"/{name}: more than 262,144 bytes of header fields")


def seen(played: Played, case: Case) -> dict[str, object]:
    """What the spider was given: of a response all that does not name the server, of an error its class."""
    error = played.crawl.errors.get(played.url(case))
    if error is not None:
        return {"error": type(error)}
    response = played.crawl.responses[played.url(case)]
    return {
        "error": None,
        "flags": response.flags,
        "status": response.status,
        "headers": dict(response.headers),
        "body": response.body,
        "class": type(response),
        "protocol": response.protocol,
        "ip": response.ip_address,
    }
