"""A document's text as lines that know where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_ITEM = re.compile(r"(?:•|\d+\.) ")
"""How an item of a list begins."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that readers see."""

    text: str
    ends_picture: bool
    """Whether it can be what is written under a picture: the line after an alt text, or where alt texts are not
    known, the last of the two or three lines of a block."""
    alone: bool
    """Whether it is all of its block (what stands between blank lines)."""


@dataclass(frozen=True)
class Sheet:
    """One page of an edition, as its text says it."""

    title: str
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, text: str, title: str = "", alts: frozenset[str] | None = None) -> Sheet:
        """A document in the seed text format, its title, and its alt texts where they are known."""
        return cls(" ".join(title.split()), tuple(_lines(text, alts)))

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each line stands on it."""
        return Counter(line.text for line in self.lines)

    @cached_property
    def headline_at(self) -> int | None:
        """The place of its headline among the lines; None where no line is the title."""
        return next((at for at, line in enumerate(self.lines) if line.text == self.title), None)

    def times(self, words: str) -> int:
        """How many lines are these words, or begin or end with them as two labels on one line do."""
        return sum(count for line, count in self.counts.items() if is_part(words, line))


def is_part(words: str, line: str) -> bool:
    """Whether a line is *words*, alone or with another label before or behind."""
    return line == words or line.startswith(f"{words} ") or line.endswith(f" {words}")


def _lines(text: str, alts: frozenset[str] | None) -> Iterator[Line]:
    """The visible lines; what holds only blanks, no-break spaces among them, is between blocks."""
    above = ""
    for block in text.split("\n\n"):
        shown = [line for line in (" ".join(line.split()) for line in block.split("\n")) if line]
        for place, line in enumerate(shown, 1):
            ends_picture = above in alts if alts is not None else 1 < place == len(shown) <= 3
            yield Line(line, ends_picture and not _ITEM.match(line), len(shown) == 1)
            above = line
