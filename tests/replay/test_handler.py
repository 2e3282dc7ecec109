"""The replay handler beside the wire: the same answers and the same exceptions, case by case."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from pytest_twisted import ensureDeferred
from scrapy import Request
from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred

from archive.capture import FetchError
from archive.record import WarcInfo
from archive.writer import ArchiveWriter
from crawler.collection.folder import Collection
from crawler.download.failures import raised
from crawler.flags import capture_of
from crawler.from_archive.choice import Choice
from crawler.from_archive.replay import Replay, Scope
from crawler.limits import TooSlowError
from crawler.sites.profile import load
from tests.archive.captures import WHEN, capture, write
from tests.command import profile
from tests.download.cases import CASES, PAGE
from tests.download.crawl import Crawl, Fetcher, crawl, request_of
from tests.download.torture import Case, TortureServer

REPLAY = "crawler.download.replay.ReplayDownloadHandler"


class Replayer(Fetcher):
    """A fetcher whose answers come from the archive that it is given as a recorder."""

    name = "replayer"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Replayer:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.replay = crawler.recorder  # type: ignore[attr-defined]
        return spider  # type: ignore[return-value]


async def replay(folder: Path, requests: list[Request], host: str = "example.org", **choice: Any) -> Crawl:
    scope = Scope(load(profile(folder, host)), (), ("en",))
    opened = Replay(Choice(folder, **choice), Collection(folder / "out"), scope, "replay")
    try:
        return await crawl(requests, opened, handler=REPLAY, spider=Replayer)
    finally:
        opened.close()


def block(crawling: Coroutine[Any, Any, Crawl]) -> Crawl:
    found: Crawl = pytest_twisted.blockon(Deferred.fromCoroutine(crawling))
    return found


@dataclass(frozen=True, slots=True)
class Played:
    url: str
    live: Crawl
    replayed: Crawl


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("torture")
    with TortureServer(CASES) as server:
        with ArchiveWriter(
            folder / "archive", folder / "indexes" / "index.cdxj", prefix="t", info=WarcInfo("t")
        ) as writer:
            live = block(crawl([request_of(case, server) for case in CASES], writer))
        requests = [request_of(case, server) for case in CASES]
        url = server.url
    # The newest: what a stale connection left unanswered was asked anew, and has a capture of its own.
    return Played(url, live, block(replay(folder, requests, url.removeprefix("http://"), which="newest")))


ODD = {
    "folded": "Twisted joins folded lines with what they began with",
    "folded-at-once": "Twisted drops a first line that is folded",
    "head-chunked": "an archive does not say that the request was a HEAD",
}
"""Heads that the archive's reader and Twisted's read differently."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_is_what_the_wire_gave(played: Played, case: Case) -> None:
    url = f"{played.url}/{case.name}"
    live, replayed = played.live.responses.get(url), played.replayed.responses.get(url)
    error, again = played.live.errors.get(url), played.replayed.errors.get(url)
    assert type(again) is type(error)
    if live is not None:
        assert replayed is not None
        assert (replayed.status, replayed.body) == (live.status, live.body)
        assert replayed.headers == live.headers or case.name in ODD
        assert type(replayed) is type(live)
        assert capture_of(replayed.flags)


FAILED = [case for case in CASES if case.truncated or not case.answered]


@pytest.mark.parametrize("case", FAILED, ids=lambda case: case.name)
def test_a_failure_says_what_it_said(played: Played, case: Case) -> None:
    url = f"{played.url}/{case.name}"
    live, again = played.live.errors.get(url), played.replayed.errors.get(url)
    assert again is None if live is None else str(again) == " ".join(str(live).split())


@ensureDeferred
async def test_an_answer_that_was_given_up_raises_what_the_wire_raised(tmp_path: Path) -> None:
    told = FetchError("crawler.limits.TooSlowError", f"{URL}: 7 bytes in 30 seconds")
    write(tmp_path, replace(capture(OLD[:-9], URL), truncated="time", error=told))
    done = await replay(tmp_path, [Request(URL)])
    assert type(done.errors[URL]) is TooSlowError
    assert str(done.errors[URL]) == told.message


def test_an_unknown_class_is_not_called() -> None:
    error = raised(FetchError("os.system", "echo"))
    assert type(error).__name__ == "DownloadFailedError"
    assert "os.system" in str(error)


URL = "http://example.org/en/articles/a"
HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: "%s"\r\n\r\n'
OLD, NEW = HEAD % b"1" + PAGE, HEAD % b"2" + PAGE + b"new"
SAME = b'HTTP/1.1 304 Not Modified\r\nETag: "%s"\r\n\r\n'
BUSY = b"HTTP/1.1 503 Busy\r\n\r\n"


async def turns(folder: Path, *responses: bytes, **choice: Any) -> list[tuple[int, bytes]]:
    """What a request for URL is answered, turn by turn, where these were its captures."""
    write(folder, *(capture(one, URL, seconds=number) for number, one in enumerate(responses)))
    scope = Scope(load(profile(folder, "example.org")), (), ("en",))
    opened = Replay(Choice(folder, **choice), Collection(folder / "out"), scope, "replay")
    found = []
    try:
        while True:
            done = await crawl([Request(URL)], opened, handler=REPLAY, spider=Replayer)
            response = done.responses[URL]
            found.append((response.status, response.body))
            if not opened.captures.advance(URL):
                return found
    finally:
        opened.close()


@ensureDeferred
async def test_a_304_gives_the_page_that_it_stands_for(tmp_path: Path) -> None:
    assert await turns(tmp_path, OLD, NEW, SAME % b"2", which="newest") == [(200, PAGE + b"new")]


@ensureDeferred
async def test_a_304_after_a_failure_gives_the_page_again(tmp_path: Path) -> None:
    assert await turns(tmp_path, OLD, BUSY, SAME % b"1", which="newest") == [(200, PAGE)]


@ensureDeferred
async def test_all_captures_come_in_their_order_and_304s_that_add_nothing_do_not(tmp_path: Path) -> None:
    wanted = [(200, PAGE), (200, PAGE + b"new"), (503, b"")]
    assert await turns(tmp_path, OLD, SAME % b"1", NEW, SAME % b"2", BUSY) == wanted


@ensureDeferred
async def test_an_identical_page_comes_whole(tmp_path: Path) -> None:
    assert await turns(tmp_path, OLD, OLD, which="newest") == [(200, PAGE)]


@ensureDeferred
async def test_the_first_capture_alone(tmp_path: Path) -> None:
    assert await turns(tmp_path, OLD, NEW, BUSY, which="first") == [(200, PAGE)]


@ensureDeferred
async def test_as_of_a_moment(tmp_path: Path) -> None:
    assert await turns(tmp_path, OLD, NEW, BUSY, which="newest", as_of=WHEN.replace(second=1)) == [
        (200, PAGE + b"new")
    ]


@ensureDeferred
async def test_a_conditional_request_gets_the_304(tmp_path: Path) -> None:
    write(tmp_path, capture(OLD, URL), capture(SAME % b"1", URL, seconds=1))
    done = await replay(tmp_path, [Request(URL, headers={"If-None-Match": '"1"'})], which="newest")
    assert done.responses[URL].status == 304


@ensureDeferred
async def test_a_miss_is_no_404(tmp_path: Path) -> None:
    write(tmp_path, capture(OLD, URL))
    done = await replay(tmp_path, [Request("http://example.org/other")])
    assert type(done.errors["http://example.org/other"]).__name__ == "NotArchivedError"
