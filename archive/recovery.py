"""Files that a killed run left ``.open``: cut to their last whole capture, indexed, and given their names."""

from __future__ import annotations

import fcntl
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from errno import EEXIST
from pathlib import Path
from typing import BinaryIO

from archive.index import merge
from archive.indexing import entries
from archive.segment import OPEN, seal
from archive.spool import CHUNK

_HEAD = 16 * 1024
_TYPE = re.compile(rb"(?im)^WARC-Type:[ \t]*(\S+)")
_CONTENT = re.compile(rb"(?im)^Content-Type:[ \t]*(\S+)")


@dataclass(frozen=True, slots=True)
class _Member:
    end: int
    head: bytes
    """The first uncompressed bytes."""


def recover(folder: Path, index: Path | None) -> list[str]:
    """Recover the ``*.warc.gz.open`` files in *folder* that no living process writes; their final names.

    What follows the last whole capture is cut off, the lines are merged into *index*, the file is renamed.
    A file without a whole capture is removed. Raises OSError.
    """
    return [name for path in sorted(folder.glob(f"*.warc.gz{OPEN}")) if (name := recover_file(path, index))]


def recover_file(path: Path, index: Path | None) -> str | None:
    """The same for one file; its final name, None where it is being written, is gone or held no whole capture."""
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return None  # its writer has just closed it
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None  # being written
        if not path.exists():
            return None  # its writer has just closed it
        name = path.name.removesuffix(OPEN)
        if path.with_name(name).exists():
            raise FileExistsError(EEXIST, f"there are {name} and {path.name}: one of them must be moved away")
        end = _end_of_captures(file)
        if end == 0:
            path.unlink()
            return None
        file.truncate(end)
        os.fsync(file.fileno())
        if index is not None:
            merge(index, entries(path, name))
        seal(path.parent, name)
        return name


def _end_of_captures(file: BinaryIO) -> int:
    """Where the last record ends that answers for a capture: response, revisit, or a failed fetch's metadata."""
    end = 0
    for member in _members(file):
        kind = _match(_TYPE, member.head)
        content = _match(_CONTENT, member.head)
        if kind in (b"response", b"revisit") or (kind == b"metadata" and content == b"application/warc-fields"):
            end = member.end
    return end


def _match(pattern: re.Pattern[bytes], head: bytes) -> bytes:
    match = pattern.search(head.partition(b"\r\n\r\n")[0])
    return match[1].lower() if match else b""


def _members(file: BinaryIO) -> Iterator[_Member]:
    """The whole gzip members of *file* up to the first that is torn; each one's checksum is proved."""
    inflate, head, start, rest = zlib.decompressobj(31), b"", 0, b""
    file.seek(0)
    position = 0
    while data := rest or file.read(CHUNK):
        position += 0 if rest else len(data)
        try:
            part = inflate.decompress(data, CHUNK)
        except zlib.error:
            return
        head = head if len(head) >= _HEAD else head + part[:_HEAD]
        rest = inflate.unconsumed_tail
        if inflate.eof:
            rest = inflate.unused_data
            start = position - len(rest)
            yield _Member(start, head)
            inflate, head = zlib.decompressobj(31), b""
