"""WARC records: what their headers say (WARC 1.1, clauses 5 and 6), framed by warcio with the block as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.capture import Capture, new_record_id
from archive.entry import Reference, format_date
from archive.message import Block, read_head
from archive.payload import block_digest
from archive.spool import Spool
from archive.surt import ascii_url

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
REQUEST_TYPE = "application/http;msgtype=request"
RESPONSE_TYPE = "application/http;msgtype=response"
FIELDS_TYPE = "application/warc-fields"

_CREDENTIALS = re.compile(
    rb"^((?:authorization|proxy-authorization|cookie)[ \t]*:[ \t]*)[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class WarcInfo:
    """Who crawled, with what and how: the warcinfo record that opens each file (WARC 1.1, 6.2)."""

    software: str
    operator: str = ""
    user_agent: str = ""
    robots: str = "classic"
    is_part_of: str = ""
    description: str = ""

    def block(self) -> bytes:
        """The record's block, in application/warc-fields; what is empty is left out."""
        return warc_fields(
            [
                ("software", self.software),
                ("format", "WARC File Format 1.1"),
                ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
                ("robots", self.robots),
                ("operator", self.operator),
                ("http-header-user-agent", self.user_agent),
                ("isPartOf", self.is_part_of),
                ("description", self.description),
            ]
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A record to be written: its type, the fields that differ from record to record, its block."""

    type: str
    record_id: str
    date: str
    content_type: str
    fields: Fields
    block: Block

    @property
    def size(self) -> int:
        """Content-Length."""
        return len(self.block) if isinstance(self.block, bytes) else self.block.size


def warc_fields(fields: Fields) -> bytes:
    """An application/warc-fields block; line breaks in values become spaces, for folded lines are not to be."""
    return "".join(f"{name}: {clean(value)}\r\n" for name, value in fields if value).encode("utf-8", "replace")


def clean(value: str) -> str:
    """*value* in one line: control characters and runs of white space become one space."""
    if value.isascii() and value.isprintable() and "  " not in value and value == value.strip():
        return value
    value = value.encode("utf-8", "replace").decode()
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", value).split())


def warcinfo(info: WarcInfo, filename: str, date: str) -> Record:
    """The warcinfo record of the file *filename*."""
    fields = [("WARC-Filename", filename)]
    return Record("warcinfo", new_record_id(), date, FIELDS_TYPE, fields, info.block())


def request(capture: Capture, *, mask: bool) -> Record:
    """The request; with *mask*, stars for the values of Authorization, Proxy-Authorization and Cookie."""
    block = masked(capture.request) if mask else capture.request
    fields = [("WARC-Concurrent-To", f"<{capture.record_id}>"), *_wire(capture)]
    return _of(capture, "request", REQUEST_TYPE, fields, block, new_record_id())


def interim(capture: Capture, message: bytes) -> Record:
    """A 1xx message: a metadata record, for readers would take a response for the answer."""
    fields = [("WARC-Concurrent-To", f"<{capture.record_id}>"), *_wire(capture)]
    return _of(capture, "metadata", RESPONSE_TYPE, fields, message, new_record_id())


def response(capture: Capture, block: Block, digest: str, request_id: str | None) -> Record:
    """The answer as it came, whole or cut short (WARC-Truncated)."""
    fields = [*_concurrent(request_id), *_wire(capture), ("WARC-Payload-Digest", digest)]
    if capture.truncated:
        fields.append(("WARC-Truncated", capture.truncated))
    return _of(capture, "response", RESPONSE_TYPE, fields, block)


def revisit(
    capture: Capture, head: bytes, profile: str, digest: str, original: Reference, request_id: str | None
) -> Record:
    """An answer whose payload is that of *original* (WARC 1.1, 6.7); the block is the answer's own head."""
    fields = [*_concurrent(request_id), *_wire(capture), ("WARC-Profile", profile)]
    fields.append(("WARC-Payload-Digest", digest))
    fields.append(("WARC-Refers-To", f"<{original.record_id}>"))
    fields.append(("WARC-Refers-To-Target-URI", original.url))
    fields.append(("WARC-Refers-To-Date", original.date))
    if profile == IDENTICAL_PAYLOAD:
        fields.append(("WARC-Truncated", "length"))
    return _of(capture, "revisit", RESPONSE_TYPE, fields, head)


def failure(capture: Capture, request_id: str | None) -> Record:
    """Why no answer came, or why it was cut short: error class and text as metadata of the fetch."""
    assert capture.error is not None
    block = warc_fields([("error", capture.error.kind), ("message", capture.error.message)])
    if capture.response is None:
        return _of(capture, "metadata", FIELDS_TYPE, _concurrent(request_id), block)
    return _of(capture, "metadata", FIELDS_TYPE, _concurrent(capture.record_id), block, new_record_id())


def masked(message: bytes) -> bytes:
    """The request *message* with credentials in its head starred out; its body as it is."""
    head = read_head(message).raw
    return _CREDENTIALS.sub(rb"\1***", head) + message[len(head) :]


def _of(
    capture: Capture, type_: str, content_type: str, fields: Fields, block: Block, record_id: str | None = None
) -> Record:
    fields = [("WARC-Target-URI", ascii_url(capture.url)), *fields]
    date = format_date(capture.date)
    return Record(type_, record_id or capture.record_id, date, content_type, fields, block)


def _concurrent(record_id: str | None) -> Fields:
    return [("WARC-Concurrent-To", f"<{record_id}>")] if record_id else []


def _wire(capture: Capture) -> Fields:
    fields = [("WARC-IP-Address", capture.ip)] if capture.ip else []
    fields += [("WARC-Protocol", protocol) for protocol in capture.protocols]
    return fields + ([("WARC-Cipher-Suite", capture.cipher)] if capture.cipher else [])


class Sink(Protocol):
    """Where the bytes of a record go."""

    def write(self, data: bytes, /) -> object:
        """Take *data*."""

    def flush(self) -> object:
        """Know that the record is complete."""


class Framer(WARCWriter):  # type: ignore[misc]  # warcio is untyped
    """warcio's writer, given the block as bytes and the digests ready: it parses and computes nothing."""

    def __init__(self) -> None:
        super().__init__(None, gzip=False, warc_version="WARC/1.1")

    def ensure_digest(self, record: object, block: bool = True, payload: bool = True) -> None:
        """Leave the digests as they are; warcio would add one to records that have no payload."""

    def frame(self, record: Record, warcinfo_id: str | None, out: Sink) -> None:
        """Write *record* to *out*, uncompressed; *out* is flushed once, at its end."""
        fields = [
            ("WARC-Type", record.type),
            ("WARC-Record-ID", f"<{record.record_id}>"),
            ("WARC-Date", record.date),
            *([("WARC-Warcinfo-ID", f"<{warcinfo_id}>")] if warcinfo_id else []),
            *((name, clean(value)) for name, value in record.fields),
            ("WARC-Block-Digest", block_digest(record.block)),
            ("Content-Type", record.content_type),
        ]
        headers = StatusAndHeaders("", fields, protocol="WARC/1.1")
        stream = BlockReader(record.block)
        head = RawHead(record.block) if record.type == "revisit" and isinstance(record.block, bytes) else None
        framed = ArcWarcRecord("warc", record.type, headers, stream, head, None, record.size)
        self._write_warc_record(out, framed)


class RawHead:
    """A revisit's block, which warcio writes only if it is the head of a message: given so, byte for byte."""

    def __init__(self, raw: bytes) -> None:
        self.headers_buff = raw

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """Keep the bytes."""


class BlockReader:
    """A block as the stream that warcio copies; in pieces as large as they come, for a codec packs those better."""

    def __init__(self, block: Block) -> None:
        self._pieces = block.chunks() if isinstance(block, Spool) else iter((block,) if block else ())

    def read(self, size: int = -1) -> bytes:
        """The next piece, of any length; empty at the end."""
        return next(self._pieces, b"")
