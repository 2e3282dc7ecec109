"""Every record seen, in a temporary file: who refers to whom, what is given twice, what an index must name."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from archive.digest import DigestError, parse_digest
from archive.entry import arc_date
from archive.fields import unbracketed
from archive.finding import Finding, Severity
from archive.proof import Proof
from archive.raw import RawRecord

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE file (name TEXT UNIQUE);
CREATE TABLE record (
    id INTEGER, file INTEGER, offset INTEGER, length INTEGER, size INTEGER, type TEXT, uri TEXT, date TEXT,
    payload TEXT, status INTEGER, mime TEXT, name TEXT, member INTEGER
);
CREATE TABLE reference (
    kind TEXT, source INTEGER, target INTEGER, name TEXT, uri TEXT, date TEXT
);
CREATE TABLE named (row INTEGER PRIMARY KEY);
CREATE TABLE segment (origin INTEGER, number INTEGER, size INTEGER, total INTEGER, source INTEGER);
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS record_id ON record (id);
CREATE INDEX IF NOT EXISTS record_place ON record (file, offset, member);
CREATE INDEX IF NOT EXISTS segment_place ON segment (origin, number);
"""
_BATCH = 1000
_INDEXED = ("response", "revisit", "resource")
"""Types of record that an index names."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A record as the ledger has it."""

    row: int
    length: int
    type: str
    uri: str
    date: str
    payload: str
    status: int | None
    mime: str


