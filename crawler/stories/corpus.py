"""The stories of a corpus, and what is wrong with the alternates that its pages name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.sites.profile import Profile
from crawler.stories.alternates import Alternates
from crawler.stories.fates import Fates
from crawler.stories.joining import UNANSWERED, Edge, join_all
from crawler.stories.story import Join, Problem, Story, Told
from crawler.stories.traces import Kind, Trace, traces
from crawler.stories.version import Version, read_versions
from crawler.text.corpus import ITEMS
from crawler.text.itemlist import read_items

_SHOWN = 4
"""Numbers, names and images that a reason names of each."""

_PLURAL: dict[Kind, str] = {"image": "images", "name": "names", "number": "numbers"}
_COUNTED: dict[Kind, str] = {"text": "paragraphs word by word", "alt": "alt texts"}


@dataclass(frozen=True, slots=True)
class Stories:
    """All stories of a corpus."""

    stories: tuple[Story, ...]
    """In the order of their first documents."""
    problems: tuple[Problem, ...]
    """By page."""


def read_stories(folder: Path, profile: Profile | None = None) -> Stories:
    """Put together the documents of the corpus in *folder*: a function of the corpus and the profile alone.

    Without ``items.jsonl`` only hreflang and slugs join; without the *profile*, editions speak the language of
    their code.

    Raises:
        CorpusError: manifest, items or the list of what was dropped cannot be read.
    """
    versions = list(read_versions(folder))
    fates = Fates(folder, versions, profile)
    alternates = Alternates(versions, fates, profile.editions if profile else {})
    groups, edges = join_all(versions, alternates)
    said = _in_common(folder, edges)
    joins: dict[int, list[Join]] = defaultdict(list)
    for edge in edges:
        joins[groups.first(edge.one)].append(_join(versions, edge, said))
    return Stories(
        tuple(_story([versions[at] for at in members], joins[members[0]]) for members in groups.members()),
        tuple(alternates.problems),
    )


def _story(members: Sequence[Version], joins: Sequence[Join]) -> Story:
    told = (Told(one.file, one.url, one.edition, one.title, one.translated, one.captured) for one in members)
    return Story(members[0].id, tuple(told), tuple(joins))


def _join(versions: Sequence[Version], edge: Edge, said: Mapping[Edge, str]) -> Join:
    one, other = versions[edge.one], versions[edge.other]
    return Join(one.url, other.url, edge.reason, edge.confidence, _says(one, edge, said))


def _says(one: Version, edge: Edge, said: Mapping[Edge, str]) -> str:
    if edge.reason == "slug":
        return f"both have the slug {one.slug}"
    if edge.reason == "hreflang":
        return "only one names the other" if edge.confidence == UNANSWERED else "each names the other"
    return said[edge]


def _shared(common: Collection[Trace]) -> list[str]:
    """What two documents have in common: the longest of what can be named, the count of what cannot."""
    words = []
    for kind, plural in _PLURAL.items():
        if found := sorted((word for of, word in common if of == kind), key=lambda word: (-len(word), word)):
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            words.append(f"{plural} {', '.join(found[:_SHOWN])}{more}")
    counts = {name: sum(of == kind for of, _ in common) for kind, name in _COUNTED.items()}
    return [*words, *(f"{count} {name}" for name, count in counts.items() if count)]


def _in_common(folder: Path, edges: Sequence[Edge]) -> dict[Edge, str]:
    """What the documents that were joined by it have in common, in words.

    They are read again, for only keys of their traces are held, and forgotten after their last join.
    """
    by_content = [edge for edge in edges if edge.reason == "content"]
    if not by_content or not (folder / ITEMS).is_file():
        return {}
    left = Counter(at for edge in by_content for at in (edge.one, edge.other))
    ending = defaultdict(list)
    for edge in by_content:
        ending[edge.other].append(edge)
    known: dict[int, frozenset[Trace]] = {}
    said = {}
    for at, item in enumerate(read_items(folder)):
        if at in left:
            known[at] = traces(item)
        for edge in ending.pop(at, ()):
            said[edge] = "; ".join(_shared(known[edge.one] & known[at]))
            for place in (edge.one, at):
                left[place] -= 1
                if not left[place]:
                    del known[place]
    return said
