"""The records of a file one after another: by FastWARC while they lie end to end, else by our own scanner."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord

from archive.headers import Headers, arc_headers, warc_headers
from archive.message import Block
from archive.raw import RawRecord
from archive.scan import scan_file
from archive.spool import CHUNK, THRESHOLD, Spool

_GZIP = b"\x1f\x8b"
_CORRUPT = frozenset({"gzip-crc", "gzip-damaged"})
_LOST = _CORRUPT | {"garbage", "gzip-garbage"}
"""Findings of bytes that may have been records. Not of a torn tail: nobody was told that what is in it was kept."""
_NO_ANSWER = frozenset({"warcinfo", "request", "metadata", "conversion", "continuation"})
"""Types of records that no document is made of."""
_LEAST_MEMBER = 18
"""Bytes of the header and trailer of a gzip member."""


@dataclass(slots=True)
class Found:
    """A record as it was found."""

    offset: int
    """Of the record, or of the gzip member that holds it."""
    headers: Headers
    size: int
    """The block's length as the header says it."""
    block: Block
    """Empty where it was not wanted."""
    extent: int = 0
    """Bytes of the whole record, uncompressed, if its header is written as all write it; -1: it is not."""
    member: int = 0
    """Its place among the records of its gzip member, from 0."""
    length: int = 0
    """Bytes in the file, of the gzip member where there is one; 0 where that holds more records than this."""
    corrupt: bool = False
    """Whether its gzip member is not what was written: it cannot be inflated, or has another CRC-32."""


def everything(_: Headers) -> bool:
    """Wants the block of each record."""
    return True


class Succession:
    """The records of an open file.

    FastWARC reads several times as fast as our scanner, but loses records without a word: those after an empty gzip
    member, those whose header's lines end in LF, all but the first of a member. So each record that it gives must
    end where the next one begins; where one does not, the scanner looks at it, and reads on from there if it sees
    something else.
    """

    def __init__(self, file: BinaryIO, wanted: Callable[[Headers], bool] = everything) -> None:
        self._file = file
        self._wanted = wanted
        self.lost: dict[int, str] = {}
        """Where bytes lie that `records` came past and that may have been answers: what they are now, by offset.

        A record in a damaged gzip member is among them, though it is given too.
        """
        self._packed = os.pread(file.fileno(), 2, 0) == _GZIP

    def records(self, start: int = 0, end: int | None = None) -> Iterator[Found]:
        """The records from offset *start* on, to the one before offset *end* if given; blocks of those wanted alone.

        Each is read when its end has been found. A block may be a temporary file, which is to be closed after use.
        """
        held: Found | None = None
        self._file.seek(start)
        try:
            # FastWARC's HTTP parsing stays off: it loses heads of LF-only messages and raises on odd chunks.
            for record in ArchiveIterator(self._file, parse_http=False):
                if held is not None:
                    held.length = self._length(held, record.stream_pos)
                    if not held.length:
                        break
                    yield held
                if end is not None and record.stream_pos >= end:
                    return
                held = self._taken(record)
            else:
                if held is not None and (length := self._length_of_last(held)):
                    held.length = length
                    yield held
                    return
        except OSError:
            pass  # "Invalid WARC header": an ARC file, or one with faults
        if held is not None:
            start = held.offset
            _close(held)
        yield from self._scanned(start, end)

    def at(self, offset: int, length: int = 0, *, member: int = 0, record_id: str = "") -> Found | None:
        """The record at *offset*, of *length* bytes if that is known; None where none begins there.

        Of several in one gzip member it is that at the place *member*, or else the one with this *record_id*.
        """
        found = self._quickly(offset, length) if length and not member else None
        if found is not None and record_id in ("", found.headers.record_id):
            return found
        _close(found)
        return self._chosen(offset, member, record_id) or self._chosen(offset, 0, "")

    def _quickly(self, offset: int, length: int) -> Found | None:
        """The record there, if FastWARC's and just so long."""
        self._file.seek(offset)
        try:
            records = ArchiveIterator(self._file, parse_http=False)
            record = next(records, None)
        except OSError:
            return None
        if record is None or record.stream_pos != offset:
            return None
        found = self._taken(record)
        if self._fits(found, offset + length) and _goes_on(records):
            found.length = length
            return found
        _close(found)
        return None

    def _chosen(self, offset: int, member: int, record_id: str) -> Found | None:
        """The scanner's record there; without *member* and *record_id* the first one."""
        raws = _raw_records(self._file, offset)
        for raw in raws:
            if raw.offset != offset:
                return None
            headers = _headers(raw)
            if raw.member == member if member else record_id in ("", headers.record_id):
                found = self._found(raw, headers)
                return self._ended(raw, found, next(raws, None))
        return None

    def _taken(self, record: WarcRecord) -> Found:
        fields = list(record.headers.items_bytes())
        headers = warc_headers({name.lower(): value for name, value in fields})
        size = record.content_length
        block = _block(_pieces(record), size) if self._wanted(headers) else b""
        text = b"".join(chain.from_iterable(fields))
        extent = -1
        short = bool(block) and _size(block) < size  # damage, at which FastWARC stops: the scanner tells of it
        if b"\n" not in text and not short:  # as FastWARC reads a header whose lines end in LF: as one field
            # version CR LF, name ": " value CR LF …, CR LF, block, CR LF CR LF
            extent = len(record.headers.status_line or "") + 2 + len(text) + 4 * len(fields) + 2 + size + 4
        return Found(record.stream_pos, headers, size, block, extent)

    def _fits(self, held: Found, end: int) -> bool:
        """Whether a record fills its place up to *end*; a gzip member's trailer says how much was packed."""
        if not self._packed:
            return end - held.offset == held.extent
        if held.extent < 0 or end - held.offset <= _LEAST_MEMBER:
            return False
        size = int.from_bytes(os.pread(self._file.fileno(), 4, end - 4), "little")
        return size == held.extent & 0xFFFFFFFF

    def _length(self, held: Found, end: int) -> int:
        """The length of a record after which FastWARC found the next one at *end*; 0 where that cannot be so."""
        return end - held.offset if self._fits(held, end) else self._looked_at(held, end)

    def _length_of_last(self, held: Found) -> int:
        """Likewise, of the record after which FastWARC ended: it does so at an empty member, too."""
        end = os.fstat(self._file.fileno()).st_size
        return end - held.offset if not self._packed and self._fits(held, end) else self._looked_at(held, None)

    def _looked_at(self, held: Found, end: int | None) -> int:
        """The length that the scanner sees, if it sees the same record, whole, and the next one at *end* too."""
        position = self._file.tell()
        raws = _raw_records(self._file, held.offset)
        first, following = next(raws, None), next(raws, None)
        self._file.seek(position)  # FastWARC reads on from there
        if first is None or (following.offset if following is not None else None) != end:
            return 0
        if first.size != held.size or not first.whole or first.corrupt or _headers(first) != held.headers:
            return 0
        return first.length or _gap(first, following, self._file)

    def _scanned(self, start: int, end: int | None) -> Iterator[Found]:
        held: tuple[RawRecord, Found] | None = None
        for raw in _raw_records(self._file, start, self.lost):
            if held is not None:
                yield self._ended(*held, raw)
            if end is not None and raw.offset >= end:
                return
            headers = _headers(raw)
            held = raw, self._found(raw, headers)
        if held is not None:
            yield self._ended(*held, None)

    def _ended(self, raw: RawRecord, found: Found, following: RawRecord | None) -> Found:
        found.length = raw.length or _gap(raw, following, self._file)
        found.corrupt = raw.corrupt
        if found.headers.type in _NO_ANSWER:
            self.lost.pop(found.offset, None)
        return found

    def _found(self, raw: RawRecord, headers: Headers) -> Found:
        size = raw.size or 0
        block = _block(raw.chunks(), size) if self._wanted(headers) else b""
        return Found(raw.offset, headers, size, block, member=raw.member)


