"""What is done for a run: crawl, wait, settle. Each may be cut off by a kill, and is done again then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from crawler.collection.folder import Collection
from crawler.collection.lock import CollectionLock
from crawler.crawls.past import summary
from crawler.crawls.report import crawl_id, why_nothing
from crawler.errors import CollectionError, EditionsError, ProfileError, ScheduleError
from crawler.schedule.child import Children, Exit
from crawler.schedule.gain import gain, known_documents
from crawler.schedule.lanes import Hosts, hosts_of, lanes
from crawler.schedule.policy import Policy
from crawler.schedule.schedule import Job, Run, Schedule, State
from crawler.schedule.store import Store
from crawler.schedule.webhook import tell
from crawler.sites.profile import find

LOST = "the scheduler lost it"

OK, WRONG_CALL = 0, 2
"""Exit codes of the command; a wrong call is not tried again."""

RETRY = 1.0
"""Seconds between two tries of a database that cannot be used."""

PATIENCE = 5.0
"""Seconds for a crawl whose daemon was killed to let go of its collection."""


P = ParamSpec("P")
T = TypeVar("T")


class Stopped(BaseException):
    """The daemon stops: what is being done is left as it is, and done at the next start.

    No Exception: the engine keeps those as how a job ended.
    """


@dataclass(frozen=True, slots=True)
class Jobs:
    """The steps of a run, as the engine calls them; what they know of each other is in the history.

    All raise Stopped. None fails because the database cannot be used.
    """

    store: Store
    policy: Policy
    children: Children
    say: Callable[[Run, str], None]
    """Told what happens to a run."""
    hosts: Hosts = field(default_factory=Hosts)
    patient: bool = True
    """Whether to wait, for the database above all; else a ScheduleError is raised where it cannot be used."""
    _crawling: set[int] = field(default_factory=set)

    def lane(self, number: int) -> str:
        """The lane of a run's site."""
        run = self._run(number)
        hosts = {schedule.site: schedule.job.hosts for schedule in self._surely(self.store.schedules)}
        schedule = self._renewed(run.site)
        return lanes(hosts | {run.site: schedule.job.hosts})[run.site] if schedule is not None else ""

    def crawl(self, number: int, attempt: int) -> bool:
        """Crawl once; whether to try again. Nothing is done for a run that has ended."""
        self._crawling.add(number)  # first: whoever settles it meanwhile waits
        try:
            run = self._run(number)
            return run.ended is None and self._tried(run, attempt)
        finally:
            self._crawling.discard(number)

    def wait(self, attempt: int) -> None:
        """Wait before the attempt after this one."""
        self._pause(self.policy.wait(attempt).total_seconds())

    def settle(self, number: int, why: str) -> bool:
        """Keep that the run failed because the engine did; False where it has ended. Its crawl ends first.

        Without patience False, too, where that goes on.
        """
        while number in self._crawling:
            if not self.patient:
                return False
            self._pause(0.1)
        run = self._run(number)
        if run.ended is not None:
            return False
        self._settle(replace(run, state="failed", why=why or LOST))
        return True

    def tell(self, number: int) -> None:
        """Tell the webhook of a run that failed."""
        run = self._run(number)
        if run.state == "failed" and self.policy.webhook:
            schedule = self._surely(self.store.find, run.site)
            problem = tell(self.policy.webhook, run, schedule.paused if schedule else None)
            if problem:
                self.say(run, problem)

    def _tried(self, run: Run, attempt: int) -> bool:
        schedule = self._renewed(run.site)
        if schedule is None:
            self._settle(replace(run, state="removed", why="the schedule was removed before the run began"))
            return False
        with self.hosts.held(schedule.job.hosts):
            run = self._run(run.id)  # the engine may have let it go on twice, and the other has crawled meanwhile
            if run.ended is not None:
                return False
            if run.attempts == attempt and run.state == "retrying":
                return True  # judged already
            ended = self._ended_already(run, attempt) or self._crawled(run, schedule.job, attempt)
            return self._judge(self._run(run.id), ended)

    def _renewed(self, site: str) -> Schedule | None:
        """A site's schedule with the hosts that its profile names now; those known, where it cannot be read."""
        schedule = self._surely(self.store.find, site)
        if schedule is None:
            return None
        try:
            hosts = hosts_of(find(schedule.job.profile))
        except ProfileError:
            return schedule
        if hosts == schedule.job.hosts:
            return schedule
        return self._surely(self.store.rework, site, lambda one: replace(one, job=replace(one.job, hosts=hosts)))

    def _settle(self, run: Run) -> None:
        """Keep how a run ended, and what follows."""
        now = datetime.now(UTC)
        run = replace(run, ended=now)
        schedule = self._surely(self.store.end, run, lambda schedule: self.policy.after(run, schedule, now))
        self.say(run, _told(run))
        paused = schedule.paused if schedule is not None and run.state == "failed" else None
        if paused:
            self.say(run, f"paused: {paused}")

    def _surely(self, call: Callable[P, T], *args: P.args, **fields: P.kwargs) -> T:
        """What the database answers, as soon as it can: a disk is full or a server away for a while, no run fails."""
        while True:
            try:
                return call(*args, **fields)
            except ScheduleError:
                if not self.patient:
                    raise
                self._pause(RETRY)  # it is told by the daemon, which needs the same database

    def _pause(self, seconds: float) -> None:
        if self.children.stopping.wait(seconds):
            raise Stopped

    def _run(self, number: int) -> Run:
        run = self._surely(self.store.run, number)
        assert run is not None, f"run {number} is not in the history"
        return run

    def _ended_already(self, run: Run, attempt: int) -> Exit | None:
        """How this attempt ended, if the daemon was killed between that and its being kept."""
        if run.attempts != attempt or not run.crawls or run.state == "waiting":
            return None
        done = summary(Collection(_folder(run)).crawls / f"{run.crawls[-1]}.json")
        if done is None or done["reason"] != "finished":
            return None
        return Exit(0, "") if done["answered"] or done["goes_on"] else Exit(1, why_nothing(done))

    def _crawled(self, run: Run, job: Job, attempt: int) -> Exit:
        collection = Collection(job.collection)
        run = self._begun(run, collection, attempt)
        try:
            self._wait_for(collection)
        except EditionsError as error:
            return Exit(1, str(error))
        name = crawl_id(datetime.now(UTC))
        run = self._surely(self.store.change, run, crawls=(*run.crawls, name), state="running")
        self.say(run, f"attempt {attempt} begins" if attempt > 1 else "begins" if run.cuts == 0 else "goes on")
        arguments = _arguments(job, run.site, self.policy)
        ended = self.children.run(arguments, job.folder, {"EDITIONS_CRAWL_ID": name})
        if ended is None or (self.children.stopping.is_set() and ended.code != OK):
            raise Stopped
        return ended

    def _begun(self, run: Run, collection: Collection, attempt: int) -> Run:
        """The run with its start, or with one cut more where this attempt was begun before."""
        if run.attempts == attempt:
            return self._surely(self.store.change, run, cuts=run.cuts + 1, state="waiting")
        if run.started is not None:
            return self._surely(self.store.change, run, attempts=attempt, state="waiting")
        known = known_documents(collection)
        return self._surely(self.store.change, run, attempts=attempt, started=datetime.now(UTC), known=known)

    def _wait_for(self, collection: Collection) -> None:
        """Wait until a crawl that has been killed has let go. Raises EditionsError, also where another holds it."""
        collection.make()
        for _ in range(int(PATIENCE / 0.1)):
            try:
                return CollectionLock(collection, "a scheduled crawl that begins").release()
            except CollectionError:
                self._pause(0.1)
        return CollectionLock(collection, "a scheduled crawl that begins").release()

    def _judge(self, run: Run, ended: Exit) -> bool:
        """Keep what an attempt brought; whether to try again."""
        collection = Collection(_folder(run))
        done = summary(collection.crawls / f"{run.crawls[-1]}.json") if run.crawls else None
        parts = (*run.crawls, str(done["goes_on"])) if done else run.crawls
        brought = gain(collection, parts, run.known)
        again = ended.code not in (OK, WRONG_CALL) and run.attempts <= self.policy.retries
        state: State = "retrying" if again else "done" if ended.code == OK else _failure(ended)
        run = replace(
            run,
            state=state,
            why="" if state == "done" else ended.why,
            pages=brought.pages,
            new=brought.new,
            changed=brought.changed,
            bytes=brought.bytes,
        )
        if not again:
            self._settle(run)
        else:
            self._surely(self.store.keep, run)
            self.say(run, f"attempt {run.attempts} failed: {run.why}")
        return again


def _folder(run: Run) -> Path:
    return Path(run.collection)


def _failure(ended: Exit) -> State:
    return "busy" if ": in use by " in ended.said else "failed"


def _arguments(job: Job, site: str, policy: Policy) -> list[str]:
    """Of ``editions crawl``."""
    metrics = ("--metrics", f"{policy.metrics}/editions-{site}.prom") if policy.metrics else ()
    return ["crawl", *arguments_of(job), "--quiet", *metrics]


def arguments_of(job: Job) -> list[str]:
    """Site, collection and what else is asked for."""
    editions = [part for code in job.editions for part in ("--edition", code)]
    most = ("--max-pages", str(job.max_pages)) if job.max_pages is not None else ()
    return [job.profile, "--collection", str(job.collection), *editions, *most]


def _told(run: Run) -> str:
    brought = f"{run.pages} pages, {run.new} new and {run.changed} changed documents"
    return f"{run.state}: {brought}" + (f"; {run.why}" if run.why else "")
