"""What a page is, by its addresses and its names: what tells its own story from others it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crawler.items import Page
from crawler.page.meta import Meta
from crawler.page.outline import Element, Outline
from crawler.page.place import Place
from crawler.page.texts import text_of
from crawler.urls import resolve

_WORD = re.compile(r"[^\W_]+")
_SCHEME = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)


def _nothing(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Identity:
    """A page's addresses and names."""

    addresses: frozenset[str] = frozenset()
    editions: frozenset[str] = frozenset()
    """The addresses of the same story in other editions."""
    names: frozenset[str] = frozenset()
    base: str = ""
    """What relative addresses resolve against."""
    judge: Callable[[str], str | None] = _nothing
    """The normalised URL of the other article that an href leads to; None for what leads to none."""

    def lies_at(self, urls: Iterable[str]) -> bool:
        """Whether one of these is the page's address."""
        return any(_address(url, self.base) in self.addresses for url in urls)

    def leads_elsewhere(self, urls: Iterable[str]) -> bool:
        """Whether one of these is another article's: not the same story's in another edition."""
        found = (_address(other, self.base) for url in urls if (other := self.judge(url)))
        return any(one not in self.editions and not self._ends_alike(one) for one in found)

    def _ends_alike(self, address: str) -> bool:
        return any(one.rpartition("/")[2] == address.rpartition("/")[2] for one in self.addresses)

    def is_called(self, name: str) -> bool:
        """Whether it is one of the page's names, which can carry the site's behind it."""
        said = _words(name)
        return bool(said) and any(one == said or one.startswith(f"{said} ") for one in self.names)


def identify(page: Page, outline: Outline, meta: Meta, headline: Element | None, place: Place) -> Identity:
    """The identity of a page that was found in a place."""
    canonical = [one.get("href") or "" for one in outline.all("link") if one.says("rel", "canonical")]
    urls = (page.url, page.canonical, *canonical, meta.first("og:url"))
    names = (
        text_of(headline) if headline is not None else "",
        *meta.all(("og:title", "twitter:title")),
        outline.title,
    )
    return Identity(
        addresses=frozenset(_address(url, place.base) for url in urls) - {""},
        editions=frozenset(_address(one.url, place.base) for one in page.alternates),
        names=frozenset(map(_words, names)) - {""},
        base=place.base,
        judge=place.judge,
    )


def _address(url: str, base: str) -> str:
    """An address without its scheme and its fragment; empty for none."""
    whole = resolve(base, url.strip()) if url.strip() else None
    return _SCHEME.sub("", whole or "").partition("#")[0].rstrip("/")


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
