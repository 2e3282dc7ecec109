"""One process at a time: locks on files, which go with the process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO, Self

from crawler.collection.folder import Collection
from crawler.errors import CollectionError, HeldError


class FileLock:
    """Held from its making to :meth:`release`, or for a ``with`` block; *what* tells others who holds it.

    Raises:
        HeldError: another process holds it. OSError: the file cannot be written.
    """

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        self._file: IO[str] = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "another process"
            self._file.close()
            raise HeldError(path, holder) from error
        self._file.truncate(0)
        self._file.write(f"{what}\n")
        self._file.flush()

    def is_in_place(self) -> bool:
        """Whether the path is the locked file's still: deleted, it keeps nobody out."""
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except OSError:
            return False

    def release(self) -> None:
        """Let others in."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock on a file; nothing is written. Raises OSError: it cannot be read."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


class CollectionLock(FileLock):
    """One crawl at a time in a collection.

    Raises:
        CollectionError: another process holds it (it is named), or the folder cannot be written.
    """

    def __init__(self, collection: Collection, what: str) -> None:
        path = collection.folder / ".lock"
        try:
            super().__init__(path, f"{what} (process {os.getpid()})")
        except HeldError as error:
            raise CollectionError(
                f"{collection.folder}: in use by {error.holder}; wait for it, or stop it"
            ) from error
        except OSError as error:
            raise CollectionError(f"{path}: cannot be written ({error.strerror})") from error
