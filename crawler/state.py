"""A collection's state.db: one SQLite file and one transaction for frontier and corpus, so that they agree."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from crawler.errors import CollectionError


def read_only(path: Path) -> sqlite3.Connection:
    """The state at *path*, to be read while others may write it. Raises sqlite3.Error."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    db = sqlite3.connect(uri, uri=True, timeout=30)
    try:
        db.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:  # beside a WAL's file others are made, which a disk may not allow
        db.close()
        if path.with_name(f"{path.name}-wal").exists():
            raise
        db = sqlite3.connect(f"{uri}&immutable=1", uri=True)
    return db


class State:
    """An open state; what is changed reaches the disk at :meth:`commit`, all together or not at all.

    ``State(None)`` lives in memory: for a corpus made in one go.

    Raises:
        CollectionError: the file cannot be opened, or is no SQLite file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        try:
            self.db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error as error:
            raise self.failure(error) from error

    def begin(self) -> None:
        """Begin a transaction, if none has begun."""
        if not self.db.in_transaction:
            self.db.execute("BEGIN")

    def commit(self) -> None:
        """Put on disk what was changed, and begin anew. Raises sqlite3.Error."""
        if self.db.in_transaction:
            self.db.execute("COMMIT")
        self.db.execute("BEGIN")

    def give_up(self) -> None:
        """Forget all since the last commit, and change nothing more.

        SQLite may have rolled back by itself: what came after would be kept without what it stands on.
        """
        with suppress(sqlite3.Error):
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            self.db.execute("PRAGMA query_only = ON")

    def close(self, *, keep: bool = True) -> None:
        """Commit and close; without *keep* all since the last commit is forgotten. Raises sqlite3.Error."""
        try:
            if self.db.in_transaction:
                self.db.execute("COMMIT" if keep else "ROLLBACK")
        finally:
            self.db.close()

    def failure(self, error: sqlite3.Error) -> CollectionError:
        """What to say of an error of SQLite's."""
        if "full" in str(error) or "disk" in str(error):
            return CollectionError(f"{self._path}: cannot be written ({error}); free the disk and start again")
        return CollectionError(
            f"{self._path}: cannot be used ({error}); it can be moved away: a crawl makes it again from the archive"
        )
