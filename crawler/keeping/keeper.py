"""An open collection: captures go into the archive, articles into the corpus, endings into the frontier."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache

from archive.capture import Capture, Location
from archive.errors import ArchiveError
from archive.index import Index
from archive.message import read_head
from archive.reader import read, resolve, warc_files
from archive.record import WarcInfo
from archive.writer import ArchiveWriter
from crawler.collection.folder import Collection
from crawler.collection.lock import CollectionLock
from crawler.collection.origin import remember
from crawler.crawls.assembly import Assembly, Reading
from crawler.crawls.tally import Tally
from crawler.errors import CollectionError, CorpusError, EditionsError
from crawler.frontier.frontier import Frontier
from crawler.frontier.store import Ended, FrontierStore, Reach
from crawler.regeneration.marks import Marks, leave_marks, why_again
from crawler.regeneration.rebuild import catch_up, stored_reading
from crawler.regeneration.target import Target
from crawler.seeds import Seed
from crawler.sites.profile import Profile
from crawler.state import State
from crawler.text.article import NOT_MODIFIED, Answer, verdict
from crawler.text.corpus import Corpus
from crawler.text.ledger import Ledger
from crawler.text.page import PageReader
from crawler.text.seedtext import extractor


@dataclass(frozen=True, slots=True)
class Scope:
    """What a crawl is of."""

    profile: Profile
    seeds: tuple[Seed, ...]
    editions: tuple[str, ...]
    max_pages: int | None = None
    fresh: bool = False
    """Whether to forget what the frontier knows; the archive stays."""
    max_depth: float = float("inf")
    starts: tuple[str, ...] = ()
    given: bool = False
    """Whether the starts were given: then what they lead to is asked for, and not all that earlier crawls knew."""


class Keeper:
    """The open collection of one crawl.

    Opening it recovers what a kill left: torn files are cut to their last whole capture, captures that the corpus
    has not seen are folded into it, and the crawl that was cut off goes on; a finished one is begun anew.
    :meth:`write` is called by the download handler, :meth:`settle` now and then, :meth:`finish` and :meth:`close` at
    the end.
    *wake* is called in the writer's thread when a capture is on disk; *stop*, when the corpus cannot be written.

    Raises:
        EditionsError, ArchiveError: the collection cannot be opened.
    """

    def __init__(
        self,
        collection: Collection,
        scope: Scope,
        info: WarcInfo,
        *,
        wake: Callable[[], object],
        stop: Callable[[EditionsError], None],
        crawl: str,
    ) -> None:
        collection.make()
        self._lock = CollectionLock(collection, f"crawl {crawl} of {scope.profile.name}")
        self._collection = collection
        self._stop = stop
        self._profile, self._seeds, self._starts = scope.profile, scope.seeds, scope.starts
        self._wake = wake
        self._failure: BaseException | None = None
        self._open = True
        self._gave_up = False
        self.tally = Tally()
        self.stale = ""
        _finish_regeneration(collection)
        self._state = State(collection.state)
        try:
            self._prepare(scope, info, crawl)
        except sqlite3.Error as error:
            raise self._state.failure(error) from error

    def _prepare(self, scope: Scope, info: WarcInfo, crawl: str) -> None:
        collection, profile = self._collection, scope.profile
        self._ledger = Ledger(self._state)
        corpus = Corpus(collection.corpus, self._ledger, extractor(profile.text.skip, profile.page), scope.seeds)
        self._writer = ArchiveWriter(collection.archive, collection.index, prefix=profile.name, info=info)
        self.assembly = Assembly(corpus, self.tally, self._read_stored, self._give_up)
        self._store = FrontierStore(self._state)
        self._begin(scope, corpus, crawl)
        self.frontier = Frontier(
            self._store, on_end=self.assembly.give_up, on_failure=self._fail, max_pages=scope.max_pages
        )

    def _begin(self, scope: Scope, corpus: Corpus, crawl: str) -> None:
        remember(self._collection, scope.profile)
        self._state.begin()
        self._newest = corpus.folded[0] if corpus.folded is not None else None
        self._leave_marks()
        catch_up(self._collection, corpus, scope.profile)
        self.run = self._store.begin(crawl, _newest(self._collection), fresh=scope.fresh)
        self._store.keep_to(Reach(scope.editions, _owning(scope.profile), scope.max_depth))
        if not self.run.resumed and not scope.given:
            self._store.ask_again()
        self._state.commit()

    def _leave_marks(self) -> str:
        """Keep by what the corpus is made, so that a regeneration knows when it must be made anew; why it must, if
        it must.
        """
        marks = Marks.of(self._collection.archive, self._profile, self._seeds)
        leave_marks(self._state, marks, self._newest)
        return why_again(self._state, marks) if self._ledger.folded is not None else ""

    @property
    def failure(self) -> BaseException | None:
        """What could not be kept."""
        return self._failure or self.assembly.failure

    def write(self, capture: Capture) -> Future[Location]:
        """Take over a capture; the future is done when it is on disk."""
        answer = _answer(capture)
        self.tally.capture(capture, answer.status)
        judged = verdict(self._profile, answer)
        unchanged = answer.status == NOT_MODIFIED and self._profile.article(capture.url) is not None
        self.tally.answered += judged is True or unchanged
        written = self._writer.write(capture)
        if judged is not False:
            reading = None if judged is True else judged
            self.assembly.expect(capture, written, reading)
        self.frontier.captured(capture.url, written)
        written.add_done_callback(self._written)
        return written

    def _written(self, written: Future[Location]) -> None:
        """Runs in the writer's thread."""
        self._failure = self._failure or written.exception()
        self._wake()

    def settle(self) -> None:
        """Make last what is on disk by now: documents, endings and links, in one transaction."""
        if not self._open or self.failure is not None:
            return
        try:
            self.assembly.settle()
            self.frontier.settle()
            self._state.commit()
        except sqlite3.Error as error:
            self._fail(error)

    def _fail(self, error: sqlite3.Error) -> None:
        """The state cannot be written; what fails after the first failure fails by it."""
        if self.failure is None:
            self._give_up(error)

    def _give_up(self, error: Exception) -> EditionsError:
        """Nothing is folded or kept any more: it would stand on what was rolled back.

        The crawl stops, and its next run begins from the last commit.
        """
        self._gave_up = True
        failure = self._told(error)
        self._failure = self._failure or failure
        self.assembly.failure = self.assembly.failure or failure
        self._state.give_up()
        self._stop(failure)
        return failure

    def _told(self, error: Exception) -> EditionsError:
        if isinstance(error, sqlite3.Error):
            return self._state.failure(error)
        return error if isinstance(error, EditionsError) else CorpusError(f"the corpus cannot go on: {error}")

    def finish(self, *, finished: bool) -> bool:
        """Finish all, each before what it stands on; whatever fails, what was captured is kept.

        *finished*: the crawl was not stopped. True where it has done what it was asked for, and the next one begins
        anew: so has one that was stopped when nothing was left to do.
        """
        self._open = False
        try:
            self._writer.close()
            self.assembly.finish()
            self.frontier.settle(wait=True)
            if self.failure is None:
                self.stale = self._leave_marks()
                finished = finished or self._is_done()
                if finished:
                    self._store.finish()
            self.tally.drops.update(self._ledger.drop_reasons())
            self.tally.endings = self._store.outcomes()
        except (ArchiveError, EditionsError, OSError, sqlite3.Error) as error:
            self._failure = self._failure or error
        return finished

    def _is_done(self) -> bool:
        """Whether all was asked for, the starts among it."""
        return self.frontier.is_done() and all(url in self.frontier for url in self._starts)

    def ended(self) -> Iterator[Ended]:
        """How each URL of the crawl ended."""
        return self._store.ended()

    def close(self) -> None:
        """Close the state and let others in; after a failure of its own, only with what was committed before."""
        try:
            self._state.close(keep=not self._gave_up)
        except sqlite3.Error as error:
            self._failure = self._failure or self._state.failure(error)
        finally:
            self._lock.release()

    def _read_stored(self, place: Location) -> Reading:
        archive = self._collection.archive
        stored = read(archive, place)
        with closing(stored), closing(resolve(archive, Index(self._collection.index), stored)) as original:
            return stored_reading(PageReader(self._profile), stored, original)


def _finish_regeneration(collection: Collection) -> None:
    """Put in place the corpus of a regeneration that was killed after it had built it."""
    target = Target.of(collection, None)
    try:
        target.install()
    except (OSError, sqlite3.Error, CollectionError) as error:
        hint = "free the disk if it is full, else move that folder away and regenerate"
        raise CollectionError(
            f"{target.work}: what was regenerated cannot be put in place ({error}); {hint}"
        ) from error


def _owning(profile: Profile) -> Callable[[str], bool]:
    """Whether a normalised URL is of the site; its host is all that matters, and few hosts stand in many URLs."""
    owns = lru_cache(1_000)(profile.owns)
    return lambda url: owns("/".join([*url.split("/", 3)[:3], ""]))


def _newest(collection: Collection) -> str:
    """The name of the archive's newest file that is whole: the writer's own is still open."""
    files = warc_files(collection.archive)
    return files[-1].name if files else ""


def _answer(capture: Capture) -> Answer:
    if capture.response is None:
        return Answer(capture.url, None, error=capture.error.kind if capture.error else "")
    head = read_head(capture.response)
    return Answer(capture.url, head.status, head.location, capture.truncated or "")
