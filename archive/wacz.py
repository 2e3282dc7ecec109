"""WACZ files (1.1.1): a collection written as one, and one read as it lies."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from archive.errors import ArchiveReadError, ArchiveWriteError
from archive.index import sync_folder

VERSION = "1.1.1"
INDEX = "indexes/index.cdx.gz"
INDEX_OF_INDEX = "indexes/index.idx"
PAGES = "pages/pages.jsonl"
EXTRA_PAGES = "pages/extraPages.jsonl"
PACKAGE = "datapackage.json"
PACKAGE_DIGEST = "datapackage-digest.json"

MAIN_PAGES = 50
"""Pages in pages.jsonl; the others go to extraPages.jsonl: 20,000 lines cost a viewer 14 seconds."""

_BLOCK_LINES = 300
"""Lines of the index in one gzip member, as cdxj-indexer has it."""
_COPY = 1 << 20
_ZIP64_FROM = 1 << 31
_WARC_NAMES = (".warc", ".warc.gz")
_ARC_NAMES = (".arc", ".arc.gz")


@dataclass(frozen=True, slots=True)
class WaczPage:
    """A page by which a reader enters the archive."""

    url: str
    ts: str
    """When it was captured: RFC 3339, the WARC-Date of its record."""
    title: str = ""
    id: str = ""
    text: str = ""

    def line(self) -> bytes:
        """The page's line; what is empty is left out."""
        values = {"id": self.id, "url": self.url, "ts": self.ts, "title": self.title, "text": self.text}
        return _json_line({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class WaczInfo:
    """What datapackage.json says of the whole."""

    software: str
    title: str = ""
    description: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    main_page: WaczPage | None = None

    def fields(self) -> dict[str, str]:
        """The descriptive properties; what is empty is left out."""
        when = self.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        page = self.main_page or WaczPage("", "")
        values = {
            "title": self.title,
            "description": self.description,
            "created": when,
            "modified": when,
            "software": self.software,
            "mainPageUrl": page.url,
            "mainPageDate": page.ts,
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Written:
    """What a WACZ file came to hold."""

    path: Path
    warcs: int
    captures: int
    """Lines of the index."""
    pages: int
    size: int
    """Of the file, in bytes."""
    left_out: tuple[str, ...] = ()
    """The collection's ARC files: a WACZ holds WARC files alone (5.2.1)."""


def write_wacz(collection: Path, out: Path, pages: Iterable[WaczPage], info: WaczInfo) -> Written:
    """Write the collection's closed WARC files, its index and *pages* to *out*: see `pack_wacz`."""
    return pack_wacz(collection / "archive", collection / "indexes" / "index.cdxj", out, pages, info)


def pack_wacz(archive: Path, index: Path, out: Path, pages: Iterable[WaczPage], info: WaczInfo) -> Written:
    """Write the closed WARC files in the folder *archive*, their *index* and *pages* to *out*, by way of a temporary
    name.

    Streams: memory stays flat. Raises ArchiveReadError where there is no WARC file or no index,
    ArchiveWriteError where the file cannot be written; *out* is then as it was before.
    """
    files = sorted(archive.glob("*"))
    warcs = [each for each in files if each.name.endswith(_WARC_NAMES)]
    left_out = tuple(each.name for each in files if each.name.endswith(_ARC_NAMES))
    if not warcs or not index.is_file():
        missing = index if warcs else archive
        raise ArchiveReadError(f"{missing}: a WACZ needs WARC files and an index; crawl, or run `editions index`")
    part = out.with_name(out.name + ".part")
    try:
        with part.open("wb") as file:
            written = _Writer(file, info, left_out).write(warcs, index, pages)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
        sync_folder(out.parent)
    except OSError as error:
        raise ArchiveWriteError(
            f"{out}: cannot be written: {error}; see that there is space and permission"
        ) from error
    finally:
        with suppress(OSError):  # where nothing may be written, there is none
            part.unlink(missing_ok=True)
    return Written(out, len(warcs), *written, out.stat().st_size, left_out)


class _Writer:
    """The members of one WACZ file, each noted as it is written."""

    def __init__(self, file: IO[bytes], info: WaczInfo, left_out: tuple[str, ...] = ()) -> None:
        self._zip = zipfile.ZipFile(file, "w", allowZip64=True)
        self._info = info
        self._left_out = left_out
        self._resources: list[dict[str, Any]] = []

    def write(self, warcs: list[Path], index: Path, pages: Iterable[WaczPage]) -> tuple[int, int]:
        """Write all members; how many captures and pages there are."""
        with self._zip:
            for each in warcs:
                with each.open("rb") as file:
                    self._add(f"archive/{each.name}", _pieces(file), size=each.stat().st_size)
            captures = self._index(index)
            count = self._pages(iter(pages))
            self._package()
        return captures, count

    def _add(self, name: str, pieces: Iterable[bytes], *, packed: bool = False, size: int = 0) -> str:
        """A member, STOREd unless *packed*; its SHA-256, as it stands in datapackage.json."""
        member = zipfile.ZipInfo(name, self._info.created.astimezone(UTC).timetuple()[:6])
        member.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        member.external_attr = 0o644 << 16
        sha, length = hashlib.sha256(), 0
        with self._zip.open(member, "w", force_zip64=size >= _ZIP64_FROM) as file:
            for piece in pieces:
                sha.update(piece)
                length += len(piece)
                file.write(piece)
        digest = f"sha256:{sha.hexdigest()}"
        self._resources.append({"name": Path(name).name, "path": name, "hash": digest, "bytes": length})
        return digest

    def _index(self, path: Path) -> int:
        """The index in gzip members of some lines each, and the list of these members (ZipNum)."""
        with tempfile.SpooledTemporaryFile(_COPY) as members, path.open("rb") as lines:
            meta = _json_line({"format": "cdxj-gzip-1.0", "filename": Path(INDEX).name})
            members.write(b"!meta 0 " + meta)
            counted = _Counted(each for each in lines if not each.startswith(b"error:") and self._holds(each))
            self._add(INDEX, _zipnum(counted, members), size=path.stat().st_size)
            members.seek(0)
            self._add(INDEX_OF_INDEX, _pieces(members), packed=True)
        return counted.count

    def _holds(self, line: bytes) -> bool:
        """Whether the WARC file that a line of the index names goes into the WACZ."""
        return not self._left_out or json.loads(line[line.index(b"{") :])["filename"] not in self._left_out

    def _pages(self, pages: Iterator[WaczPage]) -> int:
        main = [page.line() for page in islice(pages, MAIN_PAGES)]
        self._add(PAGES, [_pages_head("pages", "Pages"), *main], packed=True)
        rest = _Counted(page.line() for page in pages)
        first = next(iter(rest), None)
        if first is not None:
            self._add(EXTRA_PAGES, _chain(_pages_head("extraPages", "More pages"), first, rest), packed=True, size=0)
        return len(main) + rest.count

    def _package(self) -> None:
        package = {
            "profile": "data-package",
            "wacz_version": VERSION,
            **self._info.fields(),
            "resources": list(self._resources),
        }
        text = json.dumps(package, ensure_ascii=False, indent=2).encode() + b"\n"
        digest = self._add(PACKAGE, [text], packed=True)
        text = json.dumps({"path": PACKAGE, "hash": digest}, indent=2).encode() + b"\n"
        self._add(PACKAGE_DIGEST, [text], packed=True)


class _Counted:
    """Lines, counted as they pass."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.count = 0
        self._lines = iter(lines)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        line = next(self._lines)
        self.count += 1
        return line


def _zipnum(lines: Iterator[bytes], members: IO[bytes]) -> Iterator[bytes]:
    """The gzip members of the index; a line for each goes to *members*."""
    offset = 0
    while block := list(islice(lines, _BLOCK_LINES)):
        packer = zlib.compressobj(wbits=31)
        member = packer.compress(b"".join(block)) + packer.flush()
        place = {
            "offset": offset,
            "length": len(member),
            "digest": f"sha256:{hashlib.sha256(member).hexdigest()}",
            "filename": Path(INDEX).name,
        }
        members.write(block[0].partition(b"{")[0].strip() + b" " + _json_line(place))
        offset += len(member)
        yield member


def _chain(head: bytes, first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield head
    yield first
    yield from rest


def _pages_head(identifier: str, title: str) -> bytes:
    return _json_line({"format": "json-pages-1.0", "id": identifier, "title": title})


def _json_line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_COPY):
        yield piece


class Wacz:
    """A WACZ file opened for reading: its members as streams that one can seek in.

    ``with Wacz(path) as wacz`` closes it. Raises ArchiveReadError where the file is no ZIP file, OSError where it
    cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            self._file.close()
            raise ArchiveReadError(f"{path}: no ZIP file, so no WACZ: {error}") from error

    def __enter__(self) -> Wacz:
        return self

    def __exit__(self, *exc: object) -> None:
        self._zip.close()
        self._file.close()

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        """The files in it, in the order of its directory."""
        return [each for each in self._zip.infolist() if not each.filename.endswith("/")]

    @property
    def warcs(self) -> list[str]:
        """The names of its WARC files, as its index gives them: without ``archive/``."""
        return [
            each.filename.removeprefix("archive/") for each in self.members if each.filename.startswith("archive/")
        ]

    def open(self, name: str) -> IO[bytes]:
        """A member as a seekable stream: a window on the file where it is STOREd, else a temporary copy.

        Raises ArchiveReadError where there is none, or where it is damaged.
        """
        try:
            member = self._zip.getinfo(name)
            if member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & 1:
                return io.BufferedReader(_Window(self._file.fileno(), self._start(member), member.file_size))
            return self._copy(member)
        except (KeyError, *DAMAGE) as error:
            raise ArchiveReadError(f"{self.path}: member {name} cannot be read: {error}") from error

    def _start(self, member: zipfile.ZipInfo) -> int:
        """Where the member's bytes begin: after its local header (ZIP, 4.3.7)."""
        head = os.pread(self._file.fileno(), 30, member.header_offset)
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise zipfile.BadZipFile(f"no local header at {member.header_offset:,}")
        return (
            member.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        )

    def _copy(self, member: zipfile.ZipInfo) -> IO[bytes]:
        copy = tempfile.SpooledTemporaryFile(4 * _COPY)  # noqa: SIM115 - the caller closes it
        try:
            with self._zip.open(member) as file:
                shutil.copyfileobj(file, copy, _COPY)
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return copy


DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises on damaged, encrypted or unknown members."""


class _Window(io.RawIOBase):
    """A part of an open file, with a position of its own."""

    def __init__(self, descriptor: int, start: int, size: int) -> None:
        self._descriptor = descriptor
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """As any file does."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Bytes of the part, never beyond it."""
        wanted = min(len(buffer), self._size - self._at)
        data = os.pread(self._descriptor, wanted, self._start + self._at) if wanted > 0 else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
