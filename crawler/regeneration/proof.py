"""Documents proved: each made again from its record, and compared with what lies in the corpus."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal

from resiliparse.parse.html import HTMLTree
from resiliparse.parse.html.exception import CSSParserException

from archive.capture import Location
from archive.errors import ArchiveError, DamageError
from archive.index import Index
from archive.reader import StoredResponse, content_type_of, read, resolve
from crawler.collection.folder import Collection
from crawler.collection.origin import site_of
from crawler.differences import Operation, differences
from crawler.errors import CorpusError, EditionsError
from crawler.files import put_file
from crawler.items import Document, Drop, Extractor, Page, Record
from crawler.page.item import item_line
from crawler.regeneration.again import Again, again_or_why
from crawler.regeneration.left import Left
from crawler.regeneration.marks import Marks
from crawler.regeneration.rebuild import damaged, stored_reading
from crawler.regeneration.records import Records, records_of
from crawler.regeneration.target import state_of
from crawler.sites.profile import Profile
from crawler.text.charset import decode
from crawler.text.corpus import ITEMS, MANIFEST, document_of, standing_alone
from crawler.text.manifest import document_from, manifest_lines, read_manifest
from crawler.text.normal import normal
from crawler.text.page import PageReader
from crawler.text.seedtext import extractor, profile_hints, profile_skip, seed_text
from crawler.urls import normalise


@dataclass(frozen=True, slots=True)
class Remade:
    """What a document's record gives."""

    text: str
    document: Document
    """Its line of the manifest: what hangs on the record alone, and all the rest where what it was made with is at
    hand; its file's name and its cluster are of the corpus, and left as listed.
    """
    item: str | None = None
    """Its line of ``items.jsonl``; None where what it was made with is not at hand."""

    def gives(self, item: str) -> bool:
        """Whether this line is what the record gives, as far as that is known."""
        return self.item is None or self.item == item

    def wrong(self, listed: Document) -> list[str]:
        """The fields of a line of the manifest that are not what the record gives, as far as that is known."""
        names = [field.name for field in fields(Document)]
        return [name for name in names if getattr(self.document, name) != getattr(listed, name)]


class Prover:
    """Makes documents again from their *records*; of a site's *profile* it is known whether the corpus was made with
    it (*fits*), or it is None.
    """

    def __init__(self, records: Records, profile: Profile | None = None, *, fits: bool = False) -> None:
        self._records = records
        self._index = Index(records.index)
        self._pages = PageReader(profile) if profile is not None else None
        self._extractor = extractor(profile.text.skip, profile.page) if profile is not None else None
        self._fits = fits

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def remade(self, document: Document) -> Remade:
        """The document, made again from its record; its item and its line too, where what it was made with is known.

        Raises:
            ArchiveError: the record is not where the manifest says. DamageError: it is not what was written.
            CorpusError: the manifest names an extractor that cannot be had.
        """
        place = document.warc
        if not place.record_id and not place.length:
            raise ArchiveError(
                f"{place.file}: offset {place.offset}: the record has no id, and lies in a gzip member with others: "
                "which of them it is cannot be said; write one gzip member per record"
            )
        location = Location(place.file, place.offset, place.length, place.record_id, place.payload_digest, "")
        with closing(read(self._records.archive, location)) as stored:
            if stored.location.record_id != place.record_id:
                raise ArchiveError(
                    f"{place.file}: offset {place.offset}: another record lies here than {place.record_id}"
                )
            with closing(resolve(self._records.archive, self._index, stored)) as original:
                if (drop := damaged(stored, original)) is not None:
                    raise DamageError(drop.why)
                return self._read(document, stored, original)

    def knows(self, made_by: Extractor) -> bool:
        """Whether this is the extractor that documents are made again by: what its lines say can be proved."""
        own = self._extractor or extractor(profile_skip(made_by), profile_hints(made_by))
        return made_by == own

    def _read(self, document: Document, stored: StoredResponse, original: StoredResponse) -> Remade:
        if self._pages is not None and self._extractor == document.extractor:
            page = _page_of(document, stored_reading(self._pages, stored, original))
            if isinstance(page, Page) and (self._fits or page.canonical == document.url):
                line = _listed(document, page, stored) if self._fits else _recorded(document, stored)
                return Remade(page.text, line, item_line(page))
        return Remade(_text(document, stored, original), _recorded(document, stored))


