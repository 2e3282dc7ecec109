"""The corpus folder: documents, manifest and what was dropped, built capture by capture in archive order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from crawler.copies.grams import estimate
from crawler.copies.kinship import ALIKE
from crawler.errors import CorpusError
from crawler.files import put_file, replace_files
from crawler.items import Document, Drop, Extractor, Page, Record
from crawler.seeds import Seed
from crawler.text.ledger import Entry, Kept, Ledger
from crawler.urls import document_id, normalise

Outcome = Literal["new", "changed", "unchanged", "dropped"]

MANIFEST = "manifest.jsonl"
ITEMS = "items.jsonl"
COPIES = "copies.jsonl"
DROPPED = "dropped.jsonl"
_SEED_FILE = re.compile(r"(\d+)_([0-9a-f]{16})\.txt")


class Corpus:
    """A corpus being made.

    It is a function of the captures and their order alone: a corpus made during a crawl and one made from the
    archive afterwards are the same, byte for byte. One document per canonical URL, with the newest text of the page
    that is there; other pages that name it count until that is captured, and where they tell another story they are
    documents of their own. A text that stands under another URL already is dropped. Numbers are given for good.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        extractor: Extractor,
        seeds: Sequence[Seed] = (),
        *,
        texts: bool = True,
    ) -> None:
        """*texts*: whether documents are written; the ledger knows their SHA-256 all the same."""
        self.folder = folder
        self._texts = texts
        self._ledger = ledger
        self._extractor = extractor
        self._seeds = {normalise(seed.url): (number, seed.file) for number, seed in enumerate(seeds)}
        self._first_free = _first_free([seed.file for seed in seeds])
        for url in tuple(self._seeds):
            self._follow(url, ledger.redirected(url))
        _on_disk(folder, lambda: folder.mkdir(parents=True, exist_ok=True))

    def add(self, page: Page, record: Record, captured: str) -> Outcome:
        """Take one capture of an article into account; *captured* is its WARC-Date."""
        if not page.text:
            return self.drop(Drop(page.url, "empty"))
        known, is_own = self._ledger.by_url(page.canonical), _is_own(page)
        if known is not None and self._tells_another_story(page, known):
            if not is_own:
                return self.add(standing_alone(page), record, captured)
            self._move(known, known.number, known.asked)  # which but named this URL: here comes the page itself
            known = None
        if known is not None and page.url != page.canonical:
            self.drop(Drop(page.url, "duplicate-url", page.canonical))
        sha256 = hashlib.sha256(page.text.encode()).hexdigest()
        file = self._place(page, known)[1]
        make = partial(self._document, page, record, captured, file, sha256)  # most captures of a recrawl need none
        if known is not None and known.sha256 == sha256:
            self._relink(page, known, make)
            return "unchanged"
        if known is not None and known.is_own and not is_own:
            return "dropped"
        if (repeated := self._repeats(page, sha256)) is not None:
            return self.drop(Drop(page.url, "duplicate-text", repeated.url))
        return self._put(page, known, Kept.of(make(), page))

    def _put(self, page: Page, known: Entry | None, kept: Kept) -> Outcome:
        """Make a document, new or changed."""
        number, file = self._place(page, known)
        occupant = self._ledger.by_number(number)
        if occupant is not None and occupant.url != page.canonical:  # a seed that came late has its number
            self._move(occupant, self._ledger.next_number(self._first_free), occupant.url)
        self._write(file, page.text.encode())
        if (left := self._ledger.put(number, kept)) is not None:
            self._unlink(left)
        if known is not None:
            self._tell_alias(page, known)
        return "new" if known is None else "changed"

    def _tell_alias(self, page: Page, known: Entry) -> None:
        """The document is of the page itself now: what but named its URL makes none."""
        if _is_own(page) and not known.is_own:
            self.drop(Drop(known.asked, "duplicate-url", page.canonical))

    def _tells_another_story(self, page: Page, known: Entry) -> bool:
        """Whether a page and the document of its canonical URL, which is of another page, are nothing alike: one of
        them names a wrong canonical URL, or is the second part of a story.
        """
        if known.asked == normalise(page.url) or page.own_slug is None or page.signature is None:
            return False
        signed = self._ledger.signature(known.number)
        return signed is not None and estimate(signed, page.signature) < ALIKE

    def _move(self, known: Entry, number: int, url: str) -> None:
        """Give a document another number or URL; where that URL has a document, there is one less."""
        kept = self._ledger.take(known.number)
        moved = kept.renamed(f"{number:03d}_{document_id(url)}.txt", url)
        if self._ledger.by_url(url) is not None:
            self._unlink(kept.file)
            return
        self._rename(kept.file, moved.file)
        self._ledger.put(number, moved)

    def _relink(self, page: Page, known: Entry, make: Callable[[], Document]) -> None:
        """Take over whom a page names as its other editions now: the text says nothing of them, and an edition that
        comes late must be named back. The document is then of the newer record, which proves the same text; of the
        page itself rather than of one that but names its URL.
        """
        if page.url != page.canonical:
            return
        if not known.is_own or page.alternates != self._ledger.alternates(known.number):
            self._ledger.put(known.number, Kept.of(make(), page))
            self._tell_alias(page, known)

    def drop(self, drop: Drop) -> Outcome:
        """Keep the reason why a capture makes no document; a document made earlier stays."""
        if self._ledger.by_url(drop.url) is None:
            self._ledger.put_drop(drop)
            if drop.reason == "redirected":
                self._follow(normalise(drop.url), drop.of)
        return "dropped"

    def repeats(self, url: str) -> bool:
        """Whether a page makes no document because its text stands under another URL."""
        return self._ledger.repeats(url)

    def _follow(self, url: str, to: str | None) -> None:
        """The page that a seed's URL redirects to is the seed's."""
        if url in self._seeds and to is not None:
            self._seeds.setdefault(normalise(to), self._seeds[url])

    @property
    def folded(self) -> tuple[str, int] | None:
        """File and offset of the last capture taken into account."""
        return self._ledger.folded

    @folded.setter
    def folded(self, place: tuple[str, int]) -> None:
        self._ledger.folded = place

    def save(self) -> None:
        """Write manifest, items, near-copies and dropped list as they now are: all four or, on a full disk, none."""
        lists = {
            MANIFEST: self._ledger.manifest(),
            ITEMS: self._ledger.items(),
            COPIES: self._ledger.copies(),
            DROPPED: self._ledger.dropped(),
        }
        contents = {self.folder / file: map("{}\n".format, lines) for file, lines in lists.items()}
        _on_disk(self.folder, lambda: replace_files(contents))
        self._ledger.keep_saved()

    def _repeats(self, page: Page, sha256: str) -> Entry | None:
        """The document under another URL that has this text; a seed is a document whatever it repeats."""
        same = self._ledger.by_text(sha256)
        if same is None or same.url == page.canonical or self._seed(page) is not None:
            return None
        return same

    def _seed(self, page: Page) -> tuple[int, str] | None:
        return self._seeds.get(page.canonical) or self._seeds.get(normalise(page.url))

    def _place(self, page: Page, known: Entry | None) -> tuple[int, str]:
        """Number and file name of a document."""
        if (seed := self._seed(page)) is not None:
            return seed
        number = known.number if known is not None else self._ledger.next_number(self._first_free)
        return number, f"{number:03d}_{document_id(page.canonical)}.txt"

    def _document(self, page: Page, record: Record, captured: str, file: str, sha256: str) -> Document:
        return document_of(page, record, captured, file, sha256, self._extractor)

    def _write(self, file: str, data: bytes) -> None:
        # Not waited for: a document lost with the machine's power is made again from its record.
        if self._texts:
            _on_disk(self.folder / file, lambda: put_file(self.folder / file, data))

    def _rename(self, file: str, to: str) -> None:
        if self._texts and (self.folder / file).exists():  # not after a kill between this and the next commit
            _on_disk(self.folder / file, lambda: (self.folder / file).replace(self.folder / to))

    def _unlink(self, file: str) -> None:
        if self._texts:
            _on_disk(self.folder / file, lambda: (self.folder / file).unlink(missing_ok=True))


