"""Where a page leads: related articles, other articles, editions, hubs, and what a browser needs to show it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from resiliparse.parse.html import ElementNode, HTMLTree

from crawler.items import Links
from crawler.sites.profile import Profile
from crawler.urls import resolve

Kind = Literal["article", "hub", "other"]

HUB_WORDS = frozenset("tag tags topic topics category categories section sections".split())
"""Path segments by which sites name their lists of articles."""

_FRAME = "nav, header, footer, [role=banner], [role=navigation], [role=contentinfo]"
_SENTENCE = "p, blockquote, figcaption"
_ANCHORS = "a[href], area[href]"

# A card is a link that stands for a whole story: in the content, and no part of a sentence. Cards are links around a
# picture or a heading, or headings, list items and boxes around a link. One query for all links of a page that are in
# something is several times as fast as to look upwards from each.
_FRAMED, _SPOKEN = (
    ", ".join(f"{around} {anchor}" for around in selector.split(", ") for anchor in _ANCHORS.split(", "))
    for selector in (_FRAME, _SENTENCE)
)
_FRAMED += ", " + ", ".join(f"{anchor}{role}" for role in re.findall(r"\[[^]]+]", _FRAME) for anchor in ("a", "area"))
_CSS_URL = re.compile(
    r"""url\(\s*+(?:"([^"\n]++)"|'([^'\n]++)'|([^"'()\s]++))\s*+\)|@import\s++(?:"([^"\n]++)"|'([^'\n]++)')""",
    re.IGNORECASE,
)
"""What a stylesheet names (CSS Syntax 3, 4.3.6). It never goes back: a hostile one would take hours otherwise."""
_CACHED = 50_000
"""Links judged and remembered: a site's pages share their navigation and many of their cards."""


class LinkReader:
    """Reads the links of a site's pages; keeps to the editions chosen.

    *editions* are the codes to keep to (all of the profile's when empty).
    """

    def __init__(self, profile: Profile, editions: Iterable[str] = ()) -> None:
        self._profile = profile
        self._editions = frozenset(editions) or frozenset(profile.editions)
        self._starts = {_without_query(url) for url in profile.start_urls_for(self._editions)}
        self._judge = lru_cache(_CACHED)(self._judge_link)

    def read(self, tree: HTMLTree, page_url: str) -> Links:
        """The links of the page that *tree* was parsed from, relative ones resolved against *page_url*."""
        base = base_url(tree, page_url)
        related: dict[str, None] = {}
        articles: dict[str, None] = {}
        hubs: dict[str, None] = {}
        framed, spoken = _anchors_of(tree, _FRAMED), _anchors_of(tree, _SPOKEN)
        for anchor, (kind, url) in self._anchors(tree, base):
            if kind == "hub":
                hubs[url] = None
            elif kind == "article":
                is_card = anchor not in framed and (anchor not in spoken or _is_all_of_a_sentence(anchor))
                (related if is_card else articles)[url] = None
        return Links(
            tuple(related),
            tuple(url for url in articles if url not in related),
            tuple(self._alternates(tree, base)),
            tuple(hubs),
            tuple(self._requisites(tree, base)) if self._profile.crawl.requisites else (),
        )

    def stylesheet(self, css: str, url: str) -> tuple[str, ...]:
        """What a stylesheet needs in its turn: fonts, images, other stylesheets of the site's own hosts."""
        found = (resolve(url, one) for one in _css_urls(css))
        return tuple(dict.fromkeys(one for one in found if one and self._profile.owns(one)))

    def in_scope(self, url: str) -> bool:
        """Whether *url* is an article of the editions chosen."""
        article = self._profile.article(url)
        return article is not None and article.edition in self._editions

    def _anchors(self, tree: HTMLTree, base: str) -> Iterator[tuple[ElementNode, tuple[Kind, str]]]:
        assert tree.document is not None
        # .values(): iterating over the list itself makes all its nodes anew at each step.
        origin = "/".join(base.split("/", 3)[:3]) + "/"
        for anchor in tree.document.query_selector_all(_ANCHORS).values():
            href = (anchor.get_attribute("href") or "").strip()
            rel = anchor.get_attribute("rel") or ""
            # A link that starts at the root means the same on every page of the host: one entry for all.
            judged = self._judge(origin if href.startswith("/") else base, href)
            if judged is None:
                continue
            if judged[0] == "other" and {"tag", "next", "prev"} & set(rel.split()):
                judged = ("hub", judged[1])
            yield anchor, judged

    def _judge_link(self, base: str, href: str) -> tuple[Kind, str] | None:
        if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
            return None
        url = resolve(base, href)
        if url is None or not self._profile.owns(url):
            return None
        article = self._profile.article(url)
        if article is not None:
            return ("article", url) if article.edition in self._editions else None
        return self._judge_hub(url)

    def _judge_hub(self, url: str) -> tuple[Kind, str] | None:
        start = _without_query(url) in self._starts
        if not start and self._profile.edition_of(url) not in self._editions:
            return None
        is_hub = start or not HUB_WORDS.isdisjoint(urlsplit(url).path.lower().split("/"))
        return ("hub" if is_hub else "other", url)

    def _alternates(self, tree: HTMLTree, base: str) -> Iterator[str]:
        found = (url for _, url in alternates(tree, base))
        return (url for url in dict.fromkeys(found) if self.in_scope(url))

    def _requisites(self, tree: HTMLTree, base: str) -> Iterator[str]:
        found = (resolve(base, reference) for reference in _requisite_references(tree))
        return (url for url in dict.fromkeys(found) if url and self._profile.owns(url))


def base_url(tree: HTMLTree, page_url: str) -> str:
    """What the page's relative links resolve against: its first ``base`` element, or where it was found."""
    assert tree.document is not None
    element = tree.document.query_selector("base[href]")
    href = element.get_attribute("href") if element is not None else None
    return (resolve(page_url, href) if href else None) or page_url


def alternates(tree: HTMLTree, base: str) -> Iterator[tuple[str, str]]:
    """(language, URL) of each ``link rel=alternate hreflang`` of the page."""
    assert tree.document is not None
    for link in tree.document.query_selector_all("link[hreflang][href]").values():
        if "alternate" in (link.get_attribute("rel") or "").lower().split():
            url = resolve(base, link.get_attribute("href") or "")
            if url is not None:
                yield (link.get_attribute("hreflang") or "").strip(), url


def _without_query(url: str) -> str:
    return url.partition("?")[0].rstrip("/")


def _anchors_of(tree: HTMLTree, selector: str) -> set[ElementNode]:
    assert tree.document is not None
    return set(tree.document.query_selector_all(selector).values())


def _is_all_of_a_sentence(anchor: ElementNode) -> bool:
    """Whether a link in a paragraph, quotation or caption is all of it: a title, as cards have one."""
    sentence = anchor.closest(_SENTENCE)
    return sentence is None or (sentence.text_content or "").strip() == (anchor.text_content or "").strip()


def _requisite_references(tree: HTMLTree) -> Iterator[str]:
    assert tree.document is not None
    for link in tree.document.query_selector_all("link[href]").values():
        kinds = set((link.get_attribute("rel") or "").lower().split())
        if kinds & {"stylesheet", "icon", "preload", "modulepreload", "apple-touch-icon", "manifest"}:
            yield link.get_attribute("href") or ""
    for element in tree.document.query_selector_all("img[src], script[src], source[src]").values():
        yield element.get_attribute("src") or ""
    for element in tree.document.query_selector_all("img[srcset], source[srcset]").values():
        yield from _srcset(element.get_attribute("srcset") or "")
    for style in tree.document.query_selector_all("style").values():
        yield from _css_urls(style.text_content or "")


def _css_urls(css: str) -> Iterator[str]:
    return (match[match.lastindex or 0] for match in _CSS_URL.finditer(css))


def _srcset(value: str) -> Iterator[str]:
    """The URLs of a srcset; a comma may stand inside a URL, not at its end (HTML, 4.8.4.2.1)."""
    yield from re.findall(r"([^\s,]\S*[^\s,])(?:\s+[^,]+)?\s*(?:,|$)", value)
