"""Spans, cron expressions and daylight saving, and when a schedule is due whatever the clocks do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule.lanes import Hosts, lanes
from crawler.schedule.plan import Moment, Planner, Step, jitter_of
from crawler.schedule.policy import Policy
from crawler.schedule.rhythm import Cron, Every, Rhythm
from crawler.schedule.schedule import Bounds, Job, Run, Schedule
from crawler.schedule.span import parse_span, show_span

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    {
        "6h": 21600,
        "90m": 5400,
        "1d": 86400,
        "1h30m": 5400,
        "1d 12 h": 129600,
        "0.5s": 0.5,
        "2 hours": 7200,
        "0s": 0,
    }.items(),
)
def test_spans_are_read(text: str, seconds: float) -> None:
    assert parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "6", "h", "six hours", "6x", "-6h", "6h and", "1e3s", "400d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no span|more than a year"):
        parse_span(text)


@given(st.integers(min_value=0, max_value=30_000_000))
def test_a_span_is_read_as_it_is_shown(seconds: int) -> None:
    assert parse_span(show_span(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def times(rhythm: Rhythm, start: datetime, count: int) -> list[datetime]:
    found = [rhythm.following(start, start)]
    while len(found) < count:
        found.append(rhythm.following(found[-1], found[-1]))
    return found


BERLIN_SPRING, BERLIN_AUTUMN = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "start", "expected"),
    [
        (
            "30 2 * * *",
            BERLIN_SPRING,
            ["03-29T01:00", "03-30T00:30", "03-31T00:30"],
        ),  # 02:30 does not exist: at 03:00
        ("30 2 * * *", BERLIN_AUTUMN, ["10-25T00:30", "10-26T01:30", "10-27T01:30"]),  # exists twice: the first
        ("0 */6 * * *", BERLIN_SPRING, ["03-28T17:00", "03-28T23:00", "03-29T04:00"]),
        ("0 2 * * *", BERLIN_AUTUMN, ["10-25T00:00", "10-26T01:00", "10-27T01:00"]),
        ("15 * * * *", datetime(2026, 10, 24, 23, 30, tzinfo=UTC), ["10-25T00:15", "10-25T01:15", "10-25T02:15"]),
    ],
)
def test_daylight_saving(expression: str, start: datetime, expected: list[str]) -> None:
    found = times(Cron(expression, "Europe/Berlin"), start, 3)
    assert [moment.astimezone(UTC).strftime("%m-%dT%H:%M") for moment in found] == expected


@given(
    st.sampled_from(["30 2 * * *", "*/20 1-3 * * *", "0 */6 * * *", "5 4 * * 0"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]),
    st.integers(min_value=0, max_value=365 * 24 * 60),
)
def test_the_next_time_is_always_later(expression: str, zone: str, minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = [now, *times(Cron(expression, zone), now, 4)]
    assert all(one < other for one, other in pairwise(found))


def test_every_is_elapsed_time_across_daylight_saving() -> None:
    assert {b - a for a, b in pairwise(times(Every(6 * HOUR), BERLIN_SPRING, 9))} == {6 * HOUR}


@pytest.mark.parametrize(
    "expression", ["", "* * *", "61 * * * *", "0 0 31 2 *", "a b c d e", "* * * * * *", "@daily"]
)
def test_a_wrong_cron_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"is no cron expression|does not exist"):
        Cron(expression, "UTC")


def schedule(rhythm: Rhythm, start: datetime = START, **fields: object) -> Schedule:
    job = Job("site", Path("/"), Path("/collections/site"), ("example.org",))
    first = rhythm.first(start)
    return replace(Schedule("site", job, rhythm, "UTC", timedelta(0), first, first), **fields)  # type: ignore[arg-type]


class Simulation:
    """A planner and one schedule, at clocks that a test sets."""

    def __init__(self, one: Schedule) -> None:
        self.schedule, self.planner = one, Planner()
        self.wall, self.elapsed = START, timedelta(0)
        self.begun: list[timedelta] = []
        """By the clock that nobody sets."""

    def look(self) -> None:
        now = Moment(self.wall, self.elapsed)
        steps: list[Step] = list(self.planner.steps([self.schedule], now))
        assert len(steps) <= 1
        for step in steps:
            self.planner.took(step, now)
            self.schedule = replace(self.schedule, due=step.due, next=step.next, last=step.last)
            self.begun += [self.elapsed] if step.cause else []

    def go(self, span: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        for _ in range(span // step):
            self.wall, self.elapsed = self.wall + step, self.elapsed + step
            self.look()

    def restart(self) -> None:
        self.planner = Planner()


def simulate(rhythm: Rhythm) -> Simulation:
    simulation = Simulation(schedule(rhythm))
    simulation.look()
    return simulation


def test_every_six_hours_is_every_six_hours() -> None:
    one = simulate(Every(6 * HOUR))
    one.go(timedelta(days=2))
    assert one.begun == [n * 6 * HOUR for n in range(9)]


@pytest.mark.parametrize("rhythm", [Every(6 * HOUR), Cron("0 */6 * * *", "UTC")], ids=str)
def test_a_step_that_could_not_be_kept_comes_again_at_the_next_look(rhythm: Rhythm) -> None:
    planner, one = Planner(), schedule(rhythm)
    for second in range(1, 4):
        moment = Moment(one.next + timedelta(seconds=second), timedelta(seconds=second))
        [step] = planner.steps([one], moment)
        assert step.cause == "due"
    planner.took(step, moment)
    assert list(planner.steps([replace(one, due=step.due, next=step.next, last=step.last)], moment)) == []


@pytest.mark.parametrize("rhythm", [Every(6 * HOUR), Cron("0 */6 * * *", "UTC")], ids=str)
def test_what_was_missed_while_no_daemon_ran_is_caught_up_once(rhythm: Rhythm) -> None:
    one = simulate(rhythm)
    one.go(HOUR)
    before = len(one.begun)
    one.restart()
    one.wall, one.elapsed = one.wall + timedelta(days=3), one.elapsed + timedelta(days=3)
    one.go(HOUR)
    assert len(one.begun) - before == 1
    one.go(12 * HOUR)
    assert len(one.begun) - before == 3


@pytest.mark.parametrize("days", [-3, -0.1, 0.1, 3])
def test_every_goes_by_elapsed_time_when_the_clock_is_set(days: float) -> None:
    one = simulate(Every(6 * HOUR))
    one.go(HOUR)
    one.wall += timedelta(days=days)
    one.go(23 * HOUR)
    assert one.begun == [n * 6 * HOUR for n in range(5)]


def test_cron_is_caught_up_once_when_the_clock_is_set_forward() -> None:
    one = simulate(Cron("0 0 * * *", "UTC"))
    one.go(HOUR)
    one.wall += timedelta(days=3)
    one.go(HOUR)
    assert len(one.begun) == 1


def test_cron_does_not_run_twice_when_the_clock_is_set_back() -> None:
    one = simulate(Cron("0 0 * * *", "UTC"))
    one.go(13 * HOUR)
    assert len(one.begun) == 1
    one.wall -= 2 * HOUR
    one.go(4 * HOUR)
    assert len(one.begun) == 1
    one.go(24 * HOUR)
    assert len(one.begun) == 2


@pytest.mark.parametrize("rhythm", [Every(6 * HOUR), Cron("0 0 * * *", "UTC")], ids=str)
def test_a_clock_that_was_days_ahead_and_is_set_right_holds_nothing_up(rhythm: Rhythm) -> None:
    one = simulate(rhythm)
    one.wall += timedelta(days=30)
    one.go(timedelta(days=3))
    one.wall -= timedelta(days=30)
    before = len(one.begun)
    one.go(timedelta(days=2))
    assert len(one.begun) > before


@given(st.lists(st.integers(min_value=-100, max_value=100), min_size=10, max_size=60))
def test_no_clock_makes_a_storm(hours: list[int]) -> None:
    for rhythm in (Every(6 * HOUR), Cron("0 */6 * * *", "UTC")):
        one = simulate(rhythm)
        for jump in hours:
            one.wall = START + jump * HOUR
            one.elapsed += timedelta(seconds=1)
            one.look()
        assert len(one.begun) <= 2


def test_jitter_spreads_sites_and_is_the_same_each_time() -> None:
    one = schedule(Every(HOUR), jitter=timedelta(minutes=5))
    found = [jitter_of(replace(one, site=f"site{n}"), START) for n in range(200)]
    assert found == [jitter_of(replace(one, site=f"site{n}"), START) for n in range(200)]
    assert min(found) >= timedelta(0)
    assert max(found) < timedelta(minutes=5)
    assert all(any(n <= moment / timedelta(minutes=1) < n + 1 for moment in found) for n in range(5))


def ended(state: str, **fields: object) -> Run:
    return replace(Run(1, "site", "due", "done", START, START), state=state, why="it broke", **fields)  # type: ignore[arg-type]


def test_the_wait_doubles_up_to_its_cap() -> None:
    policy = Policy(backoff=timedelta(minutes=1), backoff_cap=timedelta(minutes=5))
    assert [policy.wait(n) / timedelta(minutes=1) for n in (1, 2, 3, 4, 99)] == [1, 2, 4, 5, 5]


def test_a_site_that_keeps_failing_is_paused_with_a_word() -> None:
    policy, one = Policy(pause_after=3), schedule(Every(HOUR))
    one = policy.after(ended("failed"), one, START)
    one = policy.after(ended("done"), one, START)
    assert one.failures == 0
    for _ in range(3):
        assert one.paused is None
        one = policy.after(ended("failed"), one, START)
    assert one.paused == "3 runs in a row failed, the last because: it broke"
    assert list(Planner().steps([one], Moment(START + HOUR, timedelta(0)))) == []


def test_a_busy_collection_is_no_failure() -> None:
    assert Policy().after(ended("busy"), schedule(Every(HOUR)), START).failures == 0


def test_an_adaptive_schedule_comes_more_often_where_documents_change() -> None:
    policy, bounds = Policy(), Bounds(HOUR, 8 * HOUR)
    one = replace(schedule(Every(4 * HOUR), bounds=bounds, last=START), jitter=HOUR / 20)
    spans = []
    for run in [ended("done", new=1), ended("done", changed=2), ended("done", new=1), *[ended("done")] * 7]:
        one = policy.after(run, one, START)
        assert isinstance(one.rhythm, Every)
        assert one.due == START + one.rhythm.span
        assert one.due < one.next == one.due + jitter_of(one, one.due)
        spans.append(one.rhythm.span / HOUR)
    assert spans == [2, 1, 1, 1.5, 2.25, 3.375, 5.0625, 7.59375, 8, 8]


def test_sites_that_share_a_host_share_a_lane() -> None:
    found = lanes({"a": ["a.org"], "b": ["b.org", "c.org"], "c": ["www.c.org"], "d": ["d.org"], "e": ["notd.org"]})
    assert found == {"a": "a.org", "b": "b.org", "c": "b.org", "d": "d.org", "e": "notd.org"}


def test_a_site_between_two_joins_their_lanes() -> None:
    found = lanes(
        {"a": ["a.org"], "b": ["b.org"], "both": ["b.org", "a.org"], "ip": ["127.0.0.1"], "ip2": ["127.0.0.2"]}
    )
    assert found == {"a": "a.org", "b": "a.org", "both": "a.org", "ip": "127.0.0.1", "ip2": "127.0.0.2"}


def test_a_host_that_is_crawled_is_waited_for_whatever_the_lane() -> None:
    hosts, begun = Hosts(), []

    def crawl(*own: str) -> None:
        with hosts.held(own):
            begun.append(own)

    with hosts.held(("a.org", "b.org")), hosts.held(("c.org",)):
        waits = [Thread(target=crawl, args=own) for own in (("b.org", "d.org"), ("www.c.org",), ("e.org",))]
        for thread in waits:
            thread.start()
        waits[2].join(240)
        assert begun == [("e.org",)]
    for thread in waits:
        thread.join(240)
    assert sorted(begun) == [("b.org", "d.org"), ("e.org",), ("www.c.org",)]
