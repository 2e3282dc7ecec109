"""Which documents tell the same story: by what their pages say, by their slugs, and by what they have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp

from crawler.stories.alternates import Alternates
from crawler.stories.groups import Groups
from crawler.stories.likeness import Likeness, Likenesses, may_be_one
from crawler.stories.story import Reason
from crawler.stories.version import Version

BOTH_WAYS, UNANSWERED, SAME_SLUG = 1.0, 0.9, 0.95
"""Confidence in what a site says: it is asked to know its stories. Each page names the other; only one does, and the
other names nobody in its place; both have a slug that says enough."""

_WORDS = 3
"""Of a slug that says which story it is: ``weather`` or ``live-blog`` do not."""

_NEVER_SURER = 0.99

_ODDS = 7.0
"""Natural logarithm of the odds from which on likeness joins: among the demo's stories, those of other slugs stay
under 4.1, those told again in another edition are above 14."""

_CLOSENESS = 3.0
"""The same of being no sequel: of the demo's stories told again it is 3.3 and more."""

_MARGIN = 3.0
"""By how much the likest of an edition must lead, in the same unit: else a rewriting could be taken for its story."""

_DEPENDENT = 2.0
"""What the odds are divided by before they are told as a confidence: traces of a story come together."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Two documents, by place, taken for one story; the first stands first."""

    one: int
    other: int
    reason: Reason
    confidence: float


def join_all(versions: Sequence[Version], alternates: Alternates) -> tuple[Groups, list[Edge]]:
    """The documents in groups, one for each story, and the joins that hold them together.

    No join is made against what a page says, and none that would put two documents of an edition into one story.
    """
    groups = Groups([version.edition for version in versions])
    edges = _joined(groups, _by_hreflang(versions, alternates))
    edges += _joined(groups, _by_slug(versions, alternates))
    edges += _joined(groups, _by_content(versions, alternates, groups))
    return groups, edges


def _joined(groups: Groups, edges: Iterable[Edge]) -> list[Edge]:
    """Make joins, the surest first; returns those that were made."""
    ordered = sorted(edges, key=lambda edge: (-edge.confidence, edge.one, edge.other))
    return [edge for edge in ordered if groups.join(edge.one, edge.other)]


def _by_hreflang(versions: Sequence[Version], alternates: Alternates) -> Iterator[Edge]:
    for at in range(len(versions)):
        for to in alternates.named(at).values():
            answered = at in alternates.named(to).values()
            if (answered and to < at) or alternates.contradict(at, to):
                continue
            yield Edge(min(at, to), max(at, to), "hreflang", BOTH_WAYS if answered else UNANSWERED)


def _by_slug(versions: Sequence[Version], alternates: Alternates) -> Iterator[Edge]:
    """Joins along the documents of one slug; slugs are made from the first title and shared by all editions."""
    by_slug: dict[str, list[int]] = defaultdict(list)
    for at, version in enumerate(versions):
        if version.slug.count("-") + 1 >= _WORDS:
            by_slug[version.slug].append(at)
    for places in by_slug.values():
        for number, other in enumerate(places):
            for one in places[:number]:
                if may_be_one(versions[one], versions[other]) and not alternates.contradict(one, other):
                    yield Edge(one, other, "slug", SAME_SLUG)


def _by_content(versions: Sequence[Version], alternates: Alternates, groups: Groups) -> Iterator[Edge]:
    """Joins of documents that are each the other's likest in its edition, by far."""
    likenesses = Likenesses(versions)
    chosen_by: dict[int, dict[int, float]] = defaultdict(dict)
    for at in range(len(versions)):
        earlier = chosen_by.pop(at, {})
        for like in _leading(versions, likenesses.nearest(at)):
            if not groups.may_join(at, like.other) or alternates.contradict(at, like.other):
                continue
            if like.other > at:
                chosen_by[like.other][at] = like.odds
            elif like.other in earlier:
                yield Edge(like.other, at, "content", _confidence(earlier[like.other]))


def _confidence(odds: float) -> float:
    return min(_NEVER_SURER, round(1 / (1 + exp(-odds / _DEPENDENT)), 3))


def _leading(versions: Sequence[Version], nearest: Iterable[Likeness]) -> Iterator[Likeness]:
    """Of each edition the likest, where it is like enough and leads by enough."""
    by_edition: dict[str, list[Likeness]] = defaultdict(list)
    for like in nearest:
        by_edition[versions[like.other].edition].append(like)
    for likes in by_edition.values():
        second = likes[1].odds if len(likes) > 1 else float("-inf")
        if likes[0].odds >= _ODDS and likes[0].closeness >= _CLOSENESS and likes[0].odds - second >= _MARGIN:
            yield likes[0]
