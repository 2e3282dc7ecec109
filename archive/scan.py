"""Raw records of a WARC or ARC file, streamed as they lie, and what is wrong with their framing."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from archive.arc import FIELDS, arc_values, begins_arc, next_arc_line
from archive.finding import Finding, Severity
from archive.gzip_tape import LOOK, MAGIC, GzipTape, find_member
from archive.raw import Field, Kind, RawRecord
from archive.tape import PIECE, PlainTape, Tape

ENDLESS = 10**18
"""Stands for any length that has more than 18 digits: no file is so long, and every program counts so far."""

KNOWN_VERSIONS = frozenset({"0.17", "0.18", "1.0", "1.1"})

_MAX_HEAD = 1 << 20
"""Bytes of a record's header beyond which it is no header."""

_VERSION = re.compile(rb"(?i)WARC/(\d+\.\d+)\Z")
_START = re.compile(rb"(?i)WARC/")
_NEXT = re.compile(rb"(?i)WARC/\d+\.\d+[ \t]*\r*\n(?=[!-9;-~]+[ \t]*:|\r*\n)")
_BLOCK_END = re.compile(rb"(?i)\r?\n\r?\nWARC/\d+\.\d+[ \t]*\r*\n")
_AFTER = re.compile(rb"(?is).[\r\n]*(?:WARC/|\Z)")
_PACKED = re.compile(rb"(?s)(?P<zstd>\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)|(?P<bzip2>BZh\d)|(?P<xz>\xfd7zXZ\0)")
_MAX_START = 256
_MAX_ARC_LINE = 16 * 1024
_DIGITS = re.compile(rb"\d+\Z")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def scan(path: Path, *, name: str | None = None, start: int = 0) -> Iterator[RawRecord | Finding]:
    """The records and faults of the file at *path*, in the order they lie; *name* stands for it in findings.

    *start* is the offset of a record or gzip member. Only a file that cannot be opened raises (OSError).
    """
    with path.open("rb") as file:
        yield from scan_file(file, name or path.name, start=start)


def scan_file(file: IO[bytes], name: str, *, start: int = 0) -> Iterator[RawRecord | Finding]:
    """As `scan`, from an open, seekable *file*."""
    return _Scan(file, _tape(file, name, start)).items()


def _tape(file: IO[bytes], name: str, start: int) -> Tape:
    """The tape for *file*: by its first bytes, whatever its name says."""
    file.seek(0)
    return (GzipTape if file.read(2) == MAGIC else PlainTape)(file, name, start)


