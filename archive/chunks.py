"""The chunked transfer coding undone (RFC 9112, 7.1), leniently, over bytes or a spool."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.coding import Notes
from archive.spool import CHUNK, Spool

_SIZE_LINE = re.compile(rb"[ \t]*0*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_MAX_LINE = 16 * 1024


class Unchunker:
    """The chunked body of *block* from *start* on.

    A body that does not begin with a chunk is given as it is. Where a later chunk is malformed, or the bytes
    end before the last chunk and its trailers do, the body ends there and ``notes.cut`` is set.
    """

    def __init__(self, block: bytes | Spool, start: int, notes: Notes) -> None:
        self._block = block
        self._position = start
        self._end = len(block) if isinstance(block, bytes) else block.size
        self._notes = notes
        self._window = block if isinstance(block, bytes) else b""
        self._window_start = 0

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the chunks, at most 256 KiB at a time."""
        if not self._is_chunked():
            yield from self._data(self._end - self._position)
            return
        self._notes.chunked = True
        while size := self._next_size():
            yield from self._data(size)
            if not self._skip(_LINE_END):
                self._notes.cut = True
                return
        if size is None or not self._skip_trailers():
            self._notes.cut = True

    def _is_chunked(self) -> bool:
        """Whether the first chunk is whole, or cut off by the end of the bytes: otherwise it is chance."""
        size = self._match(_SIZE_LINE, self._position)
        if size is None:
            return False
        after = size.end() + self._window_start + int(size[1], 16)
        return int(size[1], 16) == 0 or after >= self._end - 1 or self._match(_LINE_END, after) is not None

    def _next_size(self) -> int | None:
        line = self._skip(_SIZE_LINE)
        return int(line[1], 16) if line else None

    def _skip_trailers(self) -> bool:
        while self._position < self._end:
            if self._skip(_LINE_END):
                return True
            if not self._skip(_TRAILER):
                return False
        return False

    def _data(self, size: int) -> Iterator[bytes]:
        end = min(self._position + size, self._end)
        while self._position < end:
            piece = self._read(min(CHUNK, end - self._position))
            self._position += len(piece)
            yield piece

    def _read(self, length: int) -> bytes:
        start = self._position - self._window_start
        if start >= 0 and start + length <= len(self._window):
            return self._window[start : start + length]
        if isinstance(self._block, bytes):
            return self._block[self._position : self._position + length]
        return self._block.read(self._position, length)

    def _skip(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        match = self._match(pattern, self._position)
        if match:
            self._position = self._window_start + match.end()
        return match

    def _match(self, pattern: re.Pattern[bytes], at: int) -> re.Match[bytes] | None:
        if isinstance(self._block, Spool) and not self._in_window(at):
            self._window = self._block.read(at, CHUNK)
            self._window_start = at
        start = at - self._window_start
        return pattern.match(self._window, start, start + _MAX_LINE)

    def _in_window(self, at: int) -> bool:
        """Whether a whole line at *at* fits into what was read last."""
        last = self._window_start + len(self._window)
        return self._window_start <= at and (at + _MAX_LINE <= last or last == self._end)


_TRAILER = re.compile(rb"[^\n]+\n")
