"""What is to be done with schedules at a moment: which is due, and which clock went wrong."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crawler.schedule.rhythm import LEAST_CRON_GAP, Every
from crawler.schedule.schedule import Cause, Schedule

LATE = timedelta(minutes=2)
"""Later than this, a run is told as caught up."""

STEP = timedelta(seconds=2)
"""By so much the wall clock must leave the other for it to have been set."""

ROUNDED = timedelta(milliseconds=2)
"""Times that differ by no more are the same: they are kept to the millisecond."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, by two clocks."""

    wall: datetime
    """What people set; UTC."""
    elapsed: timedelta
    """What nobody sets: since the machine's start, its sleep included."""

    @classmethod
    def now(cls) -> Moment:
        """Both clocks read."""
        clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the latter sleeps with the machine
        return cls(datetime.now(UTC), timedelta(seconds=time.clock_gettime(clock)))


@dataclass(frozen=True, slots=True)
class Step:
    """A schedule's new times; with a *cause*, a run is begun."""

    schedule: Schedule
    due: datetime
    """The next time by its rhythm."""
    next: datetime
    """The same with jitter: when it is to be begun."""
    last: datetime | None
    """The time by its rhythm for which a run was last begun."""
    cause: Cause | None = None


@dataclass(slots=True)
class Planner:
    """Decides at each moment which schedules are due: each at most once a moment, whatever the clocks do.

    A schedule that goes by elapsed time keeps to it when the wall clock is set while the planner lives. Others go
    by the wall clock: set forward, they are caught up once; set back, what was begun is not begun again.
    """

    _deadlines: dict[str, tuple[datetime, timedelta]] = field(default_factory=dict)
    """By site: the wall time of the next run, and the same by the clock that nobody sets."""
    _begun: dict[str, timedelta] = field(default_factory=dict)

    def steps(self, schedules: list[Schedule], now: Moment) -> Iterator[Step]:
        """What changes now."""
        for schedule in schedules:
            if schedule.paused is None and (step := self._step(schedule, now)) is not None:
                yield step

    def took(self, step: Step, now: Moment) -> None:
        """A step is on disk."""
        if step.cause:
            self._begun[step.schedule.site] = now.elapsed

    def _step(self, schedule: Schedule, now: Moment) -> Step | None:
        left = self._left(schedule, now)
        if left > timedelta(0):
            return self._corrected(schedule, now, left)
        begun = self._begun.get(schedule.site)
        if begun is not None and not isinstance(schedule.rhythm, Every) and now.elapsed - begun < LEAST_CRON_GAP:
            return None
        late = now.wall - schedule.next > max(LATE, schedule.jitter)
        due = schedule.rhythm.following(schedule.due, now.wall)
        next_, last = due + jitter_of(schedule, due), min(schedule.due, now.wall)
        self._deadlines[schedule.site] = (next_, now.elapsed + (next_ - now.wall))
        return Step(schedule, due, next_, last, "caught up" if late else "due")

    def _left(self, schedule: Schedule, now: Moment) -> timedelta:
        """How long until it is begun."""
        by_wall = schedule.next - now.wall
        if not isinstance(schedule.rhythm, Every):
            return by_wall
        known = self._deadlines.get(schedule.site)
        if known is None or abs(known[0] - schedule.next) > ROUNDED:
            known = self._deadlines[schedule.site] = (schedule.next, now.elapsed + by_wall)
        by_elapsed = known[1] - now.elapsed
        return by_elapsed if abs(by_elapsed - by_wall) > STEP else by_wall

    def _corrected(self, schedule: Schedule, now: Moment, left: timedelta) -> Step | None:
        """New times where the wall clock was set; none where all is as it was."""
        next_ = now.wall + left
        if abs(next_ - schedule.next) > STEP:
            self._deadlines[schedule.site] = (next_, now.elapsed + left)
            moved = next_ - schedule.next
            return Step(schedule, schedule.due + moved, next_, schedule.last and schedule.last + moved)
        due = schedule.rhythm.following(schedule.last, now.wall) if schedule.last else schedule.rhythm.first(now.wall)
        next_ = due + jitter_of(schedule, due)
        return Step(schedule, due, next_, schedule.last) if schedule.next - next_ > STEP + schedule.jitter else None


def jitter_of(schedule: Schedule, due: datetime) -> timedelta:
    """How much later than *due* it is begun: the same whenever it is asked."""
    digest = hashlib.blake2b(f"{schedule.site} {due.timestamp()}".encode(), digest_size=4).digest()
    return schedule.jitter * (int.from_bytes(digest) / 2**32)
