"""What a story is called: the title that most of a page's voices agree on, and the others."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass

from crawler.page.linked import Linked, string
from crawler.page.meta import Meta
from crawler.page.outline import Element, Outline
from crawler.page.texts import text_of, tidy

_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"\s*[|•·–—‒ㅣ｜：]\s*|\s+[-*]\s+|\s+::\s+")
_ADDED = re.compile(r"\s*[|•·–—‒ㅣ｜*-]")
"""What parts a title from what pages add to it."""
_LEAST = 15
"""Letters of a title that others can begin with: a topic, of which many titles are made, is shorter."""
_CUT = ("...", "…")


@dataclass(frozen=True, slots=True)
class Titles:
    """A story's title, and what else the page calls it."""

    title: str
    others: tuple[str, ...] = ()


def read_titles(outline: Outline, headline: Element | None, linked: Linked, meta: Meta) -> Titles:
    """The title on which JSON-LD, OpenGraph and the headline that readers see agree, two against one.

    One that the JSON-LD repeats as the alternative headline has it on its side twice. Where no more agree on one than
    on another it is the JSON-LD's, written for the story itself; where there is none of the three, the tab's. Where
    OpenGraph has it without the kicker before it, it is that.
    What pages add behind a title, such as the site's name, is left out.
    """
    shown = text_of(headline) if headline is not None else ""
    stated = string(linked.article.get("headline")) or meta.first("headline")
    named = [meta.first("og:title"), *meta.all(("title", "dc.title", "twitter:title")), outline.title]
    machines = [stated, string(linked.article.get("alternativeHeadline")), *named]
    said = [shown, *(tidy(html.unescape(one)) for one in machines)]
    sites = _sites(linked, meta) - {_key(one) for one in said}
    shown, stated, other, shared, *rest = _bare(said, sites)
    voices = [one for one in (stated, shared, shown) if one]
    counts = Counter(_key(one) for one in voices)
    if _key(other) in counts:
        counts[_key(other)] += 2
    title = max(voices, key=lambda one: counts[_key(one)], default="")
    if _is_end(shared, title):
        title = shared
    return _told([title, *voices, *reversed(rest), other])


def _told(titles: list[str]) -> Titles:
    """The first of them, and the others, each once."""
    told: dict[str, str] = {}
    for one in titles:
        if one:
            told.setdefault(_key(one), one)
    title, *others = told.values() or [""]
    return Titles(title, tuple(others))


def _key(title: str) -> str:
    return "".join(_WORD.findall(title.casefold()))


def _sites(linked: Linked, meta: Meta) -> frozenset[str]:
    names = (
        meta.first("og:site_name"),
        string(linked.article.get("publisher"), "name"),
        meta.first("application-name"),
    )
    return frozenset(key for one in names if (key := _key(one)))


def _bare(titles: list[str], sites: frozenset[str]) -> list[str]:
    """Titles without the site's name at their end, nor what follows where another of them ends."""
    named = [_without_site(one, sites) for one in titles]
    wholes = sorted({one for one in named if len(one) >= _LEAST and not one.endswith(_CUT)}, key=len)
    return [next((whole for whole in wholes if _goes_on(one, whole)), one) for one in named]


def _goes_on(title: str, whole: str) -> bool:
    return title.startswith(whole) and _ADDED.match(title, len(whole)) is not None


def _without_site(title: str, sites: frozenset[str]) -> str:
    ends = list(_ENDING.finditer(title))
    if ends and ends[-1].start() and _names(_key(title[ends[-1].end() :]), sites):
        return title[: ends[-1].start()]
    return title


def _names(key: str, sites: frozenset[str]) -> bool:
    return any(key == site or (len(key) > 2 and (key in site or site in key)) for site in sites)


def _is_end(end: str, title: str) -> bool:
    """Whether a title is another without the words before it, which are fewer."""
    said, whole = _WORD.findall(end.casefold()), _WORD.findall(title.casefold())
    return len(said) < len(whole) < 2 * len(said) and whole[-len(said) :] == said
