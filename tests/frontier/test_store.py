"""The frontier on disk, in real SQLite files: order, what is known, endings, crawls cut off and begun again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.frontier.store import Ending, Found, FrontierStore, Kind, Reach, Run
from crawler.state import State

EN = Reach(("en",), lambda url: True)


@contextmanager
def opened(folder: Path, crawl: str = "first", *, fresh: bool = False) -> Iterator[tuple[FrontierStore, Run]]:
    """The store of a crawl, committed and closed at the end of the block."""
    state = State(folder / "state.db")
    store = FrontierStore(state)
    state.begin()
    try:
        yield store, store.begin(crawl, "", fresh=fresh)
    finally:
        state.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FrontierStore]:
    with opened(tmp_path) as (store, _):
        yield store


def found(url: str, priority: int = 0, *, kind: Kind = "article", edition: str | None = "en") -> Found:
    return Found(url, kind, edition, priority=priority)


def taken(store: FrontierStore, most: int = 100) -> list[str]:
    return [one.url for one in store.take(most)]


def outcome(folder: Path, url: str) -> tuple[object, ...]:
    with sqlite3.connect(folder / "state.db") as db:
        row: tuple[object, ...] = db.execute(
            "SELECT outcome, reason, attempts FROM urls WHERE url = ?", (url,)
        ).fetchone()
    db.close()
    return row


def test_higher_priority_first_then_what_was_found_first(store: FrontierStore) -> None:
    for url, priority in (("b", 0), ("a", 0), ("late", -5), ("soon", 7), ("c", 0), ("sooner", 8)):
        assert store.add(found(url, priority))
    assert taken(store) == ["sooner", "soon", "b", "a", "c", "late"]


def test_what_is_found_meanwhile_takes_its_place_by_priority(store: FrontierStore) -> None:
    store.add(found("a"))
    store.add(found("b"))
    assert taken(store, 1) == ["a"]
    store.add(found("first", 1))
    assert taken(store) == ["first", "b"]


@given(st.lists(st.integers(-3, 3), max_size=40), st.lists(st.integers(1, 5), min_size=40, max_size=40))
def test_each_is_taken_once_in_order_however_many_at_a_time(priorities: list[int], steps: list[int]) -> None:
    with closing(State()) as state:
        store = FrontierStore(state)
        store.begin("one", "")
        for number, priority in enumerate(priorities):
            store.add(found(str(number), priority))
        given_out = [url for most in steps for url in taken(store, most)]
    assert given_out == [str(n) for n, _ in sorted(enumerate(priorities), key=lambda pair: (-pair[1], pair[0]))]


def test_all_that_is_known_of_a_url_comes_back_with_it(store: FrontierStore) -> None:
    one = Found(
        "https://a.example/ä?q=1", "requisite", None, depth=3, priority=-7, via="https://a.example/", hops=2, barren=4
    )
    store.add(one)
    assert store.take(1) == [one]


def test_a_state_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, _):
        store.add(found("a"))
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        db.execute("ALTER TABLE urls DROP COLUMN barren")
    with opened(tmp_path) as (store, _):
        assert store.take(1) == [found("a")]


def test_a_known_url_is_known_once_while_it_waits_in_flight_and_when_done(store: FrontierStore) -> None:
    assert not store.knows("a")
    assert store.add(found("a"))
    assert store.knows("a")
    assert not store.add(found("a", 9))
    taken(store)
    assert store.knows("a")
    assert not store.add(found("a"))
    store.end(Ending("a", "captured"))
    assert store.knows("a")
    assert not store.add(found("a"))
    assert taken(store) == []


def test_what_is_given_back_waits_in_its_old_place(store: FrontierStore) -> None:
    for url in "abc":
        store.add(found(url))
    assert taken(store, 2) == ["a", "b"]
    store.give_back("a")
    assert taken(store) == ["a", "c"]


def test_articles_can_be_left_out_and_the_lists_that_lead_to_them(store: FrontierStore) -> None:
    store.add(found("article", 9))
    store.add(found("front", kind="hub"))
    store.add(Found("hub", "hub", "en", depth=1))
    store.add(found("style", kind="requisite"))
    assert [one.url for one in store.take(9, articles=False)] == ["front", "style"]
    assert taken(store) == ["article", "hub"]


def test_an_ending_is_kept_with_its_reason_and_tries(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, _):
        store.add(found("a"))
        taken(store)
        store.end(Ending("a", "failed", "TimeoutError: late", attempts=3))
        assert store.waiting() == 0
    assert outcome(tmp_path, "a") == ("failed", "TimeoutError: late", 3)


def test_a_crawl_cut_off_goes_on_with_what_waited_and_what_was_in_flight(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, first):
        for url in "abc":
            store.add(found(url))
        assert taken(store, 2) == ["a", "b"]
        store.end(Ending("a", "captured"))
    with opened(tmp_path, "second") as (store, again):
        assert (again.number, again.id, again.resumed) == (first.number, "first", True)
        assert store.knows("a")
        assert store.captured_articles() == 1
        assert store.waiting() == 2
        store.add(found("d"))
        assert taken(store) == ["b", "c", "d"]


def test_the_archive_as_it_was_at_the_crawls_begin_is_remembered(tmp_path: Path) -> None:
    for id_, newest, resumed in (("one", "site-1.warc.gz", False), ("two", "site-2.warc.gz", True)):
        state = State(tmp_path / "state.db")
        run = FrontierStore(state).begin(id_, newest)
        assert (run.after, run.resumed) == ("site-1.warc.gz", resumed)
        state.close()


def test_a_finished_crawl_is_followed_by_a_new_one_that_knows_nothing_of_its_own(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, first):
        store.add(found("a"))
        store.end(Ending("a", "captured"))
        store.finish()
    with opened(tmp_path, "second") as (store, second):
        assert (second.number, second.id, second.resumed) == (first.number + 1, "second", False)
        assert not store.knows("a")
        assert store.captured_articles() == 0
        assert store.add(found("a", 4))
        assert store.knows("a")
        assert taken(store) == ["a"]
    assert outcome(tmp_path, "a") == (None, None, 0)


def test_what_a_finished_crawl_did_not_reach_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, _):
        for url in "abc":
            store.add(found(url))
        taken(store, 2)
        store.end(Ending("a", "captured"))
        store.finish(reason="max pages")
    assert [outcome(tmp_path, url)[:2] for url in "abc"] == [
        ("captured", ""),
        ("not-reached", "max pages"),
        ("not-reached", "max pages"),
    ]


def test_fresh_forgets_all_of_a_crawl_cut_off(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, first):
        store.add(found("a"))
        store.add(found("b"))
        store.end(Ending("a", "captured"))
    with opened(tmp_path, "second", fresh=True) as (store, second):
        assert second.number == first.number == 1
        assert not second.resumed
        assert store.waiting() == 0
        assert not store.knows("a")
        assert list(store.ended()) == []
    with opened(tmp_path, "third") as (_, third):
        assert (third.id, third.resumed) == ("second", True)


ENDINGS = (
    ("captured", ""),
    ("revisit", ""),
    ("not-modified", ""),
    ("failed", "TimeoutError"),
    ("robots", "forbidden"),
    ("not-reached", ""),
    ("status", "408"),
    ("status", "429"),
    ("status", "503"),
    ("status", "404"),
    ("redirected", "elsewhere"),
    ("filtered", "far-date"),
    ("out-of-scope", ""),
)
ASKED_AGAIN = ENDINGS[:9]


def test_a_recrawl_asks_again_for_the_pages_of_its_editions_that_may_have_come_or_changed(tmp_path: Path) -> None:
    kinds: tuple[Kind, ...] = ("article", "hub")
    with opened(tmp_path) as (store, _):
        for kind in kinds:
            for edition in ("en", "sw"):
                for how, why in ENDINGS:
                    store.add(found(f"{kind} {edition} {how} {why}", kind=kind, edition=edition))
                    store.end(Ending(f"{kind} {edition} {how} {why}", how, why, 2))
        store.finish()
    with opened(tmp_path, "second") as (store, _):
        store.keep_to(EN)
        wanted = {f"{kind} en {how} {why}" for kind in kinds for how, why in ASKED_AGAIN}
        assert store.ask_again() == len(wanted)
        assert store.waiting() == len(wanted)
        assert set(taken(store)) == wanted
        assert store.ask_again() == 0
        assert not store.knows("article sw captured ")
    assert outcome(tmp_path, "article en captured ") == (None, None, 0)
    assert outcome(tmp_path, "article sw captured ") == ("captured", "", 2)


def test_a_recrawl_asks_again_for_what_pages_need_only_where_it_has_not_come(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, _):
        for how in ("captured", "revisit", "not-modified", "failed", "not-reached"):
            store.add(found(how, kind="requisite", edition=None))
            store.end(Ending(how, how))
        store.finish()
    with opened(tmp_path, "second") as (store, _):
        store.keep_to(EN)
        store.ask_again()
        assert taken(store) == ["failed", "not-reached"]
        assert store.has("captured")
        assert store.has("not-modified")
        assert not store.has("failed")


def recrawl(folder: Path, most: int) -> list[str]:
    """Recrawl, but capture no more than *most* pages; those."""
    with opened(folder, "again") as (store, _):
        store.keep_to(EN)
        store.ask_again()
        asked = taken(store, most)
        for url in asked:
            store.end(Ending(url, "captured"))
        store.finish()
    return asked


def test_recrawls_of_a_few_articles_come_to_all_in_turn_and_to_new_ones_first(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, _):
        for url in "abcde":
            store.add(found(url, -100))
        for url in taken(store, 2):
            store.end(Ending(url, "captured"))
        store.finish()
    assert recrawl(tmp_path, 2) == ["c", "d"]
    assert recrawl(tmp_path, 2) == ["e", "a"]
    assert recrawl(tmp_path, 2) == ["b", "c"]
    with opened(tmp_path, "with a new one") as (store, _):
        store.keep_to(EN)
        store.ask_again()
        store.add(found("new", -5_000))
        store.add(found("style", -1_000_000, kind="requisite"))
        assert taken(store) == ["new", "d", "e", "a", "b", "c", "style"]


def test_a_crawl_that_goes_on_keeps_to_the_reach_of_its_run(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, _):
        store.add(found("en"))
        store.add(found("sw", edition="sw"))
        store.add(Found("deep", "article", "en", depth=3))
        store.add(Found("style", "requisite", None, depth=4))
        store.add(found("elsewhere"))
    with opened(tmp_path, "second") as (store, _):
        store.keep_to(Reach(("en",), lambda url: url != "elsewhere", depth=2))
        assert store.waiting() == 2
        assert taken(store) == ["en", "style"]
        store.end(Ending("en", "captured"))
        assert store.captured_articles() == 1
        assert not store.knows("deep")
        assert store.add(found("deep"))  # by a shorter way
        assert taken(store) == ["deep"]
    with opened(tmp_path, "third") as (store, _):
        store.keep_to(Reach(("sw",), lambda url: True))
        assert store.captured_articles() == 0
        assert taken(store) == ["sw", "style"]
        store.finish()
    assert outcome(tmp_path, "elsewhere")[:2] == ("not-reached", "out of reach")


def test_counts_and_list_are_those_of_the_crawl(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, _):
        store.add(found("old"))
        store.end(Ending("old", "captured"))
        store.finish()
    with opened(tmp_path, "second") as (store, _):
        for url, edition in (("a", "en"), ("b", "sw"), ("c", None)):
            store.add(Found(url, "article", edition, depth=1, via="front"))
        store.end(Ending("a", "captured"))
        store.end(Ending("b", "failed", "why", 3))
        assert store.outcomes() == {"": {"waiting": 1}, "en": {"captured": 1}, "sw": {"failed": 1}}
        listed = [(one.url, one.via, one.attempts, one.outcome, one.reason) for one in store.ended()]
    assert listed == [
        ("a", "front", 1, "captured", ""),
        ("b", "front", 3, "failed", "why"),
        ("c", "front", 0, "waiting", ""),
    ]


def test_nothing_lasts_that_was_not_committed(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    store = FrontierStore(state)
    state.begin()
    store.begin("first", "")
    store.add(found("kept"))
    state.commit()
    store.add(found("lost"))
    store.end(Ending("kept", "captured"))
    state.close(keep=False)
    with opened(tmp_path, "second") as (store, run):
        assert run.resumed
        assert taken(store) == ["kept"]


@pytest.mark.parametrize("change", [lambda store: store.add(found("b")), lambda store: store.end(Ending("a", "x"))])
def test_after_a_failure_the_last_commit_stays_and_nothing_is_added_to_it(
    tmp_path: Path, change: Callable[[FrontierStore], object]
) -> None:
    state = State(tmp_path / "state.db")
    store = FrontierStore(state)
    state.begin()
    store.begin("first", "")
    store.add(found("a"))
    state.commit()
    store.add(found("uncommitted"))
    state.give_up()
    with pytest.raises(sqlite3.OperationalError):
        change(store)
    state.close(keep=False)
    with opened(tmp_path, "second") as (store, _):
        assert taken(store) == ["a"]
