"""The index: CDXJ lines sorted as bytes, found by binary search over the file, never loaded or scanned."""

from __future__ import annotations

import fcntl
import heapq
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from archive.entry import ERROR_PREFIX, NOT_MODIFIED_PREFIX, Entry, Reference, parse_line
from archive.surt import ascii_url, url_key


class Index:
    """Look-ups in one CDXJ file, which may be absent, empty, another's, or replaced by a merge meanwhile.

    A look-up costs about 25 jumps in a file of 10 million lines. Not for several threads at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._map: mmap.mmap | None = None
        self._inode: tuple[int, int] | None = None

    def lines(self, key: str) -> Iterator[bytes]:
        """The lines whose first word is *key*, in order."""
        self._refresh()
        if self._map is None:
            return
        start = key.encode("ascii", "replace") + b" "
        at = self._first(start)
        while (line := self._line(at)).startswith(start):
            yield line
            at += len(line)

    def find(self, url: str, *, exact: bool = True, errors: bool = False) -> list[Entry]:
        """All captures of *url* in time order, 304s among them.

        With *exact* false, those of URLs with the same key too (http for https, with or without ``www.``);
        with *errors*, the fetches that got no answer too. Raises IndexFormatError at a line that is no CDXJ.
        """
        url, key = ascii_url(url), url_key(url)
        keys = (key, NOT_MODIFIED_PREFIX + key, *([ERROR_PREFIX + key] if errors else []))
        found = [self._parse(line) for key in keys for line in self.lines(key)]
        return sorted((e for e in found if not exact or e.url == url), key=lambda entry: entry.when)

    def newest(self, url: str, *, as_of: datetime | None = None, errors: bool = False) -> Entry | None:
        """The last capture of *url* (not after *as_of*), or None."""
        entries = [e for e in self.find(url, errors=errors) if as_of is None or e.when <= as_of]
        return entries[-1] if entries else None

    def closest(self, url: str, when: datetime, *, errors: bool = False) -> Entry | None:
        """The capture of *url* nearest to *when*, the earlier of two as near; or None."""
        return min(self.find(url, errors=errors), key=lambda entry: abs(entry.when - when), default=None)

    def original(self, url: str, digest: str, *, exact: bool = True) -> Entry | None:
        """The first response (never a revisit) of *url* with payload *digest*, or None; *exact* as for `find`."""
        wanted, url = digest.encode("ascii", "replace"), ascii_url(url)
        for line in self.lines(url_key(url)):
            if wanted in line:
                entry = self._parse(line)
                if (entry.url == url or not exact) and entry.digest == digest and entry.type == "response":
                    return entry
        return None

    def referred(self, reference: Reference) -> Entry | None:
        """The entry that a revisit's reference names, by record id or else by date; or None."""
        found = [entry for entry in self.find(reference.url, exact=False) if entry.type == "response"]
        found.sort(key=lambda entry: entry.url != reference.url)
        by_id = [entry for entry in found if entry.record_id == reference.record_id != ""]
        by_date = [entry for entry in found if entry.date == reference.date]
        return next(iter(by_id + by_date), None)

    def entries(self) -> Iterator[Entry]:
        """All entries in the order of the file."""
        self._refresh()
        at = 0
        while line := self._line(at):
            yield self._parse(line)
            at += len(line)

    def close(self) -> None:
        """Give the file back; a later look-up opens it again."""
        if self._map is not None:
            self._map.close()
        self._map = self._inode = None

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _parse(self, line: bytes) -> Entry:
        return parse_line(line, str(self.path))

    def _refresh(self) -> None:
        try:
            state = self.path.stat()
        except FileNotFoundError:
            self.close()
            return
        if self._inode == (state.st_ino, state.st_size):
            return
        self.close()
        self._inode = (state.st_ino, state.st_size)
        if state.st_size:
            with self.path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def _line(self, at: int) -> bytes:
        if self._map is None or at >= len(self._map):
            return b""
        end = self._map.find(b"\n", at)
        return self._map[at:] if end < 0 else self._map[at : end + 1]

    def _first(self, start: bytes) -> int:
        """Where the first line not less than *start* begins."""
        assert self._map is not None
        low, high = 0, len(self._map)
        while low < high:
            begin = self._map.rfind(b"\n", low, (low + high) // 2) + 1 or low
            line = self._line(begin)
            if line < start:
                low = begin + len(line)
            else:
                high = begin
        return low


def merge(path: Path, entries: Iterable[Entry]) -> None:
    """Merge *entries* into the index at *path*, which is replaced by a rename; the same line twice is kept once.

    Streams: the memory it takes is that of *entries*. Two merges at once wait for each other. Raises OSError.
    """
    new = sorted(entry.line() for entry in entries)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.parent):
        if path.exists():
            with path.open("rb") as old:
                write_sorted(path, heapq.merge(_ended(old), new))
        else:
            write_sorted(path, new)


def write_sorted(path: Path, lines: Iterable[bytes]) -> None:
    """Write sorted *lines* to *path* by way of a temporary file, fsync and rename."""
    temporary = path.with_name(path.name + ".tmp")
    last = b""
    try:
        with temporary.open("wb", buffering=1 << 20) as out:
            for line in lines:
                if line != last:
                    out.write(line)
                last = line
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put renames in *folder* on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _ended(lines: Iterable[bytes]) -> Iterator[bytes]:
    """*lines*, each with its ``\\n``; blank ones left out."""
    for line in lines:
        if line.strip():
            yield line if line.endswith(b"\n") else line + b"\n"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
