"""A WACZ file held against its specification (1.1.1), its own manifest, and the records that it holds."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from archive.audit import audit_file, unindexed
from archive.errors import ArchiveReadError
from archive.finding import Finding, Severity
from archive.ledger import Ledger
from archive.wacz import DAMAGE, MAIN_PAGES, PACKAGE, PACKAGE_DIGEST, PAGES, Wacz

RecordCheck = Callable[[IO[bytes], str, Ledger], Iterator[Finding]]
"""Checks a WARC file given as a stream under a name; its records go into the ledger."""

_KINDS = {
    "archive/": (".warc", ".warc.gz"),
    "indexes/": (".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz", ".idx"),
    "pages/": (".jsonl",),
}
_MANIFESTS = (PACKAGE, PACKAGE_DIGEST)
_MAX_JSON = 64 << 20
_MAX_LINE = 16 << 20
_LONG_PAGES = 1000
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)\Z")


@dataclass(frozen=True, slots=True)
class _Sum:
    """A member's length and SHA-256, read from its bytes."""

    size: int
    sha256: str


def check_wacz(path: Path, check_records: RecordCheck) -> Iterator[Finding]:
    """What is wrong with the WACZ file at *path*; OSError where it cannot be opened."""
    try:
        wacz = Wacz(path)
    except ArchiveReadError as error:
        yield Finding("wacz-no-zip", "error", str(error), path.name, None, "restore the file from a copy")
        return
    with wacz:
        yield from _Check(wacz, check_records).findings()