def _page_of(document: Document, reading: Page | Drop) -> Page | Drop:
    """What the document's capture says: it may name another URL than it is the document of."""
    if isinstance(reading, Page) and reading.canonical != document.url == normalise(reading.url):
        return standing_alone(reading)
    return reading


def _listed(document: Document, page: Page, stored: StoredResponse) -> Document:
    """What the manifest is to say of a page."""
    record = _record(document, stored)
    sha256 = hashlib.sha256(page.text.encode()).hexdigest()
    made = document_of(page, record, stored.date, document.file, sha256, document.extractor)
    return replace(made, cluster=document.cluster)


def _recorded(document: Document, stored: StoredResponse) -> Document:
    """What the manifest is to say of a document, as far as its record tells that by itself."""
    return replace(document, captured=stored.date, warc=_record(document, stored))


def _record(document: Document, stored: StoredResponse) -> Record:
    """Where a record lies, and what it is; of a length that the manifest does not know nothing is said."""
    place = stored.location
    length = place.length if document.warc.length else 0
    return Record(place.file, place.offset, length, place.record_id, place.payload_digest)


@contextmanager
def prover(collection: Collection, records: Records, left: Left) -> Iterator[Prover]:
    """A prover of a collection's corpus, of which *left* tells."""
    made = Prover(records)
    with suppress(EditionsError):
        profile, seeds = site_of(collection)
        made.close()
        made = Prover(records, profile, fits=left.fits(Marks.of(records.archive, profile, seeds)))
    with closing(made):
        yield made


@dataclass(frozen=True, slots=True)
class Listed:
    """A document with its lines as they stand in the corpus."""

    document: Document
    line: str
    item: str | None
    """Its line of ``items.jsonl``; None where there is none."""


def listed(folder: Path) -> Iterator[Listed]:
    """The documents of the corpus in *folder*, by number.

    Raises CorpusError as `read_manifest` does, and at the end where there are more items than documents.
    """
    items = _lines(folder / ITEMS)
    for number, line in enumerate(manifest_lines(folder), 1):
        document = document_from(folder / MANIFEST, number, line)
        yield Listed(document, line.decode().rstrip("\n"), next(items, None))
    if next(items, None) is not None:
        raise CorpusError(f"{folder / ITEMS}: has lines of no document")


def _lines(path: Path) -> Iterator[str]:
    if path.is_file():
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                yield line.rstrip("\n")


