"""A line of the index: where one capture lies, and what must be known of it without opening its file.

CDXJ 0.1.0: ``KEY TIMESTAMP {json}``. Beside the usual keys (url, mime, status, digest, length, offset, filename) ours
are: date (the full WARC-Date), id (the record's), member (the record's place in its gzip member, where that holds
several), decoded (digest of the body with content coding undone, where that differs from digest), truncated, error
and message, refersTo, refersToUrl, refersToDate.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from archive.capture import FetchError, Location
from archive.errors import IndexFormatError
from archive.surt import url_key

NOT_MODIFIED_PREFIX = "not-modified:"
"""Begins the key of a 304: shown to a browser that never asked for it conditionally, it is a blank page, and pywb
takes the newest capture there is. The response that it stands for is beside it, under the plain key."""

ERROR_PREFIX = "error:"
"""Begins the key of a fetch that got no answer: pywb looks for ``com,…`` and never meets it."""

REVISIT_MIME = "warc/revisit"
ERROR_MIME = "application/warc-fields"

_DATE = re.compile(
    r"(\d{4}(?:-\d\d){0,2}(?:T\d\d(?::\d\d){0,2})?|\d{10,18})(?:\.(\d*))?(?:Z|([+-]\d\d):?(\d\d))?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(r"T[\d:.]+[+-]\d\d:?\d\d\Z", re.ASCII | re.IGNORECASE)
_DIGITS = re.compile(r"\d{4,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reference:
    """The original response of a revisit: WARC-Refers-To, -Target-URI and -Date."""

    record_id: str
    url: str
    date: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One capture in the index."""

    url: str
    date: str
    """WARC-Date as the record has it (from a line of others, the timestamp written so)."""
    file: str
    offset: int
    length: int
    record_id: str
    """``urn:uuid:…``; empty in a line of others."""
    digest: str
    """Of the entity body, as the record has it; empty for a failed fetch."""
    mime: str
    """Of the Content-Type field; "warc/revisit" for a revisit, as pywb wants it."""
    status: int | None
    decoded: str = ""
    """Digest of the body with content coding undone; empty where it is the same as ``digest``."""
    truncated: str = ""
    error: FetchError | None = None
    refers_to: Reference | None = None
    member: int = 0
    """The record's place among those of its gzip member, from 0."""

    @property
    def type(self) -> str:
        """The WARC-Type of the record: response, revisit or metadata (a failed fetch)."""
        if self.mime == REVISIT_MIME:
            return "revisit"
        return "metadata" if self.error and self.status is None and not self.digest else "response"

    @property
    def key(self) -> str:
        """The first word of the line."""
        return self._prefix + url_key(self.url)

    @property
    def _prefix(self) -> str:
        if self.type == "metadata":
            return ERROR_PREFIX
        return NOT_MODIFIED_PREFIX if self.status == 304 else ""

    @property
    def when(self) -> datetime:
        """The date, aware and in UTC."""
        return parse_date(self.date)

    @property
    def location(self) -> Location:
        """Where the record lies."""
        return Location(self.file, self.offset, self.length, self.record_id, self.digest, self.type, self.member)

    @property
    def decoded_digest(self) -> str:
        """Digest of the body with transfer and content coding undone."""
        return self.decoded or self.digest

    def line(self) -> bytes:
        """The line, ``\\n`` included. The date comes first in the JSON, so that same-second lines sort by it."""
        fields = {name: value for name, value in self._fields() if value}
        text = json.dumps(fields, ensure_ascii=True, separators=(", ", ": "))
        return f"{self.key} {timestamp(self.date)} {text}\n".encode("ascii")

    def _fields(self) -> list[tuple[str, str]]:
        """Numbers are written as strings, as pywb and its kin write them."""
        refers = self.refers_to or Reference("", "", "")
        error = self.error or FetchError("", "")
        return [
            ("date", self.date),
            ("url", self.url),
            ("mime", self.mime),
            ("status", "-" if self.status is None else str(self.status)),
            ("digest", self.digest),
            ("length", str(self.length)),
            ("offset", str(self.offset)),
            ("filename", self.file),
            ("member", str(self.member or "")),
            ("id", self.record_id),
            ("decoded", self.decoded),
            ("truncated", self.truncated),
            ("error", error.kind),
            ("message", error.message),
            ("refersTo", refers.record_id),
            ("refersToUrl", refers.url),
            ("refersToDate", refers.date),
        ]


