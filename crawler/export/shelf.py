"""Any document of a corpus with its item, in whatever order: manifest and items read from where their lines begin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, Self

from crawler.errors import CorpusError
from crawler.items import Document
from crawler.page.item import Item
from crawler.text.corpus import ITEMS, MANIFEST
from crawler.text.itemlist import NO_ITEM, item_from
from crawler.text.manifest import document_from


@dataclass(frozen=True, slots=True)
class Entry:
    """A document, and what its page says."""

    document: Document
    item: Item


class Shelf:
    """The entries of a corpus; ``with`` closes its files. It holds where each document's lines begin, no more.

    Raises CorpusError, also later, where manifest or items cannot be read or do not belong together.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[str, tuple[int, int, int]] = {}
        with ExitStack() as stack:
            self._manifest = stack.enter_context(_open(folder / MANIFEST))
            self._items = stack.enter_context(_open(folder / ITEMS))
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def entries(self) -> Iterator[Entry]:
        """Every entry, by number; from then on each can be had by its file. To be gone through once."""
        line_at = item_at = 0
        for number, (line, item) in enumerate(zip_longest(self._manifest, self._items, fillvalue=b""), 1):
            entry = self._entry(number, line, item)
            self._places[entry.document.file] = number, line_at, item_at
            line_at, item_at = line_at + len(line), item_at + len(item)
            yield entry

    def entry(self, file: str) -> Entry:
        """The entry of the document in *file*. Raises KeyError where there is none."""
        number, line_at, item_at = self._places[file]
        self._manifest.seek(line_at)
        self._items.seek(item_at)
        return self._entry(number, self._manifest.readline(), self._items.readline())

    def _entry(self, number: int, line: bytes, item: bytes) -> Entry:
        document = document_from(self._folder / MANIFEST, number, line)
        try:
            entry = Entry(document, item_from(item))
            if entry.item.canonicalUrl != document.url:
                raise ValueError(f"of {entry.item.canonicalUrl}")
        except NO_ITEM as error:
            raise CorpusError(
                f"{self._folder / ITEMS}: line {number}: not the item of {document.file} ({error!r}); "
                "make it with `editions regenerate --all`"
            ) from error
        return entry


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be read ({error.strerror}); make it with `editions regenerate --all`"
        ) from error
