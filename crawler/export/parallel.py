"""Parallel text: the translated tellings of each story, edition beside edition."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from crawler.export.body import Body
from crawler.export.rows import Source
from crawler.export.shelf import Entry, Shelf
from crawler.export.translation import Match, matches
from crawler.items import Document
from crawler.languages.paragraphs import LanguageReader
from crawler.stories.story import Story

ENOUGH_STORIES = 5
"""From so many stories on, the ratio of two languages' lengths is that of all; below it, of the pair at hand."""

_STEPS = 100
"""In which the logarithms of ratios are counted, to one."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A story in one edition, in the edition's language."""

    document: Document
    language: str
    """BCP 47, with whatever region or script the profile gives."""
    body: Body


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that stand for each other: a row of parallel text."""

    story: str
    """The id of the story's first document."""
    left: Telling
    right: Telling
    match: Match


class Parallel:
    """The parallel text of a corpus; counts what it gives."""

    def __init__(self, source: Source, stories: Sequence[Story]) -> None:
        self.counts: Counter[str] = Counter()
        """Pairs by level."""
        self._source = source
        self._stories = stories
        self._reader = LanguageReader(source.languages.values())

    def pairs(self) -> Iterator[Pair]:
        """The pairs, story by story, editions in the order of their codes.

        Only tellings in their edition's language take part: one that keeps the English body says nothing beside the
        edition that has it by right.

        Raises:
            CorpusError: manifest or items cannot be read, or do not belong together.
        """
        with Shelf(self._source.corpus) as shelf:
            ratios = self._ratios(shelf)
            for story in self._stories:
                for left, right in combinations(self._tellings(shelf, story), 2):
                    yield from self._pairs(story, left, right, ratios.between(left, right))

    def _pairs(self, story: Story, left: Telling, right: Telling, ratio: float) -> Iterator[Pair]:
        for match in matches(left.body, right.body, ratio, story.confidence):
            self.counts[match.level] += 1
            yield Pair(story.id, left, right, match)

    def _tellings(self, shelf: Shelf, story: Story) -> list[Telling]:
        entries = [shelf.entry(one.file) for one in story.told]
        usable = [entry for entry in entries if self._usable(entry) and self._source.text(entry.document) is not None]
        usable.sort(key=lambda entry: entry.document.edition)
        return [self._telling(entry) for entry in usable] if len(usable) > 1 else []

    def _usable(self, entry: Entry) -> bool:
        """Whether the entry's body is in the language of its edition, which is one of those wanted."""
        document, wanted = entry.document, self._source.editions
        known = document.edition in self._source.languages
        return known and bool(document.translated) and (not wanted or document.edition in wanted)

    def _telling(self, entry: Entry) -> Telling:
        language = self._source.languages[entry.document.edition]
        lead = self._reader.read([entry.item.lead], language).paragraphs[0] if entry.item.lead else ""
        spoken = entry.document.languages.paragraphs if entry.document.languages else ()
        return Telling(entry.document, language, Body.of(entry.item, lead, spoken))

    def _ratios(self, shelf: Shelf) -> _Ratios:
        lengths = {
            entry.document.file: sum(len(block.text) for block in entry.item.blocks)
            for entry in shelf.entries()
            if self._usable(entry)
        }
        ratios = _Ratios()
        for story in self._stories:
            told = sorted((one.edition, lengths[one.file]) for one in story.told if lengths.get(one.file))
            for (left, ours), (right, theirs) in combinations(told, 2):
                ratios.count(left, right, theirs / ours)
        return ratios


class _Ratios:
    """How many characters one edition takes for one of another: the median of all stories that both tell."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)

    def count(self, left: str, right: str, ratio: float) -> None:
        """Take a story into account."""
        self._counts[left, right][round(math.log(ratio) * _STEPS)] += 1

    def between(self, left: Telling, right: Telling) -> float:
        """Right characters for one on the left."""
        counts = self._counts[left.document.edition, right.document.edition]
        if counts.total() < ENOUGH_STORIES:
            return max(1, right.body.length) / max(1, left.body.length)
        return math.exp(_median(counts) / _STEPS)


def _median(counts: Counter[int]) -> int:
    """The lower one, of an even number."""
    half, seen = (counts.total() + 1) // 2, 0
    for value, count in sorted(counts.items()):
        seen += count
        if seen >= half:
            return value
    raise ValueError("no counts, no median")
