"""The corpus from the archive alone: the captures in their order, each read as it was read when it came."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from archive.capture import Location
from archive.damage import damage
from archive.errors import ArchiveReadError
from archive.index import Index
from archive.reader import StoredResponse, content_type_of, head_of, read, records, resolve, warc_files
from crawler.collection.folder import Collection
from crawler.crawls.assembly import Reading, fold
from crawler.crawls.tally import Tally
from crawler.items import Drop, Page
from crawler.seeds import Seed
from crawler.sites.profile import Profile
from crawler.state import State
from crawler.text.article import (
    DAMAGED,
    DECODED_LIMIT,
    ORIGINAL_MISSING,
    TOO_LARGE,
    Answer,
    fault,
    read_article,
    verdict,
)
from crawler.text.corpus import Corpus
from crawler.text.ledger import Ledger
from crawler.text.normal import normalised
from crawler.text.page import PageReader
from crawler.text.seedtext import extractor


def rebuild(archive: Path, folder: Path, profile: Profile, seeds: Sequence[Seed] = ()) -> Tally:
    """Make the corpus of *archive* in *folder*; no network, nothing but the WARC files.

    The result is byte-identical to the corpus that the crawls made. Returns what was counted on the way.
    """
    tally = Tally()
    with closing(State()) as state:
        corpus = Corpus(folder, Ledger(state), extractor(profile.text.skip, profile.page), seeds)
        for reading, stored in readings(archive, profile):
            tally.count(reading, fold(corpus, reading, stored.location, stored.date))
        corpus.save()
    return tally


logger = logging.getLogger(__name__)

Place = tuple[str, int]
"""File and offset of a record."""


def catch_up(collection: Collection, corpus: Corpus, profile: Profile) -> int:
    """Fold the captures that a killed crawl brought into the archive and not into the corpus; how many they were."""
    count = 0
    for reading, stored in readings(collection.archive, profile, after=corpus.folded, index=Index(collection.index)):
        fold(corpus, reading, stored.location, stored.date)
        count += 1
    return count


def readings(
    archive: Path, profile: Profile, *, after: Place | None = None, index: Index | None = None
) -> Iterator[tuple[Reading, StoredResponse]]:
    """What each article's capture says, in archive order; *after* a place, if given.

    A revisit is read with the response that it refers to, which has come before or stands in *index*.
    """
    return readings_of(_captures(archive, after), archive, profile, after=after, index=index)


def readings_of(
    captures: Iterable[StoredResponse],
    archive: Path,
    profile: Profile,
    *,
    after: Place | None = None,
    index: Index | None = None,
) -> Iterator[tuple[Reading, StoredResponse]]:
    """What each article's capture among *captures*, consecutive records of *archive*, says; else as `readings`."""
    pages = PageReader(profile)
    originals: dict[str, Location] = {}
    last = ""
    for stored in captures:
        if stored.headers.is_failure and (stored.headers.concurrent_to == last or stored.error is None):
            continue  # why the response before was cut short, or another program's notes: no fetch of its own
        last = stored.location.record_id
        if after is not None and (stored.location.file, stored.location.offset) <= after:
            continue
        judged = verdict(profile, answer_of(stored, stored))
        if judged and stored.location.type == "revisit" and (judged is True or not stored.head.raw):
            yield _revisited(profile, pages, stored, partial(_original, archive, originals, index, stored)), stored
        elif judged:
            originals[stored.location.record_id] = stored.location
            yield _reading(pages, judged, stored, stored), stored


def _captures(archive: Path, after: Place | None) -> Iterator[StoredResponse]:
    """All captures, failed ones too, of the files that hold what comes after a place: their names sort by time."""
    for path in warc_files(archive):
        if after is None or path.name >= after[0]:
            yield from records(path)


def _revisited(
    profile: Profile, pages: PageReader, stored: StoredResponse, original_of: Callable[[], StoredResponse]
) -> Reading:
    """What a revisit says; other programs' archives can lack the response that it refers to."""
    try:
        original = original_of()
    except ArchiveReadError as error:
        logger.info("%s: %s", stored.url, error)
        return Drop(stored.url, ORIGINAL_MISSING, record_id=stored.location.record_id)
    with closing(original):
        judged = verdict(profile, answer_of(stored, original))
        return _reading(pages, judged, stored, original)


def _reading(pages: PageReader, judged: bool | Drop, stored: StoredResponse, original: StoredResponse) -> Reading:
    """What a capture of an article says, of which *judged* is the verdict."""
    if isinstance(judged, Drop):
        return damaged(stored, original) or judged  # a damaged record may not even have the status that was sent
    return stored_reading(pages, stored, original)


def _original(
    archive: Path, originals: Mapping[str, Location], index: Index | None, stored: StoredResponse
) -> StoredResponse:
    """The response that a revisit refers to; it always stands before the revisit."""
    refers = stored.headers.refers_to
    if refers is not None and refers.record_id in originals:
        return read(archive, originals[refers.record_id])
    if index is not None:
        return resolve(archive, index, stored)
    raise ArchiveReadError(
        f"{archive / stored.location.file}: offset {stored.location.offset}: the response that this revisit "
        "refers to is not in the archive"
    )


def stored_reading(pages: PageReader, stored: StoredResponse, original: StoredResponse) -> Reading:
    """What a stored response says, the same as when it came over the wire; *original* holds its body.

    What is damaged makes no document: nothing that it says was sent by anybody.
    """
    if (drop := damaged(stored, original)) is not None:
        return drop
    if original.message.outgrows(DECODED_LIMIT):
        return Drop(stored.url, TOO_LARGE, record_id=stored.location.record_id)
    body = original.body(DECODED_LIMIT)
    read_ = read_article(
        pages,
        body.data,
        stored.url,
        content_type_of(stored, original),
        wrong=fault(undecoded=body.notes.undecoded is not None, limited=body.notes.limited),
        record_id=stored.location.record_id,
    )
    return normalised(read_) if isinstance(read_, Page) else read_


def damaged(stored: StoredResponse, original: StoredResponse) -> Drop | None:
    """Why a capture makes no document whose record is damaged, or that of the *original*; None where both hold."""
    for each in (stored,) if original is stored else (stored, original):
        if wrong := damage(each):
            why = f"{each.location.file}: offset {each.location.offset}: {wrong}"
            return Drop(stored.url, DAMAGED, record_id=stored.location.record_id, why=why)
    return None


def answer_of(stored: StoredResponse, original: StoredResponse) -> Answer:
    """What is known of a capture before its body, which *original* holds, is read.

    A revisit that was written without a head has that of the original.
    """
    error = stored.error
    if error is not None:
        return Answer(stored.url, None, error=error.kind)
    head = head_of(stored, original)
    return Answer(stored.url, head.status or original.status, head.location, stored.truncated)
