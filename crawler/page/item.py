"""The item: a page in the form that is handed over, named as zyte-common-items names an Article's fields."""

from __future__ import annotations

import json
from dataclasses import dataclass

from crawler.items import Alternate, Card, Crumb, Dated, Page, Picture, plain


@dataclass(frozen=True, slots=True)
class ItemAuthor:
    """One of those who wrote a story."""

    name: str
    nameRaw: str


@dataclass(frozen=True, slots=True)
class ItemImage:
    """An image; what the page does not say of it is None."""

    url: str
    alt: str | None
    caption: str | None
    credit: str | None


@dataclass(frozen=True, slots=True)
class ItemBlock:
    """A piece of the body: ``paragraph``, ``heading``, ``list`` (a line an item) or ``quote``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ItemCard:
    """Another story, as the page refers to it."""

    url: str
    headline: str | None
    description: str | None
    byline: str | None
    image: ItemImage | None
    credit: str | None


@dataclass(frozen=True, slots=True)
class ItemDates:
    """Where the dates come from: ``json-ld``, ``meta``, ``microdata``, ``time``, ``text`` or ``htmldate``."""

    published: str | None
    modified: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """A page as ``scrapy crawl`` yields it, and a line of ``items.jsonl``.

    Fields that zyte-common-items has in its Article have its names and meanings (``url`` to ``articleBody``); the
    others follow. Every field is always there: None, or an empty list, where the page says nothing.
    """

    url: str
    """The URL captured."""
    canonicalUrl: str
    """The manifest's ``url``."""
    headline: str | None
    datePublished: str | None
    """ISO 8601."""
    datePublishedRaw: str | None
    dateModified: str | None
    dateModifiedRaw: str | None
    authors: tuple[ItemAuthor, ...]
    breadcrumbs: tuple[Crumb, ...]
    inLanguage: str | None
    mainImage: ItemImage | None
    images: tuple[ItemImage, ...]
    description: str | None
    articleBody: str | None
    """The blocks, a blank line between them."""
    alternativeHeadlines: tuple[str, ...]
    """What else the page calls the story (schema.org: ``alternativeHeadline``)."""
    edition: str | None
    slug: str | None
    lead: str | None
    blocks: tuple[ItemBlock, ...]
    byline: str | None
    dateSources: ItemDates
    tags: tuple[str, ...]
    relatedHeading: str | None
    related: tuple[ItemCard, ...]
    alternates: tuple[Alternate, ...]
    cookieNotice: tuple[str, ...]


def item_of(page: Page) -> Item:
    """The item that a page gives: a function of the page alone."""
    images = tuple(_image(one) for one in page.pictures)
    return Item(
        url=page.url,
        canonicalUrl=page.canonical,
        headline=page.title or None,
        datePublished=_value(page.published),
        datePublishedRaw=_raw(page.published),
        dateModified=_value(page.modified),
        dateModifiedRaw=_raw(page.modified),
        authors=tuple(ItemAuthor(one.name, one.raw) for one in page.authors),
        breadcrumbs=page.breadcrumbs,
        inLanguage=page.language or None,
        mainImage=images[0] if images else None,
        images=images,
        description=page.description or None,
        articleBody="\n\n".join(one.text for one in page.blocks) or None,
        alternativeHeadlines=page.other_titles,
        edition=page.edition,
        slug=page.slug,
        lead=page.lead or None,
        blocks=tuple(ItemBlock(one.kind, one.text) for one in page.blocks),
        byline=page.byline or None,
        dateSources=ItemDates(_source(page.published), _source(page.modified)),
        tags=page.tags,
        relatedHeading=page.related_heading or None,
        related=tuple(item_card(one) for one in page.cards),
        alternates=page.alternates,
        cookieNotice=page.cookie_notice,
    )


def item_line(page: Page) -> str:
    """The page's line in ``items.jsonl``, without its line break."""
    return json.dumps(item_of(page), ensure_ascii=False, default=plain)


def item_card(card: Card) -> ItemCard:
    """A related card in the form that is handed over."""
    image = _image(card.picture) if card.picture else None
    return ItemCard(
        url=card.url,
        headline=card.title or None,
        description=card.summary or None,
        byline=card.byline or None,
        image=image,
        credit=card.credit or None,
    )


def _image(picture: Picture) -> ItemImage:
    return ItemImage(picture.url, picture.alt or None, picture.caption or None, picture.credit or None)


def _value(date: Dated | None) -> str | None:
    return date.value if date else None


def _raw(date: Dated | None) -> str | None:
    return date.raw if date else None


def _source(date: Dated | None) -> str | None:
    return date.source if date else None
