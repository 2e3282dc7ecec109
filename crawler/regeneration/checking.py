"""A corpus checked: each document against its record, each line of its lists against what the archive gives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from archive.check import Counts
from archive.errors import ArchiveError
from archive.finding import Finding
from crawler.collection.folder import Collection
from crawler.errors import CollectionError, CorpusError
from crawler.items import Document
from crawler.regeneration.again import Again, again_or_why
from crawler.regeneration.left import Left
from crawler.regeneration.proof import Listed, Prover, holds, listed, prover, unlike
from crawler.regeneration.records import records_of
from crawler.text.corpus import COPIES, DROPPED, ITEMS, MANIFEST

_HINT = "make the corpus again from the archive"


def check_corpus(folder: Path, counts: Counts | None = None) -> Iterator[Finding]:
    """What is wrong with the corpus in *folder*, or with that of the collection there: its documents, and all lines
    of its lists. *counts* is filled meanwhile.

    It is made again as a whole; what is not the same then is looked at one by one. Where that cannot be done
    (``lists-unproved`` says why), each document is made again from its record, and near-copies, clusters and the
    dropped list are not proved. Of a corpus that lies in no collection, texts are held against its manifest alone.
    """
    is_collection = (folder / "archive").is_dir()
    collection = Collection(folder if is_collection else folder.absolute().parent)
    corpus = collection.corpus if is_collection else folder
    manifest = corpus / MANIFEST
    if not manifest.exists():
        return
    known = {MANIFEST, ITEMS, COPIES, DROPPED}
    alone = corpus.absolute() != collection.corpus.absolute() or not collection.archive.is_dir()
    try:
        for finding, file in _alone(corpus) if alone else _checked(collection):
            known.add(file)
            if finding is not None:
                yield finding
    except CollectionError as error:
        yield Finding("records-absent", "error", str(error), str(collection.source))
        return
    except CorpusError as error:
        yield Finding("manifest-unreadable", "error", str(error), str(manifest), hint="editions regenerate")
        return
    finally:
        if counts is not None:
            counts.documents += len(known - {MANIFEST, ITEMS, COPIES, DROPPED})
    for path in sorted(corpus.iterdir()):
        if path.name not in known and not path.name.startswith("."):
            yield Finding("document-unlisted", "warning", "stands in no line of the manifest", str(path))


def _alone(corpus: Path) -> Iterator[tuple[Finding | None, str]]:
    """As `_checked`, of a corpus whose archive is not known."""
    message = "lies in no collection: its texts were held against its manifest, and not against their records"
    hint = f"editions prove {corpus} --collection COLLECTION"
    yield Finding("records-unknown", "warning", message, str(corpus), hint=hint), MANIFEST
    for one in listed(corpus):
        yield None, one.document.file
        yield from ((each, MANIFEST) for each in _check_file(corpus, one))


def _checked(collection: Collection) -> Iterator[tuple[Finding | None, str]]:
    """Findings, and the file names of the documents that were looked at."""
    corpus, left = collection.corpus, Left.of(collection.state)
    with (
        records_of(collection) as records,
        prover(collection, records, left) as maker,
        again_or_why(collection, corpus, records, left) as again,
    ):
        if isinstance(again, str):
            why = f"near-copies, clusters and dropped list cannot be proved: {again}"
            yield Finding("lists-unproved", "info", why, str(corpus)), MANIFEST
        elif left.behind:
            why = "tells of fewer captures than were taken into the corpus: a crawl was cut off"
            hint = "crawl on, or editions regenerate"
            yield Finding("lists-behind", "warning", why, str(corpus / MANIFEST), hint=hint), MANIFEST
        whole = again if isinstance(again, Again) else None
        for one in listed(corpus):
            yield None, one.document.file
            yield from ((each, MANIFEST) for each in _document(corpus, one, maker, whole))
        if whole is not None:
            yield from ((each, MANIFEST) for each in _lists(corpus, whole))


def _document(corpus: Path, one: Listed, maker: Prover, again: Again | None) -> Iterator[Finding]:
    made = again.take(one.document.url) if again is not None else None
    if holds(corpus, one, made):
        return
    found = list(check_document(corpus, one, maker))
    yield from found
    if again is not None and not found:
        message = f"the line of {one.document.file} is not what the archive gives: {unlike(one, made)}"
        yield _finding("manifest-unproved", corpus / MANIFEST, message, one.document)


def check_document(corpus: Path, one: Listed, maker: Prover) -> Iterator[Finding]:
    """What is wrong with one document of the folder *corpus*: nothing where text, item and line are what its record
    gives, as far as what it was made with is known.
    """
    document, path = one.document, corpus / one.document.file
    found = list(_check_file(corpus, one))
    yield from found
    if any(each.code != "item-missing" for each in found):
        return
    try:
        made = maker.remade(document)
    except (ArchiveError, CorpusError, OSError) as error:
        yield _finding("document-unproved", path, f"cannot be made again: {error}", document)
        return
    if hashlib.sha256(made.text.encode()).hexdigest() != document.sha256:
        yield _finding("document-unproved", path, "is not the text that its record gives", document)
    if one.item is not None and not made.gives(one.item):
        message = f"the line of {document.file} is not the item that its record gives"
        yield _finding("item-unproved", corpus / ITEMS, message, document)
    if wrong := made.wrong(document):
        message = f"the line of {document.file} is not what its record gives: {', '.join(wrong)}"
        yield _finding("manifest-unproved", corpus / MANIFEST, message, document)


def _check_file(corpus: Path, one: Listed) -> Iterator[Finding]:
    """What is wrong with a document's file and with its lines, whatever its record says."""
    document, path = one.document, corpus / one.document.file
    if one.item is None:
        yield _finding("item-missing", corpus / ITEMS, f"has no line for {document.file}", document)
    try:
        data = path.read_bytes()
    except OSError as error:
        yield _finding("document-missing", path, f"cannot be read ({error.strerror})", document)
        return
    if hashlib.sha256(data).hexdigest() != document.sha256:
        yield _finding("document-changed", path, "is not the text that the manifest's sha256 is of", document)


def _lists(corpus: Path, again: Again) -> Iterator[Finding]:
    for url in again.left():
        yield Finding("manifest-incomplete", "error", f"has no line for {url}", str(corpus / MANIFEST), hint=_HINT)
    for one in again.differences(corpus):
        code = one.list.partition(".")[0] + ("-incomplete" if one.number is None else "-unproved")
        yield Finding(code, "error", one.told(), str(corpus / one.list), hint=_HINT)


def _finding(code: str, path: Path, message: str, document: Document) -> Finding:
    return Finding(code, "error", message, str(path), hint=_HINT, record_id=document.warc.record_id)
