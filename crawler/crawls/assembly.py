"""The corpus of a running crawl: pages put together in the order in which their captures lie in the archive."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from archive.capture import Capture, Location
from archive.entry import format_date
from crawler.crawls.tally import Tally
from crawler.errors import EditionsError
from crawler.items import Drop, Page, Record
from crawler.text.corpus import Corpus, Outcome

Reading = Page | Drop

MOST_WAITING = 256
"""Pages that may wait for an earlier capture to be read, before it is read from the archive instead."""

LONGEST_WAIT = 30.0
"""Seconds that a capture may wait likewise: nothing in Scrapy can then hold up the rest."""


@dataclass(slots=True)
class _Slot:
    """An article's capture on its way into the corpus."""

    url: str
    date: str
    location: Future[Location]
    reading: Reading | None
    since: float
    """When it was expected, by a monotonic clock."""
    outcome: Future[Outcome] = field(default_factory=Future)
    given_up: bool = False
    """Whether its URL has ended without a reading."""


class Assembly:
    """Takes captures in archive order and readings in any, and folds them into the corpus in archive order.

    So a corpus made while crawling is the corpus that the archive gives. A capture whose page never comes (Scrapy
    gave up on it between handler and spider) is read from the archive, by *read_stored*.
    All methods belong to one thread, the reactor's.
    """

    def __init__(
        self,
        corpus: Corpus,
        tally: Tally,
        read_stored: Callable[[Location], Reading],
        on_failure: Callable[[Exception], EditionsError],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._corpus = corpus
        self._tally = tally
        self._read_stored = read_stored
        self._on_failure = on_failure
        self._clock = clock
        self.failure: EditionsError | None = None
        self._slots: OrderedDict[str, _Slot] = OrderedDict()

    def expect(self, capture: Capture, location: Future[Location], reading: Reading | None = None) -> None:
        """An article was captured; its *reading* may be known already or come later."""
        date = format_date(capture.date)
        self._slots[capture.record_id] = _Slot(capture.url, date, location, reading, self._clock())

    def repeats(self, url: str) -> bool:
        """Whether a page makes no document, as the corpus stands, because its text stands under another URL."""
        return self._corpus.repeats(url)

    def give_up(self, url: str) -> None:
        """No reading of this URL will come any more: a middleware kept the response, or the spider failed."""
        for slot in self._slots.values():
            slot.given_up = slot.given_up or slot.url == url

    def resolve(self, record_id: str, reading: Reading) -> Future[Outcome] | None:
        """What the capture says; the future tells what became of it. None where no such capture is waited for.

        Why a capture makes no document stays, whatever Scrapy made of it: the archive will say the same.
        """
        slot = self._slots.get(record_id)
        if slot is None:
            return None
        slot.reading = slot.reading or reading
        self.settle()
        return slot.outcome

    def settle(self) -> None:
        """Fold what is complete, as far as the order allows."""
        while self._slots:
            record_id, slot = next(iter(self._slots.items()))
            if not slot.location.done() or (slot.reading is None and self._may_come(slot)):
                return
            self._fold(record_id, slot)

    def _may_come(self, slot: _Slot) -> bool:
        late = len(self._slots) > MOST_WAITING or self._clock() - slot.since > LONGEST_WAIT
        return not slot.given_up and not late

    def finish(self) -> None:
        """Fold all that is left, waiting for the disk, and write manifest and dropped list."""
        while self._slots:
            self._fold(*next(iter(self._slots.items())))
        if self.failure is None:
            self._corpus.save()

    def _fold(self, record_id: str, slot: _Slot) -> None:
        """Fold the first capture; after a failure of corpus or archive no more, for the order would be broken."""
        del self._slots[record_id]
        error = self.failure or slot.location.exception()
        if error is None:
            try:
                slot.outcome.set_result(self._folded(slot))
                return
            except Exception as failure:  # noqa: BLE001 - it must stop the crawl: who calls is a timer that tells nobody
                self.failure = error = self._on_failure(failure)
        slot.outcome.set_exception(error)

    def _folded(self, slot: _Slot) -> Outcome:
        place = slot.location.result()
        reading = slot.reading if slot.reading is not None else self._read_stored(place)
        outcome = fold(self._corpus, reading, place, slot.date)
        self._tally.count(reading, outcome)
        return outcome


def fold(corpus: Corpus, reading: Reading, place: Location, date: str) -> Outcome:
    """Take one reading into the corpus; *date* is the capture's WARC-Date."""
    record = Record(place.file, place.offset, place.length, place.record_id, place.payload_digest)
    outcome = corpus.drop(reading) if isinstance(reading, Drop) else corpus.add(reading, record, date)
    corpus.folded = (place.file, place.offset)
    return outcome
