"""The header line of an ARC record (Internet Archive, versions 1 and 2)."""

from __future__ import annotations

import re

FIELDS = {
    5: (b"URL", b"IP-address", b"Archive-date", b"Content-type", b"Archive-length"),
    10: (
        b"URL",
        b"IP-address",
        b"Archive-date",
        b"Content-type",
        b"Result-code",
        b"Checksum",
        b"Location",
        b"Offset",
        b"Filename",
        b"Archive-length",
    ),
}
"""The names of the values that `arc_values` gives, by how many they are: version 1 and version 2."""

_DATE = re.compile(rb"\d{8,18}\Z")
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*:")
_NEXT = re.compile(rb"\n(?=[A-Za-z][A-Za-z0-9+.\-]*:)")
_DIGITS = re.compile(rb"\d+\Z")


def begins_arc(data: bytes) -> bool:
    """Whether *data* begins as a URL does, and so may be an ARC record's header line."""
    return _SCHEME.match(data) is not None


def next_arc_line(data: bytes, most: int) -> int:
    """Where in *data* the next line begins that may be an ARC record's; where that is not at hand, up to *most*."""
    match = _NEXT.search(data)
    if match:
        return match.end()
    return data.rfind(b"\n", 0, most) + 1 or most


def arc_values(line: bytes) -> tuple[bytes, ...] | None:
    """The five (version 1) or ten (version 2) values of an ARC record's header line; None if it is none.

    URL and content type may hold spaces, as some writers left them.
    """
    if not begins_arc(line):
        return None
    words = line.split(b" ")
    for at in range(2, len(words) - 2):
        if _DATE.match(words[at]):
            break
    else:
        return None
    head = (b" ".join(words[: at - 1]), words[at - 1], words[at])
    rest = words[at + 1 :]
    if len(rest) >= 7 and _DIGITS.match(rest[-6]):
        return (*head, b" ".join(rest[:-6]), *rest[-6:])
    return (*head, b" ".join(rest[:-1]), rest[-1])
