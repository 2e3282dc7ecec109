"""A capture: one request and all that came back, as bytes, with its time, address and outcome."""

from __future__ import annotations

import os
import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from archive.spool import Spool

Truncation = Literal["length", "time", "disconnect", "unspecified"]
"""Why a message is cut short: the values of WARC-Truncated (WARC 1.1, 5.13)."""


_RANDOM = random.Random()
"""Seeded by the system; to ask that for each id, as `uuid.uuid4` does, is a system call each."""
os.register_at_fork(after_in_child=_RANDOM.seed)


def new_record_id() -> str:
    """A fresh WARC-Record-ID without its angle brackets: ``urn:uuid:…``, of version 4."""
    return uuid.UUID(int=_RANDOM.getrandbits(128), version=4).urn


@dataclass(frozen=True, slots=True)
class FetchError:
    """Why no response came, or none that counts: the exception's dotted class name and its text."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Capture:
    """One request and all that came back.

    ``request`` and ``response`` are the messages exactly as they crossed the wire (after TLS): start line,
    header fields in their order and case, transfer and content coding kept. ``response`` is None where no
    byte came at all. ``error`` is what was raised in place of an answer: because none came, because it was cut short,
    or because it could not be read. ``interim`` holds 1xx messages that came before the response.
    ``record_id`` is that of the record which will stand for the answer (response, revisit or metadata).
    """

    url: str
    """The URL asked for: ASCII, percent-encoded, punycode host, no fragment."""
    date: datetime
    """When the request was sent: aware, UTC."""
    request: bytes
    response: Spool | None
    interim: tuple[bytes, ...] = ()
    ip: str | None = None
    """The server's address; IPv6 as in RFC 5952."""
    protocols: tuple[str, ...] = ("http/1.1",)
    """Values for WARC-Protocol, e.g. ``("tls/1.3", "http/1.1")``."""
    cipher: str | None = None
    """The TLS cipher suite's IANA name, for WARC-Cipher-Suite."""
    truncated: Truncation | None = None
    error: FetchError | None = None
    record_id: str = field(default_factory=new_record_id)


@dataclass(frozen=True, slots=True)
class Location:
    """Where the record that answers for a capture lies."""

    file: str
    """The WARC file's name, without folder and without ``.open``."""
    offset: int
    """Of the record's gzip member, in bytes."""
    length: int
    """Of the gzip member, in bytes; 0 where it is not known, or the member holds more records than this."""
    record_id: str
    payload_digest: str
    """``sha256:`` and lower-case hex, of the entity body: transfer coding removed, content coding kept."""
    type: str
    """WARC-Type: response, revisit or metadata."""
    member: int = 0
    """The record's place among those of its gzip member, from 0: other programs put several into one."""

    @property
    def place(self) -> tuple[str, int, int]:
        """What no other record has: ids are given twice, or not at all (ARC), by other programs."""
        return self.file, self.offset, self.member
