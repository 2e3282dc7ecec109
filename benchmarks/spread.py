"""How evenly the scores of real pages lie: by country, without any one publisher, and the pages read worst.

    python -m benchmarks.spread PATH

PATH holds pages as `benchmarks.pages` reads them; `benchmarks.corpus` prints this, too. A rule made for one publisher
shows here: without its pages the score of all is another.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pages import Case, count, f1, paragraphs, read, words
from benchmarks.pages import cases as cases_in
from crawler.items import Page

PIECES = ("title", "author", "date", "alt", "caption", "credit")
WORST = 10


@dataclass(frozen=True)
class Score:
    """One page's: of each piece how many of how many were found, and the F1 of its paragraphs' words."""

    case: Case
    pieces: dict[str, tuple[int, int]]
    body: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path)
    found = list(cases_in(parser.parse_args().path))
    show(found, read(found, 1)[0])


def scores(cases: Sequence[Case], pages: Sequence[Page]) -> list[Score]:
    return [_score(case, page) for case, page in zip(cases, pages, strict=True)]


def _score(case: Case, page: Page) -> Score:
    counts = count([case], [page])
    body = f1(words(" ".join(paragraphs(page))), words(" ".join(case.body("paragraphs"))))
    return Score(case, {name: (counts[name].found, counts[name].of) for name in PIECES}, body)


def show(cases: Sequence[Case], pages: Sequence[Page]) -> None:
    """Print all of it."""
    each = scores(cases, pages)
    print("\n" + f"{'by country':30}{'pages':>6}" + "".join(f"{name:>9}" for name in (*PIECES, "words")))
    for country, of in _groups(each, lambda case: case.country).items():
        _row(country, len(of), _shares(of))
    _row("all", len(each), _shares(each))
    publishers = _groups(each, lambda case: case.publisher).values()
    without = [_shares([one for one in each if one not in of]) for of in publishers]
    for name, best in (("at least", min), ("at most", max)):
        told = [best(one for one in column if one is not None) for column in zip(*without, strict=True)]
        _row(f"without one publisher, {name}", "", told)
    worst = sorted(each, key=lambda one: one.body)[:WORST]
    print("\nworst bodies: " + ", ".join(f"{one.case.name.partition('.')[0]} {one.body:.2f}" for one in worst))


def _groups(each: Sequence[Score], key: Callable[[Case], str]) -> dict[str, list[Score]]:
    groups: dict[str, list[Score]] = defaultdict(list)
    for one in each:
        groups[key(one.case)].append(one)
    return groups


def _shares(each: Sequence[Score]) -> list[float | None]:
    """Of each piece the share found (None where there was none to find), and the mean F1."""
    found: list[float | None] = []
    for name in PIECES:
        of = sum(one.pieces[name][1] for one in each)
        found.append(sum(one.pieces[name][0] for one in each) / of if of else None)
    return [*found, statistics.fmean(one.body for one in each)]


def _row(name: str, pages: int | str, shares: Sequence[float | None]) -> None:
    told = [f"{one:9.1%}" if one is not None else f"{'':9}" for one in shares]
    print(f"{name:30}{pages:>6}" + "".join(told))


if __name__ == "__main__":
    main()