def _gap(raw: RawRecord, following: RawRecord | None, file: BinaryIO) -> int:
    """Bytes to the next record; 0 where both lie in one gzip member."""
    if raw.member:
        return 0
    return (following.offset if following is not None else os.fstat(file.fileno()).st_size) - raw.offset


def _raw_records(file: BinaryIO, start: int, lost: dict[int, str] | None = None) -> Iterator[RawRecord]:
    """The scanner's records; each knows whether its gzip member is corrupt when the next one is asked for.

    *lost* takes what bytes between them are, by their offset.
    """
    last: RawRecord | None = None
    corrupt: set[int | None] = set()  # of a short member it is told before its record, of a long one after it
    for each in scan_file(file, "", start=start):
        if isinstance(each, RawRecord):
            last = each
            yield each
        elif each.code in _CORRUPT:
            corrupt.add(each.offset)
        if lost is not None and not isinstance(each, RawRecord) and each.code in _LOST and each.offset is not None:
            lost[each.offset] = each.message
        if last is not None:
            last.corrupt = last.offset in corrupt


def _headers(raw: RawRecord) -> Headers:
    fields = {field.name.lower(): field.value for field in raw.fields}
    return arc_headers(fields) if raw.kind == "arc" else warc_headers(fields)


def _pieces(record: WarcRecord) -> Iterator[bytes]:
    try:
        while piece := record.reader.read(CHUNK):
            yield piece
    except OSError:
        return  # broken within: what came is kept, and is shorter than the header says


def _block(pieces: Iterable[bytes], size: int) -> Block:
    if size <= THRESHOLD:
        return b"".join(pieces)
    spool = Spool()
    for piece in pieces:
        spool.write(piece)
    return spool


def _size(block: Block) -> int:
    return len(block) if isinstance(block, bytes) else block.size


def _goes_on(records: ArchiveIterator) -> bool:
    """Whether FastWARC finds no fault up to the next record: at a member's end it compares the CRC-32."""
    try:
        next(records, None)
    except OSError:
        return False
    return True


def _close(found: Found | None) -> None:
    """Give a temporary file back."""
    if found is not None and isinstance(found.block, Spool):
        found.block.close()
