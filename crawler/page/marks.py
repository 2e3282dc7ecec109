"""The words that elements are marked with, for machines and styles: signals of what an element is, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from crawler.page.outline import Element

_MARKS = re.compile(r' (?:class|id|itemprop|data-testid|data-component)="([^"]*)"')
_CAMEL = re.compile(r"([a-z0-9])([A-Z])")
_JOINT = re.compile(r"[_-]+")
_CACHED = 8_192
"""Marks remembered: the elements of a site share theirs."""


def any_of(*words: str) -> Callable[[str], bool]:
    """What tells whether any of these words is among marks; each may be a regular expression."""
    pattern = re.compile(rf"(?<![a-z])(?:{'|'.join(words)})(?![a-z])")
    return lru_cache(_CACHED)(lambda marks: pattern.search(marks) is not None)


def marks_of(element: Element) -> str:
    """What an element is marked with: lower case, the parts of a word joined by hyphens."""
    said = " ".join(_MARKS.findall(element.said)) if "=" in element.said else ""
    return _joined(said) if said else ""


@lru_cache(_CACHED)
def _joined(said: str) -> str:
    return _JOINT.sub("-", _CAMEL.sub(r"\1-\2", said)).lower()


BODY = any_of(
    "(?:article|story|entry|post)-?(?:body|text|content)", "body-?(?:text|content|copy)", "rich-?text"
)  # fmt: skip
"""The body of a story."""

LEAD = any_of(
    "lead", "lede", "leadtext", "stand-?first", "intro(?:duction|text)?", "summary", "dek", "deck", "sub-?title",
    "sub-?headline", "sub-?head(?:ing)?", "teaser-?text", "abstract", "excerpt", "preamble", "vorspann", "entradilla",
    "chapo", "ingress", "sapo", "description", "alternative-?headline", "bajada", "strapline",
)  # fmt: skip
"""Its summary."""

BESIDE = any_of(
    "comments?", "disqus", "shar(?:e|ing|ebar)", "social", "related", r"recommend\w*", "newsletter", r"subscri\w+",
    r"promo\w*", r"advert\w*", "ads?", r"sponsor\w*", "teasers?", "outbrain", "taboola", "cookies?", "consent",
    "sidebar", "widgets?", "bio", "breadcrumbs?", "captions?", "credits?", "copyright", "byline", "paywall",
    "read-?more", "more-on", "also", "toolbar", "player", "gallery", "slideshow", "infobox", "factbox", "poll",
    "quiz", "survey", "sign-?up", "login", "meta(?:data)?", "tags?", "topics", "keywords", "legal", "disclaimer",
    "correction", "trending", "popular", "most-?read", "footer", "nav", "menu", "authors?", r"autor\w*", "timestamp",
    "dateline", "published", "date", "tooltip", r"embed\w*", "twitter-tweet", "instagram-media", "tiktok-embed",
)  # fmt: skip
"""What stands beside a story or around it."""

ABOUT = any_of(
    "captions?", "credits?", "copyright", "by(?:-?line)?", "authors?", r"autor\w*", "timestamp", "dateline", "date",
    "published",
)  # fmt: skip
"""A line about a story or its pictures, rather than of it."""
