"""News pages made for measuring: 60 KB each, built as a real site builds them, each of its own text.

Much as the median of 129 real pages is built (1,000 elements, 162 links, 27 paragraphs, 10,700 characters of text in
257 KB, a fifth of them scripts), on less room: 24 paragraphs, 120 links, menus, cards with pictures, JSON-LD, meta
elements, and scripts for what is left. No two pages share a sentence: words are drawn anew for each, from the demo's
stories.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Sequence
from html import escape
from pathlib import Path

from crawler.demo.labels import EDITIONS
from crawler.demo.story import load_stories

SIZE = 60_000
"""Bytes of a page, before compression."""

LINKS = 20
"""To other articles."""

_PARAGRAPHS, _SENTENCES, _WORDS = 24, 4, 14
_SYLLABLES = frozenset({"ja", "am"})
"""Editions in whose scripts a word is few letters, or none is parted from the next: drawn by two letters."""
_TOPICS = "world region politics business science health sport culture weather letters".split()
_STYLE = "".join(f".u-{number}{{margin:{number % 9}px;padding:{number % 7}px}}" for number in range(150))


def slug(number: int) -> str:
    """Of an article."""
    return f"story-{number:05d}-of-the-day"


def write_pages(folder: Path, count: int) -> None:
    """*count* articles, each with links to `LINKS` others, and the front page ``en.html``, each with a ``.gz``."""
    chance = random.Random(1)
    writers = [Writer(edition, chance) for edition in EDITIONS]
    articles = folder / "en" / "articles"
    articles.mkdir(parents=True)
    for number in range(count):
        others = [(number + 1) % count, *(chance.randrange(count) for _ in range(LINKS - 1))]
        _write(articles / slug(number), article(chance.choice(writers), number, others))
    cards = "".join(_link(other, "A story") for other in range(min(count, LINKS)))
    _write(folder / "en.html", f"<!doctype html><title>Front page</title><ul>{cards}</ul>".encode())


def _write(path: Path, page: bytes) -> None:
    path.write_bytes(page)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(page, 6, mtime=0))


class Writer:
    """Writes in one language what means nothing and was never written before."""

    def __init__(self, edition: str, chance: random.Random) -> None:
        self.edition = edition
        self._chance = chance
        told = " ".join(
            text for story in load_stories() if edition in story.texts for text in story.texts[edition].paragraphs
        )
        self._words = [told[at : at + 2] for at in range(0, len(told), 2)] if edition in _SYLLABLES else told.split()
        self._between = "" if edition in _SYLLABLES else " "

    def sentence(self, words: int = _WORDS) -> str:
        """So many words."""
        return self._between.join(self._chance.choices(self._words, k=words)).strip().capitalize() + "."

    def paragraph(self) -> str:
        """A few sentences."""
        return " ".join(self.sentence() for _ in range(_SENTENCES))

    def number(self) -> int:
        """Any number of nine digits."""
        return self._chance.randrange(10**8, 10**9)


def article(writer: Writer, number: int, others: Sequence[int]) -> bytes:
    """The page of an article, with cards that lead to *others*; a few bytes more or less than `SIZE`."""
    title, lead = writer.sentence(8), writer.sentence()
    paragraphs = "".join(f'<p class="u-4 u-12">{escape(writer.paragraph())}</p>\n' for _ in range(_PARAGRAPHS))
    cards = "".join(_card(writer, other) for other in others)
    page = f"""<!doctype html>
<html lang="{writer.edition}">{_head(title, lead, number)}<body class="page u-1">{_menus("header", 5)}
<main class="u-2"><article class="u-3"><h1 class="u-9">{escape(title)}</h1><p class="lead">{escape(lead)}</p>
<div class="byline"><a href="/en/by/ada-obi">Ada Obi</a> <time datetime="{_date(number)}">{_date(number)}</time></div>
{_figure(writer, number)}<div class="body u-8">{paragraphs}</div></article>
<section class="related u-5"><h2>Related</h2>{cards}</section></main>{_menus("footer", 4)}"""
    left = SIZE - len(page.encode()) - len("<script></script></body></html>\n")
    return f"{page}<script>{_script(writer, left)}</script></body></html>\n".encode()


def _head(title: str, lead: str, number: int) -> str:
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "description": lead,
        "datePublished": _date(number),
        "author": [{"@type": "Person", "name": "Ada Obi"}],
        "image": [{"@type": "ImageObject", "url": f"/media/{number}.jpg", "width": 1200, "height": 675}],
    }
    properties = {"og:type": "article", "og:title": title, "og:description": lead, "og:image": f"/media/{number}.jpg"}
    said = "".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items())
    return f"""<head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="description" content="{escape(lead)}">{said}<link rel="canonical" href="/en/articles/{slug(number)}">
<link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/style.css"><style>{_STYLE}</style>
<script type="application/ld+json">{json.dumps(linked)}</script></head>
"""


def _date(number: int) -> str:
    return f"2026-{1 + number // 28 % 12:02d}-{1 + number % 28:02d}T06:30:00Z"


def _menus(tag: str, count: int) -> str:
    entries = "".join(f'<li class="menu-item u-7"><a href="/en/about/{name}">{name}</a></li>' for name in _TOPICS)
    return f'<{tag} class="u-6">' + f'<nav><ul class="menu u-11">{entries}</ul></nav>' * count + f"</{tag}>"


def _figure(writer: Writer, number: int) -> str:
    return f"""<figure class="u-10"><picture><source srcset="/media/{number}.webp 1x, /media/{number}-2.webp 2x">
<img src="/media/{number}.jpg" alt="{escape(writer.sentence(6))}" width="1200" height="675"></picture>
<figcaption>{escape(writer.sentence(9))} <span class="credit">Photo: Ben Oduya</span></figcaption></figure>
"""


def _card(writer: Writer, number: int) -> str:
    picture = f'<img loading="lazy" src="/media/{number}-small.jpg" alt="{escape(writer.sentence(5))}">'
    link = _link(number, writer.sentence(7))
    return f'<div class="card u-13">{picture}{link}<p class="summary">{escape(writer.sentence(10))}</p></div>\n'


def _link(number: int, title: str) -> str:
    return f'<a class="card-link" href="/en/articles/{slug(number)}"><h3>{escape(title)}</h3></a>'


def _script(writer: Writer, size: int) -> str:
    """What pages carry for their own scripts: *size* bytes, which no two pages share."""
    entries: list[str] = []
    left = size - len("window.state=[];")
    while left > 0:
        entries.append(f'{{"id":{writer.number()},"kind":"view","weight":0.{writer.number()}}},')
        left -= len(entries[-1])
    return f"window.state=[{''.join(entries[:-1])}];".ljust(size)
