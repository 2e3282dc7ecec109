"""Where schedules and their history are kept: an SQLite file beside the collections, or a PostgreSQL database."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from crawler.collection.lock import FileLock, is_locked
from crawler.errors import CallError, GoneError, HeldError, ScheduleError, TakenError

VARIABLE = "EDITIONS_SCHEDULE_DATABASE"
"""Environment variable with the database's URL: a password does not belong on a command line."""

FILE = "schedule.db"

READS = "editions_reads"
"""Execution option of connections whose transactions only read: they wait for nobody who writes."""

_PATIENCE = 30
"""Seconds to wait for another that writes."""

_TIMES = {"connect_timeout": "10", "tcp_user_timeout": "30000"}
"""libpq's limits, in seconds and milliseconds, on waiting for a server that a network swallows: unless the URL names
others, a daemon's thread would hear no signal for minutes.
"""

_LOCK = 0x6564_6974_696F_6E73
"""PostgreSQL's advisory lock that the daemon holds: any number that others do not use."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database by its URL, as SQLAlchemy writes it."""

    url: str

    @classmethod
    def named(cls, url: str | None, collections: Path) -> Database:
        """The one at *url*, or by the environment; else the file in *collections*.

        Raises:
            CallError: the URL is none of SQLite's or PostgreSQL's.
        """
        url = url or os.environ.get(VARIABLE)
        try:
            parsed = make_url(url) if url else _url_of(collections.absolute() / FILE)
        except (ArgumentError, ValueError) as error:  # the latter of a port that is no number
            raise CallError("--database: no database URL; write postgresql://user@host/name") from error
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise CallError(f"--database: {parsed.get_backend_name()} is not known; sqlite and postgresql are")
        if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
            raise CallError("--database: names no file; write sqlite:////absolute/path")
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg", query={**_TIMES, **parsed.query})
        return cls(_written(parsed))

    def __str__(self) -> str:
        """The file, or the URL without its password."""
        return str(self.file) if self.file else make_url(self.url).difference_update_query(_TIMES).render_as_string()

    @property
    def file(self) -> Path | None:
        """SQLite's file; None with PostgreSQL."""
        parsed = make_url(self.url)
        return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None

    @property
    def engine_url(self) -> str:
        """Where the durable engine keeps what it knows: beside SQLite's file, in the same PostgreSQL database.

        A file of its own, for it opens SQLite in another way: in one file together, each found it locked at times.
        """
        return _written(_url_of(self.engine_file)) if self.engine_file else self.url

    @property
    def engine_file(self) -> Path | None:
        """The same where it is a file; None with PostgreSQL."""
        return self.file.with_suffix(".engine.db") if self.file else None

    def open(self) -> Engine:
        """An engine for it.

        Raises:
            ScheduleError: it cannot be opened.
        """
        try:
            if self.file:
                self.file.parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(self.url)
            if self.file:
                event.listen(engine, "connect", _patient)
                event.listen(engine, "begin", _begin)
            engine.connect().close()
        except (OSError, SQLAlchemyError) as error:
            raise self.failure(error) from error
        return engine

    def open_to_read(self) -> Engine:
        """An engine that writes no file of SQLite's and makes none: empty where there is none yet.

        Raises:
            ScheduleError: it cannot be opened.
        """
        file = self.file
        if file is None:
            return self.open()
        try:
            engine = create_engine("sqlite://", creator=lambda: _reader(file)) if file.exists() else _nothing()
            engine.connect().close()
        except (OSError, SQLAlchemyError) as error:
            raise self.failure(error) from error
        return engine

    def has_daemon(self) -> bool:
        """Whether a daemon runs on it, as far as one may know; no file is written."""
        try:
            if self.file is not None:
                return is_locked(_lock_path(self.file))
            self.lock().release()
        except (OSError, ScheduleError):
            return True
        return False

    def failure(self, error: Exception) -> ScheduleError:
        """What to say of an error of the database's."""
        return ScheduleError(
            f"{self}: cannot be used ({_why(error)}); choose another with --collections or --database"
        )

    def engine_failure(self, error: Exception) -> ScheduleError:
        """What to say of an error of the engine's database."""
        if self.engine_file is None:
            return self.failure(error)
        hint = f"where it is damaged, move it away: schedules and history are in {self}"
        return ScheduleError(f"{self.engine_file}: cannot be used ({_why(error)}); {hint}")

    def lock(self) -> Lock:
        """Held by the one daemon that may run on this database; it goes with the process, however that ends.

        Raises:
            TakenError: another one holds it (it is named). ScheduleError: the database cannot be used.
        """
        return _DatabaseLock(self.file) if self.file else _ServerLock(self)


def _url_of(file: Path) -> URL:
    return URL.create("sqlite", database=str(file))


def _written(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _why(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]


def _lock_path(database: Path) -> Path:
    return database.with_name(f"{database.name}.lock")


def _reader(file: Path) -> sqlite3.Connection:
    """Beside a file with a WAL others would be made: where it has none, nobody writes, and it is read as it lies."""
    as_it_lies = "" if file.with_name(f"{file.name}-wal").exists() else "&immutable=1"
    uri = f"{file.absolute().as_uri()}?mode=ro{as_it_lies}"
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)


def _nothing() -> Engine:
    return create_engine("sqlite://")


def _patient(connection: object, record: object) -> None:
    """Readers and the writer do not hold each other up; two writers wait for each other."""
    connection.isolation_level = None  # type: ignore[attr-defined]  # transactions begin where SQLAlchemy says
    connection.execute("PRAGMA journal_mode = WAL")  # type: ignore[attr-defined]
    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000}")  # type: ignore[attr-defined]


def _begin(connection: Connection) -> None:
    """A transaction that reads first and writes then must not find that another has written between."""
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


class _DatabaseLock(FileLock):
    """On a file beside the database: SQLite's own locks are for transactions."""

    def __init__(self, database: Path) -> None:
        self._database, self._same = database, _identity(database)
        path = _lock_path(database)
        try:
            super().__init__(path, f"process {os.getpid()}")
        except HeldError as error:
            raise TakenError(
                f"{database}: {error.holder} runs these schedules already; there is nothing to do"
            ) from error
        except OSError as error:
            raise ScheduleError(f"{path}: cannot be written ({error.strerror})") from error

    def held(self) -> bool:
        """Whether the file is there still: on another of its name, another daemon may have the lock.

        Raises:
            GoneError: the database was taken away, or another is in its place.
        """
        if _identity(self._database) != self._same:
            raise GoneError(f"{self._database}: is not the file that it was at the start; start the daemon again")
        return self.is_in_place()


def _identity(file: Path) -> tuple[int, int] | None:
    """What a file is by, whatever its name; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class _ServerLock:
    """An advisory lock of PostgreSQL's, for as long as a connection lasts."""

    def __init__(self, database: Database) -> None:
        self._engine = database.open()
        try:
            self._connection: Connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            taken = self._connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}).scalar()
        except SQLAlchemyError as error:
            raise database.failure(error) from error
        if not taken:
            self.release()
            raise TakenError(f"{database}: another daemon runs these schedules already; there is nothing to do")

    def held(self) -> bool:
        """Whether the connection lasts: a server that restarts lets all its locks go."""
        try:
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def release(self) -> None:
        """Let others in."""
        self._connection.close()
        self._engine.dispose()


Lock = _DatabaseLock | _ServerLock
