"""A story: the documents of one or more editions that tell it, and why they are taken for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal["hreflang", "slug", "content"]


@dataclass(frozen=True, slots=True)
class Join:
    """Why two documents are taken for one story."""

    one: str
    """URL of the document that stands first in the manifest."""
    other: str
    reason: Reason
    confidence: float
    """From 0 to 1."""
    says: str
    """In words: who names whom, or what both have."""


@dataclass(frozen=True, slots=True)
class Told:
    """One edition's document of a story."""

    file: str
    url: str
    edition: str
    title: str
    translated: bool | None
    """Whether its body speaks the edition's language; None where that is not known."""
    first: str
    """WARC-Date of the document's first capture."""
    late: int | None = None
    """Crawls between the first that found the story and the first that found this edition of it; None where the
    crawls are not known."""


@dataclass(frozen=True, slots=True)
class Story:
    """One story, told in at least one edition."""

    id: str
    """The file name's hex digits of its first document."""
    told: tuple[Told, ...]
    """In the order of the manifest, one for each edition."""
    joins: tuple[Join, ...] = ()
    """One fewer than documents: the surest that hold them together."""

    @property
    def confidence(self) -> float:
        """Of its least sure join; 1 where there is but one document."""
        return min((join.confidence for join in self.joins), default=1.0)


Fault = Literal["one-way", "contradicted", "broken", "not-captured", "two-named", "wrong-language"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the alternates that a page names."""

    fault: Fault
    url: str
    """The page that names it."""
    alternate: str
    says: str
    """In words: what becomes of it."""
