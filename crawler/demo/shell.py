"""What every page of the site has around its content: head, navigation, footer, cookie notice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from crawler.demo.catalogue import Catalogue
from crawler.demo.labels import EDITIONS, SITE_NAME, TAGS, Labels, direction, labels
from crawler.demo.oddities import oddities
from crawler.demo.script import SCRIPT

UUID_TAGS = frozenset({"energy", "heritage", "markets"})


@dataclass(frozen=True, slots=True)
class Desk:
    """One edition in one state, at one origin such as ``http://127.0.0.1:8000``: what a page is made from."""

    edition: str
    catalogue: Catalogue
    origin: str

    @property
    def labels(self) -> Labels:
        """The edition's words."""
        return labels()[self.edition]


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says of itself; ``canonical`` and ``alternates`` (edition → path) may be absent."""

    title: str
    description: str
    kind: str = "website"
    canonical: str = ""
    alternates: Mapping[str, str] | None = None
    image: str = ""
    noindex: bool = False
    extra: str = ""


def page(desk: Desk, head: Head, main: str, *, after: str = "") -> bytes:
    """A whole page in UTF-8; *main* and *after* (between content and footer) are HTML."""
    html = f"""<!doctype html>
<html lang="{desk.edition}" dir="{direction(desk.edition)}">
<head>
{_head(desk, head)}
</head>
<body>
{_header(desk)}
<main id="content">
{main}
</main>
{after}{_footer(desk, head)}
{_cookie_notice(desk)}
<script>{SCRIPT}</script>
</body>
</html>
"""
    return html.encode()


def tag_path(edition: str, tag: str) -> str:
    """The path of a topic's page; some have a UUID after the slug."""
    suffix = f"-{uuid5(NAMESPACE_URL, tag)}" if tag in UUID_TAGS else ""
    return f"/{edition}/tags/{tag}{suffix}"


def in_script(data: Mapping[str, Any]) -> str:
    """JSON in ASCII that can stand inside a script element, whatever the page's charset."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


@cache
def stylesheet(name: str) -> str:
    """The text of a stylesheet of this package."""
    return Path(__file__).with_name(name).read_text("utf-8")


def _head(desk: Desk, head: Head) -> str:
    title = escape(head.title)
    return "\n".join(
        (
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title} | {SITE_NAME}</title>",
            f'<meta name="description" content="{escape(head.description)}">',
            *(['<meta name="robots" content="noindex, follow">'] if head.noindex else []),
            *_links(desk, head),
            f'<meta property="og:site_name" content="{SITE_NAME}">',
            f'<meta property="og:type" content="{head.kind}">',
            f'<meta property="og:title" content="{title}">',
            f'<meta property="og:description" content="{escape(head.description)}">',
            *_picture(desk, head),
            '<link rel="icon" href="/favicon.ico" sizes="32x32">',
            '<link rel="stylesheet" href="/style.css">',
            f"<style>{stylesheet('first.css')}</style>",
            *([head.extra] if head.extra else []),
        )
    )


def _links(desk: Desk, head: Head) -> Iterable[str]:
    if head.canonical:
        yield f'<link rel="canonical" href="{desk.origin}{head.canonical}">'
        yield f'<meta property="og:url" content="{desk.origin}{head.canonical}">'
    for edition, path in (head.alternates or {}).items():
        yield f'<link rel="alternate" hreflang="{edition}" href="{desk.origin}{path}">'
    if head.alternates and "en" in head.alternates:
        yield f'<link rel="alternate" hreflang="x-default" href="{desk.origin}{head.alternates["en"]}">'


def _picture(desk: Desk, head: Head) -> Iterable[str]:
    if head.image:
        yield f'<meta property="og:image" content="{desk.origin}/images/{head.image}-640.png">'
        yield '<meta name="twitter:card" content="summary_large_image">'


def _header(desk: Desk) -> str:
    words = desk.labels
    topics = "".join(f'<li><a href="{tag_path(desk.edition, tag)}">{words.tags[tag]}</a></li>' for tag in TAGS)
    return f"""<header class="site-header">
<a class="brand" href="/{desk.edition}">{LAMP}<span>{SITE_NAME}</span></a>
<button class="menu" type="button" aria-expanded="false" aria-controls="topics">{words.topics}</button>
<nav id="topics" aria-label="{words.topics}"><ul>
<li><a href="/{desk.edition}">{words.front}</a></li>{topics}
</ul></nav>
</header>"""


def _footer(desk: Desk, head: Head) -> str:
    words, alternates = desk.labels, head.alternates or {e: f"/{e}" for e in EDITIONS}
    languages = "".join(
        f'<li><a href="{path}" lang="{edition}" hreflang="{edition}">{labels()[edition].language}</a></li>'
        for edition, path in alternates.items()
        if edition != desk.edition
    )
    return f"""<footer class="site-footer">
<section aria-label="{words.most_read}"><h2>{words.most_read}</h2><ol>{_most_read(desk)}</ol></section>
<section aria-label="{words.read_also}"><h2>{words.read_also}</h2><ul class="languages">{languages}</ul></section>
<p><a href="/{desk.edition}/about">{words.about}</a> <a href="/{desk.edition}/about#privacy">{words.privacy}</a></p>
<p>{LAMP} {SITE_NAME}</p>
</footer>"""


def _most_read(desk: Desk) -> str:
    odd = oddities(desk.catalogue, desk.edition)
    return "".join(f'<li><a href="{oddity.path}">{escape(oddity.words)}</a></li>' for oddity in odd)


def _cookie_notice(desk: Desk) -> str:
    words = desk.labels
    privacy = rf'<a href="/{desk.edition}/about#privacy">\1</a>'
    text = re.sub(r"\[(.*?)\]", privacy, words.cookie_text)
    return f"""<div class="cookies" role="dialog" aria-labelledby="cookies-title">
<h2 id="cookies-title">{words.cookie_title}</h2>
<div>{text}</div>
<div class="choices"><a class="refuse" role="button" href="#content">{words.cookie_refusal}</a></div>
</div>"""


LAMP = (
    '<svg class="lamp" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">'
    '<path d="M12 2 6 8h12z" fill="currentColor"/><rect x="7.5" y="8" width="9" height="10" rx="1" fill="#fc6"/>'
    '<path d="M12 10c2 2 2.4 3.4 2.4 4.4a2.4 2.4 0 0 1-4.8 0c0-1 .4-2.4 2.4-4.4z" fill="#e83"/>'
    '<rect x="6" y="18" width="12" height="2.5" rx="1" fill="currentColor"/></svg>'
)
