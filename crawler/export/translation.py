"""What one edition's telling of a story has in common with another's: their leads and paragraphs, pair by pair."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from crawler.export.alignment import MOST_CELLS, PIECES, RUNS, Bead, align, heads_related
from crawler.export.body import Body, Part
from crawler.export.evidence import SHARED

Level = Literal["document", "lead", "paragraph"]
LEVELS: tuple[Level, ...] = ("document", "lead", "paragraph")

LOST_BREAKS = 1.8
"""A body whose paragraphs are so many times longer than the other's has lost breaks."""

BY_CHANCE = 0.02
"""How probably a number of one telling stands in that of another story."""

_SUREST = 0.99
"""Even of documents that name each other: a site can name the wrong ones, or tell something else under a headline."""


@dataclass(frozen=True, slots=True)
class Match:
    """Two texts that stand for each other, in full: a document's are its title, lead and blocks, a line each."""

    level: Level
    left: str
    right: str
    score: float
    """How probably they are translations of each other, from 0 to 1."""
    shape: tuple[int, int] = (1, 1)
    """How many paragraphs (or sentences, of a body that has lost its breaks) each side is made of."""


def matches(left: Body, right: Body, ratio: float, confidence: float) -> Iterator[Match]:
    """What two tellings of a story have in common: the documents first, then the leads, then paragraphs in order.

    *ratio* is how many characters the right language takes for one of the left, *confidence* how sure it is that
    the story is the same. Pairs that speak one language are left out: they are no translations.
    """
    same = _same_story(left.numbers, right.numbers, confidence)
    paragraphs, shared = _paragraphs(left, right, ratio)
    yield Match("document", left.text, right.text, same * shared)
    for one in (*_lead(left, right, ratio), *paragraphs):
        yield replace(one, score=one.score * same)


def _same_story(left: frozenset[str], right: frozenset[str], confidence: float) -> float:
    """The probability that two documents tell the same, given their numbers. A number is seen from both sides."""
    sure = min(confidence, _SUREST)
    both, one_alone = len(left & right), len(left ^ right)
    found, missed = math.log(SHARED / BY_CHANCE), math.log((1 - SHARED) / (1 - BY_CHANCE))
    odds = math.log(sure / (1 - sure)) + both * found + one_alone * missed / 2
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0


def _lead(left: Body, right: Body, ratio: float) -> Iterator[Match]:
    if left.lead and right.lead and _parallel([left.lead], [right.lead]):
        ours, theirs = (
            [part.piece for part in (body.lead, *body.blocks)] for body in (left, right) if body.lead is not None
        )
        yield Match("lead", left.lead.text, right.lead.text, heads_related(ours, theirs, ratio))


def _paragraphs(left: Body, right: Body, ratio: float) -> tuple[list[Match], float]:
    """The paragraphs in pairs, and which share of both bodies is expected to stand in the other."""
    ours, theirs = _parts(left, other=right), _parts(right, other=left)
    if right.stride / ratio >= LOST_BREAKS * left.stride:
        return _aligned(ours, right.sentences(), ratio, RUNS)
    if left.stride * ratio >= LOST_BREAKS * right.stride:
        found, shared = _aligned(theirs, left.sentences(), 1 / ratio, RUNS)
        return [replace(one, left=one.right, right=one.left, shape=one.shape[::-1]) for one in found], shared
    return _aligned(ours, theirs, ratio, PIECES)


def _aligned(
    ours: Sequence[Part], theirs: Sequence[Part], ratio: float, shapes: Mapping[tuple[int, int], float]
) -> tuple[list[Match], float]:
    """What cannot be aligned is taken for shared: nothing speaks against it."""
    if not ours or not theirs or len(ours) * len(theirs) > MOST_CELLS:
        return [], 1.0
    alignment = align([one.piece for one in ours], [one.piece for one in theirs], ratio, shapes)
    return list(_told(ours, theirs, alignment.beads, "" if shapes is RUNS else "\n")), alignment.shared


def _parts(body: Body, *, other: Body) -> Sequence[Part]:
    """What the body is aligned by: its lead among them, where the other telling has it as its first paragraph."""
    return (body.lead, *body.blocks) if body.lead and not other.lead else body.blocks


def _told(ours: Sequence[Part], theirs: Sequence[Part], beads: Sequence[Bead], between: str) -> Iterator[Match]:
    """The beads that stand for something on both sides, in words; *between* stands between pieces on the right."""
    for bead in beads:
        left, right = ours[bead.left], theirs[bead.right]
        if left and right and _parallel(left, right):
            texts = "\n".join(one.text for one in left), between.join(one.text for one in right).strip()
            yield Match("paragraph", *texts, bead.score, bead.shape)


def _parallel(left: Sequence[Part], right: Sequence[Part]) -> bool:
    """Whether they speak different languages, as far as that is known."""
    return ({one.language for one in left} & {one.language for one in right}) <= {"und"}
