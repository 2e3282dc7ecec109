"""Captures made for tests, and what other readers find in the files written."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator

from archive.capture import Capture
from archive.record import WarcInfo
from archive.spool import Spool
from archive.writer import ArchiveWriter

INFO = WarcInfo("editions/0.1", operator="The operator", user_agent="editions/0.1 (+https://example.org)")
REQUEST = b"GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>A page of some length</p>"
WHEN = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)


def capture(
    response: bytes | None = PAGE,
    url: str = "http://example.org/a",
    seconds: float = 0.0,
    request: bytes = REQUEST,
    **more: Any,
) -> Capture:
    """A capture; *seconds* after noon."""
    spool = None if response is None else Spool(response)
    return Capture(url, WHEN + timedelta(seconds=seconds), request, spool, **more)


def writer(root: Path, **options: Any) -> ArchiveWriter:
    """A writer of a collection in *root* that commits without delay."""
    options = {"prefix": "test", "info": INFO, "commit_interval": 0.0, **options}
    return ArchiveWriter(root / "archive", root / "indexes" / "index.cdxj", **options)


def write(root: Path, *captures: Capture, **options: Any) -> None:
    """Write *captures* and close."""
    with writer(root, **options) as out:
        futures = [out.write(one) for one in captures]
    for future in futures:
        future.result(10)


@dataclass(frozen=True)
class Raw:
    """A record as it lies in its file: header fields in order, block, member."""

    version: str
    fields: list[tuple[str, str]]
    block: bytes
    offset: int
    length: int

    def __getitem__(self, name: str) -> str:
        (value,) = self.all(name)
        return value

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]


def files(root: Path) -> list[Path]:
    return sorted((root / "archive").iterdir())


def raw_records(path: Path) -> list[Raw]:
    """The records of a .warc.gz, by nothing but gzip and the standard's own words: a member each."""
    data, records, offset = path.read_bytes(), [], 0
    with path.open("rb") as file:
        starts = [record.stream_pos for record in ArchiveIterator(file, parse_http=False)]
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        assert start == offset
        records.append(_raw(gzip.decompress(data[start:end]), start, end - start))
        offset = end
    return records


def _raw(member: bytes, offset: int, length: int) -> Raw:
    head, _, rest = member.partition(b"\r\n\r\n")
    version, *lines = head.decode("utf-8").split("\r\n")
    fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    raw = Raw(version, fields, rest[:-4], offset, length)
    assert rest[-4:] == b"\r\n\r\n"
    assert int(raw["Content-Length"]) == len(raw.block)
    return raw


def of_type(root: Path, *types: str) -> list[Raw]:
    return [raw for path in files(root) for raw in raw_records(path) if raw["WARC-Type"] in types]
