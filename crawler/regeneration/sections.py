"""An archive in sections of a few megabytes, cut where captures begin, so that several processes can read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from archive.errors import ArchiveReadError
from archive.index import Index
from archive.indexing import entry_of
from archive.reader import StoredResponse, records, warc_files
from crawler.regeneration.rebuild import Place

SIZE = 1_000_000
"""Bytes of a section, about: a second of work, so that a kill costs little and all processes end together."""


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive records of one file."""

    file: str
    start: int
    """Offset of its first record, in bytes."""
    end: int
    """Offset of the record after its last, or the file's size."""


def sections(archive: Path, index: Index, after: Place | None = None, *, size: int = SIZE) -> list[Section]:
    """The archive in sections, in archive order; *after* a place, from the record there on.

    *index* says where captures begin; a file that it does not name is one section.
    """
    cuts = _cuts(index, size)
    found = []
    for path in warc_files(archive):
        if after is not None and path.name < after[0]:
            continue
        first = after[1] if after is not None and path.name == after[0] else 0
        end = path.stat().st_size
        inner = [cut for cut in sorted(cuts.get(path.name, {}).values()) if first < cut < end]
        edges = [first, *inner, end]
        found += [Section(path.name, *edge) for edge in pairwise(edges)]
    return found


def _cuts(index: Index, size: int) -> dict[str, dict[int, int]]:
    """For each file, the first answer in each stretch of *size* bytes (a failure may belong to the record before)."""
    cuts: dict[str, dict[int, int]] = defaultdict(dict)
    for entry in index.entries():
        if entry.type != "metadata":
            stretches = cuts[entry.file]
            stretch = entry.offset // size
            stretches[stretch] = min(entry.offset, stretches.get(stretch, entry.offset))
    return cuts


def captures(archive: Path, section: Section, lost: dict[int, str]) -> Iterator[StoredResponse]:
    """The responses, revisits, resources and failed fetches of a section; *lost* as with `records`."""
    path = archive / section.file
    try:
        yield from records(path, start=section.start, end=section.end, lost=lost)
    except ArchiveReadError:  # its first record is damaged, or the index is of another file: then from the beginning
        lost.clear()
        for stored in records(path, end=section.end, lost=lost):
            if stored.location.offset >= section.start:
                yield stored
        for offset in [one for one in lost if not section.start <= one < section.end]:
            del lost[offset]


def covers(archive: Path, index: Index) -> bool:
    """Whether *index* knows each file of the archive to its last capture; what lies after it is read to find out."""
    last: dict[str, int] = {}
    for entry in index.entries():
        last[entry.file] = max(entry.offset, last.get(entry.file, 0))
    return all(_is_known(archive, path, last.get(path.name)) for path in warc_files(archive))


def _is_known(archive: Path, path: Path, last: int | None) -> bool:
    """Whether nothing that belongs in the index follows the record at *last*, but why that one was cut short."""
    record_id: str | None = None
    try:
        for stored in records(path, start=last or 0):
            if stored.location.offset == last:
                record_id = stored.headers.record_id
            elif entry_of(stored) is not None and (not record_id or stored.headers.concurrent_to != record_id):
                return False
    except ArchiveReadError:
        return False
    return True
