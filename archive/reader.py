"""Responses read back from WARC files, ours and others': streaming in archive order, or one by its offset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord

from archive.capture import FetchError, Location
from archive.entry import Reference, arc_date
from archive.errors import ArchiveReadError
from archive.index import Index
from archive.message import DECODED_LIMIT, Block, Body, Head, Message
from archive.scan import RawRecord, scan_file
from archive.segment import OPEN
from archive.spool import CHUNK, THRESHOLD, Spool

_RESPONSES = frozenset({"response", "revisit", "resource"})
_FAILURE_TYPE = "application/warc-fields"
_SUFFIXES = (".warc.gz", ".warc", ".arc.gz", ".arc")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a record that this package reads; empty where a field is absent."""

    type: str
    record_id: str
    date: str
    url: str
    content_type: str
    payload_digest: str
    truncated: str
    concurrent_to: str
    refers_to: Reference | None

    @property
    def is_failure(self) -> bool:
        """Whether this may be the record of a fetch's error."""
        return self.type == "metadata" and self.content_type == _FAILURE_TYPE


class StoredResponse:
    """A response, revisit or failed fetch as it lies in the archive.

    When it comes from an iteration, its block may be a temporary file that is closed at the next step: read what
    you need before.
    """

    def __init__(self, headers: Headers, location: Location, block: Block) -> None:
        self.headers = headers
        self.location = location
        self.block = block

    @property
    def url(self) -> str:
        """WARC-Target-URI, without the angle brackets that some writers put around it."""
        return self.headers.url

    @property
    def date(self) -> str:
        """WARC-Date, as it stands."""
        return self.headers.date

    @property
    def id(self) -> str:
        """What tells it from all others: its record's id, or its place where it has none (ARC)."""
        place = self.location
        return place.record_id or f"{place.file}:{place.offset}"

    @property
    def truncated(self) -> str:
        """Why the message is cut short; empty for a whole one, and for a revisit, which rightly has no body."""
        return "" if self.location.type == "revisit" else self.headers.truncated

    @cached_property
    def message(self) -> Message:
        """The HTTP message; of a revisit, its head alone."""
        return Message(self.block)

    @property
    def head(self) -> Head:
        """The head of the HTTP message."""
        return self.message.head

    @property
    def status(self) -> int | None:
        """The status code; 200 for a resource, which has no head."""
        return 200 if self.location.type == "resource" else self.head.status

    def body(self, limit: int = DECODED_LIMIT) -> Body:
        """The body with transfer and content coding undone, at most *limit* bytes."""
        return self.message.decoded(limit)

    @property
    def error(self) -> FetchError | None:
        """Why the fetch failed, if this is the record of a failed fetch."""
        if not self.headers.is_failure:
            return None
        data = self.block if isinstance(self.block, bytes) else self.block.read(0, CHUNK)
        fields = dict(line.partition(b": ")[::2] for line in data.splitlines())
        kind, message = fields.get(b"error"), fields.get(b"message", b"")
        return FetchError(kind.decode("utf-8", "replace"), message.decode("utf-8", "replace")) if kind else None

    def at(self, length: int) -> StoredResponse:
        """The same, of known length in its file."""
        return StoredResponse(self.headers, replace(self.location, length=length), self.block)

    def close(self) -> None:
        """Give a temporary file back."""
        if isinstance(self.block, Spool):
            self.block.close()


def warc_files(folder: Path) -> list[Path]:
    """The finished WARC and ARC files in *folder*, in archive order: sorted by name."""
    return sorted(path for path in folder.iterdir() if path.name.endswith(_SUFFIXES))


def stored_responses(folder: Path, files: Iterable[str] | None = None) -> Iterator[StoredResponse]:
    """The responses, revisits and resources of all files of *folder* (or of *files*, by name), in archive order.

    A file is read to where its bytes cease to be records; ARC files (``.arc``, ``.arc.gz``) are read too.
    """
    paths = warc_files(folder) if files is None else [folder / name for name in files]
    for path in paths:
        for stored in records(path):
            if stored.location.type in _RESPONSES:
                yield stored


def records(
    path: Path, name: str | None = None, *, start: int = 0, end: int | None = None
) -> Iterator[StoredResponse]:
    """The responses, revisits, resources and failed fetches of one file; *name*: its final name, if another.

    Those from the record at offset *start* to the one before offset *end*, if given. A record's length is known when
    the next one begins, so each is read before it is given.

    Raises ArchiveReadError where no record begins at *start*.
    """
    held: StoredResponse | None = None
    with path.open("rb") as file:
        for found in _from(path, file, start):
            if held is not None:
                yield from _given(held, found.offset)
            if end is not None and found.offset >= end:
                return
            wanted = found.headers.type in _RESPONSES or found.headers.is_failure
            held = _stored(found, name or path.name) if wanted else None
        if held is not None:
            yield from _given(held, path.stat().st_size)


def _from(path: Path, stream: BinaryIO, start: int) -> Iterator[_Found]:
    """The records of a file from an offset on, at which one must begin."""
    found = _iterate(stream, start)
    first = next(found, None)
    if start and (first is None or first.offset != start):
        raise ArchiveReadError(f"{path}: offset {start}: no record begins here; make the index again")
    return chain([first] if first is not None else [], found)


def read_record(folder: Path, file: str, offset: int, length: int = 0) -> StoredResponse:
    """The record at *offset* of *file* (or of its ``.open`` form), whatever its type; close it after use.

    Raises ArchiveReadError naming file and offset where there is none.
    """
    path = folder / file
    try:
        with _opened(path) as stream:
            found = next(_iterate(stream, offset), None)
            if found is not None and found.offset == offset:
                return _stored(found, file).at(length)
    except OSError as error:
        raise ArchiveReadError(f"{path}: offset {offset}: cannot be read: {error.strerror or error}") from error
    raise ArchiveReadError(f"{path}: offset {offset}: no WARC record begins here; the index may be stale")