def standing_alone(page: Page) -> Page:
    """The page as a document of the URL that it was captured at, whatever it names."""
    return replace(page, canonical=normalise(page.url), slug=page.own_slug)


def _is_own(page: Page) -> bool:
    """Whether a page was captured at its canonical URL."""
    return normalise(page.url) == page.canonical


def document_of(page: Page, record: Record, captured: str, file: str, sha256: str, extractor: Extractor) -> Document:
    """The document that a page is, of no cluster; all but its file's number is told by the page and its record."""
    named = _SEED_FILE.fullmatch(file)
    return Document(
        file=file,
        id=named[2] if named else document_id(page.canonical),
        url=page.canonical,
        edition=page.edition or "",
        slug=page.slug or "",
        title=page.title,
        sha256=sha256,
        chars=len(page.text),
        captured=captured,
        languages=page.languages,
        translated=page.translated,
        alternates=page.alternates,
        cluster=None,
        warc=record,
        extractor=extractor,
    )


def _on_disk(path: Path, action: Callable[[], object]) -> None:
    try:
        action()
    except OSError as error:
        told = f"{error.filename or path}: cannot be written ({error.strerror}); the archive keeps every capture"
        raise CorpusError(told) from error


def _first_free(seed_files: Sequence[str]) -> int:
    """The number of the first document that is no seed."""
    numbers = [int(match[1]) for file in seed_files if (match := _SEED_FILE.fullmatch(file))]
    return max([len(seed_files) - 1, *numbers], default=-1) + 1
