"""What a replay reads, kept on disk until the end, when it is folded into a corpus in archive order."""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace

from archive.capture import Location
from crawler.crawls.assembly import Reading, fold
from crawler.crawls.tally import Tally
from crawler.items import Links, Page
from crawler.regeneration.packing import packed
from crawler.text.corpus import Corpus

_SCHEMA = """
CREATE TABLE readings (
    file TEXT NOT NULL, offset INTEGER NOT NULL, member INTEGER NOT NULL,
    start INTEGER NOT NULL, length INTEGER NOT NULL,
    PRIMARY KEY (file, offset, member)) WITHOUT ROWID
"""


class Readings:
    """In the place of a crawl's Assembly: a replay asks in an order of its own, so that nothing can be folded before
    all is read.

    A capture is *put* with what it says, or *expected* until the spider has read it; what it never reads is read
    from the archive, by *read_stored*.
    """

    def __init__(self, read_stored: Callable[[Location], Reading]) -> None:
        self._read_stored = read_stored
        self._expected: dict[str, tuple[Location, str]] = {}
        self._bytes = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._db = sqlite3.connect("", isolation_level=None)  # a temporary file of SQLite's own
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute(_SCHEMA)
        self._db.execute("BEGIN")

    def expect(self, capture: str, place: Location, date: str) -> None:
        """The spider gets the *capture* at *place*, of WARC-Date *date*, and will say what it says."""
        self._expected[capture] = (place, date)

    def resolve(self, capture: str, reading: Reading) -> None:
        """What the capture says; nothing happens where it is not expected."""
        found = self._expected.pop(capture, None)
        if found is not None:
            self.put(*found, reading)

    def put(self, place: Location, date: str, reading: Reading) -> None:
        """What the capture at *place* says."""
        if isinstance(reading, Page):
            reading = replace(reading, links=Links())
        data = packed((place, date, reading))
        row = (place.file, place.offset, place.member, self._bytes.tell(), len(data))
        self._bytes.write(data)
        self._db.execute("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?)", row)

    def fold(self, corpus: Corpus, tally: Tally) -> None:
        """Fold all into *corpus*, in archive order: by name of the file, then by place in it.

        Raises:
            CorpusError: a document cannot be written.
            ArchiveError: a record that the spider did not read cannot be read.
        """
        for place, date in self._expected.values():
            self.put(place, date, self._read_stored(place))
        self._expected.clear()
        for place, date, reading in self._ordered():
            tally.count(reading, fold(corpus, reading, place, date))

    def _ordered(self) -> Iterator[tuple[Location, str, Reading]]:
        query = "SELECT start, length FROM readings ORDER BY file, offset, member"
        for start, length in self._db.execute(query):
            self._bytes.seek(start)
            yield pickle.loads(self._bytes.read(length))

    def close(self) -> None:
        """Give the temporary files back."""
        self._db.close()
        self._bytes.close()
