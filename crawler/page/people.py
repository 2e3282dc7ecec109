"""Who wrote a story: the names that the page gives to machines, and the line that readers see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

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
_CLASSED = ('"by"', '"by ', ' by"')
"""What a tag holds that is marked with the word alone."""
_LONGEST = 160
"""Characters of a byline."""
_LINES = frozenset({"p", "div", "span", "li"})
_NEAR = 6
"""Lines below the headline among which an unmarked byline can be."""
_NAMES_LENGTH, _WORDS = 80, 4
"""Characters of such a line, and words of a name in it."""
_SENTENCE = (".", "!", "?", ":", "…")
_CALLED = re.compile(
    r"^(?:(?:\w+ )?by|von|par|por|di|av|af|door|text|oleh|na|od|작성자|글|بقلم)(?: | ?[:：])\s*", re.IGNORECASE
)
_NI = re.compile(r"^ni\s+(?=.*\s\S)", re.IGNORECASE)
"""How a Filipino byline begins, in which "at" is "and"; in other lines both are parts of names or of English."""
_AT = re.compile(r"\s+at\s+")
_LABELLED = re.compile(r"^(?:[^\s\d:：／|,;]+\s+){0,2}[^\s\d:：／|,;]+\s*[:：／]\s*(?=\w)")
"""A label before a byline."""
_NOTED = re.compile(r"\s*\([^()]*\)$|\s*(?:기자|특파원|記者)$|\s+in\s+(?![a-z]).+$")
"""What follows a name: its abbreviation in brackets, "reporter" in Korean and Japanese, where the writer is."""
_PLACED = re.compile(r"(?<=\w)\s+(\S+),\s*[^\W\d_]{4,}$")
"""A name and, behind a comma, one word."""
_AND = re.compile(r"\s+(?:and|und|og|och|et|en|y|e|i|ja|ve|na|dan|و|và|и|й|і|και|àti|እና|&)\s+|、")
_COMMA = re.compile("[,،;]")
_SECOND = re.compile(r"^(\S+\s+\S.*?)\s+[^\W\d_]+\s*[:：].*$")
"""Names before another label, such as who took the pictures."""
_ENDED = re.compile(
    r"[|•·;:：]|\s[-–—]\s|\s+[^\W\d_]{3,9}\.?\s+\d\d?,?\s+\d{4}"
    r"|\s+(?:last )?(?:published|updated|posted)\b|\d",
    re.IGNORECASE,
)
"""Where the names in a byline end."""


def read_authors(outline: Outline, linked: Linked, meta: Meta, byline: Element | None) -> tuple[Author, ...]:
    """Those who wrote it, by JSON-LD, else by meta elements, by links to them, by the *byline* that readers see.

    Where one of these names the site alone, the next that names a person is taken.
    """
    sources = (
        strings(linked.article.get("author"), "name"),
        (one for one in meta.all(_META) if "://" not in one),
        _linked_names(outline),
        _shown_names(byline),
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


def find_byline(root: Element | None, headline: Element | None) -> Element | None:
    """The byline in the story's element *root*: what is marked as one, else a line below the headline that begins
    like one and goes on with a name.
    """
    if root is None:
        return None
    marked = root.tagged("author", "byline", "address", *_CLASSED)
    found = next((one for one in marked if _is_marked(one) and _is_byline(one)), None)
    if found is not None or headline is None or not root.holds(headline):
        return found
    below = (one for one in _below(headline, root) if one.tag in _LINES and not one.has(_LINES))
    return next((one for one in islice(below, _NEAR) if _says_name(text_of(one))), None)


def _below(headline: Element, root: Element) -> Iterator[Element]:
    return (one for one in root.all if one.at >= headline.end)


def _says_name(text: str) -> bool:
    """Whether a line says by whom something is, and no more."""
    called = _CALLED.match(text)
    if called is None or len(text) > _NAMES_LENGTH or text.endswith(_SENTENCE):
        return False
    names = [
        one.strip() for part in _AND.split(_ENDED.split(text[called.end() :], 1)[0]) for one in _COMMA.split(part)
    ]
    return all(_is_full(one) and len(one.split()) <= _WORDS for one in names)


def _is_byline(element: Element) -> bool:
    text = text_of(element)
    if not 2 < len(text) <= _LONGEST or element.tag == "img" or is_credit(text):
        return False
    by = element.lists("class", "by")
    return by or element.tag == "address" or _BYLINE(marks_of(element)) or element.gives("rel")


def _shown_names(byline: Element | None) -> Iterator[str]:
    if byline is None:
        return
    links = [text for one in byline.inner("a") if (text := text_of(one))]
    for text in links or [text_of(byline)]:
        start = _CALLED.match(text) or _LABELLED.match(text)
        said = _SECOND.sub(r"\1", text[start.end() if start is not None else 0 :])
        yield from _named(_ENDED.split(said, 1)[0])


def _named(line: str) -> list[str]:
    """The names in a line, where it says more than names."""
    if called := _NI.match(line):
        return _AT.split(line[called.end() :])
    placed = _PLACED.search(line.rstrip())
    if placed is not None and line.rpartition(",")[2].strip().istitle():
        return [line.rpartition(",")[0]]
    return [line]


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
    by = element.tag == "address" or "by" in marks.split()
    return by or "byline" in marks or "author" in marks or _is_author(element)


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
