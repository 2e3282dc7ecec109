"""Which pieces of a text and of its translation stand for each other: by length, with anchors.

After W. A. Gale and K. W. Church, A Program for Aligning Sentences in Bilingual Corpora, Computational Linguistics
19(1), 1993: the lengths of a text and of its translation differ by a normal variable whose variance grows with the
length (section 3), and few pieces are left out, split or joined (table 5). Beyond the paper: how much longer one
language is comes from the corpus; anchors count as evidence; the probability of a bead is summed over all alignments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crawler.export.evidence import Evidence, Piece

PIECES: Mapping[tuple[int, int], float] = {
    (1, 1): 0.84,
    (1, 0): 0.04,
    (0, 1): 0.04,
    (2, 1): 0.03,
    (1, 2): 0.03,
    (3, 1): 0.005,
    (1, 3): 0.005,
    (2, 2): 0.005,
}
"""How probable each shape of a bead is among paragraphs: pieces on the left, pieces on the right."""

RUNS: Mapping[tuple[int, int], float] = {(1, 0): 0.02, (0, 1): 0.02} | {(1, k): 0.06 for k in range(1, 17)}
"""The same where the right text has lost its breaks: a paragraph for a run of sentences."""

HEADS = 0.98
"""How probably two leads of a story say the same, before they are looked at."""

MOST_CELLS = 40_000
"""Pieces on the left times pieces on the right: beyond it an alignment is not tried."""


@dataclass(frozen=True, slots=True)
class Bead:
    """Neighbouring pieces on the left that stand for neighbouring ones on the right; one side may be empty."""

    left: slice
    right: slice
    score: float
    """The probability of exactly this bead, 0 to 1, if the model holds: summed over all alignments of the texts."""

    @property
    def shape(self) -> tuple[int, int]:
        """How many pieces on the left and on the right."""
        return self.left.stop - self.left.start, self.right.stop - self.right.start


@dataclass(frozen=True, slots=True)
class Alignment:
    """How two texts stand for each other."""

    beads: tuple[Bead, ...]
    """Of the most probable alignment, in the texts' order; every piece is in one."""
    shared: float
    """Which share of both texts, by length, is expected to stand in the other: over all alignments."""


def align(
    left: Sequence[Piece], right: Sequence[Piece], ratio: float, shapes: Mapping[tuple[int, int], float] = PIECES
) -> Alignment:
    """The most probable alignment of two texts, in their order.

    *ratio* is how many characters the right language takes for one of the left. Raises ValueError where a text is
    empty, or both are so long that an alignment is not tried (``MOST_CELLS``).
    """
    if not left or not right or len(left) * len(right) > MOST_CELLS:
        raise ValueError(f"{len(left)} and {len(right)} pieces cannot be aligned")
    weigh = Evidence(left, right, ratio).weight
    grid = _Grid(len(left), len(right), {shape: math.log(prior) for shape, prior in shapes.items()}, weigh)
    left_alone, right_alone = grid.alone()
    alone = sum(one.length * chance for one, chance in zip(left, left_alone, strict=True))
    alone += sum(one.length / ratio * chance for one, chance in zip(right, right_alone, strict=True))
    whole = sum(one.length for one in left) + sum(one.length for one in right) / ratio
    return Alignment(tuple(grid.beads()), max(0.0, 1 - alone / max(1.0, whole)))


def heads_related(left: Sequence[Piece], right: Sequence[Piece], ratio: float) -> float:
    """How probably the first pieces of two texts stand for each other, given that both are marked as their heads."""
    evidence = Evidence(left, right, ratio)
    together = evidence.weight(0, 1, 0, 1) - evidence.weight(0, 1, 0, 0) - evidence.weight(0, 0, 0, 1)
    return 1 / (1 + math.exp(min(700.0, -together - math.log(HEADS / (1 - HEADS)))))


class _Grid:
    """All alignments at once: a way from the start of both texts to their end for each."""

    def __init__(
        self,
        rows: int,
        columns: int,
        priors: Mapping[tuple[int, int], float],
        weigh: Callable[[int, int, int, int], float],
    ) -> None:
        self._rows, self._columns = rows, columns
        self._steps = {
            (i, j): [
                (a, b, prior + weigh(i, a, j, b))
                for (a, b), prior in priors.items()
                if i + a <= rows and j + b <= columns
            ]
            for i in range(rows + 1)
            for j in range(columns + 1)
        }
        self._sums_before, self._sums_after = self._before(), self._after()

    def beads(self) -> list[Bead]:
        """The most probable way, with the probability of each of its steps."""
        return [
            Bead(slice(i, i + a), slice(j, j + b), self._probability(i, a, j, b, weight))
            for (i, j), (a, b, weight) in self._best()
        ]

    def alone(self) -> tuple[list[float], list[float]]:
        """How probably each piece on the left, and each on the right, stands in its text alone."""
        left, right = [0.0] * self._rows, [0.0] * self._columns
        for (i, j), steps in self._steps.items():
            for a, b, weight in steps:
                if not b:
                    left[i] += self._probability(i, a, j, b, weight)
                elif not a:
                    right[j] += self._probability(i, a, j, b, weight)
        return left, right

    def _probability(self, i: int, a: int, j: int, b: int, weight: float) -> float:
        """Of a step: the sum over all ways through it, by that over all ways."""
        way = self._sums_before[i, j] + weight + self._sums_after[i + a, j + b]
        return math.exp(min(0.0, way - self._sums_after[0, 0]))

    def _before(self) -> dict[tuple[int, int], float]:
        """To each place, the log of the sum over all ways from the start."""
        ways: dict[tuple[int, int], list[float]] = {(0, 0): [0.0]}
        sums = {}
        for (i, j), steps in self._steps.items():
            here = sums[i, j] = _log_sum(ways.pop((i, j), []))
            for a, b, weight in steps:
                ways.setdefault((i + a, j + b), []).append(here + weight)
        return sums

    def _after(self) -> dict[tuple[int, int], float]:
        """From each place, the log of the sum over all ways to the end."""
        sums = {(self._rows, self._columns): 0.0}
        for (i, j), steps in reversed(self._steps.items()):
            if steps:
                sums[i, j] = _log_sum([weight + sums[i + a, j + b] for a, b, weight in steps])
        return sums

    def _best(self) -> list[tuple[tuple[int, int], tuple[int, int, float]]]:
        """The steps of the most probable way."""
        best: dict[tuple[int, int], float] = {(self._rows, self._columns): 0.0}
        choice: dict[tuple[int, int], tuple[int, int, float]] = {}
        for (i, j), steps in reversed(self._steps.items()):
            if steps:
                best[i, j], choice[i, j] = max((w + best[i + a, j + b], (a, b, w)) for a, b, w in steps)
        place, way = (0, 0), []
        while place in choice:
            way.append((place, choice[place]))
            place = (place[0] + choice[place][0], place[1] + choice[place][1])
        return way


def _log_sum(values: Sequence[float]) -> float:
    """The logarithm of the sum of the exponentials."""
    top = max(values, default=-math.inf)
    return top if math.isinf(top) else top + math.log(sum(math.exp(one - top) for one in values))
