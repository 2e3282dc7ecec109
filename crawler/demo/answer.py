"""An answer of the site before it is put on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer is delivered."""

    gzip: bool = False
    """Compressed to clients that accept it."""
    framing: Literal["length", "chunked", "close"] = "length"
    """How its end is told (RFC 9112, 6.3)."""
    slow: bool = False
    busy: bool = False
    """Answered by 503 and Retry-After the first time."""


PLAIN = Manner()


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header fields and body, with no coding applied."""

    status: int
    body: bytes = b""
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    modified: datetime | None = None
    """For Last-Modified; an answer that has it has an ETag too."""
    manner: Manner = PLAIN


def redirect(status: int, location: str) -> Answer:
    """A redirect to *location* with a line of text for people."""
    body = f'<!doctype html><title>Moved</title><p><a href="{location}">{location}</a></p>\n'
    return Answer(status, body.encode(), headers=(("Location", location),))