class _Scan:
    """One pass over a tape."""

    def __init__(self, file: IO[bytes], source: Tape) -> None:
        self._file = file
        self._tape = source
        self._gzip: int | None = None
        """Where gzip begins in a file that is not compressed before."""
        self._records = 0
        self._in_member = 0
        self._kind: Kind = "warc"
        self._shared = False
        self._packed = False
        self._inside = False
        self._quiet = False
        self._told: set[str] = set()

    def items(self) -> Iterator[RawRecord | Finding]:
        yield from self._units()
        if self._gzip is not None:
            self._tape = GzipTape(self._file, self._tape.name, self._gzip)
            yield from self._units()
        if not self._records and not self._packed:
            yield self._finding("no-record", "the file holds no record", 0)

    def _units(self) -> Iterator[RawRecord | Finding]:
        while self._tape.next_unit() and not self._is_packed():
            self._in_member = 0
            while self._tape.peek(1):
                yield from self._next()
            yield from self._findings()
        yield from self._findings()

    def _is_packed(self) -> bool:
        """Whether the whole file is compressed in a way that is not read here; then told."""
        if self._tape.compressed or self._tape.offset:
            return False
        match = _PACKED.match(self._tape.peek(6))
        self._packed = match is not None
        if match and match.lastgroup:
            message = f"the file is compressed with {match.lastgroup}, which is not read here"
            self._tell("compression-unread", message, 0, f"decompress it first, with {match.lastgroup} -d")
        return self._packed

    def _findings(self) -> Iterator[Finding]:
        found, self._tape.findings = self._tape.findings, []
        yield from found

    def _finding(self, code: str, message: str, offset: int, hint: str = "", severity: Severity = "error") -> Finding:
        return Finding(code, severity, message, self._tape.name, offset, hint)

    def _tell(self, code: str, message: str, offset: int, hint: str = "", severity: Severity = "error") -> None:
        place = self._in_member - (not self._inside)
        if place > 0:
            message = f"{'' if self._inside else 'after '}{nth(place)}: {message}"
        self._tape.findings.append(self._finding(code, message, offset, hint, severity))

    def _tell_once(self, code: str, message: str, offset: int) -> None:
        """Tell a fault that every line of a record may have, once for the record."""
        if code not in self._told:
            self._told.add(code)
            self._tell(code, message, offset)

    def _next(self) -> Iterator[RawRecord | Finding]:
        """The record that begins here, or what lies here instead."""
        start = self._tape.peek(5)
        if _START.match(start):
            yield from self._record(self._warc())
        elif start[0] in b"\r\n":
            self._skip_newlines()
        elif arc := self._arc():
            yield from self._record(arc)
        else:
            self._skip_garbage()
        yield from self._findings()

    def _record(self, record: RawRecord) -> Iterator[RawRecord | Finding]:
        if record.member and not self._shared:
            self._shared = True
            message = "several records in one gzip member: most programs read none but the first by its offset"
            hint = "write one gzip member per record"
            self._tape.findings.append(self._finding("gzip-member-shared", message, record.offset, hint, "warning"))
        self._records += 1
        record._pieces = self._block(record)
        yield record
        deque(record._pieces, maxlen=0)
        self._inside = False
        self._in_member += self._tape.compressed
        if record.size is None or self._quiet:
            self._quiet = False
            self._skip_garbage(quiet=True)

    def _begin(self, kind: Kind, offset: int) -> None:
        self._inside = True
        if self._records and kind != self._kind:
            message = f"a record of {kind.upper()} in a file of {self._kind.upper()} records"
            self._tell("kind-mixed", message, offset, "write each kind to a file of its own")
        self._kind = kind

    # The header of a WARC record (WARC 1.1, clause 4)

    def _warc(self) -> RawRecord:
        offset = self._tape.offset
        self._told.clear()
        self._begin("warc", offset)
        version = self._version(offset)
        fields = tuple(self._fields(offset))
        size = _content_length(fields)
        return RawRecord(self._tape.name, offset, "warc", version, fields, size, self._in_member)

    def _version(self, offset: int) -> str:
        line = self._line(offset)
        match = _VERSION.match(line)
        if not match:
            self._tell("version-malformed", f"the record begins with {show(line)}, not with WARC/1.1", offset)
            return ""
        version = match[1].decode()
        if version not in KNOWN_VERSIONS:
            self._tell("version-unknown", f"WARC/{version} is no version of the standard", offset)
        return version

    def _line(self, offset: int) -> bytes:
        """The next line without its end, which is told where it is not CR LF."""
        line = self._tape.line(_MAX_HEAD)
        text = line.rstrip(b"\r\n")
        end = line[len(text) :]
        if not end.endswith(b"\n") and len(line) == _MAX_HEAD:
            self._tell_too_long(offset)
        elif not end.endswith(b"\n"):
            self._tell_once("head-cut", "the file ends inside the record's header", offset)
        elif end != b"\r\n":
            self._tell_once("line-end", f"header lines end in {show(end)}, not in CR LF (clause 4)", offset)
        return text

    def _tell_too_long(self, offset: int) -> None:
        self._tell_once("head-too-long", f"the record's header is longer than {_MAX_HEAD:,} bytes", offset)

    def _fields(self, offset: int) -> Iterator[Field]:
        """The named fields, each with the lines folded under it."""
        lines: list[list[bytes]] = []
        for line in self._head_lines(offset):
            if _CONTROL.search(line):
                self._tell_once("field-control", f"control characters in the header line {show(line)}", offset)
            if line[:1] not in (b" ", b"\t"):
                lines.append([line])
            elif lines:
                lines[-1].append(line.strip(b" \t"))
            else:
                self._tell_once("field-malformed", f"the header begins with a folded line: {show(line)}", offset)
        for first, *folded in lines:
            yield from self._field(first, folded, offset)

    def _head_lines(self, offset: int) -> Iterator[bytes]:
        """The lines of the header after the version, up to the blank line that ends it."""
        left = _MAX_HEAD
        while ahead := self._tape.peek(5):
            if _START.match(ahead):
                self._tell("head-unfinished", "the next record begins inside the record's header", offset)
                return
            line = self._line(offset)
            left -= len(line) + 1
            if not line:
                return
            if left < 0:
                self._tell_too_long(offset)
                return
            yield line
        self._tell_once("head-cut", "the file ends inside the record's header", offset)

    def _field(self, first: bytes, folded: list[bytes], offset: int) -> Iterator[Field]:
        name, colon, value = first.partition(b":")
        if not colon or not _TOKEN.match(name):
            why = "has no colon" if not colon else "has no name that is a token"
            self._tell_once("field-malformed", f"the header line {show(first)} {why} (clause 4)", offset)
        if colon and name.strip():
            whole = b" ".join(filter(None, (value.strip(b" \t"), *folded))) if folded else value.strip(b" \t")
            yield Field(name.strip(), whole, bool(folded))

    # The header of an ARC record

    def _arc(self) -> RawRecord | None:
        values = self._arc_values()
        if values is None:
            return None
        offset = self._tape.offset
        self._begin("arc", offset)
        self._tape.line(_MAX_ARC_LINE)
        size = _decimal(values[-1])
        if size is None:
            self._tell("arc-length", f"the ARC record's length is {show(values[-1])}, no number", offset)
        fields = tuple(map(Field, FIELDS[len(values)], values))
        version = "1" if len(values) == 5 else "2"
        return RawRecord(self._tape.name, offset, "arc", version, fields, size, self._in_member)

    def _arc_values(self) -> tuple[bytes, ...] | None:
        if not begins_arc(self._tape.peek(_MAX_START)):
            return None
        return arc_values(self._tape.peek(_MAX_ARC_LINE).partition(b"\n")[0].rstrip(b"\r"))

    # The block, and what follows it

    def _block(self, record: RawRecord) -> Iterator[bytes]:
        size = self._true_size(record)
        left = size
        while left and (piece := self._tape.take(min(left, PIECE))):
            left -= len(piece)
            yield piece
        if left:
            self._tell_cut(record, size - left)
        elif record.size is not None:
            record.whole = size == record.size
            self._end(record)
        record.length = self._length(record)

    def _length(self, record: RawRecord) -> int:
        """Bytes in the file; 0 where a gzip member holds more than this record."""
        if not self._tape.compressed:
            return self._tape.end - record.offset
        return 0 if record.member or self._tape.peek(1) else self._tape.end - record.offset

    def _true_size(self, record: RawRecord) -> int:
        """The block's length; where no record ends so far ahead, the length it has in fact, if that can be seen."""
        if record.size is None:
            return 0
        after = self._tape.probe(record.size, 4)
        if record.kind == "arc" or after is None or after == b"\r\n\r\n":
            return record.size
        found = self._tape.find(_BLOCK_END, record.size)
        if found is None or self._ends_at(record.size, found):
            return record.size
        message = (
            f"Content-Length is {_number(record.size)}, but the next record begins after a block of {found:,} bytes"
        )
        self._tell("content-length-wrong", message, record.offset, "restore the file from a copy")
        return found

    def _ends_at(self, size: int, found: int) -> bool:
        """Whether a block of *size* bytes is followed by a record or the file's end, though not rightly ended.

        What was *found* in it is then a record that it holds, as an archived WARC file does; but not if the
        length did but take in the line ends before the next record.
        """
        ahead = self._tape.probe(size - 1, _MAX_START) or b""
        between = self._tape.probe(found, min(size - found, 5)) or b""
        return bool(_AFTER.match(ahead)) and bool(between.strip(b"\r\n"))

    def _tell_cut(self, record: RawRecord, had: int) -> None:
        where = "gzip member" if self._tape.compressed else "file"
        message = f"the {where} ends after {had:,} of the block's {_number(record.size or 0)} bytes"
        self._tell("block-cut", message, record.offset, "--repair cuts a torn tail off and keeps the original")

    def _end(self, record: RawRecord) -> None:
        """Take the two line ends after a block (clause 4); ARC has one, often missing or doubled."""
        after = self._tape.peek(4)
        if after == b"\r\n\r\n":
            record.ending = self._tape.take(4)
        elif record.kind == "arc":
            self._take_newlines()
        elif after.startswith(b"\n\n"):
            record.ending = self._tape.take(2)
            self._tell_once("line-end", "the record ends in LF LF, not in CR LF CR LF (clause 4)", record.offset)
        else:
            self._bad_end(record, after)

    def _bad_end(self, record: RawRecord, after: bytes) -> None:
        newlines = self._tape.peek(256)
        newlines = newlines[: len(newlines) - len(newlines.lstrip(b"\r\n"))]
        following = self._tape.peek(len(newlines) + 5)[len(newlines) :]
        if following and not _START.match(following):
            message = f"the block of {record.size or 0:,} bytes is followed by {show(after)}, not by CR LF CR LF"
            self._tell("content-length-wrong", message, record.offset, "Content-Length is wrong, or bytes were lost")
            self._quiet = True
            return
        self._take(len(newlines))
        record.ending = newlines
        what = show(newlines) if newlines else "nothing"
        self._tell("record-end", f"the block is followed by {what}, not by CR LF CR LF (clause 4)", record.offset)

    def _take(self, size: int) -> None:
        self._tape.peek(size)
        self._tape.take(size)

    def _take_newlines(self) -> int:
        count = 0
        while (ahead := self._tape.peek(256)) and ahead[0] in b"\r\n":
            newlines = len(ahead) - len(ahead.lstrip(b"\r\n"))
            self._take(newlines)
            count += newlines
        return count

    # What is no record

    def _skip_newlines(self) -> None:
        offset = self._tape.offset
        count = self._take_newlines()
        if self._kind == "warc":
            message = f"{count:,} bytes of line ends where a record should begin (clause 4)"
            hint = "the Content-Length before may be too small" if self._records else ""
            self._tell("surplus-newlines", message, offset, hint)

    def _skip_garbage(self, *, quiet: bool = False) -> None:
        """Go to the next place in the unit where a record begins."""
        offset, start, count = self._tape.offset, self._tape.peek(40), 0
        while not self._at_record() and (ahead := self._tape.peek(PIECE)):
            count += self._step(ahead)
        if count and not quiet:
            message = f"{count:,} bytes that are no record, beginning {show(start)}"
            hint = "the Content-Length before may be too small, or bytes were lost" if self._records else ""
            self._tell("garbage", message, offset, hint)

    def _at_record(self) -> bool:
        if self._kind == "warc":
            return _NEXT.match(self._tape.peek(_MAX_START)) is not None
        return self._arc_values() is not None

    def _step(self, ahead: bytes) -> int:
        """Take bytes up to the next line that may begin a record, or all at hand that cannot; return how many."""
        kept = LOOK if len(ahead) > 2 * LOOK else 0  # a record's start may go on beyond what is at hand
        if self._kind == "arc":
            size = next_arc_line(ahead, len(ahead) - kept)
        else:
            match = _NEXT.search(ahead, 1)
            size = match.start() if match else len(ahead) - kept
        member = find_member(ahead) if isinstance(self._tape, PlainTape) else None
        if member is None or member >= size:
            self._take(size)
            return size
        self._take(member)
        self._turn_to_gzip()
        return member

    def _turn_to_gzip(self) -> None:
        assert isinstance(self._tape, PlainTape)
        self._gzip = self._tape.offset
        message = f"gzip begins at {self._gzip:,} in a file that is not compressed before"
        self._tell("gzip-begins", message, self._gzip, "compress all of the file, one gzip member per record")
        self._tape.stop()


def _content_length(fields: tuple[Field, ...]) -> int | None:
    values = [each.value for each in fields if each.name.lower() == b"content-length"]
    return _decimal(values[0]) if values else None


def _decimal(value: bytes) -> int | None:
    """The number that *value* is, in any count of digits (5.5); None where it is none."""
    if not _DIGITS.match(value):
        return None
    digits = value.lstrip(b"0")
    return int(digits or b"0") if len(digits) <= 18 else ENDLESS


def nth(place: int) -> str:
    """For a message: which record of a gzip member, by its place from 0."""
    return f"record {place + 1} of the gzip member"


def _number(size: int) -> str:
    return f"{size:,}" if size < ENDLESS else "over 10^18"


def show(data: bytes) -> str:
    """Bytes for a message: short, printable, line ends named."""
    text = repr(data[:60])[1:]
    return text if len(data) <= 60 else f"{text}…"
