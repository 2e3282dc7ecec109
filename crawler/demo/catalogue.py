"""What the site carries in one state: the stories of each edition, their relations, and who plays which part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from crawler.demo.behaviours import behaviour
from crawler.demo.labels import EDITIONS
from crawler.demo.story import LAST_STATE, Story, Text, in_order

RELATED = 8
"""Cards under a story."""

STATE_TIMES = {
    state: datetime(2026, 6, 1, 6, tzinfo=UTC) + timedelta(days=7 * (state - 1)) for state in range(1, LAST_STATE + 1)
}
"""When the site came into each state, for dates of change."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The stories that play the parts of the behaviours; None where no story fits."""

    moved: Story | None
    chain: Story | None
    twin: Story | None
    copied: Story | None
    alias: Story | None
    slow: tuple[Story, ...]
    busy: Story | None
    close: Story | None
    bare: Story | None
    charset: Story | None


def cast(stories: tuple[Story, ...]) -> Cast:
    """Give the parts, always to the same ones of *stories*, and to none that changes between states."""
    steady = [story for story in stories if story.steady]

    def part(number: int, name: str) -> Story | None:
        fit = [story for story in steady if set(_needed(name)) <= set(story.editions)]
        return fit[number % len(fit)] if fit else None

    japanese = [story for story in steady if story.translated("ja")]
    return Cast(
        moved=part(0, "moved"),
        chain=part(1, "chain"),
        twin=part(2, "twin"),
        copied=part(3, "near-copy"),
        alias=part(11, "alias"),
        slow=tuple(dict.fromkeys(story for n in (5, 6) if (story := part(n, "slow")))),
        busy=part(7, "busy"),
        close=part(8, "close"),
        bare=part(9, "bare"),
        charset=japanese[-1] if japanese else None,
    )


def _needed(name: str) -> tuple[str, ...]:
    """The editions that a story must have for a part: all those of the behaviour, unless it shows everywhere."""
    editions = behaviour(name).editions
    return editions if editions != EDITIONS else ("en",)


def near_copy(story: Story) -> Story:
    """*story* in English, lightly rewritten three hours later under another slug."""
    text = story.texts["en"]
    first, *rest = text.paragraphs
    update = Text(
        title=f"Update: {text.title}",
        lead=text.lead,
        alt=text.alt,
        paragraphs=(f"{first} This report has been updated.", *(rest[:-1] if len(rest) > 2 else rest)),
    )
    published = story.published + timedelta(hours=3)
    return replace(
        story,
        slug=f"update-{story.slug}",
        published=published,
        texts={"en": update},
        left_in_english=frozenset(),
        retells=story.slug,
    )


class Catalogue:
    """The stories that are there in one state, and their relations.

    Raises ValueError for a state that the site does not have.
    """

    def __init__(self, stories: tuple[Story, ...], state: int) -> None:
        if state not in STATE_TIMES:
            raise ValueError(f"state must be one of {', '.join(map(str, STATE_TIMES))}, not {state!r}")
        originals = in_order(stories)
        self.state = state
        self.cast = cast(originals)
        copies = (near_copy(self.cast.copied),) if self.cast.copied else ()
        self.stories = in_order((*originals, *copies))
        self.by_slug: Mapping[str, Story] = {story.slug: story for story in self.stories}
        self._editions = {edition: self._carried(edition) for edition in EDITIONS}

    def edition(self, edition: str) -> tuple[Story, ...]:
        """The stories that *edition* carries now, newest first."""
        return self._editions[edition]

    def vanished(self, edition: str) -> tuple[Story, ...]:
        """The stories that *edition* carried once."""
        return tuple(s for s in self.stories if edition in s.editions and s.vanishes <= self.state)

    def tagged(self, edition: str, tag: str) -> tuple[Story, ...]:
        """The stories of *edition* with *tag*, newest first."""
        return tuple(story for story in self.edition(edition) if tag in story.tags)

    def related(self, edition: str, story: Story) -> tuple[Story, ...]:
        """The stories that share most tags with *story*, newest first among equals; none for the bare one."""
        if story == self.cast.bare:
            return ()
        others = [other for other in self.edition(edition) if other.slug != story.slug]
        others.sort(key=lambda other: -len(set(other.tags) & set(story.tags)))
        return tuple(others[:RELATED])

    def modified(self, story: Story) -> datetime:
        """When the story's own text last changed."""
        return STATE_TIMES[2] if story.changed and self.state >= 2 else story.published

    def _carried(self, edition: str) -> tuple[Story, ...]:
        there = [story for story in self.stories if edition in story.editions and story.there(self.state)]
        return tuple(reversed(there))
