"""Schedules and their history in a database: every call one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, Select, delete, func, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from crawler.errors import CallError, ScheduleError
from crawler.schedule.database import READS, Database
from crawler.schedule.plan import Step
from crawler.schedule.rows import META, RUNS, SCHEDULES, run_of, run_row, schedule_of, schedule_row, stamp
from crawler.schedule.schedule import GOING_ON, Cause, Run, Schedule

Change = Callable[[Schedule], Schedule]


class Store:
    """Open schedules and history; every call is one transaction. Without *write*, only to be read.

    Raises:
        ScheduleError: the database cannot be used. So does each call.
    """

    def __init__(self, database: Database, *, write: bool = True) -> None:
        self._database = database
        self._engine = database.open() if write else database.open_to_read()
        self._reader = self._engine.execution_options(**{READS: True})
        with self._reading() as db:
            missing = not inspect(db).has_table(RUNS.name)
        if missing:
            self._create()

    def _create(self) -> None:
        try:
            with self._transaction() as db:
                META.create_all(db)
        except (IntegrityError, ScheduleError):  # of two that find no table, PostgreSQL lets one make it
            with self._reading() as db:
                if not inspect(db).has_table(RUNS.name):
                    raise

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _transaction(self) -> AbstractContextManager[Connection]:
        return self._begun(self._engine)

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._begun(self._reader)

    @contextmanager
    def _begun(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.begin() as db:
                yield db
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise self._database.failure(error) from error

    def add(self, schedule: Schedule) -> None:
        """Keep a new schedule.

        Raises:
            CallError: the site has one, or another site's has the same collection.
        """
        try:
            with self._transaction() as db:
                _refuse_shared(db, schedule)
                db.execute(insert(SCHEDULES).values(schedule_row(schedule)))
        except IntegrityError as error:
            hint = f"take it away first: editions schedule remove {schedule.site}"
            raise CallError(f"{schedule.site} is scheduled already; {hint}") from error

    def schedules(self) -> list[Schedule]:
        """All, by site."""
        with self._reading() as db:
            return [schedule_of(row) for row in db.execute(select(SCHEDULES).order_by(SCHEDULES.c.site))]

    def find(self, site: str) -> Schedule | None:
        """A site's schedule."""
        with self._reading() as db:
            row = db.execute(select(SCHEDULES).where(SCHEDULES.c.site == site)).first()
            return None if row is None else schedule_of(row)

    def rework(self, site: str, change: Change) -> Schedule | None:
        """Change a site's schedule; returns it as it is then, None where there is none."""
        with self._transaction() as db:
            return _rework(db, site, change)

    def remove(self, site: str) -> bool:
        """Take a schedule away; its history stays. False where there is none."""
        with self._transaction() as db:
            return db.execute(delete(SCHEDULES).where(SCHEDULES.c.site == site)).rowcount > 0

    def take(self, step: Step, now: datetime) -> bool:
        """Give a schedule its new times and, if it is due, begin a run, both or neither.

        False, and nothing is done, where another process has changed the schedule's times or paused it meanwhile.
        """
        schedule, of = step.schedule, SCHEDULES.c
        times = {"due": stamp(step.due), "next": stamp(step.next), "last": stamp(step.last)}
        same = (of.site == schedule.site, of.next == stamp(schedule.next), of.paused.is_(None))
        with self._transaction() as db:
            taken = db.execute(update(SCHEDULES).where(*same).values(times)).rowcount > 0
            if taken and step.cause:
                _begin(db, schedule, step.cause, schedule.due, now)
        return taken

    def ask(self, schedule: Schedule, now: datetime) -> tuple[int, bool]:
        """Begin a run by hand: its number, and True; where one goes on, that one's, and False (it counts)."""
        with self._transaction() as db:
            # PostgreSQL: whoever takes what is due meanwhile is waited for, or waits.
            db.execute(select(SCHEDULES.c.site).where(SCHEDULES.c.site == schedule.site).with_for_update())
            going_on = db.execute(_active(schedule.site)).first()
            if going_on is None:
                return _begin(db, schedule, "by hand", None, now), True
            _count_refusal(db, going_on.id)
            return int(going_on.id), False

    def drop(self, run: Run) -> None:
        """Forget a run that was due and not begun when its schedule was paused."""
        with self._transaction() as db:
            db.execute(delete(RUNS).where(RUNS.c.id == run.id))

    def refuse(self, run: Run) -> bool:
        """Forget a run that was due while another of its site went on, and count it there.

        False, and nothing is done, where none goes on: the last has ended, and the engine will know in a moment.
        """
        with self._transaction() as db:
            going_on = db.execute(_active(run.site).where(RUNS.c.id != run.id)).first()
            if going_on is None:
                return False
            db.execute(delete(RUNS).where(RUNS.c.id == run.id))
            _count_refusal(db, going_on.id)
            return True

    def unhanded(self) -> list[Run]:
        """Runs that the engine has not been given, in their order."""
        with self._reading() as db:
            query = select(RUNS).where(RUNS.c.handed == 0, RUNS.c.state.in_(GOING_ON)).order_by(RUNS.c.id)
            return [run_of(row) for row in db.execute(query)]

    def handed(self, run: Run) -> None:
        """The engine has it."""
        with self._transaction() as db:
            db.execute(update(RUNS).where(RUNS.c.id == run.id).values(handed=1))

    def unhand(self, run: Run) -> None:
        """The engine does not have it any more."""
        with self._transaction() as db:
            db.execute(update(RUNS).where(RUNS.c.id == run.id).values(handed=0))

    def going_on(self) -> list[Run]:
        """Runs that have not ended, in their order."""
        with self._reading() as db:
            query = select(RUNS).where(RUNS.c.state.in_(GOING_ON)).order_by(RUNS.c.id)
            return [run_of(row) for row in db.execute(query)]

    def run(self, number: int) -> Run | None:
        """A run by its number."""
        with self._reading() as db:
            row = db.execute(select(RUNS).where(RUNS.c.id == number)).first()
            return None if row is None else run_of(row)

    def runs(self, site: str | None = None, most: int | None = None) -> list[Run]:
        """The newest *most* runs, of one site or all; newest first."""
        query = select(RUNS).order_by(RUNS.c.id.desc()).limit(most)
        with self._reading() as db:
            return [run_of(row) for row in db.execute(query.where(RUNS.c.site == site) if site else query)]

    def last_run(self, site: str) -> Run | None:
        """A site's newest run."""
        return next(iter(self.runs(site, 1)), None)

    def last_ended(self, site: str) -> Run | None:
        """A site's newest run that has ended."""
        ended = (RUNS.c.site == site, RUNS.c.ended.is_not(None))
        with self._reading() as db:
            row = db.execute(select(RUNS).where(*ended).order_by(RUNS.c.id.desc()).limit(1)).first()
            return None if row is None else run_of(row)

    def counts(self) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
        """How many runs there are by site and state, and how many were refused by site."""
        by_state = select(RUNS.c.site, RUNS.c.state, func.count()).group_by(RUNS.c.site, RUNS.c.state)
        refused = select(RUNS.c.site, func.sum(RUNS.c.refused)).group_by(RUNS.c.site)
        with self._reading() as db:
            runs: Counter[tuple[str, ...]] = Counter({(row[0], row[1]): row[2] for row in db.execute(by_state)})
            return runs, Counter({(row[0],): int(row[1]) for row in db.execute(refused)})

    def change(self, run: Run, **fields: object) -> Run:
        """Change a run's fields, by the names of :class:`Run`; returns it as it is then."""
        changed = replace(run, **fields)  # type: ignore[arg-type]
        row = run_row(changed)
        with self._transaction() as db:
            db.execute(update(RUNS).where(RUNS.c.id == run.id).values({name: row[name] for name in fields}))
        return changed

    def keep(self, run: Run) -> None:
        """Keep a run as it is now."""
        with self._transaction() as db:
            _keep(db, run)

    def end(self, run: Run, change: Change) -> Schedule | None:
        """Keep how a run ended and what follows from it for its schedule, both or neither; returns the schedule."""
        with self._transaction() as db:
            _keep(db, run)
            return _rework(db, run.site, change)


