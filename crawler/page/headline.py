"""Which heading of a page is its story's, and which the site's name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from crawler.page.home import Home
from crawler.page.outline import Element, Outline

_SMALLER = frozenset({"h2", "h3", "h4"})
_MAIN = frozenset({"main", "article"})
_LONGEST = 500
"""Characters of a headline."""

_JSON_HEADLINE = re.compile(r'"headline"\s*:\s*("(?:[^"\\]|\\.)*")')
_WORD = re.compile(r"[^\W_]+")

# How surely a heading is the story's: the lesser part of the title is the site's name.
_SITE, _UNKNOWN, _TITLE, _STATED = range(4)


def find_headline(outline: Outline) -> Element | None:
    """The heading that is the story's; None where none is.

    An h1, but for one that is the site's name; a smaller heading only where no h1 is surer and the page is called so;
    plain text only in a header. Of several, the surest, then one inside ``main`` or ``article``, then one that does
    not stand beside the site's menu, then the first.
    """
    tops, home = outline.all("h1"), Home(outline)
    if len(tops) == 1 and _is_in_main(tops[0]) and tops[0].text.strip() and not home.is_linked_by(tops[0]):
        return tops[0]
    names = _Names(outline)
    best = [(rank, one) for one in tops if (rank := names.rank(one)) > _SITE and not home.is_linked_by(one)]
    if not any(rank == _STATED or (rank == _UNKNOWN and not _is_beside_menu(one, home)) for rank, one in best):
        best += names.said_by(one for one in outline.elements if _is_smaller(one))
    best = best or names.said_by(_in_headers(outline))
    if len(best) < 2:
        return best[0][1] if best else None
    return max(best, key=lambda ranked: (ranked[0], _is_in_main(ranked[1]), not _is_beside_menu(ranked[1], home)))[1]


def _is_beside_menu(heading: Element, home: Home) -> bool:
    """Whether a heading stands in a header that leads home or through the site: one that follows readers, say."""
    around = next((one for one in heading.outers() if one.tag == "header" or one.says("role", "banner")), None)
    return around is not None and (around.has({"nav"}) or home.is_linked_by(around))


def _is_in_main(element: Element) -> bool:
    return any(one.tag in _MAIN or one.says("role", *_MAIN) for one in element.outers())


class _Names:
    """What a page is called: by what it states of itself, and by its title."""

    def __init__(self, outline: Outline) -> None:
        self._title = _words(outline.title)
        self._site = _words(_site(outline))
        self._marked = _marked(outline)
        self._stated = [name for name in map(_words, _stated(outline)) if name]

    def rank(self, heading: Element) -> int:
        said = _words(heading.text)
        if said == self._site:
            return _SITE
        if heading is self._marked or any(_is_most(said, name) for name in self._stated):
            return _STATED
        if _is_most(said, self._title):
            return _TITLE
        return _SITE if said in self._title else _UNKNOWN

    def said_by(self, elements: Iterable[Element]) -> list[tuple[int, Element]]:
        """Of elements those that say one of them, with their ranks."""
        ranked = [(self.rank(one), one) for one in elements]
        return [(rank, one) for rank, one in ranked if rank > _UNKNOWN]


def _is_smaller(element: Element) -> bool:
    return element.tag in _SMALLER or element.says("itemprop", "headline") or element.says("role", "heading")


def _marked(outline: Outline) -> Element | None:
    """The element that microdata calls the headline; None where several do, for then most are of other stories."""
    said = [one for one in outline.having("itemprop") if one.lists("itemprop", "headline")]
    said = [one for one in said if one.tag != "meta" and _words(one.text)]
    return said[0] if len(said) == 1 else None


def _in_headers(outline: Outline) -> Iterator[Element]:
    """The elements in the page's headers that are short enough for a headline."""
    end = 0
    for header in outline.elements:
        if header.at >= end and (header.tag == "header" or header.says("role", "banner")):
            end = header.end
            yield from (one for one in header.all if len(one.text) <= _LONGEST)


def _site(outline: Outline) -> str:
    """The site's name."""
    said = (one for one in outline.all("meta") if one.says("property", "og:site_name"))
    return next((one.get("content") or "" for one in said), "")


def _stated(outline: Outline) -> Iterator[str]:
    """The page's titles in its metadata, and the slugs of its own address: made from the title, if any."""
    for script in outline.all("script"):
        if script.says("type", "application/ld+json"):
            yield from map(_unquoted, _JSON_HEADLINE.findall(script.text))
    addresses = [one.get("href") for one in outline.all("link") if one.says("rel", "canonical")]
    for meta in outline.all("meta"):
        if meta.says("property", "og:title"):
            yield meta.get("content") or ""
        elif meta.says("property", "og:url"):
            addresses.append(meta.get("content"))
    for address in addresses:
        yield (address or "").rstrip("/").rpartition("/")[2].partition(".")[0]


def _unquoted(string: str) -> str:
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        return ""


def _is_most(said: str, name: str) -> bool:
    """Whether one is in the other and more than half of it: titles carry the site's name, slugs are cut."""
    shorter, longer = sorted((said, name), key=len)
    return 2 * len(shorter) > len(longer) and shorter in longer


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
