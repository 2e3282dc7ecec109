"""A URL's captures in time, with what changed in its text between them; and those of a story in all its editions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from archive.capture import FetchError
from archive.entry import Entry
from archive.errors import ArchiveError
from archive.index import Index
from archive.reader import StoredResponse, read, resolve
from crawler.collection.folder import Collection
from crawler.differences import Operation, differences
from crawler.errors import CallError, CollectionError
from crawler.items import Document, Page
from crawler.regeneration.rebuild import answer_of, stored_reading
from crawler.regeneration.records import Records
from crawler.sites.profile import Profile
from crawler.text.article import NOT_MODIFIED, ORIGINAL_MISSING
from crawler.text.manifest import read_manifest
from crawler.text.page import PageReader
from crawler.urls import normalise

Change = Literal[
    "new",
    "changed",
    "unchanged",
    "not modified",
    "returned",
    "gone",
    "redirected",
    "failed",
    "cut short",
    "unreadable",
]

_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Moment:
    """One capture of a URL."""

    date: str
    """WARC-Date."""
    url: str
    edition: str | None
    change: Change
    """Against the captures before; ``returned`` after ``gone``, with the same text or another."""
    status: int | None
    """None where no answer came."""
    length: int
    """Of the record in its file, in bytes."""
    file: str
    offset: int
    record_id: str
    chars: int | None = None
    """Of the text, in characters; None where the capture gives none of its own."""
    reason: str = ""
    """Why there is no text: an error's class, where it redirects to, ``not-html``, ``no-article``, …"""
    operations: tuple[Operation, ...] = ()
    """What changed in the text since the last capture that had one."""


class Historian:
    """Reads the histories of a collection's pages, of which *records* are.

    Raises:
        CollectionError: the collection has no index.
    """

    def __init__(self, collection: Collection, records: Records, profile: Profile) -> None:
        if not records.index.is_file():
            raise CollectionError(f"{records.index}: is not there; make it with `editions index`")
        self._collection = collection
        self._records = records
        self._profile = profile
        self._pages = PageReader(profile)

    def history(self, url: str) -> list[Moment]:
        """The captures of a URL in time; none where it was never asked for. Raises CallError for what is no URL."""
        address = _address(url)
        with Index(self._records.index) as index:
            return list(self._moments(address, index))

    def all_editions(self, url: str) -> dict[str, list[Moment]]:
        """The histories of a story's URLs in all editions, by URL: those that its pages and theirs name as the same
        story, and those with its slug. The URL asked for comes first.
        """
        address = _address(url)
        return {one: self.history(one) for one in (address, *sorted(self._others(address)))}

    def _others(self, url: str) -> set[str]:
        article = self._profile.article(url)
        found: set[str] = set()
        for document in self._documents():
            named = {one.url for one in document.alternates}
            if document.url == url:
                found |= named
            elif url in named or (article is not None and document.slug == article.slug):
                found.add(document.url)
        if article is not None:
            found |= {self._profile.article_url_for(code, article.slug) for code in self._profile.editions}
        found.discard(url)
        return {one for one in found if self._profile.article(one) is not None and self._is_captured(one)}

    def _documents(self) -> Iterator[Document]:
        """The corpus is a help here, not needed."""
        return read_manifest(self._collection.corpus) if self._collection.corpus.is_dir() else iter(())

    def _is_captured(self, url: str) -> bool:
        with Index(self._records.index) as index:
            return bool(index.find(url, errors=True))

    def _moments(self, url: str, index: Index) -> Iterator[Moment]:
        text: str | None = None
        last: Change | None = None
        for entry in index.find(url, errors=True):
            seen = self._see(entry, index)
            change = _change(seen, text, last)
            own = seen.page.text if seen.page is not None else None
            changed = own is not None and text is not None and own != text
            yield self._moment(entry, change, seen, tuple(differences(text or "", own or "")) if changed else ())
            text = own if own is not None else text
            last = last if change in ("failed", "cut short", "unreadable") else change

    def _moment(self, entry: Entry, change: Change, seen: _Seen, operations: tuple[Operation, ...]) -> Moment:
        return Moment(
            date=entry.date,
            url=entry.url,
            edition=self._profile.edition_of(entry.url),
            change=change,
            status=seen.status,
            length=entry.length,
            file=entry.file,
            offset=entry.offset,
            record_id=entry.record_id,
            chars=len(seen.page.text) if seen.page is not None else None,
            reason=seen.reason,
            operations=operations,
        )

    def _see(self, entry: Entry, index: Index) -> _Seen:
        if entry.type == "metadata":
            return _Seen(None, reason=_class(entry.error))
        if entry.truncated and entry.type != "revisit":
            return _Seen(entry.status, reason=entry.truncated, cut=True)
        try:
            with closing(read(self._records.archive, entry.location)) as stored:
                return self._told(stored, entry, index)
        except ArchiveError as error:
            return _Seen(entry.status, reason=str(error))

    def _told(self, stored: StoredResponse, entry: Entry, index: Index) -> _Seen:
        """What a record says: of a revisit, with the response that it refers to."""
        if stored.status is not None and not 200 <= stored.status < 300:
            return _Seen(stored.status, reason=_location(stored))
        try:
            original = resolve(self._records.archive, index, stored)
        except ArchiveError:
            return _Seen(stored.status, reason=ORIGINAL_MISSING)
        with closing(original):
            status = answer_of(stored, original).status
            if status is None or not 200 <= status < 300:
                return _Seen(status, reason=_location(original) or _class(entry.error))
            found = stored_reading(self._pages, stored, original)
        if isinstance(found, Page):
            return _Seen(status, found) if found.is_article else _Seen(status, reason="no-article")
        return _Seen(status, reason=found.reason)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a capture shows."""

    status: int | None
    page: Page | None = None
    reason: str = ""
    """Why there is no page."""
    cut: bool = False
    """Whether the answer was cut short."""


def _change(seen: _Seen, text: str | None, last: Change | None) -> Change:
    if seen.reason == ORIGINAL_MISSING:
        return "unreadable"
    if seen.cut:
        return "cut short"
    if seen.status is None:
        return "failed"
    if seen.status == NOT_MODIFIED:
        return "not modified"
    if seen.status in _GONE:
        return "gone"
    if 300 <= seen.status < 400:
        return "redirected"
    if not 200 <= seen.status < 300:
        return "failed"
    if seen.page is None:
        return "unreadable"
    if last in ("gone", "redirected") and text is not None:
        return "returned"
    return "new" if text is None else "unchanged" if seen.page.text == text else "changed"


def _location(stored: StoredResponse) -> str:
    return stored.head.location or ""


def _class(error: FetchError | None) -> str:
    return error.kind.rpartition(".")[2] if error is not None else ""


def _address(url: str) -> str:
    try:
        return normalise(url)
    except ValueError as error:
        raise CallError(f"{url}: {error}") from error
