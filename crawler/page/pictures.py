"""The pictures of a story: where each is, and what the page says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crawler.items import Picture
from crawler.page.boxes import Box, Boxes
from crawler.page.captions import is_credit, said_of
from crawler.page.linked import Linked, string, types
from crawler.page.marks import any_of, marks_of
from crawler.page.outline import Element
from crawler.page.texts import text_of, tidy
from crawler.urls import resolve

_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-url", "data-full-src", "data-hi-res-src", "src")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_ICON = any_of(
    "logo", "icon", "avatar", "emoji", "pixel", "spacer", "sprite", "badge", "author", "portrait", "profile",
    "headshot", "byline", "bio", "flag", "button", "ads?", r"advert\w*", "related", r"recommend\w*", "newsletter",
    "comments?", "trending", "popular",
)  # fmt: skip
_OTHERS = any_of(
    "avatar", "author", "portrait", "profile", "headshot", "byline", "bio", "ads?", r"advert\w*", "related",
    r"recommend\w*", "newsletter", "comments?", "trending", "popular", "share", "social",
)  # fmt: skip
_NEUTRAL = frozenset({"figure", "picture", "article", "main", "body", "figcaption"})
_IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")
_CARD = 20
"""Characters that a card says beside its picture."""
_LEAST_WIDTH = 90
"""Pixels of a picture; smaller ones are signs."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What pictures are looked for in."""

    root: Element
    """The element that holds headline and body."""
    base: str
    """What their addresses resolve against."""


def read_pictures(scope: Scope, boxes: Boxes, linked: Linked) -> tuple[Picture, ...]:
    """The pictures of a story, each once, in the page's order."""
    found: dict[tuple[str, str], Picture] = {}
    for image in scope.root.inner("img", "amp-img"):
        picture = _picture(image, scope, boxes)
        if picture is None:
            continue
        key = (_name(picture.url), picture.caption)
        if not picture.caption:
            key = next((one for one in found if one[0] == key[0]), key)
        found[key] = _merged(found[key], picture) if key in found else picture
    said = {_name(one.url): one for one in _stated(linked, scope.base)}
    return tuple(_merged(one, said[key]) if key in said else one for (key, _), one in found.items())


def picture_of(card: Element, base: str) -> Picture | None:
    """The first picture in a card, whatever its size."""
    for image in card.inner("img", "amp-img"):
        alt = tidy(image.get("alt"))
        url = _address(image, base) or ""
        if url or alt:
            caption, credit = said_of(image, card, alt)
            return Picture(url, alt, caption if credit else "", credit or caption)
    return None


def _merged(one: Picture, other: Picture) -> Picture:
    return replace(
        one, alt=one.alt or other.alt, caption=one.caption or other.caption, credit=one.credit or other.credit
    )


def _picture(image: Element, scope: Scope, boxes: Boxes) -> Picture | None:
    if _is_small(image) or _is_other(image, scope, boxes):
        return None
    url = _address(image, scope.base)
    if url is None or url.partition("?")[0].endswith(".svg"):
        return None
    alt = tidy(image.get("alt"))
    caption, credit = said_of(image, scope.root, alt)
    return Picture(url, alt, caption, credit)


def _address(image: Element, base: str) -> str | None:
    given = [image.get(name) for name in _SOURCES]
    plain = next((one for one in given if one and not one.startswith(("data:", "about:", "blob:"))), None)
    sets = [image.get(name) for name in _SETS]
    parent = image.parent
    if parent is not None and parent.tag == "picture":
        for source in parent.inner("source"):
            sets += [source.get(name) for name in _SETS]
    largest = next((one for value in sets if value and (one := _largest(value))), None)
    return resolve(base, plain or largest or "") if plain or largest else None


def _largest(srcset: str) -> str:
    parts = [one.split() for one in re.split(r",\s+", srcset.strip()) if one.strip()]
    return max(parts, key=lambda one: _number(one[1]) if len(one) > 1 else 0)[0] if parts else ""


def _number(text: str) -> float:
    match = re.match(r"[\d.]+", text)
    return float(match[0]) if match and match[0] != "." else 0.0


def _is_small(image: Element) -> bool:
    sizes = [
        _number(value)
        for name in ("width", "height")
        if (value := image.get(name) or "")[:1].isdigit() and not value.endswith("%")
    ]
    return bool(sizes) and max(sizes) < _LEAST_WIDTH


def _is_other(image: Element, scope: Scope, boxes: Boxes) -> bool:
    """Whether it belongs to a card, a person or the page rather than to the story."""
    if _ICON(marks_of(image)) and not _is_captioned(image):
        return True
    parent = image.parent
    box: Box | None = boxes.of(parent) if parent is not None else None
    figure = False
    while box is not None and box.element is not scope.root:
        if box.tag in ("nav", "footer", "aside"):
            return True
        if box.tag == "a" and _leads_away(box.element, figure):
            return True
        figure = figure or box.tag == "figure"
        if box.tag not in _NEUTRAL and _OTHERS(box.marks):
            return True
        box = box.outer
    return False


def _is_captioned(image: Element) -> bool:
    figure = image.closest({"figure"})
    return figure is not None and figure.has({"figcaption"})


def _leads_away(link: Element, figure: bool) -> bool:
    """Whether a link around a picture is a card: one that says something, too."""
    href = (link.get("href") or "").partition("?")[0].lower()
    if not href or href.startswith("#") or href.endswith(_IMAGES):
        return False
    caption, text = link.first("figcaption"), text_of(link)
    said = 0 if is_credit(text) else len(text) - (len(text_of(caption)) if caption is not None else 0)
    return said >= _CARD or (figure and said > 0) or link.has({"h2", "h3", "h4"})


def _stated(linked: Linked, base: str) -> Iterator[Picture]:
    """The pictures that the JSON-LD tells of."""
    for thing in _images(linked):
        url = resolve(base, string(thing.get("url")) or string(thing.get("contentUrl")) or string(thing.get("@id")))
        if url:
            credit = string(thing.get("creditText")) or string(thing.get("copyrightNotice"))
            credit = credit or string(thing.get("author"), "name") or string(thing.get("creator"), "name")
            credit = credit or string(thing.get("copyrightHolder"), "name")
            caption = tidy(string(thing.get("caption")))
            yield Picture(url, tidy(string(thing.get("description"))), caption, tidy(credit))


def _images(linked: Linked) -> Iterator[dict[str, object]]:
    said = linked.article.get("image")
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, dict):
            yield one
    yield from (one for one in linked.things if "ImageObject" in types(one))


def _name(url: str) -> str:
    """What two addresses of one picture in two sizes share: most often its file name."""
    path = url.partition("?")[0].rstrip("/")
    name = path.rpartition("/")[2]
    return name if len(name) > 12 and "." in name else path
