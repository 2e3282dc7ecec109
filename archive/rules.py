"""Which fields a WARC record must, may and must not have, by its type (WARC 1.0 and 1.1, clauses 5 to 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from archive.fields import PROFILES, RULES, unbracketed
from archive.finding import Finding, Severity
from archive.raw import RawRecord
from archive.scan import show

TYPES = frozenset(
    {"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"}
)
"""The record types of the standard; others are read past (6.1)."""

_MANDATORY = ("warc-type", "warc-record-id", "warc-date", "content-length")
_NEEDED = {
    "response": ("warc-target-uri",),
    "resource": ("warc-target-uri",),
    "request": ("warc-target-uri",),
    "revisit": ("warc-target-uri", "warc-profile"),
    "conversion": ("warc-target-uri",),
    "continuation": ("warc-target-uri", "warc-segment-origin-id", "warc-segment-number"),
}
_REVISIT_ONLY = TYPES - {"revisit"}
_MISPLACED = {
    "warc-target-uri": {"warcinfo"},
    "warc-warcinfo-id": {"warcinfo"},
    "warc-filename": TYPES - {"warcinfo"},
    "warc-ip-address": {"warcinfo", "conversion", "continuation"},
    "warc-concurrent-to": {"warcinfo", "conversion", "continuation"},
    "warc-refers-to": {"warcinfo", "response", "resource", "request", "continuation"},
    "warc-refers-to-target-uri": _REVISIT_ONLY,
    "warc-refers-to-date": _REVISIT_ONLY,
    "warc-profile": _REVISIT_ONLY,
    "warc-payload-digest": {"warcinfo", "metadata"},
    "warc-identified-payload-type": {"warcinfo", "metadata"},
    "warc-segment-origin-id": TYPES - {"continuation"},
    "warc-segment-total-length": TYPES - {"continuation"},
}
"""Fields, and the types of record that they shall not be used in."""

_TOLERATED = {
    # "undefined for other record types" (5.16), which is no "shall not".
    "warc-profile": TYPES,
    # warcio and what is built on it write these on metadata; `archive.check` says whether the digest fits.
    "warc-payload-digest": {"metadata"},
    "warc-identified-payload-type": {"metadata"},
}
_REPEATABLE = frozenset({"warc-concurrent-to"})
_HTTP_TYPES = frozenset({"response", "request", "revisit"})


def rule_findings(record: RawRecord) -> Iterator[Finding]:
    """What is wrong with the header of a WARC record."""
    yield from _Head(record).findings()


class _Head:
    """A record's header, looked at once."""

    def __init__(self, record: RawRecord) -> None:
        self._record = record
        self._names = Counter(each.name.lower().decode("latin-1") for each in record.fields)

    def findings(self) -> Iterator[Finding]:
        yield from self._presence()
        yield from self._values()
        kind = self._record.type
        if kind and kind not in TYPES:
            yield self._told(
                "type-unknown", f"a record of type '{shown_type(self._record)}', which readers skip (6.1)", "info"
            )
        yield from self._content_type()
        yield from self._segment()
        if kind == "revisit":
            yield from self._revisit()

    def _told(self, code: str, message: str, severity: Severity = "error", hint: str = "") -> Finding:
        record = self._record
        identifier = unbracketed(record.text(b"WARC-Record-ID")) or None
        return Finding(code, severity, message, record.file, record.offset, hint, identifier)

    def _presence(self) -> Iterator[Finding]:
        kind = self._record.type
        for name in (*_MANDATORY, *_NEEDED.get(kind, ())):
            if not self._names[name]:
                of = f"a {shown_type(self._record)} record" if kind else "the record"
                yield self._told("field-missing", f"{of} has no {_title(name)}")
        for name, count in self._names.items():
            if count > 1 and name in RULES and name not in _REPEATABLE:
                yield self._told("field-repeated", f"{_title(name)} is given {count} times (5.1)")
            if kind in _MISPLACED.get(name, ()):
                yield self._misplaced(name, kind)

    def _misplaced(self, name: str, kind: str) -> Finding:
        tolerated = kind in _TOLERATED.get(name, ())
        # The two Refers-To fields are the 1.1 standard's; in earlier files they are an extension.
        tolerated = tolerated or (name.startswith("warc-refers-to-") and self._record.version != "1.1")
        message = f"{_title(name)} does not belong in a {kind} record (clause 5)"
        return self._told("field-misplaced", message, "warning" if tolerated else "error")

    def _values(self) -> Iterator[Finding]:
        for each in self._record.fields:
            name = each.name.lower().decode("latin-1")
            if not _is_utf8(each.value):
                message = f"{_title(name)} is not UTF-8: {show(each.value)}"
                yield self._told("field-not-utf8", message, "warning")
            if name in RULES:
                yield from self._value(name, each.value)

    def _value(self, name: str, raw: bytes) -> Iterator[Finding]:
        value = raw.decode("utf-8", "replace")
        if not value:
            yield self._told("field-empty", f"{_title(name)} is empty")
            return
        for fault in RULES[name](value, self._record.version):
            yield self._told(fault.code, f"{_title(name)} {fault.why}: {show(raw)}", fault.severity)

    def _content_type(self) -> Iterator[Finding]:
        """5.6: the media type of the block; 6.2 and 8: application/warc-fields for a warcinfo record."""
        record = self._record
        kind, value = record.type, record.text(b"Content-Type").lower()
        media, _, parameters = value.partition(";")
        media = media.strip()
        if not value:
            if record.size and kind != "continuation" and not self._names["content-type"]:
                message = "a block without Content-Type: readers must guess what it is (5.6)"
                yield self._told("content-type-missing", message, "error" if kind == "warcinfo" else "warning")
        elif kind == "warcinfo" and media != "application/warc-fields":
            yield self._told(
                "content-type-wrong", f"a warcinfo record of {_shown(media)}, not application/warc-fields (8)"
            )
        elif kind in _HTTP_TYPES and record.text(b"WARC-Target-URI").lstrip("<").lower().startswith("http"):
            yield from self._http_type(kind, media, parameters)

    def _http_type(self, kind: str, media: str, parameters: str) -> Iterator[Finding]:
        """6.3.2 and 6.5.2: application/http, of the message that the record's type says."""
        wanted = "request" if kind == "request" else "response"
        if media not in ("application/http", "message/http"):
            if kind != "revisit" and self._record.size:
                message = f"a {kind} record to an HTTP URI of {_shown(media)}, not application/http;msgtype={wanted}"
                yield self._told("content-type-wrong", message, "warning")
            return
        pairs = [each.partition("=") for each in parameters.split(";")]
        given = [value.strip(' \t"') for name, _, value in pairs if name.strip() == "msgtype"]
        if given and given[0] != wanted:
            yield self._told("content-type-wrong", f"a {kind} record of msgtype={_shown(given[0])}, not {wanted}")

    def _segment(self) -> Iterator[Finding]:
        """Clause 7: the first segment has number 1 and its own type, those after it are continuations."""
        value = self._record.text(b"WARC-Segment-Number")
        if not (value.isascii() and value.isdigit()) or not value.strip("0"):
            return
        first = len(value) < 19 and int(value) == 1
        kind = self._record.type
        if kind == "continuation" and first:
            yield self._told("segment-number", "a continuation record with WARC-Segment-Number 1: it is the origin's")
        elif kind != "continuation" and not first:
            kind = shown_type(self._record)
            message = f"a {kind} record with WARC-Segment-Number {value[:20]}: only continuations have more than 1"
            yield self._told("segment-number", message)

    def _revisit(self) -> Iterator[Finding]:
        """6.7: what a profile wants to be there."""
        record = self._record
        name = PROFILES.get(unbracketed(record.text(b"WARC-Profile")), "")
        if "identical-payload-digest" in name and not self._names["warc-payload-digest"]:
            yield self._told(
                "field-missing", "an identical-payload-digest revisit without WARC-Payload-Digest (6.7.2)"
            )
        if name == "server-not-modified" and not self._names["warc-refers-to-target-uri"]:
            message = (
                "a server-not-modified revisit without WARC-Refers-To-Target-URI: players cannot find what it means"
            )
            yield self._told("revisit-untargeted", message, "info")
        elif name and not (self._names["warc-refers-to"] or self._names["warc-refers-to-target-uri"]):
            message = "a revisit that names no record it refers to: it can be found by its digest alone (6.7)"
            yield self._told("revisit-untargeted", message, "info")


def shown_type(record: RawRecord) -> str:
    """The record's type for a message: short and printable, whatever bytes it is of."""
    return _shown(record.type)


def _shown(text: str) -> str:
    return ascii(text[:60])[1:-1] + ("…" if len(text) > 60 else "")


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


_SPECIAL = {"warc": "WARC", "id": "ID", "ip": "IP", "uri": "URI"}


def _title(name: str) -> str:
    """``warc-record-id`` as it is written: ``WARC-Record-ID``."""
    return "-".join(_SPECIAL.get(word, word.capitalize()) for word in name.split("-"))
