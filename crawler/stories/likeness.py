"""How likely two documents of different editions tell the same story, by the traces that they share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from math import log

from crawler.stories.traces import KINDS, Kind
from crawler.stories.version import Version

DAYS = 4 * 86400.0
"""Seconds between two publications of one story, at most: translations follow within days, yearly events do not."""

_CHANCE: dict[Kind, float] = {
    "image": 0.05,
    "alt": 0.01,
    "text": 0.002,
    "name": 0.05,
    "number": 0.05,
    "figures": 0.01,
}
"""How often a trace is shared by chance, before the corpus has said more."""

_DOUBT = 20
"""Documents that this guess weighs as much as."""

_SAME = 0.6
"""How often a trace of a story is in two of its versions."""

_MOST: dict[Kind, float] = {"image": 4.0, "alt": 6.0, "name": 6.0, "figures": 4.0}
"""What traces of one kind add up to at most: names come together, in all stories of a place."""

_MISSING: dict[Kind, float] = {"number": log((1 - _SAME) / (1 - _CHANCE["number"])), "image": -1.0}
"""What a trace takes away that the other one, which has others of the kind, does not have."""

_AGAIN: dict[Kind, float] = {"number": log(0.75 / 0.25), "text": log(0.9 / 0.2), "alt": log(0.6 / 0.15)}
"""What a shared trace says for one story told twice, and against a sequel of it: that has the names and the picture,
but one number of four where a translation has three."""

_ANEW: dict[Kind, float] = {"number": log(0.25 / 0.75), "text": log(0.1 / 0.8)}
"""What one that only the other has says; of paragraphs only where others are shared, and both are in one language:
cards of the same stories under both can have been taken for their bodies."""

_FEWEST = 20
"""Documents among which one is looked for, at the least: of a small corpus most stories are not there."""

_COMMON = 200
"""Documents beyond which a trace brings no two together; it still counts for those that others bring together."""

_REMEMBERED = 20_000
"""Traces of which it is known in which editions they are: 10 MB."""

_LOOKED_AT = 4
"""Documents of an edition whose likeness is worked out, those with most rare traces in common."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What speaks for two documents' telling the same story."""

    one: int
    """The document looked from, by its place in the list."""
    other: int
    odds: float
    """That they have so much in common by chance, or because it is one story: natural logarithm of the odds
    (Fellegi and Sunter, *A theory for record linkage*, 1969)."""
    closeness: float
    """The same of being one story, or one and its sequel."""


class Likenesses:
    """Finds and weighs what is like what, in time about proportional to the number of documents."""

    def __init__(self, versions: Sequence[Version]) -> None:
        self._versions = versions
        self._sizes = Counter(version.edition for version in versions)
        self._postings = _postings(versions)
        self._spread = lru_cache(_REMEMBERED)(partial(_spread, versions, self._postings))

    def nearest(self, at: int) -> Iterator[Likeness]:
        """For the document at a place, those of other editions that share most, the best of each edition first."""
        by_edition: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for other, weight in self._together(at).items():
            by_edition[self._versions[other].edition].append((-weight, other))
        for edition in sorted(by_edition):
            chosen = [other for _, other in sorted(by_edition[edition])[:_LOOKED_AT]]
            yield from sorted((self.between(at, other) for other in chosen), key=lambda one: (-one.odds, one.other))

    def between(self, at: int, other: int) -> Likeness:
        """The likeness of the documents at two places."""
        one, two = self._versions[at], self._versions[other]
        theirs = set(two.traces)
        shared = [trace for trace in one.traces if trace in theirs]
        less = _less(shared, one, two)
        odds = self._for(shared, one, two) + sum(_MISSING.get(kind, 0.0) * count for kind, count in less.items())
        odds -= log(max(_FEWEST, self._sizes[one.edition], self._sizes[two.edition]))
        return Likeness(at, other, odds, _closeness(Counter(map(kind_of, shared)), less))

    def _together(self, at: int) -> dict[int, float]:
        """Documents of other editions with rare traces in common, and what these say together: more than the rarest
        trace alone could.
        """
        one = self._versions[at]
        found: dict[int, float] = defaultdict(float)
        among = max(_FEWEST, len(self._versions))
        for trace in one.traces:
            posting = self._postings.get(trace, ())
            if len(posting) <= _COMMON:
                weight = log(among / len(posting)) if posting else 0.0
                for other in posting:
                    found[other] += weight
        return {
            other: weight
            for other, weight in found.items()
            if weight > log(among) and may_be_one(one, self._versions[other])
        }

    def _for(self, shared: Sequence[int], one: Version, two: Version) -> float:
        sums: Counter[Kind] = Counter()
        for trace in shared:
            kind = kind_of(trace)
            chance = max(self._chance(trace, kind, one.edition), self._chance(trace, kind, two.edition))
            sums[kind] += max(0.0, log(_SAME / chance))  # type: ignore[assignment]
        return sum(min(weight, _MOST.get(kind, weight)) for kind, weight in sums.items())

    def _chance(self, trace: int, kind: Kind, edition: str) -> float:
        """How often another document of the edition has the trace."""
        others = self._count(trace, edition) - 1
        return (others + _DOUBT * _CHANCE[kind]) / (self._sizes[edition] - 1 + _DOUBT)

    def _count(self, trace: int, edition: str) -> int:
        return self._spread(trace)[edition]


def kind_of(trace: int) -> Kind:
    """The kind of a trace's key."""
    return KINDS[trace & 7]


def _postings(versions: Sequence[Version]) -> dict[int, list[int]]:
    """Places of the documents that have each trace; traces of one document alone are left out."""
    once: set[int] = set()
    more: set[int] = set()
    for version in versions:
        for trace in version.traces:
            (more if trace in once else once).add(trace)
    del once
    found: dict[int, list[int]] = {trace: [] for trace in more}
    for at, version in enumerate(versions):
        for trace in version.traces:
            if trace in found:
                found[trace].append(at)
    return found


def _spread(versions: Sequence[Version], postings: Mapping[int, Sequence[int]], trace: int) -> Counter[str]:
    """How many documents of each edition have a trace."""
    return Counter(versions[at].edition for at in postings.get(trace, ()))


def may_be_one(one: Version, two: Version) -> bool:
    """Whether two documents are of different editions, and published about the same time as far as that is known."""
    if one.edition == two.edition:
        return False
    return one.published is None or two.published is None or abs(one.published - two.published) <= DAYS


def _closeness(both: Mapping[Kind, int], less: Mapping[Kind, int]) -> float:
    again = sum(weight * both[kind] for kind, weight in _AGAIN.items())
    return again + sum(weight * less[kind] for kind, weight in _ANEW.items() if both[kind] or kind != "text")


def _less(shared: Sequence[int], one: Version, two: Version) -> dict[Kind, int]:
    """By kind, how many traces they do not share, where both have some: of the one that has fewer."""
    both, first, second = (Counter(map(kind_of, traces)) for traces in (shared, one.traces, two.traces))
    return {kind: min(first[kind], second[kind]) - both[kind] for kind in KINDS}
