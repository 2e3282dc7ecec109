"""Who wrote a story: the names that the page gives to machines, and the line that readers see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crawler.items import Author
from crawler.page.captions import is_credit
from crawler.page.linked import Linked, strings
from crawler.page.marks import any_of, marks_of
from crawler.page.meta import Meta
from crawler.page.outline import Element, Outline
from crawler.page.texts import text_of, tidy

_META = (
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
    "cxenseparse:author",
)
_BYLINE = any_of("by-?lines?", "authors?", "author-?names?")
_LONGEST = 160
"""Characters of a byline."""
_CALLED = re.compile(r"^(?:by|von|par|por|di|av|af|door|text|oleh|na|od)[ :]\s*", re.IGNORECASE)
_NOTED = re.compile(r"\s*\([^()]*\)$|\s*(?:기자|특파원|記者)$")
"""What follows a name: its abbreviation in brackets, "reporter" in Korean and Japanese."""
_AND = re.compile(r"\s+(?:and|und|og|och|et|en|y|e|i|ja|ve|na|dan|và|и|й|і|και|àti|እና|&)\s+|、")
_COMMA = re.compile("[,،;]")
_ENDED = re.compile(r"[|•·;:]|\s[-–—]\s|\d")
"""Where the names in a byline end."""


def read_authors(outline: Outline, linked: Linked, meta: Meta, root: Element | None) -> tuple[Author, ...]:
    """Those who wrote it, by JSON-LD, else by meta elements, by links to them, by the byline in the story's *root*.

    Where one of these names the site alone, the next that names a person is taken.
    """
    sources = (
        strings(linked.article.get("author"), "name"),
        (one for one in meta.all(_META) if "://" not in one),
        _linked_names(outline),
        _shown_names(root),
    )
    sites = _sites(linked, meta)
    first: tuple[Author, ...] = ()
    for raws in sources:
        authors = _authors(raws)
        others = tuple(one for one in authors if not _names_site(one.name, sites))
        if others and not first:
            return authors
        if people := tuple(one for one in others if _is_full(one.name)):
            return people
        first = first or authors
    return first


def read_byline(root: Element | None) -> str:
    """The byline in the story's element *root*; empty where it shows none."""
    element = _byline(root)
    return text_of(element) if element is not None else ""


def _byline(root: Element | None) -> Element | None:
    if root is None:
        return None
    for element in filter(_is_marked, root.tagged("author", "byline", "address")):
        text = text_of(element)
        marks = marks_of(element)
        if (
            2 < len(text) <= _LONGEST
            and element.tag != "img"
            and not is_credit(text)
            and (element.tag == "address" or _BYLINE(marks) or element.get("rel"))
        ):
            return element
    return None


def _shown_names(root: Element | None) -> Iterator[str]:
    element = _byline(root)
    if element is None:
        return
    links = [text for one in element.inner("a") if (text := text_of(one))]
    for text in links or [text_of(element)]:
        yield _ENDED.split(_CALLED.sub("", text), 1)[0]


def _linked_names(outline: Outline) -> Iterator[str]:
    for element in filter(_is_author, outline.tagged("author")):
        name = next((one for one in element.all if one.lists("itemprop", "name")), element)
        text = text_of(name) or element.get("content") or ""
        if len(text) <= _LONGEST and element.closest({"figure"}) is None:
            yield text


def _is_author(element: Element) -> bool:
    """Whether it is marked as naming who wrote the story."""
    return element.lists("rel", "author") or element.lists("itemprop", "author")


def _is_marked(element: Element) -> bool:
    """Whether it can be a byline, by its mark."""
    marks = (element.get("class") or "").lower()
    return element.tag == "address" or "byline" in marks or "author" in marks or _is_author(element)


def _authors(raws: Iterable[str]) -> tuple[Author, ...]:
    named = {name: Author(name, raw) for raw in raws for part in _parts(tidy(raw)) if (name := _name(part))}
    return tuple(named.values())


def _parts(raw: str) -> list[str]:
    """The names in a text that holds several."""
    parts = _AND.split(raw)
    if len(parts) > 1 and not all(" " in one or not one.isascii() for one in parts):
        parts = [raw]
    commas = [one for part in parts for one in _COMMA.split(part)]
    return commas if len(parts) > 1 or all(" " in one.strip() for one in commas) else parts


def _name(raw: str) -> str:
    return _NOTED.sub("", _CALLED.sub("", raw.strip())).strip(" ,;")


def _is_full(name: str) -> bool:
    """Whether a name has several words, with capitals where its script has any."""
    words = name.split()
    return len(words) > 1 and not any(one[0].islower() for one in (words[0], words[-1]))


def _sites(linked: Linked, meta: Meta) -> frozenset[str]:
    names = (meta.first("og:site_name"), *strings(linked.article.get("publisher"), "name", "alternateName"))
    return frozenset(key for one in names if (key := _key(one)))


def _names_site(name: str, sites: frozenset[str]) -> bool:
    key = _key(name)
    return any(key == site or (len(key) > 2 and site.startswith(key)) or site in key for site in sites)


def _key(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
