"""What follows the last whole record of a WARC or ARC file: the torn start of one more, or what must be kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from archive.finding import Finding
from archive.raw import RawRecord
from archive.scan import ENDLESS, scan

_END = b"\r\n\r\n"
_PIECE = 1 << 20
_OVERLAP = 256
_RECORD = re.compile(rb"(?i)\nWARC/\d+\.\d+[ \t]*\r*\n[!-9;-~]+[ \t]*:")
_ANY_START = re.compile(rb"(?i)WARC/\d|\x1f\x8b\x08")
_TORN = frozenset({"gzip-torn", "block-cut", "head-cut"})
_DAMAGE = frozenset(
    {
        "content-length-wrong",
        "garbage",
        "gzip-crc",
        "gzip-damaged",
        "gzip-garbage",
        "head-too-long",
        "head-unfinished",
    }
)
"""What no writer leaves that was stopped in the middle of a record."""

_JUNK = frozenset({"garbage", "gzip-garbage"})


@dataclass(frozen=True, slots=True)
class Tail:
    """What follows the last whole record of a file."""

    start: int
    size: int
    missing: bytes = b""
    """The line ends that the last record lacks, where it lacks nothing else."""
    kept: str = ""
    """Why nothing must be cut off or added; empty where it may."""


def find_tail(path: Path) -> Tail | None:
    """What follows the last whole record of the file at *path*; None where nothing does.

    It may be cut off if it is the start of one record that was torn, or holds the start of none.
    """
    last = _Last()
    for item in scan(path):
        if isinstance(item, RawRecord):
            last.add(item)
        else:
            last.tell(item)
    return last.tail(path)


class _Last:
    """The last whole record, and what came after it."""

    def __init__(self) -> None:
        self._start = self._end = self._end_before = 0
        self._shared = False
        self._ending = b""
        self._missing = b""
        self._after: list[RawRecord] = []
        self._faults: dict[str, int] = {}

    def add(self, record: RawRecord) -> None:
        """Read *record*, which may be the last."""
        self._ending = b""
        for piece in record.chunks():
            self._ending = (self._ending + piece)[-4:]
        if not record.whole:
            self._after = [*self._after[:1], record]
            return
        self._after = []
        self._ending += record.ending
        self._missing = _END[len(record.ending) :] if _END.startswith(record.ending) else b""
        if record.kind == "arc":
            self._missing = b""
        self._place(record)

    def _place(self, record: RawRecord) -> None:
        if record.offset != self._start:
            # Where a member ends that several records share is not known before the next begins.
            self._end_before = record.offset if self._shared else self._end
        self._start, self._shared = record.offset, not record.length
        self._end = record.offset + record.length

    def tell(self, finding: Finding) -> None:
        """Note the last place of each fault."""
        self._faults[finding.code] = max(finding.offset or 0, self._faults.get(finding.code, 0))

    def tail(self, path: Path) -> Tail | None:
        """What follows the last whole record, now that all is read."""
        torn = self._faults.get("gzip-torn", -1)
        if self._shared:
            return self._shared_tail(path, torn)
        if self._start <= torn < self._end:  # its data are all there, but not the end of its gzip member
            self._end = self._end_before
        size = path.stat().st_size - self._end
        if size:
            return Tail(self._end, size, kept=self._why_kept(path))
        compressed = _is_gzip(path) or "gzip-begins" in self._faults
        return None if compressed or not self._missing else Tail(self._end, 0, self._missing, self._why_whole())

    def _shared_tail(self, path: Path, torn: int) -> Tail | None:
        if torn < self._start and not self._after:
            return None
        return Tail(self._start, path.stat().st_size - self._start, kept="whole records lie in its gzip member")

    def _why_whole(self) -> str:
        """Why line ends must not be added, if so: they may be there already, inside the block."""
        whole = self._ending.endswith(_END)
        return "its block ends in CR LF CR LF already, so its Content-Length may be too large" if whole else ""

    def _why_kept(self, path: Path) -> str:
        faults = {code for code, at in self._faults.items() if at >= self._end}
        if not self._end:
            return "no whole record would be left"
        if len(self._after) > 1:
            return "it holds several records that are damaged, not torn"
        if self._faults.get("content-length-wrong") == self._start:
            return "the Content-Length of the record before it is wrong"
        if (damage := self._damage(faults)) and (self._after or faults & _TORN or damage - _JUNK):
            return "it is damaged, not torn"
        if (self._after and not faults & _TORN) or any(each.size == ENDLESS for each in self._after):
            return "it is a record of a length that cannot be known"
        if "gzip-torn" in faults:
            return ""
        if _is_gzip(path) and self._after:
            return "its last gzip member is whole"
        pattern = _RECORD if self._after else _ANY_START
        return "a record or gzip member may begin in it" if _holds(path, self._end, pattern) else ""

    def _damage(self, faults: set[str]) -> set[str]:
        damage = faults & _DAMAGE
        # A member torn within its first bytes begins with a record's first letters, which are none yet.
        few = self._faults.get("garbage") == self._faults.get("gzip-torn") and not self._after
        return damage - {"garbage"} if few else damage


def _holds(path: Path, start: int, pattern: re.Pattern[bytes]) -> bool:
    """Whether *pattern* is found in the file from *start* on."""
    with path.open("rb") as file:
        file.seek(start)
        before = b""
        while piece := file.read(_PIECE):
            if pattern.search(before + piece):
                return True
            before = piece[-_OVERLAP:]
    return False


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"
