"""The pages that lead to stories: front pages and topics; and the page about the site."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from crawler.demo.labels import EDITIONS, SITE_NAME
from crawler.demo.oddities import article
from crawler.demo.shell import Desk, Head, page, tag_path
from crawler.demo.story import Story

PAGE_SIZE = 20
"""Stories on a front page."""


def front_pages(desk: Desk) -> int:
    """How many front pages the edition has."""
    return max(1, -(-len(desk.catalogue.edition(desk.edition)) // PAGE_SIZE))


def front_page(desk: Desk, number: int) -> bytes:
    """Front page *number*, from 1."""
    stories = desk.catalogue.edition(desk.edition)[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    head = Head(
        title=desk.labels.front,
        description=desk.labels.about_text,
        canonical=_front(desk.edition, number),
        alternates={edition: f"/{edition}" for edition in EDITIONS},
        noindex=number > 1,
    )
    return page(desk, head, f"<h1>{SITE_NAME}</h1>\n{_list(desk, stories)}{_turning(desk, number)}")


def tag_page(desk: Desk, tag: str) -> bytes:
    """All stories of one topic."""
    name = desk.labels.tags[tag]
    alternates = {edition: tag_path(edition, tag) for edition in EDITIONS}
    head = Head(
        name, f"{name} – {SITE_NAME}", canonical=tag_path(desk.edition, tag), alternates=alternates, noindex=True
    )
    return page(desk, head, f"<h1>{name}</h1>\n{_list(desk, desk.catalogue.tagged(desk.edition, tag))}")


def about_page(desk: Desk) -> bytes:
    """What the site is, and what it remembers of a reader."""
    words = desk.labels
    alternates = {edition: f"/{edition}/about" for edition in EDITIONS}
    head = Head(words.about, words.about_text, canonical=f"/{desk.edition}/about", alternates=alternates)
    main = f"<h1>{words.about}</h1>\n<p>{words.about_text}</p>\n"
    return page(desk, head, f'{main}<h2 id="privacy">{words.privacy}</h2>\n<p>{words.privacy_text}</p>')


def members_page(desk: Desk, title: str) -> bytes:
    """What a guest sees of an article for members."""
    teaser = "This letter goes to the members of the Ninefold Trust, who pay for the lamp oil."
    return page(desk, Head(title, teaser), f"<h1>{escape(title)}</h1>\n<p>{teaser}</p>")


def apology(desk: Desk, status: int, reason: str) -> bytes:
    """The page of an error."""
    return page(desk, Head(f"{status} {reason}", reason, noindex=True), f"<h1>{status}</h1>\n<p>{reason}</p>")


def _front(edition: str, number: int) -> str:
    return f"/{edition}?page={number}" if number > 1 else f"/{edition}"


def _list(desk: Desk, stories: Sequence[Story]) -> str:
    entries = (_entry(desk, story, pictured=number % 5 == 0) for number, story in enumerate(stories))
    return f'<div class="list">\n{"".join(entries)}</div>\n'


def _entry(desk: Desk, story: Story, *, pictured: bool) -> str:
    text = story.card(desk.edition, desk.catalogue.state)
    picture = ""
    if pictured and story.image:
        source = f"/images/{story.image}-320.png"
        picture = f'<img src="{source}" width="320" height="180" alt="{escape(text.alt)}" loading="lazy">'
    topics = " ".join(f'<a href="{tag_path(desk.edition, tag)}">{desk.labels.tags[tag]}</a>' for tag in story.tags)
    return f"""<article class="entry">{picture}
<h2><a href="{article(desk.edition, story.slug)}">{escape(text.title)}</a></h2>
<p><time datetime="{story.published.isoformat()}">{story.published:%Y-%m-%d}</time> {topics}</p>
<p>{escape(text.lead)}</p>
</article>
"""


def _turning(desk: Desk, number: int) -> str:
    newer = f'<a rel="prev" href="{_front(desk.edition, number - 1)}">{desk.labels.newer}</a>' if number > 1 else ""
    older = f'<a rel="next" href="{_front(desk.edition, number + 1)}">{desk.labels.older}</a>'
    return f'<nav class="turning">{newer} {older if number < front_pages(desk) else ""}</nav>'