class Ledger:
    """The records of any number of files, on disk: memory stays flat.

    ``with Ledger() as ledger`` drops the temporary file at the end.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        self._rows = 0
        self._files: dict[str, int] = {}
        self._names: list[str] = []
        self._records: list[tuple[object, ...]] = []
        self._references: list[tuple[object, ...]] = []
        self._segments: list[tuple[object, ...]] = []

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *exc: object) -> None:
        self._db.close()

    def add_file(self, name: str) -> None:
        """Note a file, though it may hold no record."""
        self._file(name)

    def has_file(self, name: str) -> bool:
        """Whether a file of that name was noted."""
        return name in self._files

    def add(self, record: RawRecord, proof: Proof) -> None:
        """Note a record that has been read to its end."""
        if record.kind == "arc":
            self._add_arc(record, proof)
            return
        self._rows += 1
        name = unbracketed(record.text(b"WARC-Record-ID"))
        status = proof.status if record.type in ("response", "revisit") else None
        mime = proof.mime or record.text(b"Content-Type").partition(";")[0].strip().lower()
        place = (_key(name) if name else None, self._file(record.file), record.offset, record.length, record.size)
        uri, date = unbracketed(record.text(b"WARC-Target-URI")), record.text(b"WARC-Date")
        payload = record.text(b"WARC-Payload-Digest")
        self._note((*place, record.type, uri, date, payload, status, mime, name, record.member))
        self._refer(record)
        self._note_segment(record, name)

    def _add_arc(self, record: RawRecord, proof: Proof) -> None:
        self._rows += 1
        place = (None, self._file(record.file), record.offset, record.length, record.size)
        uri, date = record.text(b"URL"), arc_date(record.text(b"Archive-date"))
        kind = "arc-head" if uri.startswith("filedesc:") else "arc"
        mime = proof.mime or record.text(b"Content-type")
        self._note((*place, kind, uri, date, "", proof.status, mime, "", record.member))

    def _note(self, row: tuple[object, ...]) -> None:
        self._records.append(tuple(_clean(each) for each in row))
        if len(self._records) >= _BATCH:
            self._write()

    def _refer(self, record: RawRecord) -> None:
        uri = unbracketed(record.text(b"WARC-Refers-To-Target-URI"))
        date = record.text(b"WARC-Refers-To-Date")
        for kind, field in _REFERENCES:
            for value in record.all(field):
                name = unbracketed(value.decode("utf-8", "replace"))
                if name:
                    self._references.append((kind, self._rows, _key(name), name, _clean(uri), _clean(date)))

    def _note_segment(self, record: RawRecord, name: str) -> None:
        number = record.text(b"WARC-Segment-Number")
        if not (number.isascii() and number.isdigit() and len(number) < 18):
            return
        total = record.text(b"WARC-Segment-Total-Length")
        length = int(total) if total.isascii() and total.isdigit() and len(total) < 18 else None
        origin = unbracketed(record.text(b"WARC-Segment-Origin-ID")) if record.type == "continuation" else name
        self._segments.append((_key(origin), int(number), record.size or 0, length, self._rows))

    def _file(self, name: str) -> int:
        if name not in self._files:
            self._files[name] = len(self._names)
            self._names.append(name)
        return self._files[name]

    def _write(self) -> None:
        for table, rows in (
            ("record", self._records),
            ("reference", self._references),
            ("segment", self._segments),
        ):
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
                rows.clear()

    def settle(self) -> None:
        """All records are in: make ready for questions."""
        self._write()
        self._db.executescript(_INDEXES)

    # Questions

    def at(self, file: str, offset: int, member: int = 0) -> Noted | None:
        """The record at that place; of several in one gzip member, that at the place *member* in it."""
        query = (
            "SELECT rowid, length, type, uri, date, payload, status, mime FROM record "
            "WHERE file = ? AND offset = ? AND member = ?"
        )
        place = (self._files.get(file, -1), min(offset, _LARGEST), min(member, _LARGEST))
        row = self._db.execute(query, place).fetchone()
        return Noted(*row) if row else None

    def mark(self, entry: Noted) -> None:
        """The index names it."""
        self._db.execute("INSERT OR IGNORE INTO named VALUES (?)", (entry.row,))

    def unmarked(self) -> Iterator[tuple[str, int, str, str, str]]:
        """File, offset, type, URI and date of the records that an index should name, and that were not marked."""
        query = (
            "SELECT file, offset, type, uri, date FROM record WHERE type IN (?, ?, ?, 'arc') "
            "AND rowid NOT IN (SELECT row FROM named) ORDER BY file, offset"
        )
        for file, *rest in self._db.execute(query, _INDEXED):
            if not self._names[file].endswith(".open"):  # the index gets a file's lines when it is closed
                yield self._names[file], *rest

    def findings(self, *, complete: bool) -> Iterator[Finding]:
        """What is wrong between records; *complete* when nothing they refer to lies elsewhere."""
        yield from self._repeated()
        yield from self._absent(complete)
        yield from self._mismatched()
        yield from self._broken_series(complete)

    def _told(
        self, row: tuple[int, int, str], code: str, severity: Severity, message: str, hint: str = ""
    ) -> Finding:
        file, offset, name = row
        return Finding(code, severity, message, self._names[file], offset, hint, name or None)

    def _repeated(self) -> Iterator[Finding]:
        """5.2: an identifier is unique; copies of a record in one collection are common, so no error."""
        query = (
            "SELECT file, offset, name, (SELECT COUNT(*) FROM record AS other WHERE other.id = record.id) "
            "FROM record WHERE rowid IN "
            "(SELECT MAX(rowid) FROM record WHERE id IS NOT NULL GROUP BY id HAVING COUNT(*) > 1)"
        )
        for *row, count in self._db.execute(query):
            message = f"{count} records have the WARC-Record-ID {row[2]}; this is the last (5.2)"
            yield self._told((row[0], row[1], row[2]), "id-repeated", "warning", message)

    def _absent(self, complete: bool) -> Iterator[Finding]:
        query = (
            "SELECT file, offset, record.name, type, kind, reference.name FROM reference "
            "JOIN record ON record.rowid = source "
            "WHERE NOT EXISTS (SELECT 1 FROM record AS other WHERE other.id = target) "
            "ORDER BY source"
        )
        for file, offset, name, kind, field, target in self._db.execute(query):
            severity: Severity = "info"
            if complete:
                severity = "error" if kind == "revisit" and field == "WARC-Refers-To" else "warning"
            message = f"{field} names {target}, which is not among the records checked"
            yield self._told((file, offset, name), "target-absent", severity, message)

    def _mismatched(self) -> Iterator[Finding]:
        query = (
            "SELECT record.file, record.offset, record.name, record.type, record.date, record.payload, kind, "
            "reference.uri, reference.date, other.type, other.uri, other.date, other.payload, reference.name "
            "FROM reference JOIN record ON record.rowid = source JOIN record AS other ON other.id = target "
            "GROUP BY reference.rowid ORDER BY source"
        )
        for file, offset, name, *rest in self._db.execute(query):
            for code, severity, message in _disagreements(_Pair(*rest)):
                yield self._told((file, offset, name), code, severity, message)

    def _broken_series(self, complete: bool) -> Iterator[Finding]:
        """Clause 7: segments are numbered without a gap, and the last says how long all are together."""
        query = (
            "SELECT COUNT(*), COUNT(DISTINCT number), MIN(number), MAX(number), "
            "CAST(TOTAL(segment.size) AS INTEGER), MAX(total), "
            "(SELECT source FROM segment AS last WHERE last.origin = segment.origin ORDER BY number DESC LIMIT 1) "
            "FROM segment GROUP BY origin"
        )
        for count, distinct, first, last, size, total, source in self._db.execute(query).fetchall():
            row = self._db.execute("SELECT file, offset, name FROM record WHERE rowid = ?", (source,)).fetchone()
            if count > distinct:
                yield self._told(row, "segment-repeated", "warning", "a segment's number is given twice (clause 7)")
            elif first != 1 or last != count or (total is None and count > 1) or (total is None and complete):
                severity: Severity = "error" if complete else "info"
                message = f"{count} segments with numbers {first} to {last}: some, or the last's total, are not here"
                yield self._told(row, "segment-absent", severity, message)
            elif total is not None and total != size:
                message = f"WARC-Segment-Total-Length is {total:,}, the segments' blocks have {size:,} bytes"
                yield self._told(row, "segment-total-wrong", "error", message)


_REFERENCES = (
    ("WARC-Refers-To", b"WARC-Refers-To"),
    ("WARC-Concurrent-To", b"WARC-Concurrent-To"),
    ("WARC-Warcinfo-ID", b"WARC-Warcinfo-ID"),
    ("WARC-Segment-Origin-ID", b"WARC-Segment-Origin-ID"),
)
_LARGEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class _Pair:
    """A record, what it says of another, and that other."""

    type: str
    date: str
    payload: str
    field: str
    said_uri: str
    said_date: str
    other_type: str
    other_uri: str
    other_date: str
    other_payload: str
    target: str


def _disagreements(pair: _Pair) -> Iterator[tuple[str, Severity, str]]:
    if pair.field == "WARC-Warcinfo-ID" and pair.other_type != "warcinfo":
        yield "target-type", "warning", f"WARC-Warcinfo-ID names a {pair.other_type} record: {pair.target} (5.14)"
    if pair.field == "WARC-Concurrent-To" and pair.date.upper() != pair.other_date.upper():
        message = (
            f"WARC-Date is {pair.date}, that of the concurrent record {pair.other_date}: one capture has one (5.4)"
        )
        yield "concurrent-date-differs", "warning", message
    if pair.field == "WARC-Refers-To" and pair.type == "revisit":
        yield from _revisit_disagreements(pair)


def _revisit_disagreements(pair: _Pair) -> Iterator[tuple[str, Severity, str]]:
    """6.7.2: what a revisit says of the record it refers to."""
    if pair.other_type == "revisit":
        yield "target-type", "warning", f"the revisit refers to another revisit, not to an original: {pair.target}"
    if pair.said_date and pair.said_date != pair.other_date:
        message = f"WARC-Refers-To-Date is {pair.said_date}, that record's date {pair.other_date} (6.7.2)"
        yield "target-date-differs", "warning", message
    if pair.said_uri and pair.said_uri != pair.other_uri:
        message = f"WARC-Refers-To-Target-URI is {pair.said_uri}, that record's {pair.other_uri} (6.7.2)"
        yield "target-uri-differs", "warning", message
    if same_digest(pair.payload, pair.other_payload) is False:
        message = (
            f"the revisit's payload digest is {pair.payload}, that of the record it refers to {pair.other_payload}"
        )
        yield "target-digest-differs", "error", message


def same_digest(one: str, other: str) -> bool | None:
    """Whether two digests, with or without label, are the same; None where that cannot be said."""
    if not one or not other:
        return None
    label = one.partition(":")[0] if ":" in one else other.partition(":")[0]
    try:
        a, b = (parse_digest(each if ":" in each else f"{label}:{each}") for each in (one, other))
    except DigestError:
        return None
    return a == b if a.algorithm == b.algorithm and a.known else None


def _key(name: str) -> int:
    """A record's identifier, cut to eight bytes."""
    data = name.encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big", signed=True)


def _clean(value: object) -> object:
    """What SQLite can keep: no surrogates, no integer of more than 8 bytes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return min(value, _LARGEST) if isinstance(value, int) else value
