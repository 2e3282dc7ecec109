"""What a page says of itself: canonical URL, editions, title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.page.linked import read_linked
from crawler.page.outline import Element, Outline

_STORY = frozenset({"article", "main"})


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of itself, as written; of several that say the same, the first."""

    canonical: str | None
    og_url: str | None
    base: str | None
    """What its relative links stand on."""
    alternates: tuple[tuple[str, str], ...]
    """Language and link of each other edition."""


def read_metadata(outline: Outline) -> Metadata:
    """The metadata of a page; what it does not say is None."""
    links = [(one, one.get("href") or "") for one in outline.all("link") if one.gives("href")]
    return Metadata(
        canonical=next((href for link, href in links if link.says("rel", "canonical")), None),
        og_url=_property(outline, "og:url"),
        base=next((one.get("href") for one in outline.all("base") if one.gives("href")), None),
        alternates=tuple(((link.get("hreflang") or "").strip(), href) for link, href in links if _is_alternate(link)),
    )


def read_title(outline: Outline) -> str:
    """What a page that tells no story is called: its article's h1, else what it is called for machines, else the
    tab's title.
    """
    return next((" ".join(title.split()) for title in _titles(outline) if title.strip()), "")


def _is_alternate(link: Element) -> bool:
    return link.gives("hreflang") and link.lists("rel", "alternate")


def _titles(outline: Outline) -> Iterator[str]:
    tops = outline.all("h1")
    yield next((one.text for one in tops if one.closest(_STORY)), "")
    headline = read_linked(outline).article.get("headline")
    yield headline if isinstance(headline, str) else ""
    yield _property(outline, "og:title") or ""
    yield tops[0].text if tops else ""
    yield outline.title


def _property(outline: Outline, name: str) -> str | None:
    """What the first meta element of a name says."""
    metas = (one for one in outline.all("meta") if name in (one.get("property"), one.get("name")))
    return next((one.get("content") for one in metas if one.gives("content")), None)
