"""The seed documents as HTML, in three structures that have nothing in common but what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

NBSP = "\xa0"


@dataclass(frozen=True, slots=True)
class Story:
    """A seed document taken apart."""

    alt: str | None
    credit: str | None
    """Under the first image, where the page shows it there."""
    title: str
    body: tuple[str, ...]
    """Paragraphs up to the related articles; the first may be the image's credit."""
    heading: str | None
    card: tuple[str, str, str, str, str] | None
    """Of the first card: alt, credit, title, byline with credit, summary."""
    plain: tuple[str, ...]
    """Bylines and summaries of the other cards."""
    spacers: int
    cookie: tuple[str, str, str]


def take_apart(text: str) -> Story:
    """Read a seed document; the two-line blocks are an image with its credit."""
    blocks = text.split("\n\n")
    spacers = blocks.count(NBSP)
    blocks = [block for block in blocks if block != NBSP]
    cookie_text, refusal = blocks.pop().split("\n")
    cookie = (blocks.pop(), cookie_text, refusal)
    alt, credit = None, None
    if "\n" in blocks[0]:
        alt, credit = blocks.pop(0).split("\n")
    elif len(blocks[0]) > 90:
        alt = blocks.pop(0)
    title = blocks.pop(0)
    pictures = [number for number, block in enumerate(blocks) if "\n" in block]
    if not pictures:
        return Story(alt, credit, title, tuple(blocks), None, None, (), spacers, cookie)
    at = pictures[0]
    card_alt, card_credit = blocks[at].split("\n")
    card = (card_alt, card_credit, blocks[at + 1], blocks[at + 2], blocks[at + 3])
    plain = tuple(blocks[at + 4 :])
    return Story(alt, credit, title, tuple(blocks[: at - 1]), blocks[at - 1], card, plain, spacers, cookie)


def semantic(story: Story, url: str) -> str:
    """article, figure, section: what a careful hand writes."""
    figure = ""
    if story.alt:
        caption = f"<figcaption>{escape(story.credit)}</figcaption>" if story.credit else ""
        figure = f'<figure><img src="/i.jpg" alt="{escape(story.alt)}">{caption}</figure>'
    related = ""
    if story.heading and story.card:
        alt, credit, title, byline, summary = map(escape, story.card)
        items = "".join(f"<div><p>{escape(one)}</p></div>" for one in story.plain)
        related = f"""<section><h2>{escape(story.heading)}</h2>
          <article><a href="/x/articles/a"><figure><img alt="{alt}"><figcaption>{credit}</figcaption></figure>
          <h3>{title}</h3></a><footer>{byline}</footer><p>{summary}</p></article>
          <div>{items}</div></section>"""
    return f"""<!DOCTYPE html><html lang="x"><head><meta charset="utf-8"><title>{escape(story.title)}</title>
      <link rel="canonical" href="{url}"></head><body>
      <header><a href="/">All News</a><nav><ul><li><a href="/x">Front</a></li></ul></nav></header>
      <main><article><header>{figure}<h1>{escape(story.title)}</h1></header>
      {"".join(f"<p>{escape(one)}</p>" for one in story.body)}
      </article>{related}{"<p>&nbsp;</p>" * story.spacers}</main>
      <footer><p>© All News</p><nav><a href="/about">About</a></nav></footer>
      <aside><h2>{escape(story.cookie[0])}</h2><div>{escape(story.cookie[1])}</div>
      <a href="#">{escape(story.cookie[2])}</a></aside></body></html>"""


def soup(story: Story, url: str) -> str:
    """Nothing but div and span, the frame told by roles."""
    picture = ""
    if story.alt:
        credit = f"<div>{escape(story.credit)}</div>" if story.credit else ""
        picture = f'<div class="p"><img src="i" alt="{escape(story.alt)}">{credit}</div>'
    related = ""
    if story.heading and story.card:
        alt, credit, title, byline, summary = map(escape, story.card)
        related = f"""<p>{escape(story.heading)}</p><div><div><img alt="{alt}"><div>{credit}</div></div>
          <p><b><a href="/x/articles/a">{title}</a></b></p><p><span>{byline}</span></p><p>{summary}</p></div>"""
        related += "".join(f'<p><span><a href="/x/articles/b">{escape(one)}</a></span></p>' for one in story.plain)
    return f"""<html><head><title>{escape(story.title)} - All News</title></head><body><div id="all">
      <div role="banner"><div>All News</div><div role="navigation"><a href="/x">Front</a></div></div>
      <div><div>{picture}<p class="t"><font size="6">{escape(story.title)}</font></p>
      {"".join(f"<p><span>{escape(one)}</span></p>" for one in story.body)}
      </div>{related}</div>{"<p><span>&nbsp;</span></p>" * story.spacers}
      <div role="contentinfo"><div>© All News</div></div></div>
      <div><p><b>{escape(story.cookie[0])}</b></p><div><div>{escape(story.cookie[1])}</div>
      <div>{escape(story.cookie[2])}</div></div></div></body></html>"""


def utility(story: Story, url: str) -> str:
    """Utility classes, scripts between everything, JSON-LD, cards as links that hold blocks."""
    figure = ""
    if story.alt:
        credit = f'<div class="text-xs">{escape(story.credit)}</div>' if story.credit else ""
        image = f'<img class="w-full" srcset="/a 1x, /b 2x" alt="{escape(story.alt)}">'
        figure = f'<div class="relative mb-4">{image}{credit}</div>'
    related = ""
    if story.heading and story.card:
        alt, credit, title, byline, summary = map(escape, story.card)
        related = f"""<div class="mt-8"><h2 class="text-xl">{escape(story.heading)}</h2>
          <a class="group" href="/x/articles/a">
          <div><div><img loading="lazy" alt="{alt}"><div class="text-xs">{credit}</div></div><h3>{title}</h3>
          <div class="flex my-1"><p>{byline}</p></div><p class="line-clamp-3">{summary}</p></div></a>"""
        related += "".join(
            f'<a class="group" href="/x/articles/{n}"><div><p>{escape(one)}</p></div></a><script>void {n}</script>'
            for n, one in enumerate(story.plain)
        )
        related += "</div>"
    data = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title})
    return f"""<!doctype html><html><head><meta charset=utf-8>
      <meta property="og:title" content="{escape(story.title)}">
      <title>{escape(story.title)} | All News</title><script type="application/ld+json">{data}</script>
      <style>.a{{color:red}}</style></head><body class="antialiased"><div id="__next"><script>self.__d=[]</script>
      <header class="sticky top-0"><div class="flex"><a href="/">All News</a><button>Menu</button></div></header>
      <nav class="flex"><a href="/x/tags/a">A</a></nav><main class="mx-auto">{figure}
      <h1 class="text-3xl">{escape(story.title)}</h1><script>x("<p>no text</p>")</script>
      {"".join(f'<p class="my-4 leading-7">{escape(one)}</p>' for one in story.body)}{related}
      {'<p class="h-4">&nbsp;</p>' * story.spacers}</main><footer class="p-8"><div>© All News</div></footer></div>
      <div class="fixed bottom-0"><h2>{escape(story.cookie[0])}</h2><div><span>{escape(story.cookie[1])}</span>
      <div><span>{escape(story.cookie[2])}</span></div></div></div><script>hydrate()</script></body></html>"""


STRUCTURES: dict[str, Callable[[Story, str], str]] = {"semantic": semantic, "soup": soup, "utility": utility}
