"""The corpus of a running crawl: whatever goes wrong in it is told, and ends the crawl."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from archive.capture import Location
from crawler.crawls.assembly import Assembly, Reading
from crawler.crawls.tally import Tally
from crawler.errors import CorpusError, EditionsError
from crawler.items import Drop
from tests.archive.captures import capture
from tests.conftest import Corpora


def test_what_nobody_foresaw_is_told_and_ends_the_crawl(tmp_path: Path, corpus: Corpora) -> None:
    told: list[Exception] = []

    def read_stored(place: Location) -> Reading:
        raise ZeroDivisionError(place.file)

    def on_failure(error: Exception) -> EditionsError:
        told.append(error)
        return CorpusError("the corpus cannot go on")

    assembly = Assembly(corpus(tmp_path), Tally(), read_stored, on_failure)
    one, other = (capture(None, url=f"http://example.org/{slug}") for slug in "ab")
    for each in (one, other):
        written: Future[Location] = Future()
        written.set_result(Location("a.warc.gz", 0, 10, each.record_id, "sha256:00", "response"))
        assembly.expect(each, written)
    assembly.give_up(one.url)
    outcome = assembly.resolve(other.record_id, Drop(other.url, "empty"))
    assert [type(error) for error in told] == [ZeroDivisionError]
    assert outcome is not None
    assert outcome.exception() is assembly.failure
    assert isinstance(assembly.failure, CorpusError)
