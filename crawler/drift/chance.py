"""How likely a drop is that means nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import erfc, exp, lgamma, sqrt


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """From 0 to 1; 0 of none."""
        return self.hits / self.of if self.of else 0.0


def chance_of_drop(now: Share, before: Share) -> float:
    """How likely *now* has as few hits or fewer, if nothing changed since *before*: Fisher's exact test, one-sided.

    Both numbers are uncertain, and both uncertainties count: three pages without a credit after twenty with one
    are nothing (0.0006), nine are something.
    """
    hits, of = now.hits + before.hits, now.of + before.of
    whole = _log_comb(of, now.of)
    least = max(0, now.of - (of - hits))
    ways = (_log_comb(hits, k) + _log_comb(of - hits, now.of - k) for k in range(least, now.hits + 1))
    return min(1.0, sum(exp(way - whole) for way in ways))


def chance_of_drops(pairs: Iterable[tuple[Share, Share]]) -> float:
    """The same over several editions at once, each compared with itself: the test of Mantel and Haenszel (1959),
    one-sided, with its correction for continuity.

    So a redesign shows that takes little from each of many small editions, and an edition that was crawled less
    than before does not look like one.
    """
    surplus = variance = 0.0
    for now, before in pairs:
        hits, of = now.hits + before.hits, now.of + before.of
        if of > 1:
            surplus += now.hits - now.of * hits / of
            variance += now.of * before.of * hits * (of - hits) / (of * of * (of - 1))
    return 0.5 * erfc(max(0.0, -surplus - 0.5) / sqrt(2 * variance)) if variance else 1.0


def _log_comb(of: int, chosen: int) -> float:
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)
