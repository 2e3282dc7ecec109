"""Index lines made from the WARC files themselves."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO

from archive.entry import ERROR_MIME, REVISIT_MIME, Entry, is_date
from archive.index import write_sorted
from archive.payload import Payload, examine
from archive.reader import StoredResponse, records, warc_files
from archive.surt import ascii_url

_RUN = 200_000
"""Lines sorted in memory at a time."""


def build(folder: Path, index: Path) -> int:
    """Make *index* anew from the WARC files in *folder*; how many lines it has.

    In memory that does not grow with the archive; the old index stays until the new one is whole. Raises OSError.
    """
    index.parent.mkdir(parents=True, exist_ok=True)
    count = 0

    def counted(lines: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal count
        for line in lines:
            count += 1
            yield line

    with ExitStack() as stack:
        runs = [stack.enter_context(run) for run in _runs(folder)]
        write_sorted(index, counted(heapq.merge(*runs)))
    return count


def entries(path: Path, name: str | None = None) -> Iterator[Entry]:
    """The entries of one WARC file, whose final name is *name*."""
    last: Entry | None = None
    for stored in records(path, name):
        error = stored.error
        if error is not None and last is not None and stored.headers.concurrent_to == last.record_id:
            last = replace(last, error=error)
            continue
        if last is not None:
            yield last
        last = entry_of(stored)
    if last is not None:
        yield last


def entry_of(stored: StoredResponse) -> Entry | None:
    """The entry of one record; None where it has no URL or date, and for metadata that tells of no failed fetch."""
    headers, location = stored.headers, stored.location
    if not headers.url or not is_date(headers.date) or (headers.is_failure and stored.error is None):
        return None
    payload = None if headers.is_failure else examine(stored.block)
    return Entry(
        url=ascii_url(headers.url),
        date=headers.date,
        file=location.file,
        offset=location.offset,
        length=location.length,
        record_id=headers.record_id,
        digest=_digest(stored, payload),
        mime=_mime(stored, payload),
        status=stored.status if payload else None,
        decoded=payload.decoded if payload and headers.type == "response" else "",
        truncated=stored.truncated,
        error=stored.error,
        refers_to=headers.refers_to if headers.type == "revisit" else None,
        member=location.member,
    )


def _digest(stored: StoredResponse, payload: Payload | None) -> str:
    return stored.headers.payload_digest or (payload.digest if payload else "")


def _mime(stored: StoredResponse, payload: Payload | None) -> str:
    if payload is None:
        return ERROR_MIME
    if stored.headers.type == "revisit":
        return REVISIT_MIME
    if payload.head.raw:
        return payload.mime
    return stored.headers.content_type.partition(";")[0].strip().lower() or "unk"


def _runs(folder: Path) -> Iterator[IO[bytes]]:
    """Temporary files of sorted lines."""
    lines: list[bytes] = []
    for path in warc_files(folder):
        for entry in entries(path):
            lines.append(entry.line())
            if len(lines) >= _RUN:
                yield _run(lines)
                lines = []
    if lines:
        yield _run(lines)


def _run(lines: list[bytes]) -> IO[bytes]:
    file = tempfile.TemporaryFile(buffering=1 << 20)  # noqa: SIM115 - closed by the caller
    file.writelines(sorted(lines))
    file.seek(0)
    return file
