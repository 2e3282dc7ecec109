"""What a page is, by its addresses and its names: what tells its own story from others it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crawler.page.meta import Meta
from crawler.page.outline import Element, Outline
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
    names: frozenset[str] = frozenset()
    base: str = ""
    """What relative addresses resolve against."""
    judge: Callable[[str], str | None] = _nothing
    """The normalised URL of the other article that an href leads to; None for what leads to none."""

    def lies_at(self, urls: Iterable[str]) -> bool:
        """Whether one of these is the page's address."""
        return any(_address(url, self.base) in self.addresses for url in urls)

    def leads_elsewhere(self, urls: Iterable[str]) -> bool:
        """Whether one of these is another article's."""
        return any(self.judge(url) is not None for url in urls)

    def is_called(self, name: str) -> bool:
        """Whether it is one of the page's names, which can carry the site's behind it."""
        said = _words(name)
        return bool(said) and any(one == said or one.startswith(f"{said} ") for one in self.names)


def identify(
    outline: Outline, meta: Meta, headline: Element | None, urls: Iterable[str], judge: Callable[[str], str | None]
) -> Identity:
    """The identity of a page found at *urls*, the last of which its relative links resolve against."""
    found = list(urls)
    base = found[-1]
    canonical = [one.get("href") or "" for one in outline.all("link") if one.says("rel", "canonical")]
    addresses = {_address(url, base) for url in (*found, *canonical, meta.first("og:url"))} - {""}
    names = (
        text_of(headline) if headline is not None else "",
        *meta.all(("og:title", "twitter:title")),
        outline.title,
    )
    return Identity(frozenset(addresses), frozenset(map(_words, names)) - {""}, base, judge)


def _address(url: str, base: str) -> str:
    """An address without its scheme and its fragment; empty for none."""
    whole = resolve(base, url.strip()) if url.strip() else None
    return _SCHEME.sub("", whole or "").partition("#")[0].rstrip("/")


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
