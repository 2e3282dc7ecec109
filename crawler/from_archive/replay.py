"""A replay: an archive opened for reading, and the corpus that the spider makes of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from archive.capture import FetchError, Location
from archive.errors import ArchiveError
from archive.reader import StoredResponse, read, resolve, warc_files
from crawler.collection.folder import Collection
from crawler.collection.lock import CollectionLock
from crawler.collection.origin import remember
from crawler.collection.source import Source
from crawler.crawls.assembly import Reading
from crawler.crawls.tally import MOST_PROBLEMS, Tally
from crawler.errors import CollectionError, EditionsError
from crawler.from_archive.captures import Captures
from crawler.from_archive.choice import Choice
from crawler.from_archive.frontier import ReplayFrontier
from crawler.from_archive.readings import Readings
from crawler.frontier.frontier import Frontier
from crawler.frontier.store import Ended, FrontierStore
from crawler.items import Drop
from crawler.regeneration.rebuild import answer_of, damaged, stored_reading
from crawler.regeneration.records import remember_source
from crawler.seeds import Seed
from crawler.sites.profile import Profile
from crawler.state import State
from crawler.text.article import ORIGINAL_MISSING, Answer, verdict
from crawler.text.corpus import MANIFEST, Corpus
from crawler.text.ledger import Ledger
from crawler.text.page import PageReader
from crawler.text.seedtext import extractor


@dataclass(frozen=True, slots=True)
class Scope:
    """What a replay is of."""

    profile: Profile
    seeds: tuple[Seed, ...]
    editions: tuple[str, ...]
    max_pages: int | None = None


class Replay:
    """The open archive of one replay, and the collection that its corpus goes into.

    That collection has no archive of its own: its manifest names the records of the archive replayed. What an
    earlier replay left in it is replaced, once the new corpus is whole.

    Raises:
        EditionsError, ArchiveError: the archive or the folder cannot be used.
    """

    def __init__(self, choice: Choice, target: Collection, scope: Scope, id_: str) -> None:
        refuse_target(target)
        target.make()
        self._lock = CollectionLock(target, f"replay {id_} of {scope.profile.name}")
        self._target = target
        self._scope = scope
        self._choice = choice
        self.failure: BaseException | None = None
        self.tally = Tally()
        try:
            self._open(id_)
        except BaseException:
            self._lock.release()
            raise

    def _open(self, id_: str) -> None:
        for left in self._target.folder.glob("state.db*"):
            left.unlink()
        self.source = Source(self._choice.source, self._target.folder)
        self.captures = Captures(self.source.index, self._choice)
        self.readings = Readings(self._read_stored)
        self._state = State(self._target.state)
        self._ledger = Ledger(self._state)
        self._store = FrontierStore(self._state)
        self._state.begin()
        self.run = self._store.begin(id_, "")
        frontier = Frontier(
            self._store, on_end=lambda url: None, on_failure=self._failed, max_pages=self._scope.max_pages
        )
        self.frontier = ReplayFrontier(frontier, self.captures)

    def articles(self) -> Iterator[str]:
        """The URLs of all articles that the archive holds in the editions asked for."""
        profile = self._scope.profile
        for url in self.captures.articles(profile.domains):
            article = profile.article(url)
            if article is not None and article.edition in self._scope.editions:
                yield url

    def seen(self, stored: StoredResponse, original: StoredResponse, told: FetchError | None = None) -> None:
        """A capture is given to the spider; *original* holds its body, *told* is the error that is raised instead."""
        answer = answer_of(stored, original)
        self._count(stored, answer, told or stored.error)
        judged = verdict(self._scope.profile, answer)
        if isinstance(judged, Drop):
            self.readings.put(stored.location, stored.date, judged)
        elif judged:
            self.tally.answered += 1
            self.readings.expect(stored.id, stored.location, stored.date)

    def damaged(self, stored: StoredResponse, original: StoredResponse) -> str:
        """Why a capture cannot be given to the spider whose record, or that of the *original*, is damaged; else
        empty.
        """
        drop = damaged(stored, original)
        if drop is None:
            return ""
        self.tally.captures += 1
        if self._scope.profile.article(stored.url) is not None:
            self.readings.put(stored.location, stored.date, drop)
        else:
            self.tally.damage(drop.why)
        return drop.why

    def missing(self, stored: StoredResponse) -> None:
        """A revisit is asked for whose response is not in the archive."""
        self.tally.captures += 1
        if verdict(self._scope.profile, answer_of(stored, stored)):
            drop = Drop(stored.url, ORIGINAL_MISSING)
            self.readings.put(stored.location, stored.date, drop)

    def _count(self, stored: StoredResponse, answer: Answer, error: FetchError | None) -> None:
        tally = self.tally
        tally.captures += 1
        if answer.status is not None:
            tally.statuses[answer.status] += 1
            tally.bytes += len(stored.block) if isinstance(stored.block, bytes) else stored.block.size
        if error or answer.truncated:
            tally.failures[f"truncated-{answer.truncated}" if answer.truncated else error.kind if error else ""] += 1
            if len(tally.problems) < MOST_PROBLEMS:
                tally.problems.append(f"{answer.url}: {error.message if error else 'cut short'}")

    def _failed(self, error: sqlite3.Error) -> None:
        """The state cannot be used: nothing more is given out, and the replay ends."""
        self.failure = self.failure or self._state.failure(error)

    def finish(self, *, finished: bool) -> None:
        """Make the corpus, in the place of an earlier one; nothing of it where the replay was stopped."""
        try:
            if finished:
                self._store.finish()
                self._fold()
            self.tally.drops.update(self._ledger.drop_reasons())
            self.tally.endings = self._store.outcomes()
        except (ArchiveError, EditionsError, OSError, sqlite3.Error) as error:
            self.failure = error

    def _fold(self) -> None:
        new = self._target.folder / ".corpus-new"
        shutil.rmtree(new, ignore_errors=True)
        profile = self._scope.profile
        corpus = Corpus(new, self._ledger, extractor(profile.text.skip, profile.page), self._scope.seeds)
        self.readings.fold(corpus, self.tally)
        corpus.save()
        shutil.rmtree(self._target.corpus)
        new.rename(self._target.corpus)
        remember(self._target, profile)
        remember_source(self._target, self._choice.source)

    def ended(self) -> Iterator[Ended]:
        """How each URL ended."""
        return self._store.ended()

    def close(self) -> None:
        """Give everything back."""
        try:
            self._state.close()
        except sqlite3.Error as error:
            self.failure = self.failure or self._state.failure(error)
        finally:
            self.readings.close()
            self.source.close()
            self._lock.release()

    def _read_stored(self, place: Location) -> Reading:
        archive = self.source.archive
        stored = read(archive, place)
        with closing(stored), closing(resolve(archive, self.source.index, stored)) as original:
            return stored_reading(PageReader(self._scope.profile), stored, original)


def refuse_target(target: Collection) -> None:
    """Refuse a folder whose corpus is not a replay's to replace.

    Raises:
        CollectionError: it has an archive of its own, or a folder ``corpus`` that is none.
    """
    if target.archive.is_dir() and warc_files(target.archive):
        raise CollectionError(f"{target.folder}: has an archive of its own; choose another folder with --collection")
    if target.corpus.is_dir() and any(target.corpus.iterdir()) and not (target.corpus / MANIFEST).is_file():
        raise CollectionError(f"{target.corpus}: is no corpus; choose another folder with --collection")
