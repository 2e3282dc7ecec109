"""An index held against its own rules, and against the records that a ledger has."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from archive.cdx import START, Cdx
from archive.entry import ERROR_PREFIX, NOT_MODIFIED_PREFIX, is_date, timestamp
from archive.finding import Finding, Severity
from archive.ledger import Ledger, Noted, same_digest
from archive.surt import url_key

_MAX_LINE = 1 << 20
_STAMP = re.compile(r"\d{14}(?:\d{3})?\Z")
_NEEDED = ("url", "filename", "offset", "length")
_EXPECTED = ("mime", "status", "digest")
_REVISIT = "warc/revisit"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that could be read."""

    at: int
    key: str
    stamp: str
    fields: dict[str, Any]

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> int | None:
        """Numbers are written as numbers or as strings."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def audit(path: Path, ledger: Ledger | None, *, name: str | None = None, hint: str = "") -> Iterator[Finding]:
    """What is wrong with the CDXJ or CDX index at *path*, plain or gzip; with a *ledger*, against its records too.

    *hint* says how it can be made again, if it can.
    """
    with path.open("rb") as file:
        yield from audit_file(file, ledger, name or path.name, hint=hint)


def audit_file(file: IO[bytes], ledger: Ledger | None, name: str, *, hint: str = "") -> Iterator[Finding]:
    """As `audit`, from an open *file*; marks in *ledger* the records that the index names."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    if not packed:
        yield from _Audit(name, ledger, hint).findings(file)
        return
    with gzip.GzipFile(fileobj=file, mode="rb") as lines:
        yield from _Audit(name, ledger, hint).findings(lines)


def unindexed(ledger: Ledger, name: str, hint: str = "") -> Iterator[Finding]:
    """The records of *ledger* that no index marked; *name* is the index's, *hint* as for `audit`."""
    for file, offset, kind, uri, date in ledger.unmarked():
        if not uri or not is_date(date):
            lacks = "date that can be read" if uri else "WARC-Target-URI"
            message = f"the {kind} record cannot be in an index, for it has no {lacks}"
            yield Finding("not-indexable", "warning", message, file, offset)
            continue
        message = f"the {kind} record of {uri[:200]} is not in the index {name}"
        yield Finding("index-record-absent", "error", message, file, offset, hint)


