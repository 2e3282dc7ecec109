"""The alarm: what the pages of a crawl say less often than those of the crawls before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.drift.chance import Share, chance_of_drop, chance_of_drops
from crawler.drift.fill import EditionFill, FillTally, median

EARLIER = 5
"""Crawls that a crawl is compared with: the newest that read enough pages of an edition."""

FEWEST = 5
"""Pages of an edition that make a crawl one of them."""

CHANCE = 1e-4
"""What may be chance is no drift. A crawl asks some two hundred such questions: one in fifty warns for nothing."""

FEWEST_OF_ALL = 30
"""Pages of all editions together from which on they are judged together: the test is one of large numbers."""

LEAST_DROP = 0.1
"""Of a share; less is no redesign."""

LENGTHS = 1.5
"""By what factor the median length of texts must have changed."""


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier crawl counted."""

    id: str
    editions: Mapping[str, EditionFill]


@dataclass(frozen=True, slots=True)
class Drift:
    """Something that the pages of an edition say less often than before."""

    edition: str
    """Empty for all editions together."""
    what: str
    """A field, ``label``, or ``chars``."""
    now: Share
    before: Share
    crawl: str
    """The crawl that it is compared with: the one with the median share of the last ones."""
    chance: float
    """How likely that is without a change of the site."""
    words: str = ""
    """The label, or the two lengths."""

    def told(self) -> str:
        """As a warning."""
        what = f"{self.what} {self.words}".strip()
        if self.what == "chars":
            return f"{self.edition}: the median text has {self.words} characters (crawl {self.crawl})"
        return (
            f"{self.edition or 'all editions'}: {what} on {self.now.hits} of {self.now.of} pages, "
            f"before on {self.before.hits} of {self.before.of} (crawl {self.crawl})"
        )


def drift(now: Mapping[str, FillTally], past: Sequence[Past]) -> tuple[Drift, ...]:
    """What has drifted since *past*, the crawls before, oldest first; by edition, then by field."""
    found = [one for edition in sorted(now) for one in _of_edition(edition, now[edition], past)]
    told = {one.what for one in found}
    return (*(one for one in _of_all(now, past) if one.what not in told), *found)


def _of_edition(edition: str, tally: FillTally, past: Sequence[Past]) -> Iterator[Drift]:
    earlier = _earlier(edition, past)
    for name in _fields(earlier):
        crawl, before = _baseline(name, earlier)
        one = _dropped(edition, name, Share(tally.fields[name], tally.pages), before, crawl)
        if one is not None:
            yield one
    if earlier:
        yield from _labels(edition, tally, earlier[-1])
        yield from _lengths(edition, tally, earlier)


def _earlier(edition: str, past: Sequence[Past]) -> list[tuple[str, EditionFill]]:
    """The newest crawls that read enough pages of an edition, oldest first."""
    enough = [(one.id, fill) for one in past if (fill := one.editions.get(edition)) and fill.pages >= FEWEST]
    return enough[-EARLIER:]


def _fields(earlier: Sequence[tuple[str, EditionFill]]) -> list[str]:
    return sorted({name for _, fill in earlier for name in fill.fields})


def _baseline(name: str, earlier: Sequence[tuple[str, EditionFill]]) -> tuple[str, Share]:
    """The crawl with the median share of a field: one odd crawl among many neither hides a drift nor makes one."""
    shares = [(crawl, Share(fill.fields.get(name, 0), fill.pages)) for crawl, fill in earlier]
    shares.sort(key=lambda one: (one[1].value, one[1].of))
    return shares[len(shares) // 2]


def _dropped(edition: str, what: str, now: Share, before: Share, crawl: str, *, words: str = "") -> Drift | None:
    """A drop that is large enough to matter, and too large for chance."""
    if not now.of or before.value - now.value < LEAST_DROP:
        return None
    chance = chance_of_drop(now, before)
    return Drift(edition, what, now, before, crawl, chance, words) if chance < CHANCE else None


def _labels(edition: str, tally: FillTally, earlier: tuple[str, EditionFill]) -> Iterator[Drift]:
    """The labels that the crawl before had learnt, looked for on the pages of this one."""
    crawl, fill = earlier
    sheets = tally.sheets
    for label in fill.labels:
        now = Share(sum(sheet.times(label.text) > 0 for sheet in sheets), len(sheets))
        words = f"{label.kind} “{label.text}”"
        one = _dropped(edition, "label", now, Share(label.pages, label.of), crawl, words=words)
        if one is not None:
            yield one


def _lengths(edition: str, tally: FillTally, earlier: Sequence[tuple[str, EditionFill]]) -> Iterator[Drift]:
    """Whether texts have become much shorter or longer: a body that is lost, a frame that is not left out."""
    crawl, fill = sorted(earlier, key=lambda one: one[1].median_chars)[len(earlier) // 2]
    before, now = fill.median_chars, median(tally.lengths)
    if not before or not now or 1 / LENGTHS < now / before < LENGTHS:
        return
    shorter, longer = tally.share_shorter(before)
    fewer = Share(min(shorter, longer), shorter + longer)
    half = Share(fill.pages // 2, fill.pages)
    if (chance := chance_of_drop(fewer, half)) < CHANCE:
        yield Drift(edition, "chars", fewer, half, crawl, chance, f"{now}, before {before}")


def _of_all(now: Mapping[str, FillTally], past: Sequence[Past]) -> Iterator[Drift]:
    """What all editions together say less often, where each has too few pages to tell."""
    earlier = {edition: found for edition in now if (found := _earlier(edition, past))}
    for name in sorted({name for found in earlier.values() for name in _fields(found)}):
        bases = {edition: _baseline(name, found) for edition, found in earlier.items()}
        pairs = [(Share(now[edition].fields[name], now[edition].pages), base) for edition, (_, base) in bases.items()]
        total, base = _sum(pair[0] for pair in pairs), _sum(pair[1] for pair in pairs)
        expected = sum(one.of * before.value for one, before in pairs)
        if len(pairs) > 1 and total.of >= FEWEST_OF_ALL and expected - total.hits >= LEAST_DROP * total.of:
            chance = chance_of_drops(pairs)
            if chance < CHANCE:
                yield Drift("", name, total, base, max(crawl for crawl, _ in bases.values()), chance)


def _sum(shares: Iterable[Share]) -> Share:
    shares = list(shares)
    return Share(sum(one.hits for one in shares), sum(one.of for one in shares))
