"""The bytes of a file of gzip members, inflated, however damaged."""

from __future__ import annotations

import re
import struct
import zlib
from os import SEEK_END
from typing import IO

from archive.tape import PIECE, Tape

MAGIC = b"\x1f\x8b"
_HEAD = MAGIC + b"\x08"
_MEMBER = re.compile(rb"\x1f\x8b\x08(?=[\x00-\x1f].{4}[\x00\x02\x04][\x00-\x0d\xff])", re.DOTALL)
_MAX_GZIP_HEAD = 256 * 1024
LOOK = 4096
"""Bytes of a member that show whether records begin in it."""

_MOST_AGAIN = 4
"""How many times the file's own bytes are searched in damaged members that were inflated first."""

_FIRST = 1024
_WARC_START = re.compile(rb"(?i)\s*WARC/")
_ARC_START = re.compile(rb"(?i)\s*[a-z][a-z0-9+.-]*:\S+ \S+ \d{8,18} ")


class GzipTape(Tape):
    """A file of gzip members (RFC 1952).

    A unit is a member that begins with a record, and the members after it that do not: files cut into members
    by size, not by record, are read too.
    """

    compressed = True

    def __init__(self, file: IO[bytes], name: str, start: int = 0) -> None:
        super().__init__(file, name, start)
        self._seek(start)
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._open = False
        self._done = False
        self._joined = False
        self._crc = 0
        self._size = 0
        self._member = start
        self._ahead = b""
        self._over = False
        self._ended = start
        self._arc = False
        self._begun = False
        self._again = 0
        """Bytes that were inflated and then searched for members."""
        self._whole = file.seek(0, SEEK_END)
        file.seek(start)

    @property
    def offset(self) -> int:
        """See `Tape.offset`."""
        return self.unit

    @property
    def end(self) -> int:
        """See `Tape.end`."""
        return self._ended if self._over else self._consumed

    @property
    def _consumed(self) -> int:
        return self._read - len(self._input)

    def next_unit(self) -> bool:
        """See `Tape.next_unit`."""
        while self._more():
            pass
        if not self._ahead and not self._advance():
            return False
        self._arc = self._arc or bool(_ARC_START.match(self._ahead))
        self.unit = self._member
        self._buffer, self._at, self._ahead = self._ahead, 0, b""
        self._begun, self._over = True, False
        return True

    def _begins_record(self, data: bytes) -> bool:
        """Whether a unit begins here; an ARC header is looked for in ARC files only, as a page may hold one."""
        if not self._begun or _WARC_START.match(data) or (self._arc and _ARC_START.match(data)):
            return True
        return b"WARC/".startswith(data.upper())  # a torn member may give but these

    def _advance(self) -> bool:
        """Inflate the first bytes of the next member that has any."""
        while not self._done:
            if not self._begin_member():
                self._done = True
            elif ahead := self._first_bytes():
                self._ahead = ahead
                return True
            else:
                self._tell("gzip-empty-member", "an empty gzip member", self._member, severity="info")
        return False

    def _first_bytes(self) -> bytes:
        """The first bytes of the member, enough to see whether a record begins there."""
        ahead = b""
        while len(ahead) < _FIRST and (data := self._inflated()):
            ahead += data
        return ahead

    def _more(self) -> bytes:
        if self._over:
            return b""
        if data := self._inflated():
            return data
        self._ended = self._consumed
        if not self._advance() or self._begins_record(self._ahead):
            self._over = True
            return b""
        if not self._joined:
            self._joined = True
            message = "a gzip member that begins with no record: read as the rest of the one before"
            self._tell("gzip-record-split", message, self._member, "write one gzip member per record", "warning")
        data, self._ahead = self._ahead, b""
        return data

    def _seek(self, offset: int) -> None:
        self._file.seek(offset)
        self._read = offset
        self._input = b""

    def _feed(self, size: int) -> bytes:
        """The input, at least *size* bytes of it where there are so many."""
        while len(self._input) < size and (data := self._file.read(PIECE)):
            self._read += len(data)
            self._input += data
        return self._input

    def _begin_member(self) -> bool:
        self._member = self._consumed
        head = self._feed(18)
        if not head:
            return False
        if not head.startswith(MAGIC):
            return self._resync("bytes that are no gzip member")
        size = self._head_size()
        if size is None:
            return self._resync("a gzip header that is broken or cut off")
        self._prove_head(size)
        self._input = self._input[size:]
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._crc = self._size = 0
        self._open = True
        return True

    def _head_size(self) -> int | None:
        """How long the member's header is (RFC 1952, 2.3); None where it is broken or cut off."""
        head = self._feed(10)
        if len(head) < 10 or head[2] != 8 or head[3] & 0xE0:
            return None
        flags, size = head[3], 10
        if flags & 4:
            extra = self._feed(12)[10:12]
            size = 12 + int.from_bytes(extra, "little") if len(extra) == 2 else _MAX_GZIP_HEAD
        for flag in (8, 16):
            if flags & flag:
                size = self._after_zero(size)
        size += 2 if flags & 2 else 0
        return size if size < _MAX_GZIP_HEAD and len(self._feed(size)) >= size else None

    def _prove_head(self, size: int) -> None:
        """RFC 1952, 2.3.1: the two bytes that may end a header are the low ones of its CRC-32."""
        head = self._input[:size]
        if head[3] & 2 and int.from_bytes(head[-2:], "little") != zlib.crc32(head[:-2]) & 0xFFFF:
            message = "the gzip member's header does not have the CRC that it says"
            self._tell("gzip-head-crc", message, self._member, "restore the file from a copy")

    def _after_zero(self, start: int) -> int:
        end = self._feed(start + 4096).find(b"\0", start)
        end = end if end >= 0 else self._feed(_MAX_GZIP_HEAD).find(b"\0", start)
        return end + 1 if end >= 0 else _MAX_GZIP_HEAD

    def _inflated(self) -> bytes:
        """The next bytes of the present member; empty at its end."""
        while self._open:
            given = self._feed(1)
            try:
                data = self._inflate.decompress(given, PIECE)
            except zlib.error as error:
                self._damaged(error)
                return b""
            self._input = self._inflate.unconsumed_tail
            self._crc = zlib.crc32(data, self._crc)
            self._size += len(data)
            if self._inflate.eof:
                self._finish_member()
            elif not given and not data:
                self._torn()
            if data:
                return data
        return b""

    def _damaged(self, error: zlib.error) -> None:
        self._open = False
        message = f"the gzip member cannot be inflated beyond byte {self._size:,} of its data: {error}"
        hint = "restore the file from a copy; the records in other members are whole"
        self._tell("gzip-damaged", message, self._member, hint)
        # Members that lie in one another, each with the damage of the last, would be inflated without end.
        self._again += self._consumed - self._member
        start = self._member + 1 if self._again <= _MOST_AGAIN * self._whole else self._consumed
        self._skip_to_member(max(start, self._member + 1))

    def _finish_member(self) -> None:
        self._open = False
        self._input = self._inflate.unused_data
        trailer = self._feed(8)[:8]
        if len(trailer) < 8:
            self._input = b""
            self._torn()
            return
        crc, size = struct.unpack("<II", trailer)
        if crc != self._crc or size != self._size & 0xFFFFFFFF:
            what = f"CRC-32 {crc:08x} and length {size:,}, but its data have {self._crc:08x} and {self._size:,}"
            self._tell("gzip-crc", f"the gzip member says {what}", self._member, "restore the file from a copy")
            self._skip_to_member(self._consumed)
            return
        self._input = self._input[8:]

    def _torn(self) -> None:
        self._open = False
        self._tell(
            "gzip-torn",
            f"the file ends inside the gzip member that begins at {self._member:,}",
            self._member,
            "a crawl that was cut off: --repair cuts the torn tail off and keeps the original",
        )

    def _resync(self, what: str) -> bool:
        start = self._member
        zeros = not self._feed(PIECE).strip(b"\0")
        cut = _HEAD.startswith(self._feed(4)[:3]) and self._input[3:4] < b"\x20"
        self._skip_to_member(start + 1)
        skipped = self._consumed - start
        if cut and not self._input:
            self._torn()
        elif zeros and not self._input:
            self._tell(
                "gzip-padding", f"{skipped:,} zero bytes after the last gzip member", start, severity="warning"
            )
        else:
            self._tell("gzip-garbage", f"{what} ({skipped:,} bytes skipped)", start, "restore the file from a copy")
        return self._begin_member() if self._input else False

    def _skip_to_member(self, start: int) -> None:
        """Go to the next member that holds records, from *start* on; to the file's end where there is none."""
        self._seek(start)
        kept = 0
        while len(self._feed(kept + 1)) > kept:
            at = find_member(self._feed(LOOK))
            if at is not None:
                self._input = self._input[at:]
                return
            self._input = self._input[1 - LOOK :]
            kept = len(self._input)
        self._input = b""


def find_member(data: bytes) -> int | None:
    """Where in *data* the first gzip member begins that holds records."""
    starts = (match.start() for match in _MEMBER.finditer(data))
    return next((at for at in starts if _holds_records(data[at : at + LOOK])), None)


def _holds_records(data: bytes) -> bool:
    """Whether *data* is the start of a gzip member that begins as a record does."""
    try:
        start = zlib.decompressobj(31).decompress(data, 512)
    except zlib.error:
        return False
    return bool(_WARC_START.match(start) or _ARC_START.match(start))
