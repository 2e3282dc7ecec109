"""From an answer to the bytes of an HTTP/1.1 message: conditions, compression, framing."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus

from crawler.demo.answer import Answer

CHUNK = 4096
"""Bytes in a chunk of a chunked body."""


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request; header names in lower case, the last of repeated fields."""

    method: str
    target: str
    version: str
    headers: Mapping[str, str]

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants the connection to stay (RFC 9112, 9.3)."""
        wish = self.headers.get("connection", "").lower()
        return "close" not in wish if self.version == "HTTP/1.1" else "keep-alive" in wish


def message(request: Request, answer: Answer) -> tuple[bytes, bool]:
    """The response's bytes, and whether the connection stays open after it."""
    answer = _unless_known(request, answer)
    compressed = answer.manner.gzip and _accepts_gzip(request) and answer.status == HTTPStatus.OK
    body = _compressed(answer.body) if compressed else answer.body
    framing = answer.manner.framing
    if framing == "chunked" and request.version != "HTTP/1.1":
        framing = "close"
    stays = request.keeps_alive and framing != "close"
    fields = (*_fields(answer, compressed=compressed), *_framing(answer, framing, len(body), stays))
    head = _head(answer.status, fields)
    if request.method == "HEAD" or answer.status == HTTPStatus.NOT_MODIFIED:
        return head, stays
    return head + (_chunked(body) if framing == "chunked" else body), stays


def etag(body: bytes) -> str:
    """The entity tag of a body, strong (RFC 9110, 8.8.3)."""
    return f'"{sha256(body).hexdigest()[:20]}"'


def _unless_known(request: Request, answer: Answer) -> Answer:
    """*answer*, or 304 without a body where the client has it (RFC 9110, 13.2.2)."""
    if answer.modified is None or answer.status != HTTPStatus.OK:
        return answer
    answer = replace(
        answer, headers=(*answer.headers, ("ETag", _tag(answer)), ("Last-Modified", _date(answer.modified)))
    )
    if not _known(request, answer):
        return answer
    return replace(answer, status=304, body=b"")


def _known(request: Request, answer: Answer) -> bool:
    if (tags := request.headers.get("if-none-match")) is not None:
        wanted = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return tags.strip() == "*" or _tag(answer).removeprefix("W/") in wanted
    since, modified = request.headers.get("if-modified-since"), answer.modified
    return since is not None and modified is not None and modified.replace(microsecond=0) <= _parsed(since)


def _parsed(date: str) -> datetime:
    """An HTTP date; what is none is taken for long ago, so that the condition fails."""
    try:
        return parsedate_to_datetime(date).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


@lru_cache(maxsize=1024)
def _tag(answer: Answer) -> str:
    """Weak where the bytes depend on the coding that the client takes."""
    return f"W/{etag(answer.body)}" if answer.manner.gzip else etag(answer.body)


@lru_cache(maxsize=1024)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def _accepts_gzip(request: Request) -> bool:
    for entry in request.headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = entry.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _fields(answer: Answer, *, compressed: bool) -> Iterator[tuple[str, str]]:
    yield "Date", _date(datetime.now(UTC))
    yield "Server", "ninefold"
    if answer.status != HTTPStatus.NOT_MODIFIED:
        yield "Content-Type", answer.content_type
    if compressed:
        yield "Content-Encoding", "gzip"
    if answer.manner.gzip:
        yield "Vary", "Accept-Encoding"
    yield from answer.headers


def _framing(answer: Answer, framing: str, length: int, stays: bool) -> Iterator[tuple[str, str]]:
    if framing == "chunked" and answer.status != HTTPStatus.NOT_MODIFIED:
        yield "Transfer-Encoding", "chunked"
    elif framing == "length" and answer.status != HTTPStatus.NOT_MODIFIED:
        yield "Content-Length", str(length)
    yield "Connection", "keep-alive" if stays else "close"


def _head(status: int, fields: tuple[tuple[str, str], ...]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def _chunked(body: bytes) -> bytes:
    pieces = (body[start : start + CHUNK] for start in range(0, len(body), CHUNK))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
