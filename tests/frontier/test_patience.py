"""What a host asked for is kept when the crawl is cut off, and no clock makes more of it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_twisted import ensureDeferred
from scrapy.http import Response

from crawler.frontier.backoff import LEAST, BackOff
from crawler.frontier.frontier import Frontier
from crawler.frontier.patience import Patience, seconds
from crawler.frontier.queues import hold
from crawler.frontier.store import FrontierStore, Wait
from crawler.state import State
from tests.download.cases import answer
from tests.download.crawl import Fetcher, crawl, request_of
from tests.download.torture import Case, TortureServer

NOON = 1_800_000_000.0
HOST = "news.example"


class Times:
    """Clocks that a test sets: one that may jump, and one that never does."""

    def __init__(self, now: float = NOON, clock: float = 5.0) -> None:
        self.now = now
        self.clock = clock

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        self.clock += seconds


class Kept:
    """A frontier over a file, opened anew for each run of a crawl."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._states: list[State] = []

    def run(self, times: Times, longest: float = 300.0) -> Patience:
        self.close()
        state = State(self._path)
        self._states.append(state)
        store = FrontierStore(state)
        state.begin()
        store.begin("crawl", "")
        frontier = Frontier(store, on_end=lambda url: None, on_failure=_raised)
        return Patience(frontier, longest, clock=lambda: times.clock, now=lambda: times.now)

    def close(self) -> None:
        while self._states:
            self._states.pop().close()


def _raised(error: sqlite3.Error) -> None:
    raise error


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "state.db")
    yield kept
    kept.close()


def test_a_crawl_that_goes_on_waits_for_what_is_left(kept: Kept) -> None:
    times = Times()
    assert kept.run(times).ask(Wait(HOST, NOON, 120)) == 120
    times.pass_by(50)
    times.clock = 0.0  # another process's
    again = kept.run(times)
    assert again.left(HOST) == 70
    assert again.longest() == (HOST, 70)
    times.pass_by(70)
    assert again.left(HOST) == 0
    assert kept.run(times).longest() == ("", 0.0)


def test_a_clock_set_back_makes_no_wait_longer_and_one_set_on_ends_it(kept: Kept) -> None:
    times = Times()
    first = kept.run(times)
    first.ask(Wait(HOST, NOON, 120))
    times.now -= 9 * 3600
    assert first.left(HOST) == 120
    assert kept.run(times).left(HOST) == 120
    times.now += 18 * 3600
    assert kept.run(times).left(HOST) == 0


def test_the_longest_wait_obeyed_holds_for_what_was_kept_too(kept: Kept) -> None:
    times = Times()
    assert kept.run(times, longest=100.0).ask(Wait(HOST, NOON, 9e9)) == 100
    assert kept.run(times, longest=30.0).left(HOST) == 30


def test_the_longer_of_two_waits_stays(kept: Kept) -> None:
    times = Times()
    patience = kept.run(times)
    patience.ask(Wait(HOST, NOON, 120))
    assert patience.ask(Wait(HOST, NOON, 10)) == 0
    patience.ask(Wait("other.example", NOON, 130))
    again = kept.run(times)
    assert (again.left(HOST), again.longest()) == (120, ("other.example", 130))


def test_servers_on_one_host_wait_for_the_last_of_them(kept: Kept) -> None:
    """They have one queue: what one asks for must not let go what waits for another."""
    patience = kept.run(Times())
    patience.ask(Wait(f"{HOST}:8000", NOON, 120))
    patience.ask(Wait(f"{HOST}:8001", NOON, 1))
    patience.ask(Wait("[2001:db8::1]:8000", NOON, 130))
    assert patience.left_of(HOST) == 120
    assert patience.left_of("2001:db8::1") == 130
    assert patience.left_of("other.example") == 0


class Holding(Fetcher):
    """Holds its host's queue as soon as one answer is there."""

    def keep(self, response: Response) -> None:
        super().keep(response)
        hold(self.crawler, "127.0.0.1", 1.5)


@ensureDeferred
async def test_a_queue_is_held_by_the_name_of_its_host() -> None:
    cases = tuple(Case(f"page-{n}", (answer("200 OK"),)) for n in range(2))
    with TortureServer(cases) as server:
        requests = [request_of(case, server) for case in cases]
        await crawl(requests, None, spider=Holding, CONCURRENT_REQUESTS_PER_DOMAIN=1, DOWNLOAD_DELAY=0.5)
        first, second = server.log
    assert second.date - first.date > timedelta(seconds=1)


def test_an_answer_of_the_archive_asks_to_wait_from_when_it_came(kept: Kept) -> None:
    times = Times()
    patience = kept.run(times)
    assert patience.ask(Wait(HOST, NOON - 100, 120)) == 20
    assert patience.ask(Wait("other.example", NOON - 500, 120)) == 0
    assert patience.left("other.example") == 0


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 15 Jan 2027 08:01:00 GMT",
        "Fri, 15 Jan 2027 08:01:00 -0000",
        "Fri, 15 Jan 2027 08:01:00",
        "Friday, 15-Jan-27 08:01:00 GMT",
        "Fri Jan 15 08:01:00 2027",
    ],
)
def test_a_date_is_utc_wherever_the_crawl_runs(date: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert seconds(date.encode(), NOON) == 60
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(("value", "wait"), [("0", 0), ("3", 3), ("3.5", 4), (" 7. ", 7), ("0.001", 1)])
def test_parts_of_a_second_are_rounded_up(value: str, wait: float) -> None:
    assert seconds(value.encode(), NOON) == wait


@pytest.mark.parametrize("value", ["", "-1", "soon", "1e3", "3,5", "9" * 10, "NaN", "²"])
def test_what_says_nothing_sensible_asks_for_nothing(value: str) -> None:
    assert seconds(value.encode("latin-1"), NOON) is None


def test_a_host_that_names_no_time_is_left_alone_longer_each_time_and_less_long_when_it_answers() -> None:
    back_off = BackOff(1.0, 10.0)
    assert [back_off.busy(HOST) for _ in range(4)] == [2, 4, 8, 10]
    assert back_off.busy("other.example") == 2
    back_off.answered(HOST)
    assert back_off.busy(HOST) == 10
    for _ in range(3):
        back_off.answered(HOST)
    assert back_off.busy(HOST) == 2
    assert [BackOff(0.0, 60.0).busy(HOST), BackOff(50.0, 60.0).busy(HOST)] == [LEAST, 60]
