"""A version: one document, as the telling of a story in one edition."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import zip_longest
from pathlib import Path

from crawler.errors import CorpusError
from crawler.items import Alternate, Document
from crawler.page.item import Item
from crawler.stories.traces import KINDS, Trace, traces
from crawler.text.corpus import ITEMS
from crawler.text.itemlist import read_items
from crawler.text.manifest import read_manifest


@dataclass(frozen=True, slots=True)
class Version:
    """What joining needs of a document; a hundred thousand are held at once."""

    number: int
    """Its line in the manifest, from 0."""
    file: str
    id: str
    url: str
    edition: str
    slug: str
    title: str
    captured: str
    translated: bool | None
    """Whether its body speaks the edition's language; None where that is not known."""
    published: float | None
    """Seconds since 1970."""
    alternates: tuple[Alternate, ...]
    traces: array[int]
    """As :func:`key` makes them, in order."""


def key(trace: Trace) -> int:
    """A trace as a number of 64 bits, of which the lowest three say its kind."""
    kind, words = trace
    digest = blake2b(words.encode(), digest_size=8, person=kind.encode()).digest()
    return int.from_bytes(digest, "big") & ~7 | KINDS.index(kind)


def read_versions(folder: Path) -> Iterator[Version]:
    """The documents of the corpus in *folder*, by number; without ``items.jsonl`` they have no traces.

    Raises:
        CorpusError: manifest or items cannot be read, or do not belong together.
    """
    documents = read_manifest(folder)
    if not (folder / ITEMS).is_file():
        yield from (_version(number, document, None) for number, document in enumerate(documents))
        return
    for number, (document, item) in enumerate(zip_longest(documents, read_items(folder))):
        if document is None or item is None or document.url != item.canonicalUrl:
            raise CorpusError(
                f"{folder / ITEMS}: line {number + 1}: is not the item of that line of the manifest; "
                "make the corpus again with `editions regenerate --all`"
            )
        yield _version(number, document, item)


def _version(number: int, document: Document, item: Item | None) -> Version:
    return Version(
        number=number,
        file=document.file,
        id=document.id,
        url=document.url,
        edition=document.edition,
        slug=document.slug,
        title=document.title,
        captured=document.captured,
        translated=document.translated,
        published=_seconds(item.datePublished) if item else None,
        alternates=document.alternates,
        traces=array("Q", sorted(map(key, traces(item)))) if item else array("Q"),
    )


def _seconds(date: str | None) -> float | None:
    try:
        moment = datetime.fromisoformat(date or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