def _opened(path: Path) -> BinaryIO:
    """The file, or its ``.open`` form; it may be given its final name between one look and the next."""
    for each in (path, path.with_name(path.name + OPEN)):
        with suppress(FileNotFoundError):
            return each.open("rb")
    return path.open("rb")


def read(folder: Path, location: Location) -> StoredResponse:
    """The record at *location*; close it after use. Raises ArchiveReadError."""
    return read_record(folder, location.file, location.offset, location.length)


def resolve(folder: Path, index: Index, stored: StoredResponse) -> StoredResponse:
    """The record that holds the body of *stored*: itself, or of a revisit the original response.

    Raises ArchiveReadError where the original is not in the archive.
    """
    if stored.location.type != "revisit":
        return stored
    where = f"{folder / stored.location.file}: offset {stored.location.offset}"
    headers = stored.headers
    entry = index.referred(headers.refers_to) if headers.refers_to else None
    entry = entry or index.original(stored.url, headers.payload_digest, exact=False)
    if entry is None:
        raise ArchiveReadError(f"{where}: the response that this revisit refers to is not in the archive")
    return read(folder, entry.location)


def head_of(stored: StoredResponse, original: StoredResponse) -> Head:
    """The head of a response; of a revisit that was written without one, that of the *original* (WARC 1.1, 6.7.2)."""
    return stored.head if stored.head.raw else original.head


def content_type_of(stored: StoredResponse, original: StoredResponse) -> str | None:
    """What a response says its body is; of a resource, which has no head, what its record says."""
    if original.location.type == "resource" and not stored.head.raw:
        return original.headers.content_type or None
    value = head_of(stored, original).get(b"Content-Type")
    return value.decode("latin-1") if value is not None else None


@dataclass(frozen=True, slots=True)
class _Found:
    """A record whose block has not been read yet."""

    offset: int
    headers: Headers
    size: int
    pieces: Iterator[bytes]


def _iterate(stream: BinaryIO, start: int = 0) -> Iterator[_Found]:
    """The records of *stream* from *start* on: by FastWARC, and from where it gives up by our own scanner.

    FastWARC's HTTP parsing stays off: it loses heads of LF-only messages and raises on odd chunks.
    """
    last = -1
    stream.seek(start)
    try:
        for record in ArchiveIterator(stream, parse_http=False):
            last = record.stream_pos
            fields = {name.lower(): value for name, value in record.headers.items_bytes()}
            yield _Found(last, _headers(fields), record.content_length, _pieces(record))
    except OSError:  # "Invalid WARC header": an ARC file, or one with faults
        yield from _scanned(stream, last if last >= 0 else start, last)


def _scanned(stream: BinaryIO, start: int, after: int) -> Iterator[_Found]:
    stream.seek(start)
    for raw in scan_file(stream, "", start=start):
        if isinstance(raw, RawRecord) and raw.offset > after:
            fields = {field.name.lower(): field.value for field in raw.fields}
            headers = _arc_headers(fields) if raw.kind == "arc" else _headers(fields)
            yield _Found(raw.offset, headers, raw.size or 0, raw.chunks())


def _pieces(record: WarcRecord) -> Iterator[bytes]:
    try:
        while piece := record.reader.read(CHUNK):
            yield piece
    except OSError:
        return  # broken within: what came is kept, and is shorter than the header says


def _given(stored: StoredResponse, end: int) -> Iterator[StoredResponse]:
    try:
        yield stored.at(end - stored.location.offset)
    finally:
        stored.close()


def _headers(fields: dict[bytes, bytes]) -> Headers:
    def text(name: bytes) -> str:
        return fields.get(name, b"").decode("utf-8", "replace").strip()

    def bare(name: bytes) -> str:
        return text(name).removeprefix("<").removesuffix(">")

    refers_url, refers_date = bare(b"warc-refers-to-target-uri"), text(b"warc-refers-to-date")
    refers = Reference(bare(b"warc-refers-to"), refers_url or bare(b"warc-target-uri"), refers_date)
    return Headers(
        type=text(b"warc-type").lower(),
        record_id=bare(b"warc-record-id"),
        date=text(b"warc-date"),
        url=bare(b"warc-target-uri"),
        content_type=text(b"content-type"),
        payload_digest=text(b"warc-payload-digest"),
        truncated=text(b"warc-truncated"),
        concurrent_to=bare(b"warc-concurrent-to"),
        refers_to=refers if refers.record_id or refers.date else None,
    )


def _arc_headers(fields: dict[bytes, bytes]) -> Headers:
    """An ARC record's line in the words of WARC: all but the file's own description are responses."""
    url, date = (fields.get(name, b"").decode("utf-8", "replace") for name in (b"url", b"archive-date"))
    kind = "warcinfo" if url.startswith("filedesc:") else "response"
    content_type = fields.get(b"content-type", b"").decode("latin-1")
    return Headers(kind, "", arc_date(date), url, content_type, "", "", "", None)


def _stored(found: _Found, file: str) -> StoredResponse:
    headers, block = found.headers, _block(found)
    size = len(block) if isinstance(block, bytes) else block.size
    if size < found.size and not headers.truncated:
        headers = replace(headers, truncated="unspecified")  # the file itself is torn here
    location = Location(file, found.offset, 0, headers.record_id, headers.payload_digest, headers.type)
    return StoredResponse(headers, location, block)


def _block(found: _Found) -> Block:
    if found.size <= THRESHOLD:
        return b"".join(found.pieces)
    spool = Spool()
    for piece in found.pieces:
        spool.write(piece)
    return spool
