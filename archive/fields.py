"""The values of WARC's named fields, each held against its grammar (WARC 1.0 and 1.1, clause 5)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archive.digest import DigestError, parse_digest
from archive.finding import Severity


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value: ``field NAME WHY``."""

    code: str
    why: str
    severity: Severity = "error"


Faults = Iterator[Fault]
Rule = Callable[[str, str], Faults]
"""A field's rule: from its value and the record's version (``1.1``), what is wrong with it."""

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:.", re.DOTALL)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+\Z")
_MEDIA_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}[ \t]*(?:;|\Z)")
_PARAMETERS = re.compile(rf"[^;]+(?:[ \t]*;[ \t]*{_TOKEN}=(?:{_TOKEN}|\"(?:[^\"\\]|\\.)*\"))*[ \t]*\Z")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d))?)?)?\Z",
    re.ASCII,
)
_DIGITS = re.compile(r"[0-9]+\Z")
_REASONS = frozenset({"length", "time", "disconnect", "unspecified"})
_OLD = frozenset({"0.17", "0.18", "1.0"})

_REVISIT = "http://netpreserve.org/warc/{}/revisit/{}"
PROFILES = {
    _REVISIT.format(version, name): name
    for version in ("0.17", "0.18", "1.0", "1.1")
    for name in ("identical-payload-digest", "uri-agnostic-identical-payload-digest", "server-not-modified")
}
"""The revisit profiles of the standard (6.7) and of the IIPC's proposal for duplicates, by URI."""


def unbracketed(value: str) -> str:
    """A URI or identifier without the angle brackets that some write around it."""
    return value[1:-1] if value.startswith("<") and value.endswith(">") else value


def bare_uri(value: str, version: str) -> Faults:
    """A URI by RFC 3986, without angle brackets (WARC 1.0 defined it with them)."""
    if value.startswith("<") and value.endswith(">"):
        severity: Severity = "warning" if version in _OLD else "error"
        yield Fault("uri-bracketed", "stands in angle brackets, which many readers keep", severity)
        value = value[1:-1]
    yield from _uri(value)


def _uri(value: str) -> Faults:
    if not _SCHEME.match(value):
        yield Fault("uri-malformed", "is no URI: it has no scheme (RFC 3986)")
    elif re.search(r"\s", value):
        yield Fault("uri-malformed", "is no URI: it holds white space (RFC 3986)")
    elif not _URI.match(value):
        yield Fault("uri-unescaped", "holds characters that RFC 3986 wants percent-encoded", "warning")


def identifier(value: str, version: str) -> Faults:
    """A record's identifier: a URI in angle brackets (5.2)."""
    del version
    if not (value.startswith("<") and value.endswith(">")):
        yield Fault("id-unbracketed", "stands without angle brackets")
    for fault in _uri(unbracketed(value)):
        # A target is kept as it was fetched, but an identifier is made by the writer.
        yield replace(fault, severity="error")


def date(value: str, version: str) -> Faults:
    """A UTC timestamp in the W3C profile of ISO 8601; WARC 1.0 has whole seconds, 1.1 any granularity."""
    match = _DATE.match(value)
    if not match and (match := _DATE.match(value.upper())):
        # The profile's letters are literal, but small ones count as valid among JHOVE's samples.
        yield Fault("date-case", "is not written with a capital T and Z", "warning")
    if not match:
        what = "is written in digits alone" if _DIGITS.match(value) else "is no timestamp"
        yield Fault("date-malformed", f"{what}; YYYY-MM-DDThh:mm:ssZ is wanted")
        return
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if not _exists(year, month or "1", day or "1", hour or "0", minute or "0", second or "0"):
        yield Fault("date-malformed", "is no date of the calendar")
    if zone and zone != "Z":
        tolerated = zone[1:] == "00:00" and version not in _OLD
        yield Fault("date-zone", "is not given in UTC, as Z", "warning" if tolerated else "error")
    if fraction and len(fraction) > 9:
        yield Fault("date-fraction", "has more than nine digits after the point")
    elif version in _OLD and (fraction or not second):
        # Many writers of WARC/1.0 give a fraction, and all readers cut it; less than seconds few can read.
        severity: Severity = "warning" if second else "error"
        yield Fault("date-granularity", f"is not in whole seconds, as WARC/{version} has it", severity)


