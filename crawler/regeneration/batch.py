"""A corpus made again from the archive alone, in batch: section by section, restartable, put in place as a whole."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from archive.index import Index
from archive.indexing import build
from archive.recovery import recover
from crawler.collection.folder import Collection
from crawler.collection.lock import CollectionLock
from crawler.crawls.assembly import fold
from crawler.crawls.tally import MOST_PROBLEMS, Tally
from crawler.errors import CollectionError
from crawler.regeneration.headway import Headway, OnHeadway
from crawler.regeneration.marks import Marks, why_again
from crawler.regeneration.proof import mend
from crawler.regeneration.readers import Task, read_sections
from crawler.regeneration.rebuild import Place
from crawler.regeneration.records import Records, source_of
from crawler.regeneration.sections import covers, sections
from crawler.regeneration.target import Target
from crawler.seeds import Seed
from crawler.sites.profile import Profile
from crawler.state import State
from crawler.text.article import DAMAGED
from crawler.text.corpus import Corpus
from crawler.text.ledger import Ledger
from crawler.text.seedtext import extractor


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be made again."""

    collection: Collection
    profile: Profile
    seeds: tuple[Seed, ...]
    out: Path | None = None
    """The folder of the corpus; the collection's own where it is None."""
    workers: int = 1
    all: bool = False
    """Whether to make again what has not changed, too."""


@dataclass(frozen=True, slots=True)
class Regenerated:
    """What a regeneration did."""

    corpus: Path
    captures: int
    """Articles' captures read."""
    outcomes: dict[str, int]
    drops: dict[str, int]
    """Why articles make no document, as the corpus stands."""
    documents: int
    """As the corpus stands."""
    damaged: int = 0
    """Captures that are damaged and make no document."""
    problems: tuple[str, ...] = ()
    """The first of them, with file and offset."""
    unread: tuple[str, ...] = ()
    """The first places where bytes lie that are no record, and of which the index knows no capture."""
    mended: tuple[str, ...] = ()
    """Documents that were missing or not what the manifest says, made again."""
    why: str = ""
    """Why all documents were made again; empty where only what had changed was."""
    resumed: bool = False
    """Whether it went on with one that was cut off."""
    seconds: float = 0.0


def regenerate(job: Job, on_headway: OnHeadway = lambda _: None) -> Regenerated:
    """Make the corpus of a collection again from its archive; byte-identical to what the crawls made.

    Only captures that the corpus has not seen are read, unless all is asked for, or the extractor, the profile, the
    seeds or the archive's older files have changed. Made anew, a corpus takes the old one's place when it is whole.

    Raises:
        CollectionError: the collection is in use, is a replay, or cannot be read.
        CorpusError: a document cannot be written. CallError: the folder to write into holds something else.
        ArchiveReadError: a file cannot be read.
    """
    began = time.monotonic()
    _refuse_replay(job.collection)
    target = Target.of(job.collection, job.out)
    target.prepare()
    lock = CollectionLock(Collection(target.lock), "a regeneration")
    try:
        if target.corpus == job.collection.corpus:
            recover(job.collection.archive, job.collection.index)
        target.install()
        done = _make(job, target, on_headway)
        return replace(done, seconds=round(time.monotonic() - began, 3))
    except OSError as error:
        raise CollectionError(f"{job.collection.folder}: {error}") from error
    except sqlite3.Error as error:
        remedy = "free the disk and start again" if "full" in str(error) else "it can be moved away"
        raise CollectionError(f"{target.state}: cannot be used ({error}); {remedy}") from error
    finally:
        lock.release()


def _refuse_replay(collection: Collection) -> None:
    """What a replay's corpus is made of lies elsewhere, and it may be of some captures alone."""
    source = source_of(collection)
    if source is not None:
        raise CollectionError(
            f"{collection.folder}: is a replay of {source}, with no records of its own; regenerate that one with "
            "--out, or replay it again"
        )


