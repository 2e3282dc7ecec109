"""Bytes that pile up: in memory while they are few, in a temporary file beyond that."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

THRESHOLD = 4 * 1024 * 1024
"""Bytes kept in memory; a 500 MB answer must not cost 500 MB."""

CHUNK = 256 * 1024


class Spool:
    """A growing message, readable as often as wanted once it is complete.

    ``with Spool() as spool`` closes it; the temporary file has no name and goes with its last handle.
    """

    def __init__(self, data: bytes = b"", *, threshold: int = THRESHOLD) -> None:
        self.size = 0
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=threshold)  # noqa: SIM115 - closed by close()
        self.write(data)

    def write(self, data: bytes) -> None:
        """Append *data*."""
        self._file.write(data)
        self.size += len(data)

    def truncate(self, size: int) -> None:
        """Forget all but the first *size* bytes."""
        self._file.seek(size)
        self._file.truncate()
        self.size = size

    def read(self, start: int = 0, length: int = -1) -> bytes:
        """*length* bytes from *start* (all that follow when negative)."""
        self._file.seek(start)
        data = self._file.read(length)
        self._file.seek(0, 2)
        return data

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from *start* on, piece by piece."""
        while data := self.read(start, CHUNK):
            start += len(data)
            yield data

    def close(self) -> None:
        """Give the memory or the file back."""
        self._file.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
