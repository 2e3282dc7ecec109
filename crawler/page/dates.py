"""When a story was published and changed: as the page says, and where it says so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from crawler.items import Dated
from crawler.page.linked import Linked, strings
from crawler.page.marks import any_of, marks_of
from crawler.page.meta import Meta
from crawler.page.moments import iso
from crawler.page.outline import Element, Outline
from crawler.page.texts import text_of

_PUBLISHED = (
    "article:published_time og:article:published_time og:published_time datepublished article:published publishdate "
    "publish-date publish_date publication_date published_time pubdate parsely-pub-date sailthru.date "
    "cxenseparse:recs:publishtime dc.date.issued dcterms.issued dc.date.created dcterms.created dc.date dcterms.date "
    "date"
).split()
_MODIFIED = (
    "article:modified_time og:article:modified_time og:updated_time datemodified article:modified lastmod "
    "last-modified dcterms.modified dc.date.modified last_updated_date"
).split()
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script\s*>", re.IGNORECASE)
_PROSE = re.compile(r"<p\b[^<>]*+>[^<\d]{60,}+</p>", re.IGNORECASE)
"""Paragraphs in which there is no date, for they have no digit: htmldate's cost grows with the text."""
_ASIDE, _TIME = (re.compile(rf"<{tag}\b(?:(?!</?{tag}\b).)*+</{tag}\s*>", re.I | re.S) for tag in ("aside", "time"))
_MAIN = frozenset({"article", "main"})
_BESIDE = frozenset({"aside", "nav", "footer"})
_DATED = frozenset({"time", "meta"})
_DATE = any_of(
    "date", "date-?time", "publish(?:ed)?", "publish-?(?:date|time)", "pub-?date", "timestamp", "date-?line"
)
_CHANGED = any_of("updated?", "modified", "changed")
_YEAR = re.compile(r"\d{4}")
_LONGEST = 80
"""Characters of a line that tells a date."""
_FIRST, _LAST = "1990-01-01", "2099-12-31"


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a page shows its story, as far as dates are looked for in it."""

    headline: Element | None = None
    root: Element | None = None
    """The element that holds headline and body."""
    cards: Collection[Element] = ()
    """Where it shows other stories."""
    language: str = ""
    """In which it names months (BCP 47)."""

    def near(self, elements: Iterable[Element]) -> list[Element]:
        """Those of elements that are the story's, the nearest to the headline first."""
        own = [one for one in elements if not self.is_beside(one) and self._holds(one)]
        start = self.headline.at if self.headline is not None else 0
        return sorted(own, key=lambda one: abs(one.at - start))

    def is_beside(self, element: Element) -> bool:
        """Whether an element belongs to another story or to the page."""
        return any(one.tag in _BESIDE or one in self.cards for one in element.outers())

    def _holds(self, element: Element) -> bool:
        return any(one is self.root or one.tag in _MAIN for one in element.outers())


def published(
    outline: Outline, linked: Linked, meta: Meta, shown: Shown | None = None, html: str | None = None
) -> Dated | None:
    """When the story came out: by JSON-LD, else by meta elements, microdata, a time element, a line marked as a date;
    else by htmldate.

    *html* is the page's characters, for htmldate; without them it is not asked.
    """
    shown = shown or Shown()
    said = (
        (_linked(linked, "datePublished"), "json-ld"),
        *_metas(meta, _PUBLISHED),
        (_microdata(outline, "datePublished"), "microdata"),
        (_times(outline, shown), "time"),
        (_lines(shown), "text"),
    )
    for raws, source in said:
        if found := _first(raws, source, shown.language):
            return found
    return _guessed(_without_others(outline, shown, html)) if html else None


def modified(outline: Outline, linked: Linked, meta: Meta, language: str = "") -> Dated | None:
    """When the story was last changed."""
    said = (
        (_linked(linked, "dateModified"), "json-ld"),
        *_metas(meta, _MODIFIED),
        (_microdata(outline, "dateModified"), "microdata"),
    )
    return next((found for raws, source in said if (found := _first(raws, source, language))), None)


def _metas(meta: Meta, names: Iterable[str]) -> Iterator[tuple[list[str], str]]:
    """What the meta elements say under these names, and as what each says it."""
    for name in names:
        if name in meta.values:
            yield meta.values[name], "microdata" if name in meta.microdata else "meta"


def _first(raws: Iterable[str], source: str, language: str) -> Dated | None:
    return next((Dated(value, raw, source) for raw in raws if (value := iso(raw, language))), None)


def _linked(linked: Linked, key: str) -> Iterator[str]:
    for thing in (linked.article,) if linked.article else linked.things:
        said = thing.get(key)
        yield from [str(said)] if isinstance(said, int) else strings(said)


def _microdata(outline: Outline, name: str) -> Iterator[str]:
    for element in outline.having("itemprop"):
        if element.lists("itemprop", name.lower()):
            yield element.get("content") or element.get("datetime") or element.text


def _times(outline: Outline, shown: Shown) -> Iterator[str]:
    """The time elements of the story: one that says it is the date, then the others as they stand to the headline.

    One that tells of a change comes last.
    """
    times = outline.all("time")
    stated = [one for one in times if one.gives("pubdate")]
    near = shown.near(one for one in times if one not in stated)
    for one in (*stated, *sorted(near, key=lambda one: _CHANGED(marks_of(one)) and not _DATE(marks_of(one)))):
        yield one.get("datetime") or text_of(one)


def _lines(shown: Shown) -> Iterator[str]:
    """The short lines in the story that are marked as dates and hold a year."""
    marked = shown.root.tagged("date", "publish", "time") if shown.root is not None else []
    for one in shown.near(one for one in marked if one.tag not in _DATED and _DATE(marks_of(one))):
        text = text_of(one)
        if len(text) <= _LONGEST and _YEAR.search(text):
            yield text


def _without_others(outline: Outline, shown: Shown, html: str) -> str:
    """The markup without what htmldate would take for the story's date: asides, and times where some are of cards."""
    if any(shown.is_beside(one) for one in outline.all("time")):
        html = _TIME.sub("", html)
    return _ASIDE.sub("", html)


def _guessed(html: str) -> Dated | None:
    """What htmldate finds in the markup: not in scripts, nor in prose, where dates are of other things."""
    from htmldate import find_date  # costs a tenth of a second to import, and few pages need it

    plain = _PROSE.sub("", _without_scripts(html))
    try:
        # Without a last day it takes today's, and a page would say something else tomorrow.
        found = find_date(plain, extensive_search=False, original_date=True, min_date=_FIRST, max_date=_LAST)
    except (ValueError, RecursionError, AttributeError, TypeError):
        return None
    return Dated(found, found, "htmldate") if found else None


def _without_scripts(html: str) -> str:
    """What is between the scripts; one without an end is none."""
    kept, at = [], 0
    for script in _SCRIPT.finditer(html):
        if script.start() < at:
            continue  # words of the script before
        end = _SCRIPT_END.search(html, script.end())
        if end is None:
            break
        kept.append(html[at : script.start()])
        at = end.end()
    return "".join([*kept, html[at:]])
