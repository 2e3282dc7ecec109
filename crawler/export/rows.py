"""Rows: the documents of a corpus as they are handed over, each with its text, its item and what proves it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crawler.errors import CorpusError
from crawler.items import Document
from crawler.text.corpus import ITEMS
from crawler.text.manifest import read_manifest

SAID_BEFORE = frozenset({"url", "canonicalUrl", "headline", "edition", "slug", "alternates"})
"""Fields of an item that the manifest has too."""


@dataclass(frozen=True, slots=True)
class Row:
    """A document as it is handed over."""

    document: Document
    language: str | None
    """The edition's language by the site's profile (BCP 47); None where the profile does not know the edition."""
    text: str
    item: Mapping[str, Any] | None
    """Its line of ``items.jsonl``; None in a corpus that has none."""

    @property
    def edition(self) -> str:
        """The edition's code; ``und`` where the page belongs to none."""
        return self.document.edition or "und"

    def fields(self) -> dict[str, Any]:
        """The row's columns: the manifest's fields, ``language``, ``text``, and what the item has beside them."""
        item = self.item or {}
        return {
            **asdict(self.document),
            "language": self.language,
            "text": self.text,
            **{name: value for name, value in item.items() if name not in SAID_BEFORE},
        }


@dataclass(slots=True)
class Source:
    """The corpus that rows are read from, one after the other; counts them as they pass."""

    corpus: Path
    languages: Mapping[str, str]
    """Editions and their languages, as the profile has them."""
    editions: Collection[str] = ()
    """The editions wanted; all, if empty."""
    tell: Callable[[str], None] = lambda fault: None
    """Called with what is wrong with each document that is left out."""
    rows: int = 0
    left_out: int = 0

    def __iter__(self) -> Iterator[Row]:
        """The rows by document number; a text that is not the one its manifest speaks of is never handed over.

        Raises:
            CorpusError: manifest or items cannot be read, or do not belong together; the text names file and line.
        """
        for document, item in self.documents():
            text = self.text(document)
            if text is not None:
                self.rows += 1
                yield Row(document, self.languages.get(document.edition), text, item)

    def documents(self) -> Iterator[tuple[Document, Mapping[str, Any] | None]]:
        """The documents of the editions wanted, each with its item. Raises CorpusError."""
        with ExitStack() as stack:
            path = self.corpus / ITEMS
            lines = stack.enter_context(path.open("rb")) if path.is_file() else None
            for number, document in enumerate(read_manifest(self.corpus), 1):
                line = None if lines is None else next(lines, b"")
                if not self.editions or document.edition in self.editions:
                    yield document, None if line is None else _item(path, number, line, document)

    def text(self, document: Document) -> str | None:
        """The document's text; None, counted and told, where it is missing or another than its SHA-256 says."""
        path = self.corpus / document.file
        try:
            data = path.read_bytes()
        except OSError as error:
            self._leave_out(f"{path}: cannot be read ({error.strerror})")
            return None
        if hashlib.sha256(data).hexdigest() != document.sha256:
            self._leave_out(f"{path}: is not the text that the manifest's sha256 is of")
            return None
        return data.decode()

    def _leave_out(self, fault: str) -> None:
        self.left_out += 1
        self.tell(f"{fault}; left out. `editions regenerate` makes it again")


def _item(path: Path, number: int, line: bytes, document: Document) -> Mapping[str, Any]:
    try:
        item = json.loads(line.decode())
        if item["canonicalUrl"] != document.url:
            raise ValueError(f"of another document than line {number} of the manifest")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise CorpusError(
            f"{path}: line {number}: not the item of {document.file} ({error}); make it with `editions regenerate`"
        ) from error
    return dict(item)
