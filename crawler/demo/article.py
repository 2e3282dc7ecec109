"""The page of a story: picture, title, lead, body and related cards."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from crawler.demo.labels import SITE_NAME
from crawler.demo.oddities import article
from crawler.demo.shell import LAMP, Desk, Head, in_script, page, tag_path
from crawler.demo.story import Story, Text

SPACERS = "<p>&nbsp;</p>\n" * 3

LINK_FORMS = {
    0: "{path}?utm_source=related&amp;utm_medium=card",
    2: "{origin}{path}",
    4: "{path}#content",
    6: "../..{path}",
}
"""How the related card of that number is linked; the others link to the bare path."""


def article_page(desk: Desk, story: Story, *, anonymous: bool = False) -> bytes:
    """The page of *story*; an anonymous one names neither its canonical address nor its editions."""
    text = story.page(desk.edition, desk.catalogue.state)
    related = desk.catalogue.related(desk.edition, story)
    main = f"""<article class="story" itemscope itemtype="https://schema.org/NewsArticle">
{_figure(desk, story, text, 640)}<header class="story-header">
<h1 itemprop="headline">{escape(text.title)}</h1>
<p class="credit">{desk.labels.credit}</p>
</header>
<p class="lead" itemprop="description">{escape(text.lead)}</p>
<div class="body" itemprop="articleBody">
{_body(text)}
</div>
</article>
{_related(desk, related)}"""
    return page(desk, _head(desk, story, text, anonymous), main, after=_data(desk, story, related))


def _head(desk: Desk, story: Story, text: Text, anonymous: bool) -> Head:
    return Head(
        title=text.title,
        description=text.lead,
        kind="article",
        canonical="" if anonymous else article(desk.edition, story.slug),
        alternates=None if anonymous else {edition: article(edition, story.slug) for edition in story.editions},
        image=story.image,
        extra=_metadata(desk, story, text, anonymous),
    )


def _metadata(desk: Desk, story: Story, text: Text, anonymous: bool) -> str:
    published, modified = story.published.isoformat(), desk.catalogue.modified(story).isoformat()
    linked: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": text.title,
        "description": text.lead,
        "datePublished": published,
        "dateModified": modified,
        "inLanguage": desk.edition,
        "keywords": [desk.labels.tags[tag] for tag in story.tags],
        "author": {"@type": "Organization", "name": f"{SITE_NAME} AI desk"},
        "publisher": {"@type": "NewsMediaOrganization", "name": SITE_NAME, "url": desk.origin},
    }
    if story.image:
        linked["image"] = [f"{desk.origin}/images/{story.image}-{width}.png" for width in (640, 320)]
    if not anonymous:
        linked["mainEntityOfPage"] = desk.origin + article(desk.edition, story.slug)
    return (
        f'<meta property="article:published_time" content="{published}">\n'
        f'<meta property="article:modified_time" content="{modified}">\n'
        f'<script type="application/ld+json">{in_script(linked)}</script>'
    )


def _figure(desk: Desk, story: Story, text: Text, width: int) -> str:
    if not story.image:
        return ""
    path, height = f"/images/{story.image}", width * 9 // 16
    sources = f"{path}-320.png 320w, {path}-640.png 640w"
    return f"""<figure>
<img src="{path}-{width}.png" srcset="{sources}" sizes="(min-width: 50rem) {width}px, 100vw" \
width="{width}" height="{height}" alt="{escape(text.alt)}">
<figcaption>{desk.labels.credit}</figcaption>
</figure>
"""


def _body(text: Text) -> str:
    blocks = [f"<p>{escape(paragraph)}</p>" for paragraph in text.paragraphs]
    if text.subheading:
        blocks.insert(-1, f"<h2>{escape(text.subheading)}</h2>")
    if text.quote:
        blocks.insert(min(2, len(blocks)), f"<blockquote><p>{escape(text.quote)}</p></blockquote>")
    if text.list:
        blocks.append("<ul>" + "".join(f"<li>{escape(item)}</li>" for item in text.list) + "</ul>")
    return "\n".join(blocks)


def _related(desk: Desk, stories: Iterable[Story]) -> str:
    cards = [_card(desk, number, story) for number, story in enumerate(stories)]
    if not cards:
        return ""
    return f"""<section class="related" aria-label="{desk.labels.related}">
<h2>{desk.labels.related}</h2>
{"".join(cards)}</section>
{SPACERS}"""


def _card(desk: Desk, number: int, story: Story) -> str:
    text = story.card(desk.edition, desk.catalogue.state)
    href = LINK_FORMS.get(number, "{path}").format(path=article(desk.edition, story.slug), origin=desk.origin)
    return _first_card(desk, story, text, href) if number == 0 else _plain_card(desk, number, story, text, href)


def _first_card(desk: Desk, story: Story, text: Text, href: str) -> str:
    words = desk.labels
    return f"""<article class="card card-first" data-slug="{story.slug}">
<a href="{href}">{_figure(desk, story, text, 320)}<h3>{escape(text.title)}</h3></a>
<p class="by"><span>{words.byline}</span> <span>{words.credit}</span></p>
<p class="summary">{escape(text.lead)}</p>
</article>
"""


def _plain_card(desk: Desk, number: int, story: Story, text: Text, href: str) -> str:
    byline = f'<p class="by"><span>{desk.labels.byline}</span></p>\n' if number % 2 == 0 else ""
    return f"""<div class="card" data-slug="{story.slug}">
{byline}<a class="card-link" href="{href}" title="{escape(text.title)}"><p class="summary">{escape(text.lead)}</p></a>
<button class="save" type="button" aria-label="+ {escape(text.title)}">{LAMP}</button>
</div>
"""


def _data(desk: Desk, story: Story, related: Iterable[Story]) -> str:
    """What the page's script knows, as pages drawn in the browser carry it."""
    state = desk.catalogue.state
    cards = [
        {
            "slug": other.slug,
            "title": (text := other.card(desk.edition, state)).title,
            "summary": text.lead,
            "published": other.published.isoformat(),
            "image": other.image,
            "topics": [{"name": desk.labels.tags[tag], "path": tag_path(desk.edition, tag)} for tag in other.tags],
        }
        for other in related
    ]
    data = {"slug": story.slug, "edition": desk.edition, "editions": story.editions, "related": cards}
    return f'<script id="page-data" type="application/json">{in_script(data)}</script>\n'
