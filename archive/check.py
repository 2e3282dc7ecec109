"""Proves an archive: WARC and ARC files, indexes, WACZ files and whole collections, as streams."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Literal

from archive.arc_rules import arc_findings
from archive.audit import audit, unindexed
from archive.finding import Finding, Severity
from archive.ledger import Ledger
from archive.proof import prove
from archive.raw import RawRecord
from archive.rules import TYPES, rule_findings, shown_type
from archive.scan import nth, scan_file
from archive.wacz_check import check_wacz

CorpusCheck = Callable[[Path, "Counts"], Iterable[Finding]]
"""Holds a corpus, or that of the collection at a path, against its records; the archive itself knows no corpus."""

Sort = Literal["warc", "index", "wacz", "collection", "folder", "unknown"]

INDEX = Path("indexes", "index.cdxj")
"""Where a collection's index lies."""

MANIFEST = "manifest.jsonl"
"""By what a folder is known as a corpus."""

_WARC_NAMES = (".warc", ".warc.gz", ".arc", ".arc.gz", ".warc.open", ".warc.gz.open")
_INDEX_NAMES = (".cdxj", ".cdx", ".cdxj.gz", ".cdx.gz")
_OTHER_NAMES = re.compile(r"(?i)\.(?:warc|arc|cdxj?|wacz)\.(?!orig)")
_OPEN_FAULTS = frozenset({"gzip-torn", "block-cut", "head-cut", "record-end", "no-record"})
"""What is no damage in a file that is still being written."""

_REBUILT = "--repair rebuilds the index"
_MOST_TYPES = 50
"""Types that are counted apart."""

KEPT = 1000
"""Findings that a report keeps; all are counted."""


@dataclass(slots=True)
class Counts:
    """How much was looked at."""

    files: int = 0
    records: Counter[str] = field(default_factory=Counter)
    """By type."""
    documents: int = 0

    def add(self, record: RawRecord) -> None:
        """Count a record under its type; a type that the standard does not name, as it can be shown."""
        kind = record.type or "none"
        if record.kind == "warc" and kind not in TYPES and kind not in self.records:
            kind = shown_type(record) or kind
            kind = kind if kind in self.records or len(self.records) < _MOST_TYPES else "others"
        self.records[kind] += 1


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, ready for JSON."""

    paths: tuple[str, ...]
    files: int
    records: dict[str, int]
    documents: int
    """Of corpora."""
    errors: int
    warnings: int
    infos: int
    codes: dict[str, int]
    """How often each code was found."""
    findings: tuple[Finding, ...]
    """The first `KEPT`, errors before warnings before infos."""

    @property
    def sound(self) -> bool:
        """Whether there is no error."""
        return not self.errors

    def as_json(self) -> dict[str, Any]:
        """A dict of JSON's own types."""
        rest = {name: value for name, value in asdict(self).items() if name not in ("findings", "paths")}
        findings = [each.as_json() for each in self.findings]
        return {"paths": list(self.paths), "sound": self.sound, **rest, "findings": findings}


def check(path: Path, *, corpus_check: CorpusCheck | None = None, counts: Counts | None = None) -> Iterator[Finding]:
    """What is wrong with what lies at *path*: a WARC, ARC, CDXJ or WACZ file, a collection, a corpus, or a folder.

    Nothing raises through, whatever the bytes; what cannot be opened is a finding. *counts* is filled meanwhile.
    """
    yield from _Check(counts or Counts(), corpus_check).path(path)


def check_collection(path: Path, corpus_check: CorpusCheck | None = None) -> Iterator[Finding]:
    """What is wrong with the collection at *path*: its records, its index, and its corpus by *corpus_check*."""
    yield from _Check(Counts(), corpus_check).collection(path)


