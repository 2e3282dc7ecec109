"""What the writer has in hand: the file being written, its entries, and what a new capture may refer to."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from archive.capture import Capture, FetchError, Location
from archive.entry import ERROR_MIME, REVISIT_MIME, Entry, Reference, format_date
from archive.errors import ArchiveWriteError, IndexFormatError
from archive.index import Index, merge
from archive.message import Block, read_head
from archive.payload import Payload, examine
from archive.record import (
    IDENTICAL_PAYLOAD,
    NOT_MODIFIED,
    Framer,
    Record,
    WarcInfo,
    clean,
    failure,
    interim,
    request,
    response,
    revisit,
    warcinfo,
)
from archive.recovery import recover
from archive.segment import Member, Segment, next_name
from archive.spool import THRESHOLD
from archive.surt import ascii_url


class Store:
    """The file being written and what is known of it; all of it belongs to the writer's thread."""

    def __init__(
        self,
        folder: Path,
        index: Path | None,
        prefix: str,
        info: WarcInfo,
        max_size: int,
        revisits: bool,
        mask: bool,
    ) -> None:
        self.folder = folder
        self.seal_error: ArchiveWriteError | None = None
        self._index = Index(index) if index else None
        self._prefix = prefix
        self._info = info
        self._max_size = max_size
        self._revisits = revisits
        self._mask = mask
        self._framer = Framer()
        self._segment: Segment | None = None
        self._warcinfo_id = ""
        self.committed = 0
        """Bytes of the file that are on disk."""
        self._ends: list[int] = []
        self._entries: list[Entry] = []
        self._by_url: dict[str, list[Entry]] = {}
        self._broken: ArchiveWriteError | None = None

    def prepare(self) -> None:
        """Make the folder and recover what a killed run left."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            recover(self.folder, self._index.path if self._index else None)
        except OSError as error:
            raise ArchiveWriteError(f"{self.folder}: cannot be written: {error}") from error

    @property
    def full(self) -> bool:
        """Whether the file has reached its size."""
        return self._segment is not None and self._segment.size >= self._max_size

    def put(self, capture: Capture) -> Location:
        """Append the records of *capture*; nothing of it stays in the file if that fails."""
        if self._broken is not None:
            raise self._broken
        try:
            segment = self._segment or self._open()
        except OSError as error:
            raise self._break(error) from error
        start = segment.size
        try:
            entry = self._append(segment, capture)
        except OSError as error:
            self._cut(start)
            raise self._break(error) from error
        except BaseException:
            self._cut(start)
            raise
        self._entries.append(entry)
        self._by_url.setdefault(entry.url, []).append(entry)
        self._ends.append(segment.size)
        return entry.location

    def commit(self) -> None:
        """Put on disk what was put.

        Raises ArchiveWriteError where not all of it would go there: then the file ends with the last capture that
        did, and ``committed`` says where.
        """
        segment = self._segment
        assert segment is not None
        try:
            segment.pour()
        except OSError as error:
            whole = max((end for end in self._ends if end <= segment.written), default=self.committed)
            self._keep(segment, whole)
            raise self._break(error) from error
        try:
            segment.sync()
        except OSError as error:
            # Asked again the kernel may say that all is well: it has let go of what it could not write.
            self._keep(segment, self.committed)
            raise self._break(error) from error
        self.committed, self._ends = segment.size, []

    def _keep(self, segment: Segment, whole: int) -> None:
        """Keep the first *whole* bytes of the file and their entries; those of the last commit, if that fails too."""
        self._ends = []
        try:
            segment.cut(whole)
            segment.sync()
            self.committed = whole
        except OSError:
            self._cut(self.committed)
        self._entries = [entry for entry in self._entries if entry.offset < self.committed]

    def finish(self) -> None:
        """Close the file, if there is one: its lines go into the index, then it takes its final name.

        In this order: a crash between the two leaves an ``.open`` file, which the next writer recovers.
        """
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            if not self._entries:
                segment.remove()  # not one capture could be kept
                return
            if self._index is not None:
                merge(self._index.path, self._entries)
            segment.seal()
        except OSError as error:
            self.seal_error = self._break(error, segment.name)
        finally:
            segment.close()
            self._entries, self._by_url, self.committed, self._ends = [], {}, 0, []

    def _open(self) -> Segment:
        now = datetime.now(UTC)
        segment = self._segment = Segment(self.folder, next_name(self.folder, self._prefix, now))
        record = warcinfo(self._info, segment.name, format_date(now))
        self._warcinfo_id = record.record_id
        self._framer.frame(record, None, Member(segment))
        return segment

    def _cut(self, size: int) -> None:
        assert self._segment is not None
        with contextlib.suppress(OSError):  # the torn tail is cut by the next writer's recovery then
            self._segment.cut(size)

    def _break(self, error: OSError, name: str | None = None) -> ArchiveWriteError:
        name = name or (self._segment.name if self._segment else "")
        self._broken = ArchiveWriteError(
            f"{self.folder / name}: cannot be written: {error.strerror or error}; "
            "what was committed before is kept. Free the disk and start again"
        )
        return self._broken

    def _append(self, segment: Segment, capture: Capture) -> Entry:
        """All records of *capture*: request, 1xx messages, the answer (or why there is none), the error beside it."""
        asked = request(capture, mask=self._mask) if capture.request else None
        if asked:
            self._write(segment, asked)
        for message in capture.interim:
            self._write(segment, interim(capture, message))
        request_id = asked.record_id if asked else None
        if capture.response is None:
            return self._append_failure(segment, capture, request_id)
        entry = self._append_answer(segment, capture, request_id)
        if capture.error is not None:
            self._write(segment, failure(capture, None))
        return entry

    def _append_failure(self, segment: Segment, capture: Capture, request_id: str | None) -> Entry:
        return _entry(capture, segment.name, self._write(segment, failure(capture, request_id)))

    def _append_answer(self, segment: Segment, capture: Capture, request_id: str | None) -> Entry:
        spool = capture.response
        assert spool is not None
        block: Block = spool if spool.size > THRESHOLD else spool.read()
        payload = examine(block)
        record, original = self._answer(capture, block, payload, request_id)
        entry = _entry(capture, segment.name, self._write(segment, record))
        return replace(
            entry,
            status=payload.head.status,
            digest=original.digest if original else payload.digest,
            mime=REVISIT_MIME if original else payload.mime,
            decoded="" if original else payload.decoded,
            truncated=capture.truncated or "",
            refers_to=_reference(original) if original else None,
        )

    def _answer(
        self, capture: Capture, block: Block, payload: Payload, request_id: str | None
    ) -> tuple[Record, Entry | None]:
        """A response record; or a revisit, and the original that it refers to."""
        profile = NOT_MODIFIED if payload.head.status == 304 else IDENTICAL_PAYLOAD
        original = self._original(capture, payload)
        if original is None:
            return response(capture, block, payload.digest, request_id), None
        reference = _reference(original)
        return revisit(capture, payload.head.raw, profile, original.digest, reference, request_id), original

    def _original(self, capture: Capture, payload: Payload) -> Entry | None:
        if not self._revisits or capture.truncated or not payload.head.complete:
            return None
        url = ascii_url(capture.url)
        try:
            if payload.head.status == 304:
                return self._unmodified(url) if _is_conditional(capture.request) else None
            found = self._same_payload(url, payload.digest) if payload.size else None
            return found if found and found.status == payload.head.status else None
        except IndexFormatError:
            return None  # `editions check` finds the line; a capture is not lost for it

    def _same_payload(self, url: str, digest: str) -> Entry | None:
        for entry in self._by_url.get(url, ()):
            if entry.digest == digest and _can_be_referred_to(entry):
                return entry
        found = self._index.original(url, digest) if self._index else None
        return found if found and _can_be_referred_to(found) else None

    def _unmodified(self, url: str) -> Entry | None:
        """The response that a 304 stands for: the newest 200 of *url*, or the original that one refers to."""
        known = (self._index.find(url) if self._index else []) + self._by_url.get(url, [])
        for entry in reversed(known):
            if entry.status == 200 and (entry.type == "revisit" or _can_be_referred_to(entry)):
                return entry if entry.type == "response" else self._same_payload(url, entry.digest)
        return None

    def _write(self, segment: Segment, record: Record) -> tuple[int, int]:
        """Append *record* as one gzip member; its offset and length."""
        offset = segment.size
        self._framer.frame(record, self._warcinfo_id, Member(segment))
        return offset, segment.size - offset


def _entry(capture: Capture, file: str, place: tuple[int, int]) -> Entry:
    """The entry of a failed fetch; that of an answer says more."""
    error = capture.error and FetchError(clean(capture.error.kind), clean(capture.error.message))
    return Entry(
        url=ascii_url(capture.url),
        date=format_date(capture.date),
        file=file,
        offset=place[0],
        length=place[1],
        record_id=capture.record_id,
        digest="",
        mime=ERROR_MIME,
        status=None,
        error=error,
    )


def _reference(entry: Entry) -> Reference:
    return Reference(entry.record_id, entry.url, entry.date)


def _can_be_referred_to(entry: Entry) -> bool:
    """A response with all that WARC-Refers-To-* need; never a revisit, never one cut short."""
    return entry.type == "response" and bool(entry.record_id) and not entry.truncated


def _is_conditional(request: bytes) -> bool:
    head = read_head(request)
    return head.get(b"If-None-Match") is not None or head.get(b"If-Modified-Since") is not None
