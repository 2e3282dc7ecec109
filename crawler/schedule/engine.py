"""The durable engine under scheduled crawls: DBOS, and all that is known of it.

Two queues, since one of DBOS's cannot both refuse duplicates and be partitioned: *dispatch* takes one run of a site
at a time and refuses others meanwhile; *crawls* has a partition for each lane of hosts, with one crawl at a time.
What was begun when the process ended, in whatever way, is begun again at the next launch.

A workflow whose database is away waits until it is back, as DBOS does by itself. The daemon must not: it has to say
so, and to hear a signal. So it asks through a client of its own, whose calls fail then.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import inf
from typing import Literal

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, SetEnqueueOptions, SetWorkflowID, error
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import Pool

from crawler.errors import EditionsError
from crawler.schedule.database import Database
from crawler.schedule.jobs import Jobs
from crawler.schedule.schedule import Run

VERSION = "1"
"""Of the workflows below. DBOS goes on only with what this version began: it is changed only with a way over."""

APPLICATION = "editions"
"""Whose workflows these are: others may use the same database."""

EXECUTOR = "editions"
"""The one daemon there is; a name of its own at each start would leave what the last one began for ever."""

DISPATCH, CRAWLS = "dispatch", "crawls"

POLLING = 1.0
"""Seconds between two looks at a queue."""

KEPT = timedelta(days=7)
"""For which the engine knows of what is over: the history is ours, and knows it for good."""

Standing = Literal["unknown", "going on", "over"]

_OVER = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_FORGOTTEN_AT_ONCE = 500

_REPEATED = 60.0
"""Seconds in which what DBOS says at one place is said once: with the database away it says the same 60 times."""

_FAILURES = (EditionsError, OSError, error.DBOSException, SQLAlchemyError)


def _teach_subsec(connection: object, record: object) -> None:
    """Teach ``unixepoch('subsec')`` to an SQLite before 3.42: DBOS takes it for known from Python 3.12 on."""
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("unixepoch", 1, lambda subsec: time.time())


if sqlite3.sqlite_version_info < (3, 42):
    event.listen(Pool, "connect", _teach_subsec)


class _Sparing(logging.Filter):
    """Lets a warning pass once in a while, and its first line: the rest is about DBOS."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        place = record.pathname, record.lineno
        now = time.monotonic()  # the record's own time is the machine's clock, which may be set
        if now - self._last.get(place, -inf) < _REPEATED:
            return False
        self._last[place] = now
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
        return True


class Engine:
    """DBOS, launched; once a process.

    Raises:
        ScheduleError: the database cannot be used. So does each call.
    """

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._database = database
        self._executed: set[str] = set()
        self._missed: set[str] = set()
        self._register(jobs)
        logger = logging.getLogger("dbos")
        logger.setLevel(logging.WARNING)
        logger.addFilter(_Sparing())
        config = DBOSConfig(
            name=APPLICATION,
            system_database_url=database.engine_url,
            application_version=VERSION,
            executor_id=EXECUTOR,
            log_level="WARNING",
        )
        with self._usable():
            DBOS(config=config)
            DBOS.launch()
            DBOS.register_queue(DISPATCH, polling_interval_sec=POLLING)
            DBOS.register_queue(
                CRAWLS,
                partition_concurrency=1,
                worker_concurrency=jobs.policy.crawls,
                polling_interval_sec=POLLING,
                on_conflict="always_update",
            )
            self._client = DBOSClient(
                system_database_url=database.engine_url, application_name=APPLICATION, retry_connection_errors=False
            )

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except (error.DBOSException, SQLAlchemyError) as failure:
            raise self._database.engine_failure(failure) from failure

    def _register(self, jobs: Jobs) -> None:
        @DBOS.workflow(name="crawl", max_recovery_attempts=None)
        def crawl(number: int, attempt: int) -> bool:
            with self._executing():
                again = DBOS.run_step({"name": "crawl"}, jobs.crawl, number, attempt)
                if not again:
                    DBOS.run_step({"name": "tell"}, jobs.tell, number)
                return again

        @DBOS.workflow(name="dispatch", max_recovery_attempts=None)
        def dispatch(number: int) -> None:
            with self._executing():
                dispatched(number)

        def dispatched(number: int) -> None:
            try:
                attempt = 1
                while attempted(number, attempt):
                    DBOS.run_step({"name": "wait"}, jobs.wait, attempt)
                    attempt += 1
                why = ""
            except _FAILURES as failure:
                why = f"the scheduler failed: {failure}"
            if DBOS.run_step({"name": "settle"}, jobs.settle, number, why):
                DBOS.run_step({"name": "tell"}, jobs.tell, number)

        def attempted(number: int, attempt: int) -> bool:
            lane = DBOS.run_step({"name": "lane"}, jobs.lane, number)
            with SetEnqueueOptions(queue_partition_key=lane), SetWorkflowID(f"{_id(number)}-{attempt}"):
                handle = DBOS.enqueue_workflow(CRAWLS, crawl, number, attempt)
            return handle.get_result()

    @contextmanager
    def _executing(self) -> Iterator[None]:
        id_ = str(DBOS.workflow_id)
        self._executed.add(id_)
        try:
            yield
        finally:
            self._executed.discard(id_)

    def begin(self, run: Run) -> bool:
        """Take a run; False where another of its site goes on. Taking the same one twice is taking it once."""
        options = EnqueueOptions(
            queue_name=DISPATCH,
            workflow_name="dispatch",
            workflow_id=_id(run.id),
            deduplication_id=run.site,
            app_version=VERSION,
        )
        with self._usable():
            try:
                self._client.enqueue(options, run.id)
            except error.DBOSQueueDeduplicatedError:
                return self._status(run) is not None
            return True

    def standing(self, run: Run) -> Standing:
        """What the engine knows of a run that has not ended."""
        with self._usable():
            status = self._status(run)
        if status is None:
            return "unknown"
        return "over" if status in _OVER else "going on"

    def _status(self, run: Run) -> str | None:
        found = self._client.list_workflows(workflow_ids=[_id(run.id)], load_input=False, load_output=False)
        return found[0].status if found else None

    def revive(self) -> None:
        """Let go on what stands as pending and is not executed: its end, or its error, could not be written.

        What is missed at two calls in a row: what has just begun or ended is missed for a moment.
        """
        with self._usable():
            pending = self._client.list_workflows(status="PENDING", load_input=False, load_output=False)
            missed = {one.workflow_id for one in pending} - self._executed
            for id_ in missed & self._missed:
                self._client.resume_workflow(id_)
            self._missed = missed

    def forget(self, before: datetime) -> None:
        """Forget what was over *before* that time, with all its attempts; some hundreds of runs at a call."""
        with self._usable():
            over = self._client.list_workflows(
                name="dispatch",
                status=_OVER,
                completed_before=before.isoformat(),
                limit=_FORGOTTEN_AT_ONCE,
                load_input=False,
                load_output=False,
            )
            if over:
                self._client.delete_workflows([one.workflow_id for one in over], delete_children=True)


def _id(number: int) -> str:
    return f"run-{number}"
