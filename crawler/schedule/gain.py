"""What a run brought, counted from the collection: crawls that were killed could not tell it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archive.reader import warc_files
from crawler.collection.folder import Collection
from crawler.frontier.store import PAGES
from crawler.state import read_only


@dataclass(frozen=True, slots=True)
class Gain:
    """What is there that was not before."""

    pages: int = 0
    """Articles that came, unchanged ones included."""
    new: int = 0
    changed: int = 0
    """Documents."""
    bytes: int = 0
    """By which the archive grew."""


def known_documents(collection: Collection) -> int:
    """How many documents the corpus has; 0 where there is none yet."""
    with closing(_opened(collection.state)) as db:
        return _one(db, "SELECT count(*) FROM documents")


def gain(collection: Collection, crawls: Sequence[str], known: int) -> Gain:
    """What a crawl brought, the parts before it was cut off included; nothing where it left no trace.

    *crawls* are the names of its parts, *known* what :func:`known_documents` said before.
    """
    with closing(_opened(collection.state)) as db:
        number, after = _newest(db, crawls)
        if number is None:
            return Gain()
        came = f"SELECT count(*) FROM urls WHERE crawl = ? AND kind = 'article' AND outcome IN {PAGES!r}"
        new = max(0, _one(db, "SELECT count(*) FROM documents") - known)
        written = _one(db, "SELECT count(*) FROM documents WHERE json_extract(line, '$.warc.file') > ?", after)
        size = sum(path.stat().st_size for path in warc_files(collection.archive) if path.name > after)
        return Gain(_one(db, came, number), new, max(0, written - new), size)


def _newest(db: sqlite3.Connection, crawls: Sequence[str]) -> tuple[int | None, str]:
    """Number of the crawl with these parts, and the newest archive file before it.

    Only its first part is in the table, and that may have been begun by somebody else and cut off.
    """
    marks = ",".join("?" * len(crawls))
    query = f"SELECT number, after FROM crawls WHERE id IN ({marks}) OR NOT finished ORDER BY number DESC LIMIT 1"
    try:
        row = db.execute(query, tuple(crawls)).fetchone()
    except sqlite3.OperationalError:
        row = None
    return (row[0], row[1]) if row else (None, "")


def _one(db: sqlite3.Connection, query: str, *values: object) -> int:
    try:
        row = db.execute(query, values).fetchone()
    except sqlite3.OperationalError:  # no such table: nothing has come yet
        return 0
    return int(row[0])


def _opened(state: Path) -> sqlite3.Connection:
    """For reading; an empty one where there is none."""
    return read_only(state) if state.exists() else sqlite3.connect(":memory:")