def _exists(year: str, month: str, day: str, hour: str, minute: str, second: str) -> bool:
    """A leap second is a second, the last of a day."""
    try:
        datetime(int(year) or 1, int(month), int(day), int(hour), int(minute), min(int(second), 59))
    except ValueError:
        return False
    return int(second) < 60 or (hour, minute, second) == ("23", "59", "60")


def number(value: str, version: str) -> Faults:
    """Decimal digits."""
    del version
    if not _DIGITS.match(value):
        yield Fault("number-malformed", "is no number")


def segment(value: str, version: str) -> Faults:
    """A segment's number, from 1."""
    yield from number(value, version)
    if _DIGITS.match(value) and not value.strip("0"):
        yield Fault("segment-number", "is 0; segments are counted from 1")


def media_type(value: str, version: str) -> Faults:
    """A media type; spaces around ``;`` are allowed, as RFC 9110 has it."""
    del version
    if not _MEDIA_TYPE.match(value):
        yield Fault("media-type-malformed", "is no media type")
    elif not _PARAMETERS.match(value):
        yield Fault("media-type-parameter", "has a parameter that is malformed", "warning")


def digest(value: str, version: str) -> Faults:
    """A labelled digest."""
    del version
    try:
        parsed = parse_digest(value)
    except DigestError as error:
        yield Fault("digest-malformed", str(error))
    else:
        if not parsed.known:
            yield Fault("digest-unknown", f"uses {parsed.algorithm}, which is not computed here", "info")


def address(value: str, version: str) -> Faults:
    """An IPv4 or IPv6 address."""
    del version
    try:
        ipaddress.ip_address(value)
    except ValueError:
        yield Fault("address-malformed", "is no IP address")


def reason(value: str, version: str) -> Faults:
    """Why a block is truncated; other tokens than the standard's four are extensions."""
    del version
    if not re.fullmatch(_TOKEN, value):
        yield Fault("truncated-malformed", "is no reason for a truncation")
    elif value.lower() not in _REASONS:
        yield Fault("truncated-unknown", "is a reason that the standard does not name", "info")


def profile(value: str, version: str) -> Faults:
    """A revisit profile's URI."""
    uri = unbracketed(value)
    yield from bare_uri(value, version)
    if _SCHEME.match(uri) and uri not in PROFILES:
        yield Fault("profile-unknown", "is a profile that is not known here", "info")


def record_type(value: str, version: str) -> Faults:
    """A type's name."""
    del version
    if not re.fullmatch(_TOKEN, value):
        yield Fault("type-malformed", "is no token")


def text(value: str, version: str) -> Faults:
    """Any text."""
    del value, version
    yield from ()


RULES: dict[str, Rule] = {
    "warc-type": record_type,
    "warc-record-id": identifier,
    "warc-date": date,
    "content-length": number,
    "content-type": media_type,
    "warc-concurrent-to": identifier,
    "warc-block-digest": digest,
    "warc-payload-digest": digest,
    "warc-ip-address": address,
    "warc-refers-to": identifier,
    "warc-refers-to-target-uri": bare_uri,
    "warc-refers-to-date": date,
    "warc-target-uri": bare_uri,
    "warc-truncated": reason,
    "warc-warcinfo-id": identifier,
    "warc-filename": text,
    "warc-profile": profile,
    "warc-identified-payload-type": media_type,
    "warc-segment-origin-id": identifier,
    "warc-segment-number": segment,
    "warc-segment-total-length": number,
}
"""The fields that the standard defines, by their names in lower case."""
