"""What follows from how runs end: trying again, pausing a site that keeps failing, coming more or less often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.schedule.plan import jitter_of
from crawler.schedule.rhythm import Every
from crawler.schedule.schedule import Bounds, Run, Schedule
from crawler.schedule.span import show_span

SOONER, LATER = 0.5, 1.5
"""By how much an adaptive schedule's span changes after a run that found documents, and after one that did not."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The daemon's settings."""

    crawls: int = 4
    """At once, at most; on one host always one."""
    retries: int = 3
    """Of a run that fails."""
    backoff: timedelta = timedelta(minutes=1)
    """Before the first; twice as long before each next."""
    backoff_cap: timedelta = timedelta(hours=1)
    pause_after: int = 5
    """Runs that fail one after the other until their schedule is paused; 0: never."""
    grace: timedelta = timedelta(seconds=30)
    """For crawls to stop when the daemon does."""
    webhook: str | None = None
    """Where failures are told: a URL."""
    metrics: str | None = None
    """The folder in which each crawl leaves its metrics as a text file."""

    def wait(self, attempt: int) -> timedelta:
        """How long to wait after the attempt of this number, from 1, has failed."""
        return min(self.backoff_cap, self.backoff * 2.0 ** min(attempt - 1, 30))

    def after(self, run: Run, schedule: Schedule, now: datetime) -> Schedule:
        """The schedule after a run that has ended."""
        if run.state == "done":
            return adapted(replace(schedule, failures=0), found=run.new + run.changed > 0, now=now)
        if run.state != "failed":
            return schedule
        failures = schedule.failures + 1
        if schedule.paused is not None or not self.pause_after or failures < self.pause_after:
            return replace(schedule, failures=failures)
        many = f"{failures} runs in a row failed, the last because" if failures > 1 else "failed"
        return replace(schedule, failures=failures, paused=f"{many}: {run.why}")


def adapted(schedule: Schedule, *, found: bool, now: datetime) -> Schedule:
    """The schedule, if it is adaptive, with the span that follows from whether a run found documents."""
    bounds, rhythm = schedule.bounds, schedule.rhythm
    if bounds is None or schedule.last is None or not isinstance(rhythm, Every):
        return schedule
    rhythm = Every(within(bounds, rhythm.span * (SOONER if found else LATER)))
    due = max(schedule.last + rhythm.span, now)
    return replace(schedule, rhythm=rhythm, due=due, next=due + jitter_of(schedule, due))


def within(bounds: Bounds, span: timedelta) -> timedelta:
    """The span, or the bound that it passes."""
    return max(bounds.least, min(bounds.most, span))


def show_bounds(bounds: Bounds) -> str:
    """As in ``adaptive 1h to 1d``."""
    return f"adaptive {show_span(bounds.least)} to {show_span(bounds.most)}"
