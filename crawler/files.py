"""Files written so that they are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path


def replace_file(path: Path, parts: Iterable[str]) -> None:
    """Write a file so that it is either the old one or the new one, whole, whatever becomes of process or machine."""
    replace_files({path: parts})


def replace_files(contents: Mapping[Path, Iterable[str]]) -> None:
    """Replace files that belong together: none of them before all the new ones lie whole on the disk.

    Raises OSError, naming the file: then all are the old ones, but for a kill or a fault between the last renames.
    """
    temporary = {path: _beside(path) for path in contents}
    try:
        for path, parts in contents.items():
            _write(path, temporary[path], parts)
        for path, new in temporary.items():
            with _naming(path):
                new.replace(path)
    except BaseException:
        for new in temporary.values():
            with suppress(OSError):
                new.unlink()
        raise


def _write(path: Path, temporary: Path, parts: Iterable[str]) -> None:
    with _naming(path), temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(parts)
        stream.flush()
        os.fsync(stream.fileno())


def put_file(path: Path, data: bytes) -> None:
    """The same, whatever kills the process meanwhile: the disk is not waited for."""
    temporary = _beside(path)
    with _naming(path):
        with temporary.open("wb") as stream:
            stream.write(data)
        temporary.replace(path)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """An OSError in the block names *path*: a failed write names nothing."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")
