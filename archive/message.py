"""HTTP/1.x messages as bytes: the head split into fields, transfer and content coding undone, whatever came.

Nothing here raises on bad input. What could not be honoured is told in `Notes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from urllib.parse import quote_from_bytes

from archive.chunks import Unchunker
from archive.coding import Notes, decode_pieces
from archive.spool import CHUNK, Spool

Block = bytes | Spool
"""A message: bytes in memory, or a spool that may be larger than memory."""

DECODED_LIMIT = 1 << 30
"""Bytes that decoding gives at most, unless the caller says otherwise."""

_HTTP = b"HTTP/"
_INTERIM = frozenset({100, *range(102, 200)})
_FIRST_LOOK = 64 * 1024
_MAX_HEAD = 1 << 20
_MOST_INTERIM = 100
"""1xx heads that are passed over: a server sends one or two."""
_HEAD_END = re.compile(rb"\n\r?\n")
_START = re.compile(rb"[\r\n]*(?:ICY |[^\r\n]*HTTP/)", re.IGNORECASE)
_OF_URLS = bytes(range(0x21, 0x7F)).decode()
_STATUS = re.compile(rb"\S+[ \t]+(\d{3})[ \t]*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request or response, as it came.

    ``raw`` holds every byte of it, blank line included, so the body begins after it. ``fields`` keep
    order, case and repeats; a folded line is joined to its field by one space (RFC 9112, 5.2); a line without
    a colon is in ``raw`` alone. A block that begins with no HTTP start line has an empty head, all body.
    """

    raw: bytes
    start: bytes
    """The request line or status line, without its line end."""
    fields: tuple[tuple[bytes, bytes], ...]
    complete: bool
    """Whether the blank line that ends a head was there."""

    @property
    def status(self) -> int | None:
        """The status code; None where the start line has none, as in a request."""
        match = _STATUS.match(self.start)
        return int(match[1]) if match else None

    @property
    def reason(self) -> bytes:
        """The reason phrase; empty where it is missing."""
        match = _STATUS.match(self.start)
        return match[2] if match else b""

    def all(self, name: bytes) -> list[bytes]:
        """The values of all fields of that *name*, in any case, in order."""
        name = name.lower()
        return [value for key, value in self.fields if key.lower() == name]

    def get(self, name: bytes) -> bytes | None:
        """The first value of that *name*, or None."""
        return next(iter(self.all(name)), None)

    @property
    def location(self) -> str | None:
        """Where a redirect leads, relative or not: the last of the Location fields, which clients follow; bytes that
        are no ASCII are percent-encoded (RFC 3986, 2.1). None where there is none.
        """
        said = self.all(b"Location")
        return quote_from_bytes(said[-1], safe=_OF_URLS) if said else None

    def tokens(self, name: bytes) -> list[str]:
        """The comma-separated tokens of all fields of that *name*, lower-case."""
        words = b",".join(self.all(name)).decode("latin-1").lower().split(",")
        return [word.strip() for word in words if word.strip()]


def read_head(block: Block, start: int = 0) -> Head:
    """The head in *block* at *start*; where no blank line ends it (within 1 MiB), what came is all head."""
    data = _read(block, start, _FIRST_LOOK)
    if not _START.match(data):
        return Head(b"", b"", (), complete=False)
    end = _head_end(data)
    if end is None and len(data) == _FIRST_LOOK:
        data = _read(block, start, _MAX_HEAD)
        end = _head_end(data)
    return _parse(data[: end or _MAX_HEAD], complete=end is not None)


def read_answer(block: Block) -> tuple[Head, int]:
    """The head of the message in *block*, and where that begins.

    Other programs keep 1xx heads before the answer in one record with it; ours have records of their own. Those are
    passed over, if whole and followed by another head; not 101, after which no more HTTP is spoken (RFC 9110, 15.2).
    """
    head, start = read_head(block), 0
    for _ in range(_MOST_INTERIM):
        after = start + len(head.raw)
        interim = head.complete and head.status in _INTERIM
        if not interim or _read(block, after, len(_HTTP)).upper() != _HTTP:
            break
        head, start = read_head(block, after), after
    return head, start


def _read(block: Block, start: int, size: int) -> bytes:
    return block[start : start + size] if isinstance(block, bytes) else block.read(start, size)


