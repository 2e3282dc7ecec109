"""A story: its texts by edition, and from which state of the site to which it is there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.demo.images import SCENES
from crawler.demo.labels import EDITIONS, TAGS
from crawler.errors import EditionsError

STORIES = Path(__file__).with_name("stories")

LAST_STATE = 3
"""The site is shown in states 1, 2 and 3: what a first crawl, a second and a third find."""


class StoryError(EditionsError):
    """A story file that cannot be told: names the file, the key and what was wanted."""


@dataclass(frozen=True, slots=True)
class Text:
    """A story in one language. Without paragraphs it is only a card: the page keeps its English body."""

    title: str
    lead: str
    alt: str = ""
    paragraphs: tuple[str, ...] = ()
    subheading: str = ""
    """Stands before the last paragraph."""
    quote: str = ""
    list: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One story in all its editions; there from state ``appears`` on, gone from state ``vanishes`` on."""

    slug: str
    published: datetime
    tags: tuple[str, ...]
    texts: Mapping[str, Text] = field(hash=False)
    image: str = ""
    left_in_english: frozenset[str] = frozenset()
    appears: int = 1
    vanishes: int = LAST_STATE + 1
    retells: str = ""
    """The slug of the story that it tells anew, if it does."""
    changed: Mapping[str, Text] = field(default_factory=dict, hash=False)
    """The texts from state 2 on, where they differ."""

    @property
    def editions(self) -> tuple[str, ...]:
        """The editions that carry the story, translated or not."""
        return tuple(e for e in EDITIONS if e in self.texts or e in self.left_in_english)

    @property
    def steady(self) -> bool:
        """Whether it is there, and the same, in every state."""
        return self.appears == 1 and self.vanishes > LAST_STATE and not self.changed

    def there(self, state: int) -> bool:
        """Whether the site carries it in *state*."""
        return self.appears <= state < self.vanishes

    def card(self, edition: str, state: int) -> Text:
        """The text that a card in *edition* shows."""
        english = self._text("en", state)
        if edition not in self.texts:
            return english
        text = self._text(edition, state)
        return text if text.alt else replace(text, alt=english.alt)

    def page(self, edition: str, state: int) -> Text:
        """The text of the story's page in *edition*: English where only the card is translated."""
        text = self.card(edition, state)
        return text if text.paragraphs else self._text("en", state)

    def translated(self, edition: str) -> bool:
        """Whether the page's body speaks the edition's language."""
        text = self.texts.get(edition)
        return text is not None and bool(text.paragraphs)

    def _text(self, edition: str, state: int) -> Text:
        if state >= 2 and edition in self.changed:
            return self.changed[edition]
        return self.texts[edition]


def load_stories(folder: Path = STORIES) -> tuple[Story, ...]:
    """Every story of *folder*, oldest first.

    Raises StoryError for a file that is no story, naming the file and the key.
    """
    return in_order(read_story(path) for path in folder.glob("*.toml"))


def in_order(stories: Iterable[Story]) -> tuple[Story, ...]:
    """*stories*, oldest first and by slug within one moment."""
    return tuple(sorted(stories, key=lambda story: (story.published, story.slug)))


def read_story(path: Path) -> Story:
    """The story in the file at *path*; its slug is the file's stem. Raises StoryError."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        return _story(path.stem, table)
    except (tomllib.TOMLDecodeError, StoryError) as error:
        raise StoryError(f"{path}: {error}") from error


KEYS = {"published", "tags", "image", "left_in_english", "appears", "vanishes", "retells", "changed", *EDITIONS}


def _story(slug: str, table: dict[str, Any]) -> Story:
    _known("the story", table, KEYS)
    texts = {edition: _text(edition, table[edition]) for edition in EDITIONS if edition in table}
    if not texts.get("en", Text("", "")).paragraphs:
        raise StoryError("no [en] with paragraphs: every story has an English body")
    appears, vanishes = _states(table)
    return Story(
        slug=slug,
        published=_published(table.get("published")),
        tags=tuple(_among("tags", table.get("tags", ()), TAGS)),
        texts=texts,
        image="".join(_among("image", [table["image"]] if "image" in table else [], SCENES)),
        left_in_english=frozenset(_among("left_in_english", table.get("left_in_english", ()), EDITIONS)),
        appears=appears,
        vanishes=vanishes,
        retells=str(table.get("retells", "")),
        changed=_changed(texts, table.get("changed", {})),
    )


def _changed(texts: Mapping[str, Text], tables: Mapping[str, dict[str, Any]]) -> dict[str, Text]:
    _known("changed", tables, texts)
    return {edition: replace(texts[edition], **_values(edition, table)) for edition, table in tables.items()}


def _text(edition: str, table: dict[str, Any]) -> Text:
    values = _values(edition, table)
    if not (values.get("title") and values.get("lead")):
        raise StoryError(f"[{edition}] needs a title and a lead")
    return Text(**values)


def _values(edition: str, table: dict[str, Any]) -> dict[str, Any]:
    _known(f"[{edition}]", table, {name.name for name in fields(Text)})
    return {key: _value(f"[{edition}] {key}", key in LISTS, value) for key, value in table.items()}


LISTS = frozenset({"paragraphs", "list"})


def _value(where: str, many: bool, value: object) -> str | tuple[str, ...]:
    if many and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if not many and isinstance(value, str):
        return value
    raise StoryError(f"{where} must be {'a list of strings' if many else 'a string'}, not {value!r}")


def _states(table: dict[str, Any]) -> tuple[int, int]:
    appears, vanishes = table.get("appears", 1), table.get("vanishes", LAST_STATE + 1)
    if not (isinstance(appears, int) and isinstance(vanishes, int) and 1 <= appears < vanishes):
        raise StoryError(f"appears ({appears!r}) must be a state before vanishes ({vanishes!r})")
    return appears, vanishes


def _published(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise StoryError(f"published must be a date and time with its offset, not {value!r}")
    return value.astimezone(UTC)


def _among(key: str, values: Iterable[str], known: Iterable[str]) -> Iterable[str]:
    for value in values:
        if value not in known:
            raise StoryError(f"{key}: {value!r} is none of {', '.join(known)}")
    return values


def _known(where: str, table: Iterable[str], known: Iterable[str]) -> None:
    if unknown := set(table) - set(known):
        raise StoryError(f"{where} has no key {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
