"""The labels of a corpus: what its profile names, and what its documents teach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest
from pathlib import Path

from crawler.errors import CorpusError
from crawler.items import Document
from crawler.labels.label import Kind, Label
from crawler.labels.learn import learn
from crawler.labels.sheet import Sheet
from crawler.text.corpus import ITEMS
from crawler.text.itemlist import read_items
from crawler.text.manifest import read_manifest

MOST = 300
"""Documents of an edition that are looked at. More teach nothing: what stands on half of the pages stands on half of
these."""

Named = Mapping[str, Mapping[Kind, Sequence[str]]]
"""The labels that a profile names: by edition, then kind."""


def corpus_labels(folder: Path, named: Named | None = None) -> dict[str, tuple[Label, ...]]:
    """The labels of each edition of the corpus in *folder*, by edition.

    Kinds that *named* has for an edition are taken from there, and counted. Of large editions ``MOST`` documents
    are read: those with the smallest ids, which are as good as drawn by lot, and the same each time.

    Raises:
        CorpusError: the manifest, or a document that it names, cannot be read.
    """
    chosen = _choose(read_manifest(folder))
    alts = _alts(folder, {document.url for documents in chosen.values() for document in documents})
    return {
        edition: labels_of(sheets_of(folder, documents, alts), (named or {}).get(edition, {}))
        for edition, documents in sorted(chosen.items())
    }


def labels_of(sheets: Sequence[Sheet], named: Mapping[Kind, Sequence[str]]) -> tuple[Label, ...]:
    """The labels of one edition: those named, and of other kinds those learnt."""
    told = [Label(kind, text, *_counted(sheets, text), 1.0, True) for kind, texts in named.items() for text in texts]
    return (*told, *(label for label in learn(sheets) if label.kind not in named))


def _counted(sheets: Sequence[Sheet], text: str) -> tuple[int, int]:
    return sum(sheet.times(text) > 0 for sheet in sheets), len(sheets)


def _choose(documents: Iterable[Document]) -> dict[str, list[Document]]:
    """By edition, the documents with the smallest ids; no more than twice as many are held."""
    chosen: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        of_edition = chosen[document.edition]
        of_edition.append(document)
        if len(of_edition) == 2 * MOST:
            of_edition[:] = _smallest(of_edition)
    return {edition: _smallest(of_edition) for edition, of_edition in chosen.items()}


def _smallest(documents: Iterable[Document]) -> list[Document]:
    return nsmallest(MOST, documents, key=lambda document: document.id)


def sheets_of(folder: Path, documents: Iterable[Document], alts: Mapping[str, frozenset[str]]) -> list[Sheet]:
    """The documents as sheets. Where no page of them is known to have an image, their alt texts count as unknown."""
    known = {url for url, texts in alts.items() if texts}
    documents = list(documents)
    any_known = any(document.url in known for document in documents)
    return [
        Sheet.of(_read(folder / document.file), document.title, alts.get(document.url) if any_known else None)
        for document in documents
    ]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"{path}: cannot be read ({error}); make the corpus again with `editions regenerate`"
        ) from error


def _alts(folder: Path, urls: set[str]) -> dict[str, frozenset[str]]:
    """The alt texts on the pages of these URLs, as far as their items lie beside the corpus."""
    if not (folder / ITEMS).is_file():
        return {}
    found = {}
    for item in read_items(folder):
        if item.canonicalUrl in urls:
            images = [*item.images, *(card.image for card in item.related if card.image)]
            found[item.canonicalUrl] = frozenset(" ".join(one.alt.split()) for one in images if one.alt)
    return found
