"""Responses read back from WARC files, ours and others': streaming in archive order, or one by its offset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from archive.capture import FetchError, Location
from archive.errors import ArchiveReadError
from archive.headers import Headers
from archive.index import Index
from archive.message import DECODED_LIMIT, Block, Body, Head, Message
from archive.segment import OPEN
from archive.spool import CHUNK, Spool
from archive.succession import Found, Succession

_RESPONSES = frozenset({"response", "revisit", "resource"})
SUFFIXES = (".warc.gz", ".warc", ".arc.gz", ".arc")
"""By which a WARC or ARC file is known in a folder, in any case."""


class StoredResponse:
    """A response, revisit or failed fetch as it lies in the archive.

    When it comes from an iteration, its block may be a temporary file that is closed at the next step: read what
    you need before.
    """

    def __init__(self, headers: Headers, location: Location, block: Block, *, corrupt: bool = False) -> None:
        self.headers = headers
        self.location = location
        self.block = block
        self.corrupt = corrupt
        """Whether its gzip member cannot be inflated, or has another CRC-32 than it says."""

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
        """What tells it from all others: its place, for other programs give several records one id, or none (ARC)."""
        place = self.location
        return f"{place.file}:{place.offset}:{place.member}"

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

    def close(self) -> None:
        """Give a temporary file back."""
        if isinstance(self.block, Spool):
            self.block.close()


def warc_files(folder: Path) -> list[Path]:
    """The finished WARC and ARC files in *folder*, in archive order: sorted by name."""
    return sorted(path for path in folder.iterdir() if path.name.lower().endswith(SUFFIXES))


def stored_responses(folder: Path, files: Iterable[str] | None = None) -> Iterator[StoredResponse]:
    """The responses, revisits and resources of all files of *folder* (or of *files*, by name), in archive order.

    A file is read to where its bytes cease to be records; ARC files (``.arc``, ``.arc.gz``) are read too.
    """
    paths = warc_files(folder) if files is None else [folder / name for name in files]
    for path in paths:
        for stored in records(path):
            if stored.location.type in _RESPONSES:
                yield stored


def holds_responses(folder: Path) -> bool:
    """Whether there is any response, revisit or resource in the files of *folder*."""
    return next(stored_responses(folder), None) is not None


def records(
    path: Path,
    name: str | None = None,
    *,
    start: int = 0,
    end: int | None = None,
    lost: dict[int, str] | None = None,
) -> Iterator[StoredResponse]:
    """The responses, revisits, resources and failed fetches of one file; *name*: its final name, if another.

    Those from the record at offset *start* to the one before offset *end*, if given. A record's length is known when
    the next one begins, so each is read before it is given; that of one in a gzip member with others is 0. *lost*
    takes what of the file cannot be told to be one, as `Succession.lost`, when the iteration ends.

    Raises ArchiveReadError where no record begins at *start*.
    """
    first = True
    with path.open("rb") as file:
        succession = Succession(file, _is_wanted)
        for found in succession.records(start, end):
            if first and start and found.offset != start:
                break
            first = False
            if _is_wanted(found.headers):
                with closing(_stored(found, name or path.name, found.length)) as stored:
                    yield stored
        if lost is not None:
            lost.update(succession.lost)
    if first and start:
        raise ArchiveReadError(f"{path}: offset {start}: no record begins here; make the index again")


def _is_wanted(headers: Headers) -> bool:
    return headers.type in _RESPONSES or headers.is_failure


def read_record(
    folder: Path, file: str, offset: int, length: int = 0, *, member: int = 0, record_id: str = ""
) -> StoredResponse:
    """The record at *offset* of *file* (or of its ``.open`` form), whatever its type; close it after use.

    Of several records in one gzip member it is that at the place *member*, or else the one with this *record_id*.
    Raises ArchiveReadError naming file and offset where there is none.
    """
    path = folder / file
    try:
        with _opened(path) as stream:
            found = Succession(stream).at(offset, length, member=member, record_id=record_id)
            if found is not None:
                return _stored(found, file, found.length)
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
    place, length = location.file, location.length
    return read_record(folder, place, location.offset, length, member=location.member, record_id=location.record_id)


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


def _stored(found: Found, file: str, length: int) -> StoredResponse:
    headers, block = found.headers, found.block
    size = len(block) if isinstance(block, bytes) else block.size
    if size < found.size and not headers.truncated:
        headers = replace(headers, truncated="unspecified")  # the file itself is torn here
    return StoredResponse(headers, _location(found, file, length), block, corrupt=found.corrupt)


def _location(found: Found, file: str, length: int) -> Location:
    headers = found.headers
    place = (file, found.offset, length, headers.record_id, headers.payload_digest, headers.type)
    return Location(*place, member=found.member)
