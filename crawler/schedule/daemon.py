"""The daemon: begins what is due, hands it to the engine, and says how all stands; until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf
from queue import Empty, SimpleQueue
from types import FrameType
from typing import NoReturn

from crawler.errors import GoneError, ScheduleError, TakenError
from crawler.schedule.child import Children
from crawler.schedule.database import Database, Lock
from crawler.schedule.engine import KEPT, Engine
from crawler.schedule.jobs import LOST, Jobs
from crawler.schedule.plan import Moment, Planner
from crawler.schedule.policy import Policy
from crawler.schedule.schedule import Run
from crawler.schedule.store import Store
from crawler.schedule.wording import run_fields, show_moment

TICK = 1.0
"""Seconds between two looks at the schedules."""

FINDING = 60.0
"""Seconds between two looks for runs that the engine lost, at most."""

FORGETTING = 3600.0
"""Seconds between two times that the engine is told to forget what is long over."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How the daemon speaks: a line for each event, to standard error; as JSON, to standard output."""

    quiet: bool = False
    json: bool = False

    def run(self, run: Run, text: str) -> None:
        """What happened to a run."""
        self._tell(f"{run.site}: run {run.id} {text}", {"event": text, "run": run_fields(run)})

    def plain(self, text: str) -> None:
        """What happened else."""
        self._tell(text, {"event": text})

    def _tell(self, text: str, fields: dict[str, object]) -> None:
        now = datetime.now(UTC)
        if self.json:
            print(json.dumps({"time": now.isoformat(timespec="milliseconds"), **fields}), flush=True)
        elif not self.quiet:
            print(f"{show_moment(now, 'UTC')} {text}", file=sys.stderr, flush=True)


@dataclass(slots=True)
class _Interval:
    """Tells when so many seconds have passed since it told so last; at once the first time."""

    seconds: float
    _told: float = -inf

    def over(self) -> bool:
        now = time.monotonic()
        if now - self._told < self.seconds:
            return False
        self._told = now
        return True


@dataclass(slots=True)
class _Stop:
    """Whether to stop; set by a signal's handler. A `threading.Event` has a lock, and the thread that the handler
    interrupts may be holding it: then neither would ever go on.
    """

    asked: bool = False
    _words: SimpleQueue[None] = field(default_factory=SimpleQueue)

    def set(self) -> None:
        self.asked = True
        self._words.put(None)

    def wait(self, seconds: float) -> None:
        """For so long, or until it is set."""
        if not self.asked:
            with suppress(Empty):
                self._words.get(timeout=seconds)


