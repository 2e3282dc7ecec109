"""Which links on a page lead to the front page of its site, or of one of the site's editions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from crawler.page.outline import Element, Outline
from crawler.sites.language import names_language

_HOST = r"(?:https?:)?//(?P<host>[^/?#]+)"
_AT_HOST = re.compile(_HOST, re.IGNORECASE)
_FRONT = re.compile(
    rf"(?![#?]|$)(?:{_HOST})?(?:\./|/)?"
    r"(?:(?P<code>[a-z]{2,3}(?:[-_][a-z0-9]{2,8})?)(?:/|(?=[?]|$)))?(?:index\.[a-z]+)?(?:\?[^#]*)?",
    re.IGNORECASE,
)


class Home:
    """The front pages of the site that a page is of, as far as the page tells."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline

    def is_linked_by(self, element: Element) -> bool:
        """Whether an element holds a link to one of them, or is one's text."""
        links = element.inner("a")
        if element.parent is not None and element.parent.tag == "a":
            links.append(element.parent)
        return any(self._is_front((link.get("href") or "").strip()) for link in links)

    def _is_front(self, href: str) -> bool:
        said = _FRONT.fullmatch(href)
        return said is not None and self._may_be_own(said["host"]) and self._is_edition(said["code"])

    def _may_be_own(self, host: str | None) -> bool:
        """A page that names no host of its own can be of any."""
        return host is None or not self._hosts or _bare(host) in self._hosts

    def _is_edition(self, code: str | None) -> bool:
        """Two letters of a language, or what the page names as one: ``/ai`` and ``/new`` are no editions."""
        return code is None or names_language(code) or code.lower() in self._codes

    @cached_property
    def _hosts(self) -> frozenset[str]:
        """Those of its own address, and of its alternates in other languages."""
        named = (_AT_HOST.match(address) for address in self._addresses())
        return frozenset(_bare(one["host"]) for one in named if one)

    def _addresses(self) -> Iterator[str]:
        for link in self._outline.all("link"):
            if link.lists("rel", "canonical") or link.gives("hreflang"):
                yield link.get("href") or ""
        for meta in self._outline.all("meta"):
            if meta.says("property", "og:url"):
                yield meta.get("content") or ""

    @cached_property
    def _codes(self) -> frozenset[str]:
        """The languages that the page says it and its alternates are in."""
        root = self._outline.first("html")
        said = [(root.get("lang") or "") if root is not None else ""]
        said += [one.get("hreflang") or "" for one in self._outline.having("hreflang")]
        return frozenset(code.lower() for code in said)


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
