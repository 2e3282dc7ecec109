"""The values that travel from a page to the corpus."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Literal, cast


def plain(value: object) -> dict[str, object]:
    """A dataclass as its fields by name, for ``json.dumps(…, default=plain)``: many times as fast as asdict, which
    copies all that is within.
    """
    return {name: getattr(value, name) for name in _names(cast(Hashable, type(value)))}


@cache
def _names(of: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(of))


BlockKind = Literal["paragraph", "heading", "list", "quote"]


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same story in another edition, as the page itself declares it (``link rel=alternate hreflang``)."""

    language: str
    url: str


@dataclass(frozen=True, slots=True)
class Links:
    """Where a page leads, in the order of the page, each URL once and normalised."""

    related: tuple[str, ...] = ()
    """Articles named by related cards: links of the content that are no part of a sentence."""
    articles: tuple[str, ...] = ()
    """The page's other article links."""
    alternates: tuple[str, ...] = ()
    """The story in other editions."""
    hubs: tuple[str, ...] = ()
    """Front pages and tag pages: followed for links, never documents."""
    requisites: tuple[str, ...] = ()
    """Styles, images, fonts and scripts of the site's own hosts."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a story's body, as readers see it."""

    kind: BlockKind
    text: str
    """NFC, white space as one blank; a list has a line an item, a quote a line a paragraph."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image and what the page says of it; what it does not say is the empty string."""

    url: str
    """Absolute."""
    alt: str = ""
    caption: str = ""
    """Without the credit."""
    credit: str = ""
    """Whose the image is, or what made it."""


@dataclass(frozen=True, slots=True)
class Author:
    """One of those who wrote a story."""

    name: str
    raw: str
    """As written, with what stands around the name."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A date that a page gives, and where it gives it."""

    value: str
    """ISO 8601; a full time has its offset where the page gives one."""
    raw: str
    """As written."""
    source: str
    """``json-ld``, ``meta``, ``microdata``, ``time``, ``text`` or ``htmldate``."""


@dataclass(frozen=True, slots=True)
class Card:
    """Another story, as a page refers to it; what the card does not say is the empty string."""

    url: str
    """Normalised."""
    title: str = ""
    summary: str = ""
    byline: str = ""
    picture: Picture | None = None
    credit: str = ""
    """The picture's, or what stands in its place where there is none."""


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way from the site's front page to the page."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Languages:
    """Which languages a story speaks, by their primary subtags (BCP 47); ``und`` where that is not known."""

    main: str | None
    """That of most of its text; None where it has none."""
    paragraphs: tuple[str, ...]
    """Of each piece of its body, in order: the blocks of its item."""
    scores: tuple[float, ...]
    """How sure each of these is, from 0 to 1, to two places."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the capture of one page says."""

    url: str
    """The URL captured."""
    canonical: str
    """The URL under which the page counts: one document each."""
    edition: str | None
    """The edition's code; None where the page is no article."""
    slug: str | None
    """Of the canonical URL."""
    title: str
    """The one that most of the page's voices agree on."""
    published: Dated | None
    alternates: tuple[Alternate, ...]
    text: str
    """The page in the seed text format (empty where it has no text)."""
    links: Links = field(default_factory=Links)
    encoding: str = "utf-8"
    """What the bytes were decoded with."""
    record_id: str | None = None
    """The capture this was read from: its WARC-Record-ID, in a replay its place."""
    other_titles: tuple[str, ...] = ()
    """What else the page calls the story."""
    description: str = ""
    """The summary that the page gives to machines."""
    lead: str = ""
    """The summary that readers see above the body; no part of it."""
    blocks: tuple[Block, ...] = ()
    """The body: no lead, captions, cards or advertisements."""
    byline: str = ""
    """Who wrote it, in the page's own words."""
    authors: tuple[Author, ...] = ()
    modified: Dated | None = None
    pictures: tuple[Picture, ...] = ()
    """The story's; its main one first."""
    related_heading: str = ""
    """What stands above the related cards."""
    cards: tuple[Card, ...] = ()
    tags: tuple[str, ...] = ()
    breadcrumbs: tuple[Crumb, ...] = ()
    language: str = ""
    """The language that the page says it is in (BCP 47)."""
    cookie_notice: tuple[str, ...] = ()
    """Its lines, the refusal last."""
    languages: Languages | None = None
    """What its body speaks; None where the page is no article."""
    translated: bool | None = None
    """Whether that is the edition's language; None where it is not known."""
    signature: bytes | None = None
    """By which near-copies of its body are found (see ``crawler.copies.grams``); None for a body too short."""
    own_slug: str | None = None
    """Of the URL captured, where that is an article's too."""

    @property
    def is_article(self) -> bool:
        """Whether the page is one that documents are made from; front pages and tag pages are not."""
        return self.slug is not None


@dataclass(frozen=True, slots=True)
class Record:
    """The WARC record that proves a document."""

    file: str
    offset: int
    """In bytes, of the record's gzip member."""
    length: int
    """In bytes, of the gzip member."""
    record_id: str
    payload_digest: str


@dataclass(frozen=True, slots=True)
class Extractor:
    """What made a document's text: enough to make it again."""

    name: str
    version: str
    options: dict[str, object]


@dataclass(frozen=True, slots=True)
class Document:
    """A page in the corpus: a line of ``manifest.jsonl``; its text lies in ``file``."""

    file: str
    id: str
    """The first 16 hex digits of the SHA-256 of the canonical URL."""
    url: str
    edition: str
    slug: str
    title: str
    sha256: str
    """Of the text's UTF-8 bytes."""
    chars: int
    """Length of the text, in code points."""
    captured: str
    """When its record was captured: WARC-Date in full."""
    languages: Languages | None
    """None where the corpus was made before they were told."""
    translated: bool | None
    """Whether the body speaks the edition's language; None where it is not known what it speaks."""
    alternates: tuple[Alternate, ...]
    cluster: str | None
    """The ``id`` of the first of the documents that are near-copies of one another; None where there is no other."""
    warc: Record
    extractor: Extractor


@dataclass(frozen=True, slots=True)
class Drop:
    """A captured article that became no document: a line of ``dropped.jsonl``."""

    url: str
    reason: str
    """Short and stable: ``duplicate-text``, ``not-html``, ``empty``, ``status-404``, …"""
    of: str | None = None
    """The URL whose document it repeats, where that is the reason."""
    record_id: str | None = None
    """As in `Page`; it tells a running crawl which capture this is of, and is no part of the line."""
    why: str = ""
    """Of a damaged record, file and offset and what is wrong with it; no part of the line either."""
