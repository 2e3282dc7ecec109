"""A raw record of a WARC or ARC file: its header's fields as bytes, its place, its block as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["warc", "arc"]


@dataclass(frozen=True, slots=True)
class Field:
    """A named field; the value with its folded lines joined by a space, and no space around it."""

    name: bytes
    value: bytes
    folded: bool = False


@dataclass(slots=True)
class RawRecord:
    """One record as it lies. Its block can be read once, by `chunks`, before the scan goes on."""

    file: str
    offset: int
    """Of the record, or of the gzip member that holds it."""
    kind: Kind
    version: str
    """``1.1`` of ``WARC/1.1``; of an ARC record ``1`` or ``2``, by the fields it has."""
    fields: tuple[Field, ...]
    size: int | None
    """The block's length as the header says it; None where it says none that can be read."""
    member: int = 0
    """Its place among the records of its gzip member, from 0; 0 where the file is not compressed."""
    length: int = 0
    """Bytes of the record, or of its gzip member, in the file; known when the scan has gone on."""
    ending: bytes = b""
    """The line ends after the block; known when the block has been read."""
    whole: bool = False
    """Whether the block was there as long as the header says; known when the block has been read."""
    corrupt: bool = False
    """Whether its gzip member cannot be inflated or has another CRC-32; known when the scan has gone on."""
    _values: dict[bytes, list[bytes]] = field(default_factory=dict, repr=False)
    _pieces: Iterator[bytes] = field(default_factory=lambda: iter(()), repr=False)

    def all(self, name: bytes) -> list[bytes]:
        """The values of the fields of that *name*, in any case, in order."""
        if not self._values:
            for each in self.fields:
                self._values.setdefault(each.name.lower(), []).append(each.value)
        return self._values.get(name.lower(), [])

    def get(self, name: bytes) -> bytes | None:
        """The first value of that *name*, or None."""
        values = self.all(name)
        return values[0] if values else None

    def text(self, name: bytes) -> str:
        """The first value of that *name* as text, bytes that are not UTF-8 kept as surrogates; empty if absent."""
        return (self.get(name) or b"").decode("utf-8", "surrogateescape")

    @property
    def type(self) -> str:
        """WARC-Type in lower case; ``arc`` for a record of an ARC file."""
        return "arc" if self.kind == "arc" else self.text(b"WARC-Type").lower()

    def chunks(self) -> Iterator[bytes]:
        """The block, piece by piece, as long as the header says and the file has it."""
        return self._pieces
