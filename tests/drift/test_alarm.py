"""The alarm's arithmetic: exact where it can be, silent where chance would do, loud where a field is gone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import comb
from random import Random

import pytest

from crawler.drift.alarm import CHANCE, Drift, Past, drift
from crawler.drift.chance import Share, chance_of_drop, chance_of_drops
from crawler.drift.fill import SAMPLE, EditionFill, FillTally, median
from crawler.items import Page


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ((0, 3), (20, 20)),
        ((0, 9), (20, 20)),
        ((7, 10), (9, 10)),
        ((3, 3), (1, 5)),
        ((40, 50), (90, 100)),
        ((0, 1), (0, 1)),
    ],
)
def test_the_chance_of_a_drop_is_fishers(now: tuple[int, int], before: tuple[int, int]) -> None:
    hits, of = now[0] + before[0], now[1] + before[1]
    ways = sum(comb(hits, k) * comb(of - hits, now[1] - k) for k in range(now[0] + 1))
    assert chance_of_drop(Share(*now), Share(*before)) == pytest.approx(float(Fraction(ways, comb(of, now[1]))))


def test_small_drops_in_many_editions_add_up_and_another_mixture_of_editions_is_none() -> None:
    assert chance_of_drops([(Share(1, 4), Share(4, 4))] * 18) < 1e-6
    assert chance_of_drop(Share(1, 4), Share(4, 4)) > 0.05
    # All pages of the one, none of the other; this time the other was crawled more.
    assert chance_of_drops([(Share(5, 5), Share(90, 90)), (Share(0, 90), Share(0, 5))]) > 0.4


def tally(pages: int, **fields: int) -> FillTally:
    made = FillTally(pages=pages)
    made.fields.update(fields)
    made.lengths[2000] = pages
    return made


def past(crawl: str, pages: int, **fields: int) -> Past:
    return Past(crawl, {"sw": EditionFill(pages, fields, 2000)})


def test_a_field_that_is_gone_is_told_with_its_numbers() -> None:
    [found] = drift({"sw": tally(22, credit=0, date=22)}, [past("a", 30, credit=28, date=30)])
    assert replace(found, chance=0) == Drift("sw", "credit", Share(0, 22), Share(28, 30), "a", 0)
    assert found.told() == "sw: credit on 0 of 22 pages, before on 28 of 30 (crawl a)"
    assert found.chance < 1e-10


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_a_few_pages_do_not_cry_wolf(pages: int) -> None:
    assert drift({"sw": tally(pages, credit=0)}, [past("a", 22, credit=22)]) == ()


def test_a_crawl_of_too_few_pages_is_no_measure() -> None:
    assert drift({"sw": tally(500, credit=0)}, [past("a", 4, credit=4)]) == ()
    assert drift({"sw": tally(500, credit=0)}, []) == ()
    assert drift({"ko": tally(500, credit=0)}, [past("a", 400, credit=400)]) == ()


def test_one_odd_crawl_among_many_neither_hides_a_drift_nor_makes_one() -> None:
    crawls = [past(name, 100, credit=95) for name in "abcde"]
    odd = past("odd", 100, credit=0)
    found = drift({"sw": tally(100, credit=5)}, [*crawls, odd])
    assert [(one.what, one.before) for one in found] == [("credit", Share(95, 100))]
    assert drift({"sw": tally(100, credit=94)}, [*crawls, past("more", 100, credit=100)]) == ()


def test_only_the_newest_crawls_count() -> None:
    old = [past(f"old{number}", 100, credit=100) for number in range(9)]
    new = [past(f"new{number}", 100, credit=10) for number in range(5)]
    assert drift({"sw": tally(100, credit=9)}, [*old, *new]) == ()


def test_texts_that_became_much_shorter_or_longer_are_told() -> None:
    now = tally(40)
    now.lengths.clear()
    now.lengths.update({600: 38, 2100: 2})
    [found] = drift({"sw": now}, [past("a", 50)])
    assert found.told() == "sw: the median text has 600, before 2000 characters (crawl a)"
    now.lengths.clear()
    now.lengths.update({9000: 40})
    assert [one.what for one in drift({"sw": now}, [past("a", 50)])] == ["chars"]
    now.lengths.clear()
    now.lengths.update({1500: 20, 2500: 20})
    assert drift({"sw": now}, [past("a", 50)]) == ()


def test_a_site_of_many_small_editions_is_judged_as_a_whole() -> None:
    editions = [f"e{number}" for number in range(18)]
    before = Past("a", {edition: EditionFill(6, {"credit": 6, "date": 6}, 2000) for edition in editions})
    found = drift({edition: tally(4, credit=1, date=4) for edition in editions}, [before])
    assert [(one.edition, one.what, one.now, one.before) for one in found] == [
        ("", "credit", Share(18, 72), Share(108, 108))
    ]
    assert found[0].told() == "all editions: credit on 18 of 72 pages, before on 108 of 108 (crawl a)"


def test_chance_alone_hardly_ever_warns() -> None:
    """Two hundred crawls of eighteen editions that do not change: 43,200 questions asked."""
    dice = Random(7)
    fields = {
        name: dice.uniform(0.05, 1) for name in "headline date byline lead body picture alt credit related".split()
    }

    def said(pages: int) -> dict[str, int]:
        return {name: sum(dice.random() < share for _ in range(pages)) for name, share in fields.items()}

    warned = 0
    for _ in range(200):
        sizes = {f"e{number}": dice.choice([6, 12, 25, 60]) for number in range(18)}
        crawls = [Past(name, {e: EditionFill(n, said(n), 2000) for e, n in sizes.items()}) for name in "abc"]
        now = {}
        for edition in sizes:
            pages = dice.choice([3, 8, 30])
            now[edition] = tally(pages, **said(pages))
        warned += bool(drift(now, crawls))
    assert warned <= 200 * 200 * CHANCE


def page(number: int) -> Page:
    url = f"https://example.org/sw/articles/story-{number}"
    text = f"Picture {number} of many.\nPicha: AI\n\nTitle {number}\n\nBody of story {number}.\n\nThe end of it all."
    return Page(url, url, "sw", f"story-{number}", f"Title {number}", None, (), text)


def test_the_sample_is_small_and_the_same_in_whatever_order_pages_come() -> None:
    forth, back = FillTally(), FillTally()
    for number in range(500):
        forth.count(page(number))
    for number in reversed(range(500)):
        back.count(page(number))
    assert len(forth.sheets) == SAMPLE
    assert [sheet.title for sheet in forth.sheets] == [sheet.title for sheet in back.sheets]
    assert forth.result() == back.result()
    assert forth.result().fields == {"headline": 500, "text": 500}
    assert [(label.kind, label.text) for label in forth.result().labels] == [("credit", "Picha: AI")]


def test_median_of_what_is_counted() -> None:
    made = FillTally()
    made.lengths.update({10: 3, 20: 1, 30: 3})
    assert median(made.lengths) == 20
    assert median(FillTally().lengths) == 0