@dataclass(slots=True)
class Daemon:
    """Runs the schedules of one database in this process.

    Raises:
        ScheduleError: another daemon does, or the database cannot be used.
    """

    database: Database
    policy: Policy
    telling: Telling
    health: timedelta
    """Between two lines that say how all stands."""
    _store: Store = field(init=False)
    _lock: Lock = field(init=False)
    _children: Children = field(init=False, default_factory=Children)
    _planner: Planner = field(init=False, default_factory=Planner)
    _stop: _Stop = field(init=False, default_factory=_Stop)
    _starting: bool = field(init=False, default=True)

    def run(self, watching: Callable[[Store], object]) -> None:
        """Run until a signal asks to stop. *watching* is called once, with the store, before the first run begins."""
        self._store = Store(self.database)
        self._lock = self._locked()
        with self._signals():
            watching(self._store)
            jobs = Jobs(self._store, self.policy, self._children, self.telling.run)
            engine = Engine(self.database, jobs)
            self._starting = False
            self._find_lost(engine, jobs)
            self.telling.plain(f"started as process {os.getpid()}; schedules in {self.database}")
            try:
                self._tick_on(engine, jobs)
            finally:
                if not self._children.stopping.is_set():
                    self.telling.plain("stopping: crawls end cleanly, and go on at the next start")
                self._children.stop(self.policy.grace.total_seconds())
        self.telling.plain("stopped")
        self._lock.release()

    def _locked(self) -> Lock:
        """Tried for a second: who only looks whether a daemon lives holds it for a moment."""
        for _ in range(10):
            try:
                return self.database.lock()
            except TakenError:
                time.sleep(0.1)
        return self.database.lock()

    def _hold_on(self) -> None:
        """Take the lock again where it was lost. Raises GoneError; TakenError where another was quicker."""
        if not self._lock.held():
            self._lock.release()
            self._lock = self._locked()
            self.telling.plain("the lock was let go: taken again")

    def _tick_on(self, engine: Engine, jobs: Jobs) -> None:
        health, forgetting = _Interval(self.health.total_seconds()), _Interval(FORGETTING)
        finding = _Interval(min(FINDING, self.health.total_seconds()))
        finding.over()  # the first look was at the start
        while not self._stop.asked:
            try:
                self._hold_on()
                if finding.over():
                    self._find_lost(engine, jobs)
                self._tick(engine)
                if forgetting.over():
                    engine.forget(datetime.now(UTC) - KEPT)
                if health.over():
                    self.telling.plain(health_line(self._store))
            except (GoneError, TakenError):
                self._children.stop(0)  # another daemon begins these runs again, and does not wait for our crawls
                raise
            except ScheduleError as error:  # a full disk, a database server that restarts
                self.telling.plain(f"{error}; trying on")
                self._stop.wait(5.0)
            self._stop.wait(TICK)

    def _tick(self, engine: Engine) -> None:
        now = Moment.now()
        for step in self._planner.steps(self._store.schedules(), now):
            if self._store.take(step, now.wall):
                self._planner.took(step, now)
        for run in self._store.unhanded():
            if run.cause != "by hand" and run.started is None and self._is_paused(run.site):
                self._store.drop(run)
            elif engine.begin(run):
                self._store.handed(run)
            elif self._store.refuse(run):
                self.telling.plain(f"{run.site}: due while its last run goes on: refused and counted")

    def _is_paused(self, site: str) -> bool:
        schedule = self._store.find(site)
        return schedule is not None and schedule.paused is not None

    def _find_lost(self, engine: Engine, jobs: Jobs) -> None:
        """Runs that the engine knows nothing of are handed to it again; those that it gave up have failed."""
        hasty = replace(jobs, patient=False)  # this thread waits for nothing but the signal to stop
        for run in self._store.going_on():
            match engine.standing(run):
                case "unknown":
                    self._store.unhand(run)
                case "over" if hasty.settle(run.id, LOST):
                    hasty.tell(run.id)
        engine.revive()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """The first signal stops, the second kills the crawls.

        Before the engine has started the first ends the process: the engine would wait without end for a database
        that goes away then. What it had begun again dies with it, and is begun again at the next start.
        """

        def stop(number: int, frame: FrameType | None) -> None:
            if self._starting:
                os._exit(0)
            if self._stop.asked:
                self._children.kill()
            self._stop.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def health_line(store: Store) -> str:
    """How all stands, in a line."""
    schedules, going_on = store.schedules(), store.going_on()
    active = [one for one in schedules if one.paused is None]
    paused = f", {len(schedules) - len(active)} paused" if len(active) < len(schedules) else ""
    failing = [one.site for one in active if one.failures]
    nearest = min(active, key=lambda one: one.next, default=None)
    then = f"; next {nearest.site} at {show_moment(nearest.next, nearest.zone)}" if nearest else ""
    counts = {state: sum(run.state == state for run in going_on) for state in ("running", "waiting", "retrying")}
    runs = ", ".join(f"{count} {state}" for state, count in counts.items())
    trouble = f"; failing: {', '.join(failing)}" if failing else ""
    return f"health: {len(active)} schedules{paused}; runs: {runs}{then}{trouble}"


def leave(code: int) -> NoReturn:
    """End the process at once: threads of the engine's wait for hours, and all that they know is on disk."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
