"""Repairs what can be, and keeps the original: a torn tail is cut off, an index is made anew."""

from __future__ import annotations

import fcntl
import filecmp
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from archive.check import INDEX, is_rebuilt, sort_of, warcs_in
from archive.errors import ArchiveReadError
from archive.index import sync_folder
from archive.indexing import build
from archive.recovery import recover_file
from archive.segment import OPEN
from archive.tail import Tail, find_tail

Action = Literal["tail-cut", "end-added", "recovered", "index-rebuilt", "refused"]

_COPY = 1 << 20
_ORIGINAL = ".orig"


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done to one file, or why nothing was."""

    action: Action
    file: str
    message: str
    original: str | None = None
    """Where the file lies as it was."""

    def as_json(self) -> dict[str, Any]:
        """A dict of JSON's own types; what is empty is left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    def __str__(self) -> str:
        kept = f"; as it was: {self.original}" if self.original else ""
        return f"{self.action}: {self.file}: {self.message}{kept}"


def repair(path: Path) -> Iterator[Repair]:
    """Repair a WARC file, an index that lies in a collection, or a whole collection; each thing done, in turn.

    Whole records stay byte for byte. Raises ArchiveReadError where *path* is nothing that can be repaired, OSError
    where the disk refuses.
    """
    sort = sort_of(path)
    if sort == "collection":
        yield from _collection(path)
    elif sort == "warc":
        yield from _warc(path)
    elif sort == "index" and is_rebuilt(path):
        yield from _rebuild(path.parent.parent / "archive", path)
    else:
        raise ArchiveReadError(f"{path}: only WARC files, collections and their indexes can be repaired")


def _collection(path: Path) -> Iterator[Repair]:
    archive = path / "archive"
    for each in warcs_in(archive):
        if each.name.endswith(OPEN):
            yield from _left_open(each, path / INDEX)
        else:
            yield from _warc(each)
    yield from _rebuild(archive, path / INDEX)


def _warc(path: Path) -> Iterator[Repair]:
    path = _real(path)
    tail = find_tail(path)
    if tail is None:
        return
    if tail.kept:
        what = (
            f"the last {tail.size:,} bytes are no whole record" if tail.size else "the last record has no line ends"
        )
        yield Repair("refused", str(path), f"{what}, but {tail.kept}: nothing was changed")
        return
    original = _keep(path)
    part = path.with_name(path.name + ".part")
    _copy(path, part, tail.start, tail.missing)
    part.replace(path)
    sync_folder(path.parent)
    yield _mended(path, tail, original)


def _mended(path: Path, tail: Tail, original: Path) -> Repair:
    if tail.missing:
        message = f"the last record's {len(tail.missing)} missing bytes of line ends"
        return Repair("end-added", str(path), message, str(original))
    message = f"{tail.size:,} bytes after the last whole record, which ends at {tail.start:,}"
    return Repair("tail-cut", str(path), message, str(original))


def _real(path: Path) -> Path:
    """The file itself, where *path* is a symbolic link to it: a link must not take its place."""
    return path.resolve() if path.is_symlink() else path


def _left_open(path: Path, index: Path) -> Iterator[Repair]:
    """A file that a killed crawl left; one that is being written is left alone."""
    if _is_locked(path):
        yield Repair("refused", str(path), "a crawl is writing it: nothing was changed")
        return
    original = path.with_name(path.name + _ORIGINAL)
    shutil.copy2(path, original)
    name = recover_file(path, index)
    what = f"closed as {name}" if name else "it held no whole capture"
    yield Repair("recovered", str(path), what, str(original))


def _is_locked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def _rebuild(archive: Path, index: Path) -> Iterator[Repair]:
    """An index that is not the one that its records give is made again."""
    index = _real(index)
    made = index.with_name(f"{index.name}.made")
    try:
        count = build(archive, made)
        if index.is_file() and filecmp.cmp(made, index, shallow=False):
            return
        original = _keep(index) if index.is_file() else None
        made.replace(index)
    finally:
        made.unlink(missing_ok=True)
    sync_folder(index.parent)
    yield Repair("index-rebuilt", str(index), f"{count:,} lines", str(original) if original else None)


def _keep(path: Path) -> Path:
    """A second name for the file as it is, under which it stays when *path* is replaced."""
    for number in range(1000):
        original = path.with_name(f"{path.name}{_ORIGINAL}{number or ''}")
        try:
            os.link(path, original)
        except FileExistsError:
            continue
        return original
    raise ArchiveReadError(f"{path}: a thousand originals are kept already; remove some")


def _copy(source: Path, target: Path, size: int, more: bytes) -> None:
    """The first *size* bytes of *source*, and *more*, on disk as *target*."""
    with source.open("rb") as file, target.open("wb") as out:
        while size and (piece := file.read(min(size, _COPY))):
            out.write(piece)
            size -= len(piece)
        out.write(more)
        out.flush()
        os.fsync(out.fileno())