def report(paths: Iterable[Path], *, corpus_check: CorpusCheck | None = None) -> Report:
    """The findings of `check` for all *paths*, counted, in memory that does not grow with them."""
    paths = list(paths)
    counts, codes = Counts(), Counter[str]()
    severities: Counter[Severity] = Counter()
    kept: dict[Severity, list[Finding]] = {"error": [], "warning": [], "info": []}
    for path in paths:
        for each in check(path, corpus_check=corpus_check, counts=counts):
            severities[each.severity] += 1
            codes[each.code] += 1
            if len(kept[each.severity]) < KEPT:
                kept[each.severity].append(each)
    return Report(
        tuple(map(str, paths)),
        counts.files,
        dict(counts.records),
        counts.documents,
        severities["error"],
        severities["warning"],
        severities["info"],
        dict(codes.most_common()),
        tuple(kept["error"] + kept["warning"] + kept["info"])[:KEPT],
    )


def sort_of(path: Path) -> Sort:
    """What lies at *path*, by its first bytes, and by its name where they do not tell; OSError if it has none."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError("it is neither a regular file nor a folder")  # a pipe would be waited for
    if path.is_dir():
        return "collection" if (path / "archive").is_dir() or (path / INDEX).is_file() else "folder"
    with path.open("rb") as file:
        start = file.read(16)
    name = path.name.lower()
    if start.startswith(b"PK") or name.endswith(".wacz"):
        return "wacz"
    if name.endswith(_INDEX_NAMES):
        return "index"
    if name.endswith(_WARC_NAMES) or start.startswith((b"\x1f\x8b", b"WARC/", b"warc/", b"filedesc:")):
        return "warc"
    return "unknown"


class _Check:
    """One check, of any number of paths."""

    def __init__(self, counts: Counts, corpus_check: CorpusCheck | None) -> None:
        self._counts = counts
        self._corpus_check = corpus_check

    def path(self, path: Path) -> Iterator[Finding]:
        try:
            sort = sort_of(path)
        except OSError as error:
            yield _unreadable(path, error)
            return
        if sort == "collection":
            yield from self.collection(path)
        elif sort == "folder":
            yield from self._folder(path)
        elif sort == "wacz":
            yield from self._wacz(path)
        elif sort == "index":
            yield from self._index(path)
        elif sort == "unknown" and (path.parent / MANIFEST).is_file():
            hint = f"editions prove {path}, or editions check {path.parent}"
            yield Finding("nothing-to-check", "error", "is a file of a corpus", str(path), hint=hint)
        else:
            yield from self._one(path)

    def _one(self, path: Path) -> Iterator[Finding]:
        with Ledger() as ledger:
            yield from self.records(path, ledger)
            ledger.settle()
            yield from ledger.findings(complete=False)

    def _folder(self, path: Path) -> Iterator[Finding]:
        """A folder that is no collection: its WARC files as one set, then whatever else it holds."""
        files = sorted(each for each in path.rglob("*") if each.is_file())
        warcs = [each for each in files if each.name.lower().endswith(_WARC_NAMES)]
        with Ledger() as ledger:
            yield from self._set(warcs, ledger, complete=False, root=path)
        others = [each for each in files if each.name.lower().endswith((*_INDEX_NAMES, ".wacz"))]
        for each in others:
            for one in self.path(each):
                yield replace(one, file=str(each.relative_to(path))) if one.file == each.name else one
        yield from _unread(path, set(files) - set(warcs) - set(others))
        if self._corpus_check and (path / MANIFEST).is_file():
            yield from self._corpus_check(path, self._counts)
        elif not warcs and not others:
            message = "no WARC, ARC, CDXJ or WACZ file in this folder, and no manifest of a corpus"
            yield Finding("nothing-to-check", "error", message, str(path))

    def _set(
        self, warcs: Iterable[Path], ledger: Ledger, *, complete: bool, root: Path | None = None
    ) -> Iterator[Finding]:
        """Files that may refer to each other; by their names below *root*, for two folders may have the same."""
        for each in warcs:
            yield from self.records(each, ledger, name=str(each.relative_to(root)) if root else each.name)
        ledger.settle()
        yield from ledger.findings(complete=complete)

    def collection(self, path: Path) -> Iterator[Finding]:
        """Records, what they refer to, the index against them, the corpus."""
        warcs = warcs_in(path / "archive")
        with Ledger() as ledger:
            yield from self._set(warcs, ledger, complete=True)
            if (path / INDEX).is_file():
                yield from self._audit(path / INDEX, ledger)
            elif warcs:
                # A first crawl makes it when it closes its first file.
                severity: Severity = "error" if any(not each.name.endswith(".open") for each in warcs) else "warning"
                message = "the collection has no index"
                yield Finding("index-absent", severity, message, str(path / INDEX), None, _REBUILT)
        if self._corpus_check:
            yield from self._corpus_check(path, self._counts)

    def _index(self, path: Path) -> Iterator[Finding]:
        """An index, with the WARC files that lie beside it or in the collection's archive."""
        warcs = warcs_in(path.parent) or warcs_in(path.parent.parent / "archive")
        if not warcs:
            yield from self._audit(path, None)
            return
        with Ledger() as ledger:
            for each in warcs:
                for _ in self.records(each, ledger, quiet=True):
                    pass
            ledger.settle()
            yield from self._audit(path, ledger)

    def _audit(self, path: Path, ledger: Ledger | None) -> Iterator[Finding]:
        self._counts.files += 1
        hint = _REBUILT if is_rebuilt(path) else ""
        try:
            yield from audit(path, ledger, hint=hint)
        except OSError as error:
            yield _unreadable(path, error)
            return
        if ledger is not None:
            yield from unindexed(ledger, path.name, hint)

    def records(
        self, path: Path, ledger: Ledger, *, name: str | None = None, quiet: bool = False
    ) -> Iterator[Finding]:
        """The file's own faults; its records go into *ledger*. *quiet*: only what an index needs is read."""
        try:
            with path.open("rb") as file:
                yield from self.stream(file, name or path.name, ledger, quiet=quiet)
        except OSError as error:
            yield _unreadable(path, error)

    def stream(self, file: IO[bytes], name: str, ledger: Ledger, *, quiet: bool = False) -> Iterator[Finding]:
        """As `records`, from an open file."""
        self._counts.files += not quiet
        ledger.add_file(name)
        unfinished = name.endswith(".open")
        for item in scan_file(file, name):
            if isinstance(item, RawRecord):
                yield from self._record(item, ledger)
            elif unfinished and item.code in _OPEN_FAULTS:
                hint = "it is being written, or was left by a killed crawl: the next crawl, or --repair, finishes it"
                yield Finding(item.code, "warning", item.message, item.file, item.offset, hint)
            else:
                yield item

    def _record(self, record: RawRecord, ledger: Ledger) -> Iterator[Finding]:
        self._counts.add(record)
        rules = rule_findings if record.kind == "warc" else arc_findings
        broken = tuple(rules(record))
        proof = prove(record)
        for each in (*broken, *proof.findings):
            message = f"{nth(record.member)}: {each.message}" if record.member else each.message
            yield replace(each, message=message)
        ledger.add(record, proof)

    def _wacz(self, path: Path) -> Iterator[Finding]:
        try:
            yield from check_wacz(path, self.stream)
        except (OSError, zipfile.BadZipFile) as error:
            yield _unreadable(path, error)


def _unread(folder: Path, rest: Iterable[Path]) -> Iterator[Finding]:
    """Those of the *rest* of a folder's files whose names say that they should have been checked."""
    for path in sorted(rest):
        if _OTHER_NAMES.search(path.name):
            hint = "decompress it first, or give it by its name"
            message = "is neither WARC, ARC, CDXJ nor WACZ by its name, and was not checked"
            yield Finding("file-skipped", "warning", message, str(path.relative_to(folder)), None, hint)


def is_rebuilt(path: Path) -> bool:
    """Whether the index at *path* is a collection's own, which its records give again."""
    collection = path.absolute().parent.parent
    return path.absolute() == collection / INDEX and (collection / "archive").is_dir()


def warcs_in(folder: Path) -> list[Path]:
    """The WARC and ARC files in *folder*, those being written among them, by name."""
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if each.name.lower().endswith(_WARC_NAMES) and each.is_file())


def _unreadable(path: Path, error: Exception) -> Finding:
    hint = "see that the path is right and may be read"
    return Finding("unreadable", "error", f"cannot be read: {error}", str(path), None, hint)