class _Audit:
    def __init__(self, name: str, ledger: Ledger | None, hint: str) -> None:
        self._name = name
        self._ledger = ledger
        self._hint = hint
        self._cdx: Cdx | None = None
        self._before = b""
        self._absent: set[str] = set()

    def _told(self, at: int, code: str, message: str, severity: Severity = "error", hint: str = "") -> Finding:
        return Finding(code, severity, message, self._name, at, hint)

    def findings(self, file: IO[bytes] | gzip.GzipFile) -> Iterator[Finding]:
        at = 0
        try:
            while line := file.readline(_MAX_LINE):
                yield from self._line(at, line)
                at += len(line)
        except (EOFError, OSError, zlib.error) as error:
            message = f"the index cannot be read on: {error}"
            yield self._told(at, "index-damaged", message, hint=self._hint)

    def _line(self, at: int, raw: bytes) -> Iterator[Finding]:
        if not raw.endswith(b"\n"):
            what = "longer than 1 MiB" if len(raw) == _MAX_LINE else "cut off: no line feed ends it"
            yield self._told(at, "index-line-cut", f"the line is {what}", hint=self._hint)
        text = raw.rstrip(b"\r\n")
        if not at and text.startswith(START):
            self._cdx = Cdx(text.decode("ascii", "replace"))
            return
        if text.startswith(b"!meta") or not text:
            return
        yield from self._order(at, text)
        line = _parse(at, text, self._cdx)
        if isinstance(line, str):
            yield self._told(at, "index-line-malformed", f"{line}: {text[:80]!r}", hint=self._hint)
            return
        yield from self._fields(line)
        if self._ledger is not None:
            yield from self._against(line, self._ledger)

    def _order(self, at: int, text: bytes) -> Iterator[Finding]:
        """Sorted as bytes (LC_ALL=C), or binary search misses lines."""
        before, self._before = self._before, text
        if text == before:
            yield self._told(at, "index-line-repeated", "the line is the same as the one before", "warning")
        elif text < before:
            head, head_before = text.partition(b" {")[0], before.partition(b" {")[0]
            severity: Severity = "error" if head < head_before else "warning"
            message = f"the line is not in order: {head[:60]!r} comes after {head_before[:60]!r}"
            yield self._told(at, "index-unsorted", message, severity, self._hint or "sort it with LC_ALL=C")

    def _fields(self, line: _Line) -> Iterator[Finding]:
        if not _STAMP.match(line.stamp):
            yield self._told(line.at, "index-timestamp", f"{line.stamp!r} is no timestamp of 14 digits")
        for name in self._needed():
            if not line.text(name):
                yield self._told(line.at, "index-field-missing", f"the line has no {name}")
            elif name in ("offset", "length") and line.number(name) is None:
                yield self._told(line.at, "index-field-malformed", f"{name} is {line.text(name)[:40]!r}, no number")
        for name in _EXPECTED:
            if not line.text(name) and not line.text("error") and not self._cdx:
                yield self._told(line.at, "index-field-missing", f"the line has no {name}", "info")
        key = line.key.removeprefix(ERROR_PREFIX).removeprefix(NOT_MODIFIED_PREFIX)
        odd = "__wb_" in key or (
            self._cdx and ")" not in key
        )  # some CDX files are sorted by the URL as it is written
        if line.text("url") and not odd and key != url_key(line.text("url")):
            message = f"the key {key[:80]} is not that of the URL {line.text('url')[:80]}"
            yield self._told(line.at, "index-key", message, "warning")

    def _needed(self) -> Iterable[str]:
        return [name for name in _NEEDED if not self._cdx or name in self._cdx.names]

    def _against(self, line: _Line, ledger: Ledger) -> Iterator[Finding]:
        file, offset = line.text("filename"), line.number("offset")
        if not file or offset is None:
            return
        if not ledger.has_file(file):
            if file not in self._absent and len(self._absent) < 10_000:
                self._absent.add(file)
                yield self._told(line.at, "index-file-absent", f"the index names {file[:200]}, which is not here")
            return
        record = ledger.at(file, offset, line.number("member") or 0)
        if record is None:
            message = f"no record begins at {offset:,} in {file}"
            yield self._told(line.at, "index-offset-wrong", message, hint=self._hint)
            return
        ledger.mark(record)
        for code, what, said, true in _differences(line, record):
            message = f"{what} is {said!r}, that of the record at {offset:,} in {file} is {true!r}"
            yield self._told(line.at, code, message, hint=self._hint)


def _differences(line: _Line, record: Noted) -> Iterator[tuple[str, str, str, str]]:
    """Code, name, the index's value and the record's, where they differ."""
    if record.length and line.number("length") not in (record.length, None):
        yield "index-length-wrong", "length", line.text("length"), str(record.length)
    if line.text("url") and line.text("url") != record.uri:
        yield "index-url-wrong", "url", line.text("url"), record.uri
    if record.date and line.stamp[:14] != timestamp(record.date)[: len(line.stamp)]:
        yield "index-date-wrong", "the timestamp", line.stamp, timestamp(record.date)
    if line.text("date") and line.text("date") != record.date:
        yield "index-date-wrong", "date", line.text("date"), record.date
    if same_digest(line.text("digest"), record.payload) is False:
        yield "index-digest-wrong", "digest", line.text("digest"), record.payload
    status = line.number("status")
    if status is not None and record.status is not None and status != record.status:
        yield "index-status-wrong", "status", str(status), str(record.status)
    if (line.text("mime") == _REVISIT) != (record.type == "revisit") and line.text("mime"):
        yield "index-type-wrong", "mime", line.text("mime"), _REVISIT if record.type == "revisit" else record.type


def _parse(at: int, text: bytes, cdx: Cdx | None) -> _Line | str:
    """The line, or what is wrong with it."""
    if cdx:
        read = cdx.read(text.decode("utf-8", "replace"))
        return _Line(at, *read) if read else "the line has not as many words as the index's first line has letters"
    try:
        key, stamp, fields = text.decode("utf-8").split(" ", 2)
        loaded = json.loads(fields)
    except (ValueError, RecursionError):
        return "the line is not KEY TIMESTAMP {json}"
    return _Line(at, key, stamp, loaded) if isinstance(loaded, dict) else "the line's JSON is no object"