def _head_end(data: bytes) -> int | None:
    """Where the body begins; blank lines before the start line do not count (RFC 9112, 2.2)."""
    start = len(data) - len(data.lstrip(b"\r\n")) if data[:1] in (b"\r", b"\n") else 0
    match = _HEAD_END.search(data, start, _MAX_HEAD)
    return match.end() if match else None


def _parse(raw: bytes, *, complete: bool) -> Head:
    start, *lines = raw.strip(b"\r\n").split(b"\n")
    return Head(raw, start.rstrip(b"\r"), tuple(_fields(lines)), complete)


def _fields(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    fields: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, b" ".join(filter(None, (value, line.strip()))))
            continue
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            fields.append((name.strip(), value.strip()))
    return fields


@dataclass(frozen=True, slots=True)
class Body:
    """A body in memory, and what was found while reading it."""

    data: bytes
    notes: Notes


class Message:
    """One message: its head, its entity body (transfer coding undone) and its decoded body. See `read_answer`.

    The entity body is what WARC-Payload-Digest covers (WARC 1.1, 5.9). The ``…_pieces`` iterate without
    holding the body in memory, and fill the `Notes` given once they have run to their end.
    """

    def __init__(self, block: Block) -> None:
        self.block = block
        self.head, start = read_answer(block)
        self.body_start = start + len(self.head.raw)
        """Where the body begins in the block."""

    @property
    def _size(self) -> int:
        return len(self.block) if isinstance(self.block, bytes) else self.block.size

    @cached_property
    def transfer_codings(self) -> list[str]:
        """Transfer codings in the order applied, lower-case, without parameters."""
        names = [token.partition(";")[0].strip() for token in self.head.tokens(b"Transfer-Encoding")]
        return [name for name in names if name != "identity"]

    @cached_property
    def content_codings(self) -> list[str]:
        """Content codings in the order applied, lower-case."""
        return [name for name in self.head.tokens(b"Content-Encoding") if name != "identity"]

    def entity_pieces(self, notes: Notes) -> Iterator[bytes]:
        """The entity body piece by piece: transfer coding undone, content coding kept.

        A body that is not chunked although its head says so is given as it is; of a cut one, what came.
        """
        codings = list(self.transfer_codings)
        if codings and codings[-1] == "chunked":
            codings.pop()
            pieces: Iterator[bytes] = Unchunker(self.block, self.body_start, notes).pieces()
        else:
            pieces = self._raw_pieces()
            notes.cut = notes.cut or self._shorter_than_said()
        return decode_pieces(pieces, codings, DECODED_LIMIT, notes) if codings else pieces

    def decoded_pieces(self, notes: Notes, limit: int = DECODED_LIMIT) -> Iterator[bytes]:
        """The decoded body piece by piece, at most *limit* bytes: transfer and content coding undone."""
        return decode_pieces(self.entity_pieces(notes), self.content_codings, limit, notes)

    def outgrows(self, limit: int) -> bool:
        """Whether the entity body has more than *limit* bytes; read no further than to where it has."""
        if self._size - self.body_start <= limit and set(self.transfer_codings) <= {"chunked"}:
            return False
        return any(size > limit for size in accumulate(map(len, self.entity_pieces(Notes()))))

    def entity(self) -> Body:
        """The entity body in memory."""
        notes = Notes()
        return Body(b"".join(self.entity_pieces(notes)), notes)

    def decoded(self, limit: int = DECODED_LIMIT) -> Body:
        """The decoded body in memory, at most *limit* bytes."""
        notes = Notes()
        return Body(b"".join(self.decoded_pieces(notes, limit)), notes)

    def _raw_pieces(self) -> Iterator[bytes]:
        start = self.body_start
        if isinstance(self.block, Spool):
            return self.block.chunks(start)
        return (self.block[at : at + CHUNK] for at in range(start, len(self.block), CHUNK))

    def _shorter_than_said(self) -> bool:
        """Whether Content-Length promises more than there is; a HEAD or 304 answer has no body."""
        said = self.head.get(b"Content-Length")
        have = self._size - self.body_start
        if said is None or not said.isdigit() or have == 0:
            return False
        return have < int(said[:18])
