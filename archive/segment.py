"""One WARC file while it is written: named so that names sort by time, ``.open`` until it is whole."""

from __future__ import annotations

import fcntl
import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path

from isal import isal_zlib

from archive.index import sync_folder
from archive.spool import THRESHOLD

OPEN = ".open"

LEVEL = 2
"""Of ISA-L; see benchmarks/archive_write.py for the measurement."""

_GZIP = 16 + isal_zlib.MAX_WBITS

_NAME = re.compile(r"(?P<prefix>.+?)-(?P<stamp>\d{14})-(?P<serial>\d{5})-[^/]+\.warc\.gz(?:\.open)?")


def next_name(folder: Path, prefix: str, now: datetime) -> str:
    """PREFIX-TIMESTAMP-SERIAL-HOST.warc.gz, after all names of that prefix in *folder* whatever the clock says."""
    stamp, serial = now.astimezone(UTC).strftime("%Y%m%d%H%M%S"), 0
    if last := _last(folder, prefix):
        serial = last[1] + 1 if last[1] < 99999 else 0
        if serial == 0:
            last = (f"{int(last[0]) + 1}", 0)
        stamp = max(stamp, last[0])
    return f"{prefix}-{stamp}-{serial:05d}-{_host()}.warc.gz"


def _last(folder: Path, prefix: str) -> tuple[str, int] | None:
    matches = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    ours = [(m["stamp"], int(m["serial"])) for m in matches if m and m["prefix"] == prefix]
    return max(ours, default=None)


def _host() -> str:
    return re.sub(r"[^a-z0-9.]+", "-", socket.gethostname().lower()).strip("-.") or "localhost"


class Segment:
    """A WARC file that grows; locked, so that no other process takes it for one left over.

    What is appended is held until it is poured: each system call hands the interpreter to another thread, so they are
    to be few. Every method may raise OSError; after that `cut` brings the file back to a size that it had.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.size = 0
        """With what is held."""
        self._held = bytearray()
        self._folder = folder
        self._path = folder / (name + OPEN)
        self._handle = self._opened()
        sync_folder(folder)

    def _opened(self) -> int:
        """The file, made and locked; made again where a recovery came between the two and took it for left over."""
        while True:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                return handle
            os.close(handle)

    @property
    def written(self) -> int:
        """Without what is held."""
        return self.size - len(self._held)

    def append(self, data: bytes) -> None:
        """Add *data* at the end."""
        self._held += data
        self.size += len(data)
        if len(self._held) > THRESHOLD:
            self.pour()

    def pour(self) -> None:
        """Write what is held."""
        while self._held:
            del self._held[: os.write(self._handle, self._held)]

    def cut(self, size: int) -> None:
        """Forget all but the first *size* bytes."""
        written = self.written
        del self._held[max(0, size - written) :]
        self.size = size
        if size < written:
            os.ftruncate(self._handle, size)

    def sync(self) -> None:
        """Put what was appended on disk."""
        self.pour()
        os.fsync(self._handle)

    def seal(self) -> None:
        """Give the file its final name, for good."""
        self.pour()
        seal(self._folder, self.name)

    def remove(self) -> None:
        """Let there be no such file."""
        self._path.unlink()

    def close(self) -> None:
        """Give the handle and the lock back."""
        os.close(self._handle)


def seal(folder: Path, name: str) -> None:
    """Rename *name*.open to *name*, and put that on disk."""
    (folder / (name + OPEN)).rename(folder / name)
    sync_folder(folder)


class Member:
    """One gzip member of a file, compressed at once, or as it comes where it is large."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._parts: list[bytes] = []
        self._size = 0
        self._stream: isal_zlib.Compress | None = None

    def write(self, data: bytes, /) -> None:
        """Take *data*."""
        self._parts.append(data)
        self._size += len(data)
        if self._size > THRESHOLD:
            self._pack()

    def flush(self) -> None:
        """End the member and append what there is of it."""
        if self._stream is None:
            self._segment.append(isal_zlib.compress(b"".join(self._parts), LEVEL, _GZIP))
        else:
            self._segment.append(self._pack().flush())

    def _pack(self) -> isal_zlib.Compress:
        stream = self._stream = self._stream or isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, _GZIP)
        self._segment.append(stream.compress(b"".join(self._parts)))
        self._parts, self._size = [], 0
        return stream