def _make(job: Job, target: Target, on_headway: OnHeadway) -> Regenerated:
    """Go on with the corpus as it is, or build another and put it in place."""
    marks = Marks.of(job.collection.archive, job.profile, job.seeds)
    why = "asked for" if job.all else _why_again(target.state, marks)
    if not why:
        target.clear()
        with closing(State(target.state)) as state:
            return _Making(job, target, state, target.corpus, marks).run(on_headway, mend_all=True)
    resumed = target.building.exists() and not _why_again(target.building, marks)
    if not resumed:
        target.clear()
    target.work.mkdir(exist_ok=True)
    with closing(State(target.building)) as state:
        done = _Making(job, target, state, target.staging, marks).run(on_headway, mend_all=resumed)
        target.keep_foreign()
        marks.write(state, whole=True)
    target.install()
    return replace(done, corpus=target.corpus, why=why, resumed=resumed)


def _why_again(path: Path, marks: Marks) -> str:
    if not path.exists():
        return "no corpus was made yet"
    with closing(State(path)) as state:
        return why_again(state, marks)


@dataclass(slots=True)
class _Making:
    """Captures on their way into one corpus."""

    job: Job
    target: Target
    state: State
    folder: Path
    marks: Marks

    def run(self, on_headway: OnHeadway, *, mend_all: bool) -> Regenerated:
        """*mend_all*: the corpus may have lost documents meanwhile."""
        self.state.begin()
        self.marks.write(self.state, whole=False)
        ledger = Ledger(self.state)
        corpus = Corpus(
            self.folder, ledger, extractor(self.job.profile.text.skip, self.job.profile.page), self.job.seeds
        )
        tally, unread = self._fold(corpus, on_headway)
        corpus.save()
        mended = mend(self._records(), self.folder) if mend_all else ()
        return Regenerated(
            corpus=self.folder,
            captures=sum(tally.outcomes.values()),
            outcomes=dict(sorted(tally.outcomes.items())),
            drops=ledger.drop_reasons(),
            documents=sum(1 for _ in ledger.manifest()),
            damaged=tally.failures[DAMAGED],
            problems=tuple(tally.problems),
            unread=unread,
            mended=mended,
        )

    def _fold(self, corpus: Corpus, on_headway: OnHeadway) -> tuple[Tally, tuple[str, ...]]:
        """What was counted, and where bytes lie that are no record."""
        tally, began, after = Tally(), time.monotonic(), corpus.folded
        lost: dict[Place, str] = {}
        task = Task(self.job.collection.archive, self._index(), self.job.profile, after)
        with Index(task.index) as index:
            parts = sections(task.archive, index, after)
        done, whole = 0, sum(part.end - part.start for part in parts)
        for section, read in read_sections(task, parts, min(self.job.workers, len(parts))):
            for one in read.told:
                tally.count(one.reading, fold(corpus, one.reading, one.place, one.date))
            lost |= {(section.file, offset): what for offset, what in read.lost.items()}
            self.state.commit()
            done += section.end - section.start
            on_headway(Headway(done, whole, sum(tally.outcomes.values()), time.monotonic() - began))
        return tally, self._unread(lost, tally)

    def _unread(self, lost: dict[Place, str], tally: Tally) -> tuple[str, ...]:
        """Of places where records cannot be read the first of which the index knows no capture; the others are
        damage, and counted so.
        """
        captured: set[Place] = set()
        if lost:
            with Index(self.job.collection.index) as index:
                captured = {place for entry in index.entries() if (place := (entry.file, entry.offset)) in lost}
        unread: list[str] = []
        for place, what in lost.items():
            words = f"{place[0]}: offset {place[1]}: {what}"
            if place in captured:
                tally.damage(words)
            elif len(unread) < MOST_PROBLEMS:
                unread.append(words)
        return tuple(unread)

    def _records(self) -> Records:
        return Records(self.job.collection.archive, self.job.collection.index)

    def _index(self) -> Path:
        """The collection's index; one made for this, where it has none or one that lacks captures."""
        own = self.job.collection.index
        with Index(own) as index:
            if covers(self.job.collection.archive, index):
                return own
        build(self.job.collection.archive, self.target.index)
        return self.target.index
