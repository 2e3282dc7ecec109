"""Which documents of a corpus are near-copies of one another, kept in SQLite as documents come and change."""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crawler.copies.grams import BANDS, bands, estimate, size
from crawler.copies.kinship import Kinship, Story, kinship

_SCHEMA = """
CREATE TABLE IF NOT EXISTS signatures (number INTEGER PRIMARY KEY, signature BLOB, made_by TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bands (key INTEGER, number INTEGER, PRIMARY KEY (key, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kin (
    number INTEGER, earlier INTEGER, kind TEXT NOT NULL, similarity REAL NOT NULL, PRIMARY KEY (number, earlier)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kin_by_earlier ON kin (earlier);
"""

_MEET = " UNION ALL ".join(
    ["SELECT * FROM (SELECT number FROM bands WHERE key = ? ORDER BY number LIMIT 64)"] * BANDS
)
"""Documents looked up under each key, the earliest 64: what more have in common is a form."""

TABLES = ("signatures", "bands", "kin")

_ESTIMATED, _COMPARED = 256, 16
"""Documents whose signatures, and of these whose texts, a new one is compared with: the likeliest. With a page that a
thousand others repeat, it costs no more than this."""
_RECENT = 256
"""Stories that are kept, the last that were compared: editions of one come one after another, and each is compared
with all before. 64 KB of n-grams each at most, beside the text."""
_LONGEST = 100_000
"""Bytes of text of a story that is kept."""
_HOPEFUL = 0.2
"""Similarity by signatures from which the texts are compared: two standard errors under what is wanted."""


@dataclass(frozen=True, slots=True)
class Kin:
    """Two documents by their numbers, and what they have in common."""

    number: int
    earlier: int
    kinship: Kinship


class Clusters:
    """The near-copies among documents, by their numbers; *story* gives what a number's document says.

    All that is kept of a document is replaced when it changes. What is found depends on the documents and on the
    order in which they came and changed, which is the archive's: the same in every corpus made of an archive.
    """

    def __init__(self, db: sqlite3.Connection, story: Callable[[int], Story]) -> None:
        self._db = db
        self._story = story
        self._recent: dict[int, Story] = {}
        db.executescript(_SCHEMA)

    def put(self, number: int, signature: bytes | None, made_by: str) -> None:
        """Take a document into account, new or changed; *signature* is None where it is too short to tell."""
        self.forget(number)
        self._db.execute("INSERT INTO signatures VALUES (?, ?, ?)", (number, signature, made_by))
        if signature is None:
            return
        keys = bands(signature)
        likely = self._likely(keys, signature)
        self._db.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(key, number) for key in keys])
        if likely:
            self._compare(number, likely)

    def forget(self, number: int) -> None:
        """Take a document out again, if it was there."""
        self._recent.pop(number, None)
        row = self._db.execute("SELECT signature FROM signatures WHERE number = ?", (number,)).fetchone()
        if row is None:
            return
        if row[0] is not None:
            keys = [(key, number) for key in bands(row[0])]
            self._db.executemany("DELETE FROM bands WHERE key = ? AND number = ?", keys)
        self._db.execute("DELETE FROM signatures WHERE number = ?", (number,))
        self._db.execute("DELETE FROM kin WHERE number = ? OR earlier = ?", (number, number))

    def signature(self, number: int) -> bytes | None:
        """That of a document; None for one that has none."""
        row = self._db.execute("SELECT signature FROM signatures WHERE number = ?", (number,)).fetchone()
        return row[0] if row else None

    def pairs(self) -> Iterator[Kin]:
        """All that have much in common, coincidences too; by number."""
        rows = self._db.execute("SELECT number, earlier, kind, similarity FROM kin ORDER BY number, earlier")
        return (Kin(number, earlier, Kinship(kind, similarity)) for number, earlier, kind, similarity in rows)

    def groups(self) -> Groups:
        """The clusters as they now are: documents that are near-copies of one another, or of ones that are."""
        found = Groups(self._highest())
        for number, earlier in self._db.execute("SELECT number, earlier FROM kin WHERE kind != 'coincidence'"):
            found.join(number, earlier)
        return found

    def _highest(self) -> int:
        (highest,) = self._db.execute("SELECT max(number) FROM kin").fetchone()
        return -1 if highest is None else int(highest)

    def _likely(self, keys: list[int], signature: bytes) -> list[int]:
        """The documents most like a signature, by theirs: those that share most bands with it are looked at."""
        found = Counter(number for (number,) in self._db.execute(_MEET, keys))
        meeting = sorted(found, key=lambda number: (-found[number], number))[:_ESTIMATED]
        marks = ", ".join("?" * len(meeting))
        rows = self._db.execute(f"SELECT number, signature FROM signatures WHERE number IN ({marks})", meeting)
        ranked = sorted((-estimate(signature, other), number) for number, other in rows)
        return [number for negative, number in ranked[:_COMPARED] if -negative >= _HOPEFUL]

    def _compare(self, number: int, others: list[int]) -> None:
        story = self._told(number)
        for other in others:
            found = kinship(self._told(other), story)
            if found is not None:
                late, early = max(number, other), min(number, other)
                row = (late, early, found.kind, found.similarity)
                self._db.execute("INSERT OR REPLACE INTO kin VALUES (?, ?, ?, ?)", row)

    def _told(self, number: int) -> Story:
        story = self._recent.pop(number, None)
        if story is None:
            story = self._story(number)
            if size(story.body) > _LONGEST:
                return story
        self._recent[number] = story
        if len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]
        return story


class Groups:
    """Disjoint groups of numbers up to *highest*; 9 bytes a number."""

    def __init__(self, highest: int) -> None:
        self._lower = array("q", range(highest + 1))
        self._joined = bytearray(highest + 1)

    def join(self, one: int, other: int) -> None:
        """Make the groups of two numbers one."""
        first, second = sorted((self._lowest(one), self._lowest(other)))
        self._lower[second] = first
        self._joined[one] = self._joined[other] = True

    def first(self, number: int) -> int | None:
        """The lowest number of a number's group; None for one that is in none."""
        return self._lowest(number) if number < len(self._joined) and self._joined[number] else None

    def _lowest(self, number: int) -> int:
        lower = self._lower
        while lower[number] != number:
            lower[number] = number = lower[lower[number]]
        return number
