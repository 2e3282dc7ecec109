"""Files and folders that appear whole or not at all: written beside their name, and renamed when they are done."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, cast

import zstandard

from archive.index import sync_folder
from crawler.errors import CallError, ExportError

CARD = "README.md"
DATA = "data"
MARK = "<!-- made by editions export -->"
"""Stands in the card of each dataset folder: only such a folder is replaced by a new one."""

_GZIP_LEVEL = 6
_ZSTD_LEVEL = 10


@contextmanager
def new_file(out: Path) -> Iterator[IO[bytes]]:
    """What is written takes the place of *out* when the block ends well; after an error all is as it was.

    Raises:
        CallError: *out* is a folder, or lies in none.
        ExportError: it cannot be written.
    """
    if out.is_dir():
        raise CallError(f"{out}: is a folder; name a file")
    _check_parent(out)
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(out)
        sync_folder(out.parent)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        with suppress(OSError):  # where nothing may be written, there is none
            part.unlink(missing_ok=True)


@contextmanager
def packed(stream: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """*stream*, gzipped or Zstandard-compressed where the file's *name* ends so; the same bytes at every run."""
    with ExitStack() as stack:
        if name.endswith(".gz"):
            zipped = gzip.GzipFile("", "wb", _GZIP_LEVEL, stream, mtime=0)
            stream = stack.enter_context(cast("IO[bytes]", zipped))
        elif name.endswith(".zst"):
            writer = zstandard.ZstdCompressor(_ZSTD_LEVEL, write_checksum=True).stream_writer(stream, closefd=False)
            stream = stack.enter_context(cast("IO[bytes]", writer))
        yield stream


def unpacked_name(name: str) -> str:
    """A file's name without the ending of its compression."""
    return name.removesuffix(".gz").removesuffix(".zst")


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to be filled; it takes the place of *out* when the block ends well. After an error all is as it was.

    Raises:
        CallError: *out* is there and is neither empty nor an earlier export, or its parent is not there.
        ExportError: it cannot be written.
    """
    out = out.absolute()
    _check_replaceable(out)
    _check_parent(out)
    part = out.with_name(f"{out.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        yield part
        _put_in_place(part, out)
        sync_folder(out.parent)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _put_in_place(part: Path, out: Path) -> None:
    """A folder that is not empty cannot be renamed over: for a moment neither the old nor the new one is there."""
    old = out.with_name(f"{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    with suppress(FileNotFoundError):
        out.rename(old)
    try:
        part.rename(out)
    except OSError:
        with suppress(FileNotFoundError):
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _check_replaceable(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise CallError(f"{out}: is a file; name a folder")
    names = {path.name for path in out.iterdir()}
    if names and not (names <= {CARD, DATA} and _is_ours(out / CARD)):
        raise CallError(f"{out}: holds other things than an earlier export; name another folder, or remove it")


def _is_ours(card: Path) -> bool:
    with suppress(OSError, UnicodeDecodeError):
        return MARK in card.read_text("utf-8")
    return False


def _check_parent(out: Path) -> None:
    if not out.absolute().parent.is_dir():
        raise CallError(f"{out}: there is no folder {out.absolute().parent}; make it first")


def _unwritable(out: Path, error: OSError) -> ExportError:
    return ExportError(f"{out}: cannot be written: {error}; see that there is space and permission")