def _keep(db: Connection, run: Run) -> None:
    row = run_row(run)
    del row["refused"]  # counted by others meanwhile
    db.execute(update(RUNS).where(RUNS.c.id == run.id).values(row))


def _rework(db: Connection, site: str, change: Change) -> Schedule | None:
    same = SCHEDULES.c.site == site
    row = db.execute(select(SCHEDULES).where(same).with_for_update()).first()
    if row is None:
        return None
    changed = change(schedule_of(row))
    db.execute(update(SCHEDULES).where(same).values(schedule_row(changed)))
    return changed


def _refuse_shared(db: Connection, schedule: Schedule) -> None:
    others = select(SCHEDULES.c.site, SCHEDULES.c.collection).where(SCHEDULES.c.site != schedule.site)
    for site, collection in db.execute(others):
        if Path(collection).resolve() == schedule.job.collection:
            hint = "choose another folder with --collection"
            raise CallError(f"{collection}: is where {site} is crawled by its schedule; {hint}")


def _begin(db: Connection, schedule: Schedule, cause: Cause, due: datetime | None, now: datetime) -> int:
    values = {"site": schedule.site, "cause": cause, "state": "waiting", "due": stamp(due), "asked": stamp(now)}
    collection = str(schedule.job.collection)
    query = insert(RUNS).values(collection=collection, **values).returning(RUNS.c.id)
    return int(db.execute(query).scalar_one())


def _active(site: str) -> Select[tuple[int]]:
    return select(RUNS.c.id).where(RUNS.c.site == site, RUNS.c.state.in_(GOING_ON)).order_by(RUNS.c.id)


def _count_refusal(db: Connection, number: int) -> None:
    db.execute(update(RUNS).where(RUNS.c.id == number).values(refused=RUNS.c.refused + 1))
