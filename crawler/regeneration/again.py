"""A corpus made again in a ledger alone, so that the lists of the one that lies on disk can be held against it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError
from archive.index import Index
from archive.indexing import build
from archive.reader import warc_files
from crawler.collection.folder import Collection
from crawler.collection.origin import site_of
from crawler.crawls.assembly import fold
from crawler.errors import EditionsError
from crawler.regeneration.left import Left
from crawler.regeneration.marks import Marks
from crawler.regeneration.readers import Task, read_sections
from crawler.regeneration.rebuild import Place
from crawler.regeneration.records import Records, source_of
from crawler.regeneration.sections import SIZE, Section, covers, sections
from crawler.seeds import Seed
from crawler.sites.profile import Profile
from crawler.state import State
from crawler.text.corpus import COPIES, DROPPED, Corpus
from crawler.text.ledger import Ledger
from crawler.text.manifest import read_manifest
from crawler.text.seedtext import extractor

_FAILURES = (ArchiveError, EditionsError, OSError, sqlite3.Error)
"""What can keep a corpus from being made again."""

_TABLES = """
CREATE TABLE made (url TEXT PRIMARY KEY, line TEXT NOT NULL, item TEXT NOT NULL);
CREATE TABLE listed (list TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (list, line));
"""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a corpus is made again of."""

    records: Records
    profile: Profile
    seeds: tuple[Seed, ...]
    until: Place | None
    """The last capture that its lists tell of; None for all of the archive."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of a list that the archive does not give, or one that the list lacks."""

    list: str
    number: int | None
    """The line's, from 1; None for one that is not there."""
    line: str

    def told(self) -> str:
        """In words, the line cut where it is long."""
        line = self.line if len(self.line) <= 200 else f"{self.line[:200]}…"
        if self.number is None:
            return f"lacks a line that the archive gives: {line}"
        return f"line {self.number} is not what the archive gives: {line}"


class Again:
    """The lists of a corpus as its archive gives them."""

    def __init__(self, state: State, ledger: Ledger) -> None:
        self._db = state.db
        self._db.executescript(_TABLES)
        state.begin()
        pairs = zip(ledger.manifest(), ledger.items(), strict=True)
        urls = self._db.execute("SELECT url FROM documents ORDER BY number")
        rows = ((url, *pair) for (url,), pair in zip(urls, pairs, strict=True))
        self._db.executemany("INSERT INTO made VALUES (?, ?, ?)", rows)
        for name, lines in ((COPIES, ledger.copies()), (DROPPED, ledger.dropped())):
            self._db.executemany("INSERT OR IGNORE INTO listed VALUES (?, ?)", ((name, line) for line in lines))

    def take(self, url: str) -> tuple[str, str] | None:
        """The lines of a document in manifest and items; None where there is none, or it was taken before."""
        row = self._db.execute("DELETE FROM made WHERE url = ? RETURNING line, item", (url,)).fetchone()
        return (row[0], row[1]) if row else None

    def left(self) -> Iterator[str]:
        """The URLs of the documents that were not taken."""
        return (url for (url,) in self._db.execute("SELECT url FROM made ORDER BY url"))

    def differences(self, folder: Path) -> Iterator[Difference]:
        """How near-copies and dropped list of the corpus in *folder* differ from these."""
        for name in (COPIES, DROPPED):
            yield from self._listed(name, folder / name)

    def _listed(self, name: str, path: Path) -> Iterator[Difference]:
        for number, line in enumerate(_lines(path), 1):
            if not self._db.execute("DELETE FROM listed WHERE list = ? AND line = ?", (name, line)).rowcount:
                yield Difference(name, number, line)
        for (line,) in self._db.execute("SELECT line FROM listed WHERE list = ? ORDER BY line", (name,)):
            yield Difference(name, None, line)


def basis(collection: Collection, records: Records, left: Left) -> Basis | str:
    """What the corpus of a collection, of which *left* tells, is made again of; or why that cannot be said."""
    try:
        if source_of(collection) is not None:
            return "it is a replay's, of the captures that were chosen then"
        profile, seeds = site_of(collection)
    except EditionsError as error:
        return str(error)
    files = [path.name for path in warc_files(records.archive)]
    marks, newest = Marks.of(records.archive, profile, seeds), left.folded[0] if left.folded is not None else ""
    if left.marks is not None and (changed := marks.differs(left.marks, newest)):
        return f"{changed} since it was made"
    if left.saved is not None and left.saved[0] not in files:
        return f"{left.saved[0]}, of which its newest documents are, is still being written or gone"
    return Basis(records, profile, seeds, left.saved)


@contextmanager
def again_or_why(collection: Collection, folder: Path, records: Records, left: Left) -> Iterator[Again | str]:
    """The lists of the corpus in *folder* as the archive gives them, or why they cannot be made again."""
    if folder.resolve() != collection.corpus.resolve() and left.saved is None:
        yield "of what captures it was made is not known: no state lies beside it"
        return
    of = basis(collection, records, left)
    if isinstance(of, Basis) and left.marks is None and (other := _other_extractor(folder, of.profile)):
        of = other
    with ExitStack() as stack:
        try:
            made = of if isinstance(of, str) else stack.enter_context(made_again(of))
        except _FAILURES as error:
            made = str(error)
        yield made


def _other_extractor(folder: Path, profile: Profile) -> str:
    """What to say of a corpus of which only its documents tell by what they were made: by another extractor."""
    first = next(read_manifest(folder), None)
    if first is None or first.extractor == extractor(profile.text.skip, profile.page):
        return ""
    return f"its documents are by another extractor ({first.extractor.name} {first.extractor.version})"


@contextmanager
def made_again(basis: Basis) -> Iterator[Again]:
    """Make a corpus again, by one process per core; what is made is gone at the end. Memory stays flat.

    Raises:
        ArchiveReadError: a file cannot be read to its end. CorpusError: a reading process died.
        OSError, sqlite3.Error: there is no room for it.
    """
    with tempfile.TemporaryDirectory(prefix="editions-") as name:
        scratch = Path(name)
        with closing(State(scratch / "again.db")) as state:
            ledger = Ledger(state)
            state.begin()
            made_by = extractor(basis.profile.text.skip, basis.profile.page)
            corpus = Corpus(scratch / "corpus", ledger, made_by, basis.seeds, texts=False)
            _fold(basis, corpus, scratch)
            yield Again(state, ledger)


def _fold(basis: Basis, corpus: Corpus, scratch: Path) -> None:
    task = Task(basis.records.archive, _index(basis.records, scratch), basis.profile)
    with Index(task.index) as index:
        parts = [one for one in sections(task.archive, index) if _counts(one, basis.until)]
    worth = 1 + sum(part.end - part.start for part in parts) // SIZE  # a process takes as long to start as it saves
    for _, read in read_sections(task, parts, min(cores(), len(parts), worth)):
        for one in read.told:
            if basis.until is None or (one.place.file, one.place.offset) <= basis.until:
                fold(corpus, one.reading, one.place, one.date)


def _counts(section: Section, until: Place | None) -> bool:
    return until is None or (section.file, section.start) <= until


def _index(records: Records, scratch: Path) -> Path:
    with Index(records.index) as index:
        if covers(records.archive, index):
            return records.index
    build(records.archive, scratch / "index.cdxj")
    return scratch / "index.cdxj"


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _lines(path: Path) -> Iterable[str]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            yield line.rstrip("\n")