def parse_line(line: bytes, where: str = "index") -> Entry:
    """The entry of a CDXJ *line*, ours or another's; raises IndexFormatError naming *where*."""
    try:
        _, stamp, text = line.decode("utf-8").split(" ", 2)
        fields = json.loads(text)
        return _entry(fields, stamp)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise IndexFormatError(f"{where}: no CDXJ: {line[:120]!r} ({error})") from error


def _entry(fields: dict[str, Any], stamp: str) -> Entry:
    def text(name: str) -> str:
        return str(fields.get(name) or "")

    status = text("status")
    date = text("date") or date_of_timestamp(stamp)
    parse_date(date)  # what sorts by it must not find out later that it is none
    return Entry(
        url=str(fields["url"]),
        date=date,
        file=str(fields["filename"]),
        offset=int(fields["offset"]),
        length=int(fields.get("length") or 0),
        record_id=text("id"),
        digest=text("digest"),
        mime=text("mime"),
        status=int(status) if status.isdigit() else None,
        decoded=text("decoded"),
        truncated=text("truncated"),
        error=FetchError(text("error"), text("message")) if fields.get("error") else None,
        refers_to=Reference(text("refersTo"), text("refersToUrl"), text("refersToDate"))
        if fields.get("refersTo")
        else None,
        member=int(fields.get("member") or 0),
    )


@lru_cache(maxsize=64)
def format_date(when: datetime) -> str:
    """*when* (aware) as a WARC-Date: UTC, six fraction digits, so that dates sort as text."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_date(date: str) -> datetime:
    """A WARC-Date of any precision (or 10 to 18 digits) as an aware datetime in UTC, cut to microseconds.

    It may be written with small letters, or with an offset from UTC, as other programs do (RFC 3339). Raises
    ValueError if it is none.
    """
    match = _DATE.fullmatch(date.strip())
    if not match or (match[3] and "T" not in match[1].upper()):
        raise ValueError(f"no WARC-Date: {date!r}")
    whole, fraction, hours, minutes = match.groups()
    moment = datetime.strptime(timestamp(whole), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if hours:
        moment = _in_utc(moment, hours, minutes)
    return moment.replace(microsecond=int((fraction or "")[:6].ljust(6, "0")))


def _in_utc(moment: datetime, hours: str, minutes: str) -> datetime:
    """*moment* of a clock that is so many hours (with their sign) and minutes ahead of UTC."""
    if int(minutes) > 59:
        raise ValueError(f"no offset from UTC: {hours}:{minutes}")
    ahead = timedelta(hours=abs(int(hours)), minutes=int(minutes))
    try:
        return moment.replace(tzinfo=timezone(-ahead if hours.startswith("-") else ahead)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"not between the years 1 and 9999: {moment}") from error


def is_date(text: str) -> bool:
    """Whether it is a date that `parse_date` can read."""
    try:
        parse_date(text)
    except ValueError:
        return False
    return True


def timestamp(date: str) -> str:
    """The 14 digits of a WARC-Date, in UTC, cut, never rounded; a shorter one is filled up with its first moment."""
    if _OFFSET.search(date):
        with suppress(ValueError):
            date = parse_date(date).isoformat()[: len("2026-03-01T12:00:00")]
    digits = re.sub(r"[^0-9]", "", date.partition(".")[0])[:14]
    return digits + "00000101000000"[len(digits) :]


def arc_date(stamp: str) -> str:
    """The date of an ARC record as a WARC-Date; empty where it is none."""
    try:
        return date_of_timestamp(stamp)
    except ValueError:
        return ""


def date_of_timestamp(stamp: str) -> str:
    """A WARC-Date for a timestamp of 4 to 14 digits; ValueError if it is none."""
    if not _DIGITS.fullmatch(stamp):
        raise ValueError(f"no timestamp: {stamp!r}")
    full = timestamp(stamp)
    return f"{full[:4]}-{full[4:6]}-{full[6:8]}T{full[8:10]}:{full[10:12]}:{full[12:]}Z"
