"""Schedules and runs as rows of a database: the tables, values to rows and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, Row, Table, Text

from crawler.schedule.rhythm import Cron, Every
from crawler.schedule.schedule import Bounds, Job, Run, Schedule

META = MetaData()

SCHEDULES = Table(
    "editions_schedules",
    META,
    Column("site", Text, primary_key=True),
    Column("profile", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("hosts", Text, nullable=False),
    Column("editions", Text, nullable=False),
    Column("max_pages", Integer),
    Column("every", Float),
    Column("cron", Text),
    Column("zone", Text, nullable=False),
    Column("jitter", Float, nullable=False),
    Column("least", Float),
    Column("most", Float),
    Column("due", Float, nullable=False),
    Column("next", Float, nullable=False),
    Column("last", Float),
    Column("paused", Text),
    Column("failures", Integer, nullable=False),
)

RUNS = Table(
    "editions_runs",
    META,
    Column("id", Integer, primary_key=True),
    Column("site", Text, nullable=False, index=True),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("due", Float),
    Column("asked", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("attempts", Integer, nullable=False, default=0),
    Column("cuts", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
    Column("pages", Integer, nullable=False, default=0),
    Column("new", Integer, nullable=False, default=0),
    Column("changed", Integer, nullable=False, default=0),
    Column("bytes", BigInteger, nullable=False, default=0),
    Column("known", Integer, nullable=False, default=0),
    Column("crawls", Text, nullable=False, default="[]"),
    Column("collection", Text, nullable=False, default=""),
    Column("why", Text, nullable=False, default=""),
    Column("handed", Integer, nullable=False, default=0),
    sqlite_autoincrement=True,
)


def schedule_row(schedule: Schedule) -> dict[str, object]:
    """A schedule's row."""
    job, rhythm, bounds = schedule.job, schedule.rhythm, schedule.bounds
    return {
        "site": schedule.site,
        "profile": job.profile,
        "folder": str(job.folder),
        "collection": str(job.collection),
        "hosts": json.dumps(job.hosts),
        "editions": json.dumps(job.editions),
        "max_pages": job.max_pages,
        "every": rhythm.span.total_seconds() if isinstance(rhythm, Every) else None,
        "cron": rhythm.expression if isinstance(rhythm, Cron) else None,
        "zone": schedule.zone,
        "jitter": schedule.jitter.total_seconds(),
        "least": bounds.least.total_seconds() if bounds else None,
        "most": bounds.most.total_seconds() if bounds else None,
        "due": stamp(schedule.due),
        "next": stamp(schedule.next),
        "last": stamp(schedule.last),
        "paused": schedule.paused,
        "failures": schedule.failures,
    }


def schedule_of(row: Row[tuple[object, ...]]) -> Schedule:
    """The schedule of a row."""
    job = Job(
        row.profile,
        Path(row.folder),
        Path(row.collection),
        tuple(json.loads(row.hosts)),
        tuple(json.loads(row.editions)),
        row.max_pages,
    )
    return Schedule(
        site=row.site,
        job=job,
        rhythm=Every(timedelta(seconds=row.every)) if row.cron is None else Cron(row.cron, row.zone),
        zone=row.zone,
        jitter=timedelta(seconds=row.jitter),
        bounds=None if row.least is None else Bounds(timedelta(seconds=row.least), timedelta(seconds=row.most)),
        due=_certain(row.due),
        next=_certain(row.next),
        last=_moment(row.last),
        paused=row.paused,
        failures=row.failures,
    )


def run_row(run: Run) -> dict[str, object]:
    """A run's row, without its number."""
    times = {name: stamp(getattr(run, name)) for name in ("due", "asked", "started", "ended")}
    plain = ("site", "cause", "state", "attempts", "cuts", "refused", "pages", "new", "changed", "bytes", "known")
    fields = {name: getattr(run, name) for name in (*plain, "collection", "why")}
    return fields | times | {"crawls": json.dumps(run.crawls)}


def run_of(row: Row[tuple[object, ...]]) -> Run:
    """The run of a row."""
    fields = {name: value for name, value in row._mapping.items() if name != "handed"}
    for name in ("due", "asked", "started", "ended"):
        fields[name] = _moment(fields[name])
    return Run(**fields | {"crawls": tuple(json.loads(row.crawls))})


def stamp(moment: datetime | None) -> float | None:
    """Whole milliseconds: what is read is equal to what was written."""
    return None if moment is None else round(moment.timestamp(), 3)


def _moment(stamp: float | None) -> datetime | None:
    return None if stamp is None else _certain(stamp)


def _certain(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