class _Check:
    def __init__(self, wacz: Wacz, check_records: RecordCheck) -> None:
        self._wacz = wacz
        self._name = wacz.path.name
        self._check_records = check_records
        self._members = {each.filename: each for each in wacz.members}
        self._sums: dict[str, _Sum] = {}

    def _told(
        self, code: str, message: str, severity: Severity = "error", member: str = "", hint: str = ""
    ) -> Finding:
        file = f"{self._name}/{member}" if member else self._name
        return Finding(code, severity, message, file, None, hint)

    def findings(self) -> Iterator[Finding]:
        yield from self._layout()
        for name in self._members:
            yield from self._sum(name)
        yield from self._package()
        yield from self._package_digest()
        for name in self._members:
            if name.startswith("pages/") and name.endswith(".jsonl"):
                yield from self._pages(name)
        with Ledger() as ledger:
            yield from self._records(ledger)

    def _layout(self) -> Iterator[Finding]:
        for name, count in Counter(each.filename for each in self._wacz.members).items():
            if count > 1:
                yield self._told("wacz-member-repeated", f"{count} members have this name", member=name)
        for name, what in ((PACKAGE, "manifest"), (PAGES, "list of pages")):
            if name not in self._members:
                yield self._told("wacz-member-missing", f"there is no {name}, the {what}")
        if PACKAGE_DIGEST not in self._members:
            yield self._told("wacz-member-missing", f"there is no {PACKAGE_DIGEST}", "warning")
        for folder in ("archive/", "indexes/"):
            if not any(name.startswith(folder) for name in self._members):
                yield self._told("wacz-member-missing", f"there is no file in {folder}")
        for member in self._members.values():
            yield from self._place(member)

    def _place(self, member: zipfile.ZipInfo) -> Iterator[Finding]:
        name = member.filename
        for folder, endings in _KINDS.items():
            if name.startswith(folder) and not name.endswith(endings):
                yield self._told("wacz-foreign", f"this file does not belong in {folder}", member=name)
        if name.endswith(".gz") and member.compress_type != zipfile.ZIP_STORED:
            message = "a compressed file is compressed again in the ZIP file: it cannot be read at an offset"
            yield self._told("wacz-not-stored", message, member=name, hint="write it with STORE")
        elif name.startswith("archive/") and member.compress_type != zipfile.ZIP_STORED:
            yield self._told("wacz-not-stored", "a WARC file should be STOREd", "warning", name)

    def _sum(self, name: str) -> Iterator[Finding]:
        """Read the member once: its CRC-32 against the ZIP directory's, and its sum for the manifest's."""
        sha, crc, size = hashlib.sha256(), 0, 0
        try:
            with self._wacz.open(name) as file:
                while piece := file.read(1 << 20):
                    sha.update(piece)
                    crc = zlib.crc32(piece, crc)
                    size += len(piece)
        except (ArchiveReadError, *DAMAGE) as error:
            yield self._told("wacz-member-damaged", str(error), member=name, hint="restore the file from a copy")
            return
        self._sums[name] = _Sum(size, sha.hexdigest())
        if crc != self._members[name].CRC or size != self._members[name].file_size:
            message = f"the member has {size:,} bytes with CRC-32 {crc:08x}, the ZIP directory says otherwise"
            yield self._told("wacz-member-damaged", message, member=name, hint="restore the file from a copy")

    # The manifest

    def _json(self, name: str) -> dict[str, Any] | str:
        """The object in that member, or what is wrong with it."""
        try:
            with self._wacz.open(name) as file:
                value = json.loads(file.read(_MAX_JSON))
        except (ArchiveReadError, RecursionError, *DAMAGE) as error:
            return f"no JSON: {error}"
        return value if isinstance(value, dict) else "its JSON is no object"

    def _package(self) -> Iterator[Finding]:
        if PACKAGE not in self._members:
            return
        package = self._json(PACKAGE)
        if isinstance(package, str):
            yield self._told("wacz-manifest-malformed", package, member=PACKAGE)
            return
        if package.get("profile") != "data-package":
            yield self._told("wacz-manifest-malformed", "profile is not data-package", "warning", PACKAGE)
        if not isinstance(package.get("wacz_version"), str):
            yield self._told("wacz-manifest-malformed", "there is no wacz_version", "warning", PACKAGE)
        resources = package.get("resources")
        if not isinstance(resources, list):
            yield self._told("wacz-manifest-malformed", "there is no list of resources", member=PACKAGE)
            return
        listed: set[str] = set()
        for each in resources:
            yield from self._resource(each, listed)
        for name in self._members.keys() - listed - set(_MANIFESTS):
            yield self._told("wacz-unlisted", "the manifest does not list this file", member=name)

    def _resource(self, resource: object, listed: set[str]) -> Iterator[Finding]:
        path = resource.get("path") if isinstance(resource, dict) else None
        if not isinstance(resource, dict) or not isinstance(path, str):
            if not (isinstance(resource, dict) and resource.get("url")):
                yield self._told(
                    "wacz-manifest-malformed", f"a resource without path: {str(resource)[:80]}", "error", PACKAGE
                )
            return
        listed.add(path)
        if path not in self._members:
            yield self._told("wacz-resource-absent", f"the manifest lists {path}, which is not here", member=PACKAGE)
            return
        known = self._sums.get(path)
        if known is None:
            return
        if resource.get("bytes") != known.size:
            message = f"the manifest says {resource.get('bytes')!r} bytes, there are {known.size:,}"
            yield self._told("wacz-size-wrong", message, member=path)
        yield from self._hash(resource.get("hash"), known, path)

    def _hash(self, said: object, known: _Sum, path: str) -> Iterator[Finding]:
        algorithm, _, value = said.partition(":") if isinstance(said, str) else ("", "", "")
        if algorithm not in hashlib.algorithms_guaranteed or not value:
            yield self._told("wacz-hash-malformed", f"the hash is {said!r}, not sha256:…", member=path)
            return
        true = known.sha256 if algorithm == "sha256" else self._hashed(path, algorithm)
        if value.lower() != true:
            message = f"the hash is {algorithm}:{true}, not {said}"
            yield self._told("wacz-hash-wrong", message, member=path, hint="restore the file from a copy")

    def _hashed(self, path: str, algorithm: str) -> str:
        with self._wacz.open(path) as file:
            digest = hashlib.file_digest(file, algorithm)  # type: ignore[arg-type]
        return digest.hexdigest() if digest.digest_size else ""

    def _package_digest(self) -> Iterator[Finding]:
        if PACKAGE_DIGEST not in self._members or PACKAGE not in self._sums:
            return
        said = self._json(PACKAGE_DIGEST)
        if isinstance(said, str) or said.get("path") != PACKAGE:
            message = said if isinstance(said, str) else f"path is not {PACKAGE}"
            yield self._told("wacz-manifest-malformed", message, member=PACKAGE_DIGEST)
            return
        yield from self._hash(said.get("hash"), self._sums[PACKAGE], PACKAGE)

    # Pages

    def _pages(self, name: str) -> Iterator[Finding]:
        number = 0
        try:
            with self._wacz.open(name) as file:
                while line := file.readline(_MAX_LINE):
                    if line.strip():
                        yield from self._page(name, number, line)
                        number += 1
        except (ArchiveReadError, *DAMAGE) as error:
            yield self._told("wacz-member-damaged", str(error), member=name)
        if name == PAGES and number > _LONG_PAGES:
            message = f"{number:,} pages, which viewers load at once: {MAIN_PAGES} or so are quick"
            yield self._told("wacz-pages-long", message, "info", name, "put the rest into pages/extraPages.jsonl")

    def _page(self, name: str, number: int, line: bytes) -> Iterator[Finding]:
        try:
            page = json.loads(line)
        except (ValueError, RecursionError):
            page = None
        if not isinstance(page, dict):
            yield self._told("wacz-page-malformed", f"line {number + 1} is no JSON object", member=name)
        elif number == 0 and "format" in page:
            return
        elif not isinstance(page.get("url"), str) or not page["url"]:
            yield self._told("wacz-page-malformed", f"line {number + 1} has no url", member=name)
        elif not isinstance(page.get("ts"), str) or not _TIME.match(page["ts"]):
            yield self._told(
                "wacz-page-malformed", f"line {number + 1} has no ts that is an RFC 3339 time", member=name
            )

    # Records and index

    def _records(self, ledger: Ledger) -> Iterator[Finding]:
        for name in self._wacz.warcs:
            if name.endswith(_KINDS["archive/"]) and f"archive/{name}" in self._sums:
                with self._wacz.open(f"archive/{name}") as file:
                    yield from self._placed(self._check_records(file, name, ledger))
        ledger.settle()
        yield from self._placed(ledger.findings(complete=False))
        indexes = [
            each
            for each in self._members
            if each.startswith("indexes/") and not each.endswith(".idx") and each in self._sums
        ]
        for name in indexes:
            yield from self._index(name, ledger)
        if indexes:
            yield from self._placed(unindexed(ledger, ", ".join(indexes)))

    def _placed(self, findings: Iterator[Finding]) -> Iterator[Finding]:
        """Findings in a WARC file, with the WACZ file's name before it."""
        for each in findings:
            yield replace(each, file=f"{self._name}/archive/{each.file}")

    def _index(self, name: str, ledger: Ledger) -> Iterator[Finding]:
        with self._wacz.open(name) as file:
            yield from audit_file(file, ledger, f"{self._name}/{name}")
        idx = re.sub(r"\.cdxj?\.gz$", ".idx", name)
        if idx != name and idx in self._sums:
            yield from self._members_of(name, idx)

    def _members_of(self, name: str, idx: str) -> Iterator[Finding]:
        """The .idx: each line names a gzip member of the index that begins with the line's key."""
        with self._wacz.open(name) as index, self._wacz.open(idx) as lines:
            while line := lines.readline(_MAX_LINE):
                if not line.startswith(b"!meta") and line.strip():
                    wrong = _wrong_block(line, index)
                    if wrong:
                        yield self._told("wacz-idx-wrong", f"{wrong}: {line[:80]!r}", member=idx)


def _wrong_block(line: bytes, index: IO[bytes]) -> str:
    """What is wrong with a line of the .idx; empty where nothing is."""
    head, brace, rest = line.partition(b"{")
    try:
        place = json.loads(brace + rest)
        index.seek(int(place["offset"]))
        data = index.read(min(int(place["length"]), _MAX_JSON))
        start = zlib.decompressobj(31).decompress(data, 1 << 20)
    except (ValueError, KeyError, TypeError, RecursionError, OSError, OverflowError, zlib.error) as error:
        return f"no gzip member of the index is there ({error})"
    if not start.startswith(head.strip()):
        return "the gzip member there begins with another key"
    said = place.get("digest")
    if isinstance(said, str) and said.startswith("sha256:") and said[7:] != hashlib.sha256(data).hexdigest():
        return "the gzip member there has another digest"
    return ""
