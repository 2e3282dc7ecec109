"""A story as its page tells it: every piece read from one outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crawler.items import Block, Crumb, Page, Picture
from crawler.page.body import Body, Known, read_body
from crawler.page.boxes import Boxes
from crawler.page.cards import find_cards, read_cards
from crawler.page.dates import Shown, modified, published
from crawler.page.embedded import embedded_story
from crawler.page.fallback import guessed_body
from crawler.page.headline import find_headline
from crawler.page.identity import identify
from crawler.page.linked import Linked, read_linked, string, strings, types
from crawler.page.meta import Meta, read_meta
from crawler.page.notices import read_notice
from crawler.page.outline import Element, Outline
from crawler.page.people import find_byline, read_authors
from crawler.page.pictures import Scope, read_pictures
from crawler.page.place import Place
from crawler.page.texts import text_of, tidy
from crawler.page.titles import read_titles
from crawler.urls import resolve

_STORY = frozenset({"article", "main"})

VERSION = 7
"""Of the rules of this package: the items that two versions of them make can differ."""
_LABEL = 20
"""Characters that can stand around a credit."""


def read_story(page: Page, outline: Outline, html: str, place: Place) -> Page:
    """*page* with all that it says of its story; *outline* is of *html*. What it does not say stays empty."""
    headline, meta, boxes = find_headline(outline), read_meta(outline), Boxes()
    linked = read_linked(outline, identify(page, outline, meta, headline, place))
    description = tidy(meta.first("og:description", "description", "twitter:description"))
    description = description or tidy(string(linked.article.get("description")))
    titles = read_titles(outline, headline, linked, meta)
    around = find_cards(outline, boxes, place.judge, headline)
    known = Known(headline, titles.title, description, frozenset(around.values()), place.hints)
    body = read_body(outline, boxes, known, string(linked.article.get("articleBody")))
    if (not body.blocks or body.box is None) and (inner := embedded_story(outline)) is not None:
        built = read_body(inner, boxes, replace(known, headline=None))
        body = built if built.blocks else body
        inner.let_go()
    root = _root(body, headline)
    notes = frozenset(place.credits) | (body.notes(boxes.of(root)) if root is not None else frozenset[str]())
    found = read_pictures(Scope(root, place.base), boxes, linked) if root is not None else ()
    pictures = tuple(_credited(one, notes) for one in found)
    credits = notes | {one.credit for one in pictures if one.credit}
    cards = read_cards(around, place.judge, place.base, credits)
    byline = find_byline(root, headline)
    said_by = text_of(byline) if byline is not None else ""
    if not body.blocks:
        known_as = (titles.title, *titles.others, body.lead, said_by)
        guessed = guessed_body(outline, html, known_as, [one.caption for one in pictures])
        body = replace(body, blocks=tuple(Block("paragraph", text) for text in guessed))
    language = _language(outline, linked)
    shown = Shown(headline, root, known.cards, language)
    return replace(
        page,
        title=titles.title,
        other_titles=titles.others,
        published=published(outline, linked, meta, shown, html),
        modified=modified(outline, linked, meta, language),
        description=description,
        lead=body.lead,
        blocks=tuple(one for one in body.blocks if one.text != said_by and not _is_caption(one, pictures)),
        byline=said_by,
        authors=read_authors(outline, linked, meta, byline),
        pictures=pictures,
        related_heading=cards.heading,
        cards=cards.cards,
        tags=_tags(linked, meta),
        breadcrumbs=_breadcrumbs(linked, place.base),
        language=language,
        cookie_notice=read_notice(outline),
    )


def _credited(picture: Picture, notes: frozenset[str]) -> Picture:
    """The picture, its caption taken for a credit where the page says the same of something else, too."""
    if picture.credit or picture.caption not in notes:
        return picture
    return replace(picture, caption="", credit=picture.caption)


def _is_caption(block: Block, pictures: Sequence[Picture]) -> bool:
    """Whether a paragraph says what is said of a picture, and no more."""
    return block.kind == "paragraph" and any(
        block.text.startswith(one.caption) and len(block.text) <= len(one.caption) + len(one.credit) + _LABEL
        for one in pictures
        if one.caption
    )


def _root(body: Body, headline: Element | None) -> Element | None:
    """The smallest element that holds headline and body, or the article around it."""
    if body.box is None:
        return headline.closest(_STORY) if headline is not None else None
    root = body.box.element
    while headline is not None and root.tag != "body" and not root.holds(headline):
        outer = root.parent
        if outer is None:
            break
        root = outer
    return root.closest(_STORY) or root


def _tags(linked: Linked, meta: Meta) -> tuple[str, ...]:
    said = list(strings(linked.article.get("keywords"), "name")) or meta.values.get("article:tag", [])
    said = said or [meta.first("news_keywords", "keywords")]
    names = (tidy(name) for one in said for name in (one.split(",") if "," in one else [one]))
    return tuple(dict.fromkeys(name for name in names if name))


def _breadcrumbs(linked: Linked, base: str) -> tuple[Crumb, ...]:
    trail = next((one for one in linked.things if "BreadcrumbList" in types(one)), {})
    steps = trail.get("itemListElement")
    found = [one for one in steps if isinstance(one, dict)] if isinstance(steps, list) else []
    return tuple(_crumb(one, base) for one in found)


def _crumb(step: dict[str, object], base: str) -> Crumb:
    name = string(step.get("name")) or string(step.get("item"), "name")
    url = string(step.get("item"), "@id", "url")
    return Crumb(tidy(name), (resolve(base, url) if url else None) or "")


def _language(outline: Outline, linked: Linked) -> str:
    """The language of the page: what its root says, else the JSON-LD."""
    root = outline.first("html")
    said = (root.get("lang") or "").strip() if root is not None else ""
    return said or string(linked.article.get("inLanguage"), "alternateName", "name")
