"""What each page of the demo site says, piece by piece, told from its stories and not from its HTML."""

from __future__ import annotations

from crawler.demo.oddities import article
from crawler.demo.shell import Desk
from crawler.demo.story import Story, Text
from crawler.items import Alternate, Block, Card, Picture

MAIN, SMALL = 640, 320
"""Widths of the pictures of stories and of cards."""


def one_line(text: str) -> str:
    """*text* with all white space as one blank."""
    return " ".join(text.split())


def blocks(text: Text) -> tuple[Block, ...]:
    """The body of the page, in its order."""
    made = [Block("paragraph", one_line(one)) for one in text.paragraphs]
    if text.subheading:
        made.insert(-1, Block("heading", one_line(text.subheading)))
    if text.quote:
        made.insert(min(2, len(made)), Block("quote", one_line(text.quote)))
    if text.list:
        made.append(Block("list", "\n".join(map(one_line, text.list))))
    return tuple(made)


def picture(desk: Desk, story: Story, text: Text, width: int) -> Picture | None:
    """The picture of *story* where *text* is shown, *width* pixels wide; None where the story has none."""
    url = f"{desk.origin}/images/{story.image}-{width}.png"
    return Picture(url, one_line(text.alt), "", desk.labels.credit) if story.image else None


def cards(desk: Desk, story: Story) -> tuple[Card, ...]:
    """The related cards on the page of *story*, in their order."""
    return tuple(_card(desk, number, other) for number, other in enumerate(_related(desk, story)))


def related_heading(desk: Desk, story: Story) -> str:
    """What stands above the cards; nothing where there are none."""
    return desk.labels.related if _related(desk, story) else ""


def alternates(desk: Desk, story: Story, *, anonymous: bool = False) -> tuple[Alternate, ...]:
    """The editions that the page of *story* names; an anonymous one names none."""
    if anonymous:
        return ()
    urls = {edition: desk.origin + article(edition, story.slug) for edition in story.editions}
    return (*(Alternate(edition, url) for edition, url in urls.items()), Alternate("x-default", urls["en"]))


def _related(desk: Desk, story: Story) -> tuple[Story, ...]:
    return desk.catalogue.related(desk.edition, story)


def _card(desk: Desk, number: int, story: Story) -> Card:
    """The first card has a picture with its credit; every other one, from the first on, says who wrote it."""
    text, words, first = story.card(desk.edition, desk.catalogue.state), desk.labels, number == 0
    return Card(
        url=desk.origin + article(desk.edition, story.slug),
        title=one_line(text.title),
        summary=one_line(text.lead),
        byline=words.byline if number % 2 == 0 else "",
        picture=picture(desk, story, text, SMALL) if first else None,
        credit=words.credit if first else "",
    )
