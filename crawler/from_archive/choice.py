"""Which captures a replay answers from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from archive.entry import parse_date

Which = Literal["all", "newest", "first"]

_LAST_MOMENT = "99991231235959"
_PARTS = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(\.\d{1,9})?)?)?)?)?Z?")


@dataclass(frozen=True, slots=True)
class Choice:
    """An archive, and which captures of each URL count."""

    source: Path
    """A collection, a folder of WARC or ARC files, one such file, or a WACZ."""
    which: Which = "all"
    """All captures of a URL, each in its turn, or its newest or first one alone: the first after which no crawl
    asks again."""
    as_of: datetime | None = None
    """Captures after it do not count."""


def last_moment(text: str) -> datetime:
    """The last moment of a year, month, day, minute or second: ``2026``, ``2026-01-31``, ``2026-01-31T12:00:00Z``.

    In UTC; 4 to 14 digits without anything between them do too. Raises ValueError where it is none.
    """
    match = _PARTS.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"no date: {text!r}; wanted is one such as 2026-01-31 or 2026-01-31T12:00:00Z (UTC)")
    digits = "".join(part or "" for part in match.groups()[:6])
    if match[7]:
        return parse_date(digits).replace(microsecond=int(match[7][1:7].ljust(6, "0")))
    return _filled(digits, text)


def _filled(digits: str, text: str) -> datetime:
    """The last microsecond of what *digits* name; a month's last day is the last that there is."""
    day = [""] if len(digits) != len("202601") else ["31", "30", "29", "28"]
    for last in day:
        whole = digits + last
        whole += _LAST_MOMENT[len(whole) :]
        try:
            return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(microsecond=999_999, tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(f"no date: {text!r}; there is no such day or time")
