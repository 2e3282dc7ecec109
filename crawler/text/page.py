"""From a response's bytes to a page: parsed once, and taken apart once, for links, metadata and text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from resiliparse.parse.html import HTMLTree

from crawler.copies.grams import signature
from crawler.items import Alternate, Drop, Links, Page
from crawler.languages.paragraphs import LanguageReader, speaks
from crawler.page.outline import Outline
from crawler.page.place import Place
from crawler.page.story import read_story
from crawler.sites.profile import Profile
from crawler.text.charset import Decoded, decode
from crawler.text.links import LinkReader
from crawler.text.metadata import read_metadata, read_title
from crawler.text.seedtext import seed_text
from crawler.urls import canonical, resolve

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_SNIFFED = 1024
_CACHED = 50_000
"""Links judged and remembered: a site's pages share many of theirs."""
_NO_PAGES = ("#", "javascript:", "mailto:", "tel:", "data:")
_NO_STORY, _TOO_DEEP = 256, 2_000
"""Elements within one another: browsers stop at 512, and unclosed tags of old pages go a little beyond. No story is
told so deep that it is read piece by piece, which takes a call or two for each level."""
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<article", b"<div", b"<p")


def media_type(content_type: str | None) -> str:
    """The media type of a Content-Type header, lower case; empty where there is none. Proxies give some twice."""
    return (content_type or "").partition(";")[0].partition(",")[0].strip().lower()


def is_html(body: bytes, content_type: str | None) -> bool:
    """Whether a body is an HTML page: it says so, or says nothing (or ``text/plain``) and looks like one."""
    kind = media_type(content_type)
    if kind in HTML_TYPES:
        return not body.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b"))
    if kind not in ("", "text/plain", "application/octet-stream"):
        return False
    return has_markup(body)


def has_markup(body: bytes) -> bool:
    """Whether a body begins like a page."""
    head = body[:_SNIFFED].replace(b"\0", b"").lower()
    return any(mark in head for mark in _MARKUP)


class PageReader:
    """Reads the pages of one site."""

    def __init__(self, profile: Profile, links: LinkReader | None = None) -> None:
        self._profile = profile
        self._links = links
        self._article_url = lru_cache(_CACHED)(self._article_at)
        self._owns = lru_cache(1_000)(profile.owns)
        self._languages = LanguageReader(profile.editions.values())

    def read(self, body: bytes, url: str, content_type: str | None, record_id: str | None = None) -> Page | Drop:
        """The page that *body* is: an HTML page found at *url*. Never fails: what is broken is read as far as
        HTML's own error handling goes. A page nested too deep is none: each look upwards in it costs its depth.

        Links are read only where a link reader was given (a corpus made from the archive needs none).
        """
        decoded = decode(body, content_type)
        tree = HTMLTree.parse(decoded.text)
        outline = Outline(tree)
        try:
            return self._page(decoded, tree, outline, url, record_id)
        finally:
            outline.let_go()

    def _page(
        self, decoded: Decoded, tree: HTMLTree, outline: Outline, url: str, record_id: str | None
    ) -> Page | Drop:
        if outline.depth >= _TOO_DEEP:
            return Drop(url, "too-deep", record_id=record_id)
        said = read_metadata(outline)
        base = (resolve(url, said.base) if said.base else None) or url
        own = canonical(url, said.canonical, said.og_url, base_url=base, site=self._profile)
        article, asked = self._profile.article(own), self._profile.article(url)
        told = article is not None and outline.depth < _NO_STORY
        page = Page(
            url=url,
            canonical=own,
            edition=article.edition if article else self._profile.edition_of(url),
            slug=article.slug if article else None,
            own_slug=asked.slug if asked else None,
            title="" if told else read_title(outline),
            published=None,
            alternates=tuple(Alternate(lang, to) for lang, href in said.alternates if (to := resolve(base, href))),
            links=self._links.read(tree, url) if self._links else Links(),
            text=seed_text(tree, self._profile.text.skip, outline) if article else "",
            encoding=decoded.encoding,
            record_id=record_id,
        )
        if not told:
            return page
        credits = self._profile.labels.get(page.edition or "", {}).get("credit", ())
        place = Place(base, self._judge(base, own), self._profile.page, credits)
        return read_story(page, outline, decoded.text, place)

    def _judge(self, base: str, own: str) -> Callable[[str], str | None]:
        """Which other article of the site an href on this page leads to."""
        origin = "/".join(base.split("/", 3)[:3]) + "/"

        def judge(href: str) -> str | None:
            # A link that starts at the root means the same on every page of the host: one entry for all.
            url = self._article_url(origin if href.startswith("/") else base, href)
            return None if url == own else url

        return judge

    def _article_at(self, base: str, href: str) -> str | None:
        if not href or href.startswith(_NO_PAGES) or not self._may_own(href):
            return None
        url = resolve(base, href)
        return url if url is not None and self._profile.article(url) is not None else None

    def _may_own(self, href: str) -> bool:
        """Whether a link can lead to the site: those that name another host are many, and told by that alone."""
        if not href.startswith(("http://", "https://")):
            return True
        return self._owns("/".join(href.split("/", 3)[:3]).partition("?")[0].partition("#")[0])

    def described(self, page: Page) -> Page:
        """An article's page with what its body speaks and by which its near-copies are found; others as they are."""
        if not page.is_article or page.edition is None:
            return page
        body = [block.text for block in page.blocks]
        language = self._profile.editions[page.edition]
        languages = self._languages.read(body, language)
        translated = speaks(languages.main, language)
        return replace(page, languages=languages, translated=translated, signature=signature(body))
