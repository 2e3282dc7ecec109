"""Content codings undone piece by piece: gzip, deflate (zlib or raw), br, zstd, several in a row."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import brotli
import zstandard
from isal import isal_zlib

from archive.spool import Spool

_STEP = 1 << 20
"""Bytes that one call of a decompressor gives at most: a bomb is met in steps."""

_WHOLE = 256 * 1024
"""Coded bytes gathered before decoding begins; most bodies are whole by then."""

_ZSTD_FEED = 256
"""Bytes fed to zstd at a time: its decompressor has no limit of output, and 4 bytes can make 128 KiB."""


MOST_CODINGS = 8
"""Codings undone one after another; a header that names more is no honest one."""


@dataclass(slots=True)
class Notes:
    """What was found while a body was read; complete once the body has been read to its end."""

    chunked: bool = False
    """The body was in chunks in fact."""
    cut: bool = False
    """Transfer coding, content coding or Content-Length say that more should have come."""
    limited: bool = False
    """More than the caller's limit would have come."""
    undecoded: str | None = None
    """The coding that is unknown, or that the bytes are not in: they are given as they are."""


class BadCodingError(Exception):
    """Bytes that are not in the coding, or no longer."""


class _Decoder(Protocol):
    @property
    def finished(self) -> bool: ...

    def feed(self, data: bytes) -> Iterator[bytes]: ...


def decode_pieces(pieces: Iterator[bytes], codings: list[str], limit: int, notes: Notes) -> Iterator[bytes]:
    """*pieces* with *codings* (named in the order applied) undone from last to first, at most *limit* bytes.

    Never raises: an unknown coding ends the undoing, bytes that are not in the coding pass as they are
    (``notes.undecoded``), of a cut or broken stream comes what can be decoded (``notes.cut``).
    """
    if len(codings) > MOST_CODINGS:
        notes.undecoded = f"{len(codings)} codings"
        codings = []
    for name in reversed(codings):
        if name not in _DECODERS:
            notes.undecoded = name
            break
        pieces = _limited(_undo(pieces, name, notes), limit, notes)
    return _limited(pieces, limit, notes)


def _limited(pieces: Iterator[bytes], limit: int, notes: Notes) -> Iterator[bytes]:
    for piece in pieces:
        if len(piece) > limit:
            notes.limited = True
            yield piece[:limit]
            return
        limit -= len(piece)
        yield piece


def _undo(pieces: Iterator[bytes], name: str, notes: Notes) -> Iterator[bytes]:
    first = _gather(pieces)
    if not first:
        return
    decoder = _DECODERS[name](first, len(first) < _WHOLE)
    begun = False
    held: Spool | None = None  # what was fed behind it until something came out: given as it is if that is junk
    try:
        for piece in chain((first,), pieces):
            if not begun and piece is not first:
                held = held or Spool()
                held.write(piece)
            for part in decoder.feed(piece):
                begun = True
                yield part
    except BadCodingError:
        notes.cut = notes.cut or begun
        if not begun:
            notes.undecoded = name
            yield from chain((first,), held.chunks() if held else (), pieces)
    else:
        notes.cut = notes.cut or not decoder.finished
    finally:
        if held is not None:
            held.close()


def _gather(pieces: Iterator[bytes]) -> bytes:
    """The first pieces as one, of `_WHOLE` bytes or more where there are so many."""
    first = next(pieces, b"")
    if len(first) >= _WHOLE:
        return first
    parts, size = [first], len(first)
    while size < _WHOLE and (piece := next(pieces, None)) is not None:
        parts.append(piece)
        size += len(piece)
    return b"".join(parts)


class _Inflate:
    """gzip (any number of members) and deflate, in a stream; what follows the last member is dropped."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inflate = zlib.decompressobj(wbits)
        self.finished = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data and self._ready(data):
            before = self._inflate.copy()
            try:
                part = self._inflate.decompress(data, _STEP)
            except zlib.error as error:
                yield _salvage(before, data)
                raise BadCodingError from error
            if part:
                yield part
            self.finished = self._inflate.eof
            data = self._inflate.unused_data if self.finished else self._inflate.unconsumed_tail

    def _ready(self, data: bytes) -> bool:
        """Whether *data* goes on, or begins another member."""
        if not self.finished:
            return True
        if self._wbits < _GZIP or not data.startswith(b"\x1f\x8b"):
            return False
        self._inflate = zlib.decompressobj(self._wbits)
        return True


def _salvage(inflate: zlib._Decompress, data: bytes) -> bytes:
    """What comes out before the error: zlib keeps it back when the call that meets the error raises."""
    parts = []
    try:
        for at in range(len(data)):
            parts.append(inflate.decompress(data[at : at + 1]))
    except zlib.error:
        pass  # the error looked for
    return b"".join(parts)


class _InflateWhole:
    """The same for a stream that is one piece: ISA-L, 2 to 3 times as fast as zlib."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self.finished = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        inflate = isal_zlib.decompressobj(self._wbits)
        given, rest = 0, data
        while rest and not inflate.eof:
            try:
                part = inflate.decompress(rest, _STEP)
            except _ISAL_ERROR:
                yield from self._again(data, given)
                return
            given += len(part)
            yield part
            rest = inflate.unconsumed_tail
        self.finished = inflate.eof
        if inflate.unused_data:
            yield from self._again(data, given)

    def _again(self, data: bytes, given: int) -> Iterator[bytes]:
        """With zlib, for a broken stream and for several members, from byte *given* of the output on."""
        slow = _Inflate(self._wbits)
        for part in slow.feed(data):
            if part[given:]:
                yield part[given:]
            given = max(0, given - len(part))
        self.finished = slow.finished


class _Brotli:
    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._brotli.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self._brotli.is_finished():
            try:
                part = self._brotli.process(data, output_buffer_limit=_STEP)
            except brotli.error as error:
                raise BadCodingError from error
            if not part and self._brotli.can_accept_more_data():
                return  # not before: it gives 32 KiB a call of what was stored uncompressed, and says it is ready
            yield part
            data = b""


class _Zstd:
    def __init__(self) -> None:
        self._zstd = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False

    @property
    def finished(self) -> bool:
        return self._zstd.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _ZSTD_FEED):
            rest = data[at : at + _ZSTD_FEED]
            while rest:
                yield from self._step(rest)
                rest = self._zstd.unused_data if self._zstd.eof else b""

    def _step(self, data: bytes) -> Iterator[bytes]:
        """One frame's share of *data*; several frames may follow each other (RFC 8878, 3.1)."""
        if self._zstd.eof:
            self._zstd = zstandard.ZstdDecompressor().decompressobj()
        try:
            part = self._zstd.decompress(data)
        except zstandard.ZstdError as error:
            raise BadCodingError from error
        if part:
            yield part


_ISAL_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # isal's stub names an instance
_GZIP = zlib.MAX_WBITS + 16


def _inflate(wbits: int, whole: bool) -> _Decoder:
    return _InflateWhole(wbits) if whole else _Inflate(wbits)


def _gzip(_: bytes, whole: bool) -> _Decoder:
    return _inflate(_GZIP, whole)


def _deflate(first: bytes, whole: bool) -> _Decoder:
    """RFC 9110, 8.4.1.2 wants zlib's wrapper; many servers send raw deflate."""
    wrapped = first[0] & 0x0F == 8 and int.from_bytes(first[:2], "big") % 31 == 0
    return _inflate(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS, whole)


_DECODERS: dict[str, Callable[[bytes, bool], _Decoder]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": lambda *_: _Brotli(),
    "zstd": lambda *_: _Zstd(),
}
