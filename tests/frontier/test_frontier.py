"""The frontier of a running crawl: its limit of pages, and endings that wait for their captures to be on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archive.capture import Location
from archive.errors import ArchiveWriteError
from crawler.frontier.frontier import Frontier
from crawler.frontier.store import KNOWN, Ending, Found, FrontierStore, Kind
from crawler.state import State


@dataclass
class Crawl:
    """A frontier over a file, and what it told."""

    folder: Path
    max_pages: int | None = None
    id: str = "first"
    ended: list[str] = field(default_factory=list)
    failures: list[sqlite3.Error] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = State(self.folder / "state.db")
        self.store = FrontierStore(self.state)
        self.state.begin()
        self.run = self.store.begin(self.id, "")
        self.frontier = Frontier(
            self.store, on_end=self.ended.append, on_failure=self.failures.append, max_pages=self.max_pages
        )

    def offer(self, *urls: str, kind: Kind = "article", priority: int = 0) -> None:
        for url in urls:
            self.frontier.offer(Found(url, kind, "en", priority=priority))

    def next(self) -> str | None:
        found = self.frontier.next()
        return found.url if found else None

    def end(self, url: str, outcome: str = "captured") -> None:
        self.frontier.ended(Ending(url, outcome), article=True)

    def outcomes(self) -> dict[str, str]:
        return {one.url: one.outcome for one in self.store.ended()}


@pytest.fixture
def crawl(tmp_path: Path) -> Iterator[Crawl]:
    crawl = Crawl(tmp_path)
    yield crawl
    crawl.state.close()


def written(type_: str = "response") -> Future[Location]:
    future: Future[Location] = Future()
    future.set_result(Location("a.warc.gz", 0, 1, "urn:uuid:1", "sha256:0", type_))
    return future


def test_urls_come_out_once_in_their_order_and_are_counted(crawl: Crawl) -> None:
    crawl.offer("a", "b", "a")
    crawl.offer("soon", priority=1)
    assert len(crawl.frontier) == 3
    assert "a" in crawl.frontier
    assert "z" not in crawl.frontier
    assert [crawl.next() for _ in range(4)] == ["soon", "a", "b", None]
    assert len(crawl.frontier) == 0


def test_an_ending_is_kept_only_when_its_capture_is_on_disk(crawl: Crawl) -> None:
    crawl.offer("a")
    crawl.next()
    capture: Future[Location] = Future()
    crawl.frontier.captured("a", capture)
    crawl.end("a")
    crawl.frontier.settle()
    assert crawl.outcomes() == {"a": "waiting"}
    capture.set_result(written().result())
    assert crawl.outcomes() == {"a": "waiting"}
    crawl.frontier.settle()
    assert crawl.outcomes() == {"a": "captured"}


def test_an_ending_with_its_capture_on_disk_or_without_one_is_kept_at_once(crawl: Crawl) -> None:
    crawl.offer("a", "b")
    crawl.frontier.captured("a", written())
    crawl.end("a")
    crawl.end("b", "robots")
    assert crawl.outcomes() == {"a": "captured", "b": "robots"}


def test_a_capture_that_could_not_be_written_leaves_its_url_waiting(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path)
    crawl.offer("at-once", "later")
    assert [crawl.next(), crawl.next()] == ["at-once", "later"]
    failing: Future[Location] = Future()
    failing.set_exception(ArchiveWriteError("full"))
    late: Future[Location] = Future()
    crawl.frontier.captured("at-once", failing)
    crawl.frontier.captured("later", late)
    crawl.end("at-once")
    crawl.end("later")
    late.set_exception(ArchiveWriteError("full"))
    crawl.frontier.settle(wait=True)
    assert crawl.outcomes() == {"at-once": "waiting", "later": "waiting"}
    crawl.state.close()
    again = Crawl(tmp_path, id="second")
    assert [again.next(), again.next(), again.next()] == ["at-once", "later", None]
    again.state.close()


@pytest.mark.parametrize(
    ("type_", "said", "kept"),
    [
        ("response", "captured", "captured"),
        ("revisit", "captured", "revisit"),
        ("revisit", "not-modified", "not-modified"),
        ("metadata", "failed", "failed"),
    ],
)
def test_a_page_that_came_again_unchanged_is_a_revisit(crawl: Crawl, type_: str, said: str, kept: str) -> None:
    crawl.offer("a")
    crawl.frontier.captured("a", written(type_))
    crawl.end("a", said)
    assert crawl.outcomes() == {"a": kept}


def test_a_url_tried_again_ends_with_its_last_capture(crawl: Crawl) -> None:
    crawl.offer("a")
    last: Future[Location] = Future()
    crawl.frontier.captured("a", written())
    crawl.frontier.captured("a", last)
    crawl.end("a")
    crawl.frontier.settle()
    assert crawl.outcomes() == {"a": "waiting"}
    last.set_result(written().result())
    crawl.frontier.settle()
    assert crawl.outcomes() == {"a": "captured"}


def test_whoever_waits_for_a_page_is_told_that_none_comes(crawl: Crawl) -> None:
    crawl.offer("a", "b")
    crawl.end("a", "failed")
    crawl.end("b")
    assert crawl.ended == ["a"]


def test_no_more_articles_than_asked_for_but_all_else(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path, max_pages=2)
    crawl.offer("a", "b", "c")
    crawl.offer("style", kind="requisite", priority=-9)
    assert [crawl.next() for _ in range(4)] == ["a", "b", "style", None]
    assert len(crawl.frontier) == 0
    crawl.offer("late-style", kind="requisite", priority=-9)
    assert crawl.next() == "late-style"
    crawl.end("a")
    assert crawl.next() is None
    crawl.state.close()


def test_what_pages_need_is_waited_for_when_no_more_articles_may_be(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path, max_pages=1)
    crawl.offer("a", "b")
    crawl.offer(*(f"style-{n}" for n in range(40)), kind="requisite", priority=-9)
    assert crawl.next() == "a"
    crawl.end("a")
    assert len(crawl.frontier) == 40
    assert [crawl.next() for _ in range(40)] == [f"style-{n}" for n in range(40)]
    assert len(crawl.frontier) == 0
    crawl.state.close()


def test_known_articles_wait_for_what_may_lead_to_new_ones(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path, max_pages=1)
    crawl.offer("known", priority=KNOWN)
    crawl.offer("front", kind="hub")
    assert [crawl.next(), crawl.next()] == ["front", None]
    crawl.offer("new", priority=-9)
    crawl.frontier.ended(Ending("front", "captured"))
    assert [crawl.next(), crawl.next()] == ["new", None]
    crawl.end("new", "failed")
    assert crawl.next() == "known"
    crawl.state.close()


@pytest.mark.parametrize("how", ["failed", "status", "redirected", "robots", "filtered"])
def test_an_article_without_a_page_makes_room_for_another(tmp_path: Path, how: str) -> None:
    crawl = Crawl(tmp_path, max_pages=1)
    crawl.offer("a", "b", "c")
    assert [crawl.next(), crawl.next()] == ["a", None]
    crawl.end("a", how)
    assert len(crawl.frontier) > 0
    assert [crawl.next(), crawl.next()] == ["b", None]
    crawl.end("b")
    assert crawl.next() is None
    crawl.state.close()


def test_a_crawl_that_goes_on_counts_what_its_earlier_runs_captured(tmp_path: Path) -> None:
    first = Crawl(tmp_path, max_pages=3)
    first.offer("a", "b", "c", "d", "e")
    assert [first.next() for _ in range(3)] == ["a", "b", "c"]
    first.end("a")
    first.end("b", "failed")
    first.state.close()
    second = Crawl(tmp_path, id="second", max_pages=3)
    assert [second.next() for _ in range(3)] == ["c", "d", None]
    second.end("c")
    second.end("d")
    second.state.close()
    third = Crawl(tmp_path, id="third", max_pages=3)
    assert third.next() is None
    assert len(third.frontier) == 0
    third.state.close()


def test_a_url_refused_is_known_with_its_rule_and_never_comes_out(crawl: Crawl) -> None:
    crawl.frontier.refuse(Found("trap", "article", "en"), "far-date")
    assert "trap" in crawl.frontier
    assert crawl.next() is None
    assert [(one.outcome, one.reason, one.attempts) for one in crawl.store.ended()] == [("filtered", "far-date", 0)]


def test_a_store_that_fails_is_told_and_not_raised(crawl: Crawl) -> None:
    crawl.offer("a")
    crawl.state.give_up()
    assert not crawl.frontier.offer(Found("b", "article", "en"))
    crawl.end("a")
    crawl.frontier.settle()
    assert len(crawl.failures) == 2
    assert all(isinstance(failure, sqlite3.OperationalError) for failure in crawl.failures)
