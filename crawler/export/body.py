"""The body of a story in one edition, in the pieces that an alignment looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from crawler.export.anchors import anchors, numbers, says_something
from crawler.export.evidence import Piece
from crawler.export.sentences import sentences
from crawler.page.item import Item


@dataclass(frozen=True)
class Part:
    """A lead, a block or a sentence."""

    text: str
    language: str
    """Its primary subtag (BCP 47); ``und`` where it is not known."""
    kind: str = "paragraph"

    @cached_property
    def piece(self) -> Piece:
        """What an alignment looks at: that a piece is a heading, a list or a quotation is an anchor too."""
        kind = frozenset() if self.kind == "paragraph" else frozenset({f"kind:{self.kind}"})
        return Piece(float(len(self.text)), anchors(self.text) | kind, alone=self.kind == "heading")


@dataclass(frozen=True, slots=True)
class Body:
    """What an edition tells of a story."""

    title: str
    lead: Part | None
    blocks: tuple[Part, ...]

    @classmethod
    def of(cls, item: Item, lead_language: str, languages: Sequence[str]) -> Self:
        """An item's; *languages* are those of its blocks."""
        lead = Part(item.lead, lead_language) if item.lead else None
        blocks = zip(item.blocks, languages, strict=False)
        return cls(item.headline or "", lead, tuple(Part(one.text, language, one.kind) for one, language in blocks))

    @property
    def text(self) -> str:
        """Title, lead and blocks, a line break between them."""
        return "\n".join([self.title, *([self.lead.text] if self.lead else []), *(one.text for one in self.blocks)])

    @property
    def length(self) -> int:
        """Of its blocks, in characters."""
        return sum(len(one.text) for one in self.blocks)

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers in it that say something."""
        return frozenset(filter(says_something, numbers(self.text)))

    @property
    def stride(self) -> float:
        """How long its paragraphs are on average, in characters; headings do not count."""
        lengths = [len(one.text) for one in self.blocks if one.kind != "heading"]
        return sum(lengths) / max(1, len(lengths))

    def sentences(self) -> list[Part]:
        """Its blocks cut into sentences."""
        return [Part(one, block.language) for block in self.blocks for one in sentences(block.text)]
