"""Small WARC files made field by field, right until a test changes something."""

from __future__ import annotations

import base64
import gzip
import hashlib
from pathlib import Path

from archive.check import check
from archive.finding import Finding

DATE = "2026-03-01T12:00:00Z"
URL = "http://example.org/"
ORIGIN = "<urn:uuid:00000000-0000-4000-8000-0000000000aa>"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
REQUEST = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
PACKED_BODY = gzip.compress(b"hello " * 50, mtime=0)
PACKED = (
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%x\r\n%s\r\n0\r\n\r\n" % (len(PACKED_BODY), PACKED_BODY)
)
NOT_MODIFIED_HEAD = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
INFO = b"software: a test\r\nformat: WARC File Format 1.1\r\n"

BLOCKS = {
    "warcinfo": INFO,
    "response": HTTP,
    "request": REQUEST,
    "resource": b"a file",
    "metadata": b"via: http://example.org/\r\n",
    "revisit": b"HTTP/1.1 200 OK\r\n\r\n",
    "conversion": b"a converted file",
    "continuation": b"the rest",
}
CONTENT_TYPES = {
    "warcinfo": "application/warc-fields",
    "response": "application/http;msgtype=response",
    "request": "application/http; msgtype=request",
    "resource": "text/plain",
    "metadata": "application/warc-fields",
    "revisit": "application/http;msgtype=response",
    "conversion": "text/plain",
}
MORE = {
    "warcinfo": {"WARC-Filename": "a.warc"},
    "revisit": {
        "WARC-Profile": IDENTICAL,
        "WARC-Refers-To": ORIGIN,
        "WARC-Refers-To-Target-URI": URL,
        "WARC-Refers-To-Date": DATE,
        "WARC-Truncated": "length",
        "WARC-Payload-Digest": "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N",
    },
    "continuation": {
        "WARC-Segment-Number": "2",
        "WARC-Segment-Origin-ID": ORIGIN,
        "WARC-Segment-Total-Length": "100",
    },
}

Fields = dict[str, str | None]


def uuid(number: int) -> str:
    return f"<urn:uuid:00000000-0000-4000-8000-{number:012x}>"


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def record(
    kind: str = "response",
    block: bytes | None = None,
    fields: Fields | None = None,
    *,
    number: int = 1,
    version: str = "WARC/1.1",
    more: list[tuple[str, str]] | None = None,
    newline: bytes = b"\r\n",
    end: bytes = b"\r\n\r\n",
) -> bytes:
    """A record of type *kind*; *fields* replace its own (None: left out), *more* are put after them."""
    block = BLOCKS.get(kind, b"a block") if block is None else block
    all_fields: Fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": uuid(number),
        "WARC-Date": DATE,
        "WARC-Target-URI": None if kind == "warcinfo" else URL,
        "WARC-Block-Digest": sha256(block),
        "Content-Type": CONTENT_TYPES.get(kind, None if kind == "continuation" else "text/plain"),
        "Content-Length": str(len(block)),
        **MORE.get(kind, {}),
        **(fields or {}),
    }
    pairs = [(name, value) for name, value in all_fields.items() if value is not None] + (more or [])
    lines = [version.encode(), *(f"{name}: {value}".encode("utf-8", "surrogateescape") for name, value in pairs)]
    return newline.join(lines) + newline * 2 + block + end


def members(*records: bytes) -> bytes:
    """A .warc.gz: a member for each."""
    return b"".join(gzip.compress(each, mtime=0) for each in records)


def found(path: Path, data: bytes | None = None) -> list[Finding]:
    """What the check finds in the file; written there first, if *data* is given."""
    if data is not None:
        path.write_bytes(data)
    return list(check(path))


def codes(findings: list[Finding], *severities: str) -> set[str]:
    return {each.code for each in findings if not severities or each.severity in severities}
