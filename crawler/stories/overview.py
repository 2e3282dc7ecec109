"""Editions and stories side by side: translated, untranslated, missing, late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.stories.story import Story, Told


@dataclass(frozen=True, slots=True)
class EditionOverview:
    """What one edition has of all stories."""

    edition: str
    stories: int
    """That it tells."""
    translated: int
    """With a body in the edition's language."""
    untranslated: int
    unknown: int
    """Told, and it is not known in which language."""
    missing: int
    """That other editions tell, and it does not."""
    late: int
    """Found by a later crawl than the story."""


def overview(stories: Sequence[Story]) -> list[EditionOverview]:
    """The editions that have documents, by code."""
    editions = sorted({told.edition for story in stories for told in story.told})
    return [_of(edition, stories) for edition in editions]


def _of(edition: str, stories: Sequence[Story]) -> EditionOverview:
    told = [one for story in stories for one in story.told if one.edition == edition]
    return EditionOverview(
        edition=edition,
        stories=len(told),
        translated=sum(one.translated is True for one in told),
        untranslated=sum(one.translated is False for one in told),
        unknown=sum(one.translated is None for one in told),
        missing=len(stories) - len(told),
        late=sum(bool(one.late) for one in told),
    )


def cells(story: Story, editions: Iterable[str]) -> list[str]:
    """A story's row: for each edition ``translated``, ``untranslated``, ``?`` (not known) or ``-`` (missing), and by
    how many crawls it came late.
    """
    told = {one.edition: one for one in story.told}
    return [_cell(told.get(edition)) for edition in editions]


def _cell(told: Told | None) -> str:
    if told is None:
        return "-"
    body = {True: "translated", False: "untranslated", None: "?"}[told.translated]
    return f"{body} +{told.late}" if told.late else body
