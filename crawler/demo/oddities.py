"""The odd addresses of one edition: redirects, second URLs, dead links and what is no page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.demo.behaviours import behaviour
from crawler.demo.catalogue import Catalogue
from crawler.demo.story import Story


@dataclass(frozen=True, slots=True)
class Oddity:
    """An article address that is not simply a story's own; ``target`` is the path that it stands for, if any."""

    behaviour: str
    path: str
    words: str
    """What the link to it says."""
    target: str = ""


DEAD_ENDS = (
    ("missing", "night-ferry-timetable-under-review", "Night ferry timetable under review"),
    ("withdrawn", "correction-to-the-lighthouse-figures", "Correction to the lighthouse figures"),
    ("members", "members-letter-from-the-night-desk", "A letter from the night desk"),
    ("pdf", "annual-report-of-the-ninefold-trust", "Annual report of the Ninefold Trust"),
    ("empty", "picture-of-the-week", "Picture of the week"),
)
"""Behaviour, slug and words of the links that lead to no story."""


def article(edition: str, slug: str) -> str:
    """The path of an article."""
    return f"/{edition}/articles/{slug}"


def oddities(catalogue: Catalogue, edition: str) -> tuple[Oddity, ...]:
    """All odd addresses of *edition*, in the order in which the site links to them."""
    found = (*_second_addresses(catalogue, edition), *_dead_ends(edition), *_vanished(catalogue, edition))
    return tuple(oddity for oddity in found if edition in behaviour(oddity.behaviour).editions)


def _second_addresses(catalogue: Catalogue, edition: str) -> Iterator[Oddity]:
    cast = catalogue.cast
    if stories := catalogue.edition(edition):
        yield _oddity(catalogue, "latest", edition, "latest", stories[0])
    for name, story, form in (
        ("moved", cast.moved, "first-word-on-{}"),
        ("chain", cast.chain, "archive-{}"),
        ("twin", cast.twin, "{}-print"),
    ):
        if story and edition in story.editions:
            yield _oddity(catalogue, name, edition, form.format(story.slug), story)
    if cast.alias:
        alias = _oddity(catalogue, "alias", edition, cast.alias.slug, cast.alias)
        yield Oddity(alias.behaviour, f"/articles/{cast.alias.slug}", alias.words, alias.target)


def _oddity(catalogue: Catalogue, name: str, edition: str, slug: str, story: Story) -> Oddity:
    words = story.card(edition, catalogue.state).title if edition in story.editions else ""
    return Oddity(name, article(edition, slug), words, article(edition, story.slug))


def _dead_ends(edition: str) -> Iterator[Oddity]:
    for name, slug, words in DEAD_ENDS:
        yield Oddity(name, article(edition, slug), words)


def _vanished(catalogue: Catalogue, edition: str) -> Iterator[Oddity]:
    for story in catalogue.vanished(edition):
        yield Oddity("vanishes", article(edition, story.slug), story.card(edition, catalogue.state).title)
