"""The bytes of one archive file from start to end, however damaged; as they lie, where it is not compressed."""

from __future__ import annotations

import re
from os import SEEK_END
from typing import IO

from archive.finding import Finding, Severity

PIECE = 128 * 1024
"""Bytes read or inflated at a time."""


class Tape:
    """A file read once, front to back, in units: the file itself, or each of its gzip members.

    Damage is told in ``findings``, never raised.
    """

    compressed = False

    def __init__(self, file: IO[bytes], name: str, start: int = 0) -> None:
        self.name = name
        self.findings: list[Finding] = []
        self.unit = start
        """Where the present unit begins in the file."""
        self._file = file
        self._buffer = b""
        self._at = 0

    @property
    def offset(self) -> int:
        """Where a record that begins here lies: what an index gives for it."""
        raise NotImplementedError

    @property
    def end(self) -> int:
        """Where in the file the bytes taken so far end."""
        raise NotImplementedError

    def next_unit(self) -> bool:
        """Go to the next unit that holds bytes; what is left of the present one is dropped."""
        raise NotImplementedError

    def _more(self) -> bytes:
        """The next bytes of the present unit; empty at its end."""
        raise NotImplementedError

    def peek(self, size: int) -> bytes:
        """The next *size* bytes of the unit, or as many as it has, without taking them."""
        while len(self._buffer) - self._at < size and (more := self._more()):
            self._buffer = self._buffer[self._at :] + more
            self._at = 0
        return self._buffer[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """Up to *size* bytes, at most what is at hand; empty at the unit's end."""
        if self._at >= len(self._buffer):
            self._buffer, self._at = self._more(), 0
        piece = self._buffer[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def line(self, limit: int) -> bytes:
        """Bytes up to the next line feed, inclusive, or to the unit's end, but not more than *limit*."""
        end = self._buffer.find(b"\n", self._at, self._at + limit)
        if end < 0:
            end = self.peek(min(limit, 4096)).find(b"\n") + self._at
            if end < self._at:
                end = self.peek(limit).find(b"\n") + self._at
        return self.take(end + 1 - self._at) if end >= self._at else self.take(limit)

    def probe(self, distance: int, size: int) -> bytes | None:
        """The *size* bytes that lie *distance* ahead; None where one cannot look so far without reading."""
        return None

    def find(self, pattern: re.Pattern[bytes], within: int) -> int | None:
        """How far ahead *pattern* comes first, up to *within* bytes, where `probe` can look; else None."""
        return None

    def _tell(self, code: str, message: str, offset: int, hint: str = "", severity: Severity = "error") -> None:
        self.findings.append(Finding(code, severity, message, self.name, offset, hint))


class PlainTape(Tape):
    """A file that is not compressed: one unit."""

    def __init__(self, file: IO[bytes], name: str, start: int = 0) -> None:
        super().__init__(file, name, start)
        self._read = start
        self._begun = False
        self._stopped = False
        file.seek(start)

    @property
    def offset(self) -> int:
        """See `Tape.offset`."""
        return self._read - (len(self._buffer) - self._at)

    @property
    def end(self) -> int:
        """See `Tape.end`."""
        return self.offset

    def next_unit(self) -> bool:
        """See `Tape.next_unit`."""
        if self._begun:
            return False
        self._begun = True
        return bool(self.peek(1))

    def stop(self) -> None:
        """End the unit here."""
        self._read, self._buffer, self._at = self.offset, b"", 0
        self._stopped = True

    def _more(self) -> bytes:
        if self._stopped:
            return b""
        data = self._file.read(PIECE)
        self._read += len(data)
        return data

    def probe(self, distance: int, size: int) -> bytes | None:
        """See `Tape.probe`."""
        ahead = self._buffer[self._at + distance : self._at + distance + size]
        if len(ahead) == size:
            return ahead
        # Beyond the end one need not look, and far beyond it a file system refuses to.
        self._file.seek(min(self.offset + distance, self._file.seek(0, SEEK_END)))
        data = self._file.read(size)
        self._file.seek(self._read)
        return data

    def find(self, pattern: re.Pattern[bytes], within: int) -> int | None:
        """See `Tape.find`."""
        self._file.seek(self.offset)
        at, tail = 0, b""
        while at < within and (data := self._file.read(PIECE)):
            match = pattern.search(tail + data)
            if match:
                at = at - len(tail) + match.start()
                break
            at, tail = at + len(data), data[-64:]
        else:
            at = within
        self._file.seek(self._read)
        return at if at < within else None
