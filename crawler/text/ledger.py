"""What is known of a corpus's documents: numbers, URLs and text digests, in SQLite, so that memory stays flat."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import fields as dataclass_fields

from crawler.copies.clusters import Clusters
from crawler.copies.kinship import Story
from crawler.copies.version import copies_version
from crawler.items import Alternate, Document, Drop, Page, plain
from crawler.languages.version import languages_version
from crawler.page.item import item_line
from crawler.state import State
from crawler.urls import document_id, normalise

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, line TEXT NOT NULL,
    asked TEXT NOT NULL, slug TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS documents_by_text ON documents (sha256);
CREATE TABLE IF NOT EXISTS items (number INTEGER PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS drops (url TEXT PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS folded (file TEXT NOT NULL, offset INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS saved (file TEXT NOT NULL, offset INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as the ledger knows it."""

    number: int
    url: str
    sha256: str
    asked: str
    """The URL of the capture that it is of; normalised."""

    @property
    def is_own(self) -> bool:
        """Whether that is the document's own URL, and not another whose page but names it."""
        return self.asked == self.url


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept of a document."""

    line: str
    """Its line in the manifest, of no cluster."""
    item: str
    signature: bytes | None
    asked: str
    """The URL of its capture, normalised, and *slug* that URL's."""
    slug: str

    @classmethod
    def of(cls, document: Document, page: Page) -> Kept:
        """What is to be kept of the document that a page makes."""
        return cls(_line(document), item_line(page), page.signature, normalise(page.url), page.own_slug or "")

    @property
    def url(self) -> str:
        """The document's."""
        return self._told("url")

    @property
    def file(self) -> str:
        """Its text's."""
        return self._told("file")

    @property
    def sha256(self) -> str:
        """Of its text."""
        return self._told("sha256")

    def _told(self, field: str) -> str:
        return str(json.loads(self.line)[field])

    def renamed(self, file: str, url: str | None = None) -> Kept:
        """The same under another file name, and under another URL, that of its capture, if it is given."""
        line, item = json.loads(self.line), json.loads(self.item)
        line["file"] = file
        if url is not None and url != line["url"]:
            line |= {"id": document_id(url), "url": url, "slug": self.slug}
            item |= {"canonicalUrl": url, "slug": self.slug}
        return replace(self, line=_json(line), item=_json(item))


