"""Real news pages held against the truth of their publishers: no less is read than was read before."""

from __future__ import annotations

import statistics

import pytest

from benchmarks.pages import Case, cases, count, f1, read, words
from crawler.items import Page
from tests.shared import need

LEAST = {
    "title": 0.89,
    "title told": 0.99,
    "date": 0.99,
    "alt": 0.96,
    "caption": 0.96,
    "credit": 0.96,
    "author": 0.94,
}


@pytest.fixture(scope="module")
def real() -> tuple[list[Case], list[Page]]:
    found = list(cases(need("pages", "news")))
    return found, read(found, 1)[0]


@pytest.mark.parametrize("piece", LEAST)
def test_pieces(piece: str, real: tuple[list[Case], list[Page]]) -> None:
    found = count(*real)[piece]
    assert found.of > 100
    assert found.share >= LEAST[piece], found.misses


def test_bodies(real: tuple[list[Case], list[Page]]) -> None:
    texts = (" ".join(one.text for one in page.blocks if one.kind != "heading") for page in real[1])
    truths = (" ".join(case.body("paragraphs")) for case in real[0])
    scores = [f1(words(text), words(truth)) for text, truth in zip(texts, truths, strict=True)]
    assert statistics.fmean(scores) >= 0.974
    assert statistics.median(scores) >= 0.98