Verdict = Literal["identical", "differs", "damaged", "gone", "unlisted"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of making one document again."""

    path: Path
    verdict: Verdict
    """``damaged``: its record is not what was written, so that nothing can be said of the document; ``gone``: its
    record or its file cannot be read; ``unlisted``: it stands in no line of the manifest."""
    why: str = ""
    operations: tuple[Operation, ...] = ()
    """How the text that the record gives becomes what lies in the corpus, where they differ."""

    @property
    def holds(self) -> bool:
        """Whether the document is what its record gives."""
        return self.verdict == "identical"


def prove(collection: Collection, folder: Path, names: Iterable[str] = ()) -> Iterator[Proof]:
    """Make documents of the corpus in *folder* again from their records in *collection*, and compare: those of these
    file *names*, or all of them, then with what depends on all of them (clusters, near-copies, dropped list).

    Raises:
        CorpusError: there is no manifest, or one that cannot be read.
        CollectionError: the records are not where they were.
    """
    wanted = set(names)
    left = Left.of(state_of(collection, folder))
    with records_of(collection) as records, prover(collection, records, left) as maker:
        if not wanted:
            with again_or_why(collection, folder, records, left) as again:
                yield from _all(folder, maker, again if isinstance(again, Again) else None)
            return
        for one in listed(folder):
            if one.document.file in wanted:
                wanted.discard(one.document.file)
                yield _proof(folder, one, maker)
    for name in sorted(wanted):
        yield Proof(folder / name, "unlisted", "stands in no line of the manifest")


def _all(folder: Path, maker: Prover, again: Again | None) -> Iterator[Proof]:
    for one in listed(folder):
        made = again.take(one.document.url) if again is not None else None
        if holds(folder, one, made):
            yield Proof(folder / one.document.file, "identical")
            continue
        proof = _proof(folder, one, maker)
        if proof.holds and again is not None:
            why = f"its line in {MANIFEST} is not what the archive gives: {unlike(one, made)}"
            proof = Proof(proof.path, "differs", why)
        yield proof
    if again is not None:
        yield from (Proof(folder / MANIFEST, "differs", f"has no line for {url}") for url in again.left())
        yield from (Proof(folder / one.list, "differs", one.told()) for one in again.differences(folder))


def holds(folder: Path, one: Listed, made: tuple[str, str] | None) -> bool:
    """Whether a document of the corpus in *folder* is, with all its lines, what the archive gives: *made*."""
    if made != (one.line, one.item):
        return False
    try:
        data = (folder / one.document.file).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() == one.document.sha256


def unlike(one: Listed, made: tuple[str, str] | None) -> str:
    """The fields of a document's line that the archive gives otherwise."""
    if made is None:
        return "no such document"
    given: dict[str, object] = json.loads(made[0])
    said: dict[str, object] = json.loads(one.line)
    return ", ".join(name for name in given if given[name] != said.get(name)) or "written otherwise"


def _proof(folder: Path, one: Listed, maker: Prover) -> Proof:
    document, path = one.document, folder / one.document.file
    try:
        data = path.read_bytes()
        made = maker.remade(document)
    except DamageError as error:
        return Proof(path, "damaged", f"its record is not what was written: {error}")
    except (ArchiveError, CorpusError, OSError) as error:
        return Proof(path, "gone", str(error))
    found = data.decode("utf-8", "replace")
    if found != made.text or hashlib.sha256(data).hexdigest() != document.sha256:
        return Proof(path, "differs", _why(document, found, made.text), tuple(differences(made.text, found)))
    if not maker.knows(document.extractor):
        by = f"{document.extractor.name} {document.extractor.version}"
        return Proof(path, "differs", f"was made by another extractor ({by}, or its options): its line is not proved")
    if one.item is None or not made.gives(one.item):
        why = (
            f"{ITEMS} has no line for it" if one.item is None else f"its line in {ITEMS} is not what its record gives"
        )
        return Proof(path, "differs", why)
    if wrong := made.wrong(document):
        return Proof(path, "differs", f"its line in {MANIFEST} is not what its record gives: {', '.join(wrong)}")
    return Proof(path, "identical")


def _why(document: Document, found: str, made: str) -> str:
    if document.extractor != extractor(profile_skip(document.extractor), profile_hints(document.extractor)):
        return "was made by another version of the extractor"
    if hashlib.sha256(found.encode()).hexdigest() != document.sha256:
        return "was changed after it was made"
    return "is not the text that its record gives" if found != made else "is not the text of the manifest's sha256"


def mend(records: Records, folder: Path) -> tuple[str, ...]:
    """Make the documents in *folder* again that are missing, or not what its manifest says; their file names.

    Raises:
        ArchiveError: a record is not where the manifest says. CorpusError: it gives another text.
    """
    with closing(Prover(records)) as maker:
        return tuple(document.file for document in read_manifest(folder) if _mended(maker, folder, document))


def _mended(maker: Prover, folder: Path, document: Document) -> bool:
    path = folder / document.file
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == document.sha256:
        return False
    data = maker.remade(document).text.encode()
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise CorpusError(f"{path}: its record gives another text than the manifest says; make all again with --all")
    put_file(path, data)
    return True


def _text(document: Document, stored: StoredResponse, original: StoredResponse) -> str:
    decoded = decode(original.body().data, content_type_of(stored, original))
    try:
        return normal(seed_text(HTMLTree.parse(decoded.text), profile_skip(document.extractor)))
    except CSSParserException as error:
        raise CorpusError(f"the options of its extractor cannot be used: {error}") from error
