"""What a page says of its story in JSON-LD."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crawler.page.identity import Identity
from crawler.page.outline import Outline

ARTICLE_TYPES = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BlogPosting "
    "BackgroundNewsArticle ReviewNewsArticle LiveBlogPosting SocialMediaPosting Report".split()
)
_WRAPPED = re.compile(
    r"^\s*(?:/\*.*?\*/|//\s*<!\[CDATA\[|<!--|<!\[CDATA\[)|(?://\s*\]\]>|-->|\]\]>)\s*+;?+\s*+$", re.DOTALL
)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TRAILING = re.compile(r",(?=\s*[}\]])")
_ADDRESSES = ("url", "@id", "mainEntityOfPage")
_REFERENCE = frozenset({"@id", "@type"})
_OTHER, _UNKNOWN, _CALLED, _ADDRESSED = range(4)
_DEPTH = 8
"""Objects within one another that are looked into."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The objects of a page's JSON-LD."""

    article: dict[str, Any] = field(default_factory=dict)
    """The one that is the page's story; empty where there is none."""
    things: tuple[dict[str, Any], ...] = ()
    """All of them but for other stories, in the page's order."""


def read_linked(outline: Outline, identity: Identity | None = None) -> Linked:
    """The JSON-LD of the page that *identity* is; what is no JSON is passed over."""
    things: list[dict[str, Any]] = []
    for script in outline.all("script"):
        if script.says("type", "application/ld+json"):
            things += _things(_json(script.text), 0)
    articles = [one for one in things if ARTICLE_TYPES.intersection(types(one))]
    ranks = [_rank(one, identity or Identity()) for one in articles]
    others = [one for one, rank in zip(articles, ranks, strict=True) if rank[0] == _OTHER]
    best, story = max(zip(ranks, articles, strict=True), key=lambda ranked: ranked[0], default=((_OTHER,), {}))
    own = tuple(one for one in things if not any(one is other for other in others))
    named = _named(things)
    return Linked(_whole(story, named) if best[0] > _OTHER else {}, tuple(_whole(one, named) for one in own))


def _named(things: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The objects that others can refer to: those of the page, and those directly in them."""
    inner = [one for thing in things for one in thing.values() if isinstance(one, dict)]
    said = (one for one in (*inner, *things) if isinstance(one.get("@id"), str) and not _refers(one))
    return {one["@id"]: one for one in said}


def _refers(value: Any) -> bool:
    """Whether an object says no more than which other it is."""
    return isinstance(value, dict) and isinstance(value.get("@id"), str) and value.keys() <= _REFERENCE


def _whole(thing: dict[str, Any], named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """An object with those that it refers to in the place of the references."""

    def whole(value: Any) -> Any:
        if isinstance(value, list):
            return [whole(one) if isinstance(one, dict) else one for one in value]
        return named.get(value["@id"], value) if _refers(value) else value

    return {key: whole(value) for key, value in thing.items()}


def _rank(article: dict[str, Any], identity: Identity) -> tuple[int, int]:
    """How surely an article is the page's story; a page can list others, most often in less detail."""
    rich = ("articleBody" in article) + ("headline" in article) + ("datePublished" in article)
    urls = [url for key in _ADDRESSES for name in ("@id", "url") for url in strings(article.get(key), name)]
    if identity.lies_at(urls):
        return _ADDRESSED, rich
    if identity.is_called(string(article.get("headline")) or string(article.get("name"))):
        return _CALLED, rich
    return _OTHER if identity.leads_elsewhere(urls) else _UNKNOWN, rich


def types(thing: dict[str, Any]) -> list[str]:
    """The names of an object's types."""
    said = thing.get("@type")
    return [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str)]


def strings(value: Any, *keys: str, depth: int = 0) -> Iterator[str]:
    """The texts that a value gives: itself, or those of its *keys* where it is an object; of each of a list."""
    if depth > _DEPTH:
        return
    if isinstance(value, str):
        if text := html.unescape(value).strip():
            yield text
    elif isinstance(value, list):
        for one in value:
            yield from strings(one, *keys, depth=depth + 1)
    elif isinstance(value, dict):
        yield from next(
            (found for key in keys if (found := list(strings(value.get(key), *keys, depth=depth + 1)))), []
        )


def string(value: Any, *keys: str) -> str:
    """The first of them; empty where there is none."""
    return next(strings(value, *keys), "")


def read_json(text: str) -> Any:
    """What JSON says; None for what is none. Half an emoji, cut by who escaped it, is U+FFFD: no text can hold it."""
    try:
        said = json.loads(text, strict=False)
        if _SURROGATE.search(text):
            whole = json.dumps(said, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            said = json.loads(whole.decode("utf-16-le", "replace"))
    except (ValueError, RecursionError):
        return None
    return said


def _json(text: str) -> Any:
    said = read_json(text)
    return said if said is not None else read_json(_TRAILING.sub("", _WRAPPED.sub("", text)))


def _things(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Objects at the top, in arrays, in ``@graph``, what a page is about and the way to it."""
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _things(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "breadcrumb"):
            if isinstance(value.get(key), (list, dict)):
                yield from _things(value[key], depth + 1)