class Ledger:
    """The documents and drops of one corpus, in a collection's state.

    With them is kept up to where in the archive captures have been taken into account: after a kill the rest is
    read from the archive again.
    """

    def __init__(self, state: State) -> None:
        self._db = state.db
        self._db.executescript(_SCHEMA)
        self._clusters = Clusters(state.db, self._story)

    def by_url(self, url: str) -> Entry | None:
        """The document of a canonical URL."""
        return self._entry("url = ?", url)

    def by_number(self, number: int) -> Entry | None:
        """The document of a number."""
        return self._entry("number = ?", number)

    def by_text(self, sha256: str) -> Entry | None:
        """The first document whose text has this SHA-256."""
        return self._entry("sha256 = ?", sha256)

    def _entry(self, condition: str, value: str | int) -> Entry | None:
        query = f"SELECT number, url, sha256, asked FROM documents WHERE {condition} ORDER BY number LIMIT 1"
        row = self._db.execute(query, (value,)).fetchone()
        return Entry(*row) if row else None

    def signature(self, number: int) -> bytes | None:
        """By which a document's near-copies are found."""
        return self._clusters.signature(number)

    def alternates(self, number: int) -> tuple[Alternate, ...]:
        """The other editions that a document names."""
        query = "SELECT json_extract(line, '$.alternates') FROM documents WHERE number = ?"
        (told,) = self._db.execute(query, (number,)).fetchone()
        return tuple(Alternate(**one) for one in json.loads(told))

    def next_number(self, first: int) -> int:
        """The number after the highest given so far; *first* where none from there on is given yet."""
        (highest,) = self._db.execute("SELECT max(number) FROM documents").fetchone()
        return first if highest is None else max(first, highest + 1)

    def put(self, number: int, kept: Kept) -> str | None:
        """Keep a document under a number that no other has; whatever was dropped under its URL counts no more.

        Returns the file that it had under another number, if any.
        """
        url, left = kept.url, None
        if (known := self.by_url(url)) is not None and known.number != number:
            left = self.take(known.number).file
        self._db.execute(
            "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)",
            (number, url, kept.sha256, kept.line, kept.asked, kept.slug),
        )
        self._db.execute("INSERT OR REPLACE INTO items VALUES (?, ?)", (number, kept.item))
        self._db.execute("DELETE FROM drops WHERE url = ?", (url,))
        self._clusters.put(number, kept.signature, tools())
        return left

    def take(self, number: int) -> Kept:
        """Take a document out, with its number: its URL has become a seed's, or another document's."""
        query = (
            "SELECT documents.line, items.line, asked, slug FROM documents JOIN items USING (number) WHERE number = ?"
        )
        line, item, asked, slug = self._db.execute(query, (number,)).fetchone()
        kept = Kept(line, item, self._clusters.signature(number), asked, slug)
        for table in ("documents", "items"):
            self._db.execute(f"DELETE FROM {table} WHERE number = ?", (number,))
        self._clusters.forget(number)
        return kept

    def put_drop(self, drop: Drop) -> None:
        """Keep why a URL made no document."""
        self._db.execute("INSERT OR REPLACE INTO drops VALUES (?, ?)", (drop.url, _line(drop)))

    def redirected(self, url: str) -> str | None:
        """Where a URL that makes no document redirects to; None for one that does not."""
        drop = self._dropped(url)
        return drop["of"] if drop.get("reason") == "redirected" else None

    def repeats(self, url: str) -> bool:
        """Whether a URL makes no document because its text stands under another."""
        return self._dropped(url).get("reason") == "duplicate-text"

    def _dropped(self, url: str) -> dict[str, str | None]:
        row = self._db.execute("SELECT line FROM drops WHERE url = ?", (url,)).fetchone()
        drop: dict[str, str | None] = json.loads(row[0]) if row else {}
        return drop

    @property
    def folded(self) -> tuple[str, int] | None:
        """File and offset of the last capture taken into account."""
        row = self._db.execute("SELECT file, offset FROM folded").fetchone()
        return (row[0], row[1]) if row else None

    @folded.setter
    def folded(self, place: tuple[str, int]) -> None:
        self._db.execute("DELETE FROM folded")
        self._db.execute("INSERT INTO folded VALUES (?, ?)", place)

    def keep_saved(self) -> None:
        """The corpus's lists are written as they now are: of all captures taken into account so far."""
        self._db.execute("DELETE FROM saved")
        self._db.execute("INSERT INTO saved SELECT file, offset FROM folded")

    def manifest(self) -> Iterator[str]:
        """The lines of manifest.jsonl, by document number."""
        groups = self._clusters.groups()
        for number, line in self._db.execute("SELECT number, line FROM documents ORDER BY number"):
            first = groups.first(number)
            yield line if first is None else _clustered(line, self._id(first))

    def copies(self) -> Iterator[str]:
        """The lines of copies.jsonl: two documents each and why they have much in common, by document number."""
        for kin in self._clusters.pairs():
            ids = {"id": self._id(kin.number), "of": self._id(kin.earlier)}
            yield json.dumps(ids | asdict(kin.kinship))

    def _id(self, number: int) -> str:
        query = "SELECT json_extract(line, '$.id') FROM documents WHERE number = ?"
        return str(self._db.execute(query, (number,)).fetchone()[0])

    def _story(self, number: int) -> Story:
        item = json.loads(self._db.execute("SELECT line FROM items WHERE number = ?", (number,)).fetchone()[0])
        return Story(
            edition=item["edition"],
            slug=item["slug"],
            url=item["canonicalUrl"],
            alternates=frozenset(one["url"] for one in item["alternates"]),
            body=tuple(block["text"] for block in item["blocks"]),
        )

    def items(self) -> Iterator[str]:
        """The lines of items.jsonl, by document number."""
        return (line for (line,) in self._db.execute("SELECT line FROM items ORDER BY number"))

    def dropped(self) -> Iterator[str]:
        """The lines of dropped.jsonl, by URL."""
        return (line for (line,) in self._db.execute("SELECT line FROM drops ORDER BY url"))

    def drop_reasons(self) -> dict[str, int]:
        """How many URLs make no document, by reason."""
        query = "SELECT json_extract(line, '$.reason') AS reason, count(*) FROM drops GROUP BY reason ORDER BY reason"
        return dict(self._db.execute(query).fetchall())


def tools() -> str:
    """What languages, clusters and copies are made with: other versions give others of the same pages."""
    return f"{languages_version()}; {copies_version()}"


_NO_CLUSTER = '"cluster": null'
"""In a line, it can stand for nothing else: a quotation mark within a string is escaped."""


def _clustered(line: str, cluster: str) -> str:
    return line.replace(_NO_CLUSTER, f'"cluster": "{cluster}"', 1)


def _line(value: Document | Drop) -> str:
    return _json({field.name: getattr(value, field.name) for field in _FIELDS[type(value)]})


def _json(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, default=plain)


_FIELDS = {
    of: [field for field in dataclass_fields(of) if field.name not in ("record_id", "why")] for of in (Document, Drop)
}
