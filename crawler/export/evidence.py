"""How much speaks for two runs of pieces being translations: their lengths, and what a translation keeps as it is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from crawler.export.anchors import says_something

VARIANCE = 6.8
"""Of the difference in length, in characters, for each character of text: the paper's s²."""

SPREAD = 0.5
"""Of the logarithm of the lengths of a text's pieces: how unlike two that have nothing to do with each other are."""

KEPT = 0.85
"""How probably an anchor that both texts have stands in both pieces of a pair."""

SHARED = 0.7
"""How probably a number of more than one digit stands in a translation at all, before any text is seen."""

_TRIALS = 10
"""How many numbers of the texts at hand weigh as much as that."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text, as far as an alignment looks at it."""

    length: float
    """In characters."""
    anchors: frozenset[str] = frozenset()
    alone: bool = False
    """Whether it is never joined with its neighbours: a heading."""


class Evidence:
    """What speaks for a bead: the logarithm of how much likelier its pieces are as translations than unrelated."""

    def __init__(self, left: Sequence[Piece], right: Sequence[Piece], ratio: float) -> None:
        ours, theirs = _carriers(left), _carriers(right)
        common = ours.keys() & theirs.keys()
        self._left = _Side(left, 1.0, ours, common)
        self._right = _Side(right, ratio, theirs, common)
        alone = sum(map(says_something, ours.keys() ^ theirs.keys()))
        both = 2 * sum(map(says_something, common))
        self._missing = math.log(1 - (both + _TRIALS * SHARED) / (both + alone + _TRIALS))

    def weight(self, i: int, a: int, j: int, b: int) -> float:
        """Of the bead of *a* pieces from *i* and *b* pieces from *j*."""
        ours, theirs = self._left.run(i, a), self._right.run(j, b)
        if a + b > 2 and (ours.alone or theirs.alone):
            return -math.inf
        weight = self._anchors(ours, theirs)
        if a and b:
            # Numbers that the other text has nowhere speak for pieces that are left out there.
            weight += _length(ours, theirs) + self._missing * (ours.lonely + theirs.lonely) / 2
        return weight

    def _anchors(self, ours: _Run, theirs: _Run) -> float:
        """Each anchor is seen from either side: counted by half. Summed exactly: sets have no order."""
        in_left, in_right = self._left.shares, self._right.shares
        there = [_found(one in theirs.anchors, in_right[one], max(theirs.pieces, 1)) for one in ours.anchors]
        back = [_found(one in ours.anchors, in_left[one], max(ours.pieces, 1)) for one in theirs.anchors]
        return math.fsum([*there, *back]) / 2


@dataclass(frozen=True, slots=True)
class _Run:
    """Some neighbouring pieces of one text, or none."""

    pieces: int
    length: float
    """In characters of the left language."""
    chance: float
    """The log density of this length, whatever they say."""
    anchors: frozenset[str]
    """Those that the other text has too."""
    lonely: int
    """How many numbers in it the other text has nowhere."""
    alone: bool


class _Side:
    """One of the texts; *carriers* says how many pieces have each of its anchors, *common* which both texts have."""

    def __init__(self, pieces: Sequence[Piece], ratio: float, carriers: Mapping[str, int], common: Set[str]) -> None:
        self.shares = {one: carriers[one] / len(pieces) for one in common}
        """Of the pieces that have an anchor."""
        self._pieces, self._ratio, self._common = pieces, ratio, common
        self._mean = max(1.0, sum(one.length for one in pieces) / ratio / len(pieces))
        self._runs: dict[tuple[int, int], _Run] = {}

    def run(self, start: int, count: int) -> _Run:
        """*count* pieces from *start*."""
        found = self._runs.get((start, count))
        if found is None:
            found = self._runs[start, count] = self._run(self._pieces[start : start + count])
        return found

    def _run(self, pieces: Sequence[Piece]) -> _Run:
        length = sum(one.length for one in pieces) / self._ratio
        anchors = frozenset[str]().union(*(one.anchors for one in pieces))
        lonely = sum(map(says_something, anchors - self._common))
        chance = _chance(length, len(pieces), self._mean) if pieces else 0.0
        return _Run(len(pieces), length, chance, anchors & self._common, lonely, any(one.alone for one in pieces))


def _carriers(pieces: Sequence[Piece]) -> Counter[str]:
    return Counter(anchor for one in pieces for anchor in one.anchors)


def _length(ours: _Run, theirs: _Run) -> float:
    variance = VARIANCE * max(1.0, (ours.length + theirs.length) / 2)
    related = -((ours.length - theirs.length) ** 2) / (2 * variance) - 0.5 * math.log(2 * math.pi * variance)
    return related - (ours.chance + theirs.chance) / 2


def _chance(length: float, pieces: int, mean: float) -> float:
    """The log density of the length of so many pieces, whatever they say."""
    spread = SPREAD / math.sqrt(pieces)
    away = math.log(max(length, 1.0) / (pieces * mean))
    return -(away**2) / (2 * spread**2) - math.log(max(length, 1.0) * spread * math.sqrt(2 * math.pi))


@lru_cache(4_096)
def _found(found: bool, share: float, pieces: int) -> float:
    """What it says that an anchor is found, or not, in some pieces of a text; *share* of all its pieces have it."""
    chance = min(0.95, 1 - (1 - min(share, 0.95)) ** pieces)
    return math.log(KEPT / chance) if found else math.log((1 - KEPT) / (1 - chance))
