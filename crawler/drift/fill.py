"""How much of what a page can say the pages of a crawl said, counted by edition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from crawler.items import Page
from crawler.labels.label import Label
from crawler.labels.learn import learn
from crawler.labels.sheet import Sheet
from crawler.urls import document_id

SAMPLE = 60
"""Pages of an edition whose labels are looked at: those with the smallest ids, in whatever order they come."""


@dataclass(frozen=True, slots=True)
class EditionFill:
    """What one edition's pages said in one crawl."""

    pages: int
    """Articles that were read: not those answered with 304."""
    fields: dict[str, int]
    """On how many of them each field was there."""
    median_chars: int
    """Half of the texts are at most as long, to two figures."""
    labels: tuple[Label, ...] = ()
    """Learnt from a sample of the pages."""


@dataclass(slots=True)
class FillTally:
    """The count of one edition while the crawl goes on; its size does not grow with the crawl."""

    pages: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    """How many texts have each length, in characters, to two figures."""
    _sample: list[tuple[int, str, Sheet]] = field(default_factory=list)
    """A heap, the largest id first."""

    def count(self, page: Page) -> None:
        """Count an article that was read."""
        self.pages += 1
        self.fields.update(said(page))
        self.lengths[int(float(f"{len(page.text):.2g}"))] += 1
        self._choose(page)

    def _choose(self, page: Page) -> None:
        id_ = document_id(page.canonical)
        least = (-int(id_, 16), id_)
        if any(one[1] == id_ for one in self._sample):
            return
        if len(self._sample) < SAMPLE:
            heappush(self._sample, (*least, _sheet(page)))
        elif least > self._sample[0][:2]:
            heappushpop(self._sample, (*least, _sheet(page)))

    @property
    def sheets(self) -> list[Sheet]:
        """The sampled pages, by id."""
        return [sheet for _, _, sheet in sorted(self._sample, key=lambda one: one[1])]

    def share_shorter(self, chars: int) -> tuple[int, int]:
        """How many texts are shorter than this, and how many longer."""
        shorter = sum(count for length, count in self.lengths.items() if length < chars)
        return shorter, self.pages - shorter - self.lengths[chars]

    def result(self) -> EditionFill:
        """The count as it is kept."""
        return EditionFill(self.pages, dict(sorted(self.fields.items())), median(self.lengths), learn(self.sheets))


def said(page: Page) -> Iterator[str]:
    """Which fields of a page say something."""
    pictures = page.pictures
    told = {
        "text": page.text,
        "headline": page.title,
        "date": page.published,
        "byline": page.byline or page.authors,
        "lead": page.lead,
        "body": page.blocks,
        "picture": pictures,
        "alt": any(one.alt for one in pictures),
        "caption": any(one.caption for one in pictures),
        "credit": any(one.credit for one in pictures),
        "related": page.cards,
        "tags": page.tags,
        "alternates": page.alternates,
        "cookie_notice": page.cookie_notice,
    }
    return (name for name, value in told.items() if value)


def median(lengths: Counter[int]) -> int:
    """The length that half of the texts do not exceed; 0 of none."""
    half, seen = sum(lengths.values()) / 2, 0
    for length, count in sorted(lengths.items()):
        seen += count
        if seen >= half:
            return length
    return 0


def _sheet(page: Page) -> Sheet:
    pictures = (*page.pictures, *(card.picture for card in page.cards if card.picture))
    return Sheet.of(page.text, page.title, _alts(one.alt for one in pictures))


def _alts(alts: Iterable[str]) -> frozenset[str] | None:
    return frozenset(" ".join(alt.split()) for alt in alts if alt) or None
