"""Why two stories have much text in common: one story in two editions, a rewriting, or a coincidence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from crawler.copies.grams import SHORTEST, GramSet, gram_set, jaccard, size

Kind = Literal["edition", "rewrite", "coincidence"]

ALIKE = 0.3
"""Similarity from which two stories are looked at. Stories that have nothing to do with one another come to 0.03, a
story told anew sentence by sentence to 0.44 and more."""

_SAME = 0.9
"""Similarity from which two texts in two editions are one text."""
_FEW = 3
"""Facts: fewer of them say nothing."""
_FACT = re.compile(r"\d+(?:[.,:]\d+)*|(?<=[^\W\d_] )[^\W\d_]\w{2,}|(?<=[,;] )[^\W\d_]\w{2,}")
_UNLIKE = 0.1


@dataclass(frozen=True)
class Story:
    """What is looked at of a document."""

    edition: str
    slug: str
    url: str
    alternates: frozenset[str]
    """URLs of the story in other editions, as its page declares them."""
    body: tuple[str, ...]

    @cached_property
    def grams(self) -> GramSet:
        """The n-grams of its body."""
        return gram_set(self.body)


@dataclass(frozen=True, slots=True)
class Kinship:
    """What two stories have in common, and why."""

    kind: Kind
    similarity: float
    """The Jaccard similarity of their bodies' n-grams."""


def kinship(one: Story, other: Story) -> Kinship | None:
    """What two stories have in common; None where that is too little to mean anything."""
    similarity = jaccard(one.grams, other.grams)
    if similarity < ALIKE:
        return None
    return Kinship(_kind(one, other, similarity), round(similarity, 3))


def _kind(one: Story, other: Story, similarity: float) -> Kind:
    """An *edition* of it where the site says so, or the text is one; a *coincidence* where what is not word for word
    the same tells of other things: a form filled in anew, or two stories with the same appeal under them."""
    if one.edition != other.edition and _declared(one, other):
        return "edition"
    if _tell_apart(one, other):
        return "coincidence"
    return "edition" if one.edition != other.edition and similarity >= _SAME else "rewrite"


def _declared(one: Story, other: Story) -> bool:
    """Whether the site says that these are one story: it has one slug in all editions, or names the alternates."""
    return one.slug == other.slug or other.url in one.alternates or one.url in other.alternates


def _tell_apart(one: Story, other: Story) -> bool:
    """Whether the pieces of their bodies that only one of them has tell of different things."""
    common = set(one.body) & set(other.body)
    own = [text for text in one.body if text not in common]
    others = [text for text in other.body if text not in common]
    if min(size(own), size(others)) < SHORTEST:
        return False
    facts, their_facts = _facts(own), _facts(others)
    fewer = min(len(facts), len(their_facts))
    if fewer >= _FEW:
        return 2 * len(facts & their_facts) < fewer
    return jaccard(gram_set(own), gram_set(others)) < _UNLIKE


def _facts(texts: Iterable[str]) -> set[str]:
    """Numbers and, in scripts that have capitals, names within sentences (in German, all nouns)."""
    found = (fact for text in texts for fact in _FACT.findall(text))
    return {fact.casefold() for fact in found if fact[0].isdigit() or fact[0].isupper()}
