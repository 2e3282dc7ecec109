"""Labels learnt from pages: each edition's own words, in whatever structure, and no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape

import pytest
from resiliparse.parse.html import HTMLTree

from crawler.demo.labels import EDITIONS, Labels, labels
from crawler.items import Page
from crawler.labels.label import KINDS, Label, surely
from crawler.labels.learn import learn
from crawler.labels.sheet import Sheet
from crawler.text.normal import normal
from crawler.text.seedtext import seed_text
from tests.demopages import pages
from tests.shared import need
from tests.text.structures import STRUCTURES, Story, take_apart

INVENTED = Labels(
    language="Vesperan",
    credit="Skora meti o zuvra",
    byline="Teneru o zuvra",
    related="Ilvani temura",
    cookie_title="Ke sorva lanti kukezi",
    cookie_text="Nai lanta kukezi vo teruna, ke sorva mi beltera. Vuna [o ranta privi] vo multa sabera.",
    cookie_refusal="Nemu",
    front="",
    read_also="",
    most_read="",
    topics="",
    older="",
    newer="",
    about="",
    about_text="",
    privacy="",
    privacy_text="",
    tags={},
)
"""A tenth edition, in a language that no one speaks."""


def truth(words: Labels) -> dict[str, str]:
    return {kind: re.sub(r"[\[\]]", "", getattr(words, kind)) for kind in KINDS}


def found(learnt: Iterable[Label]) -> dict[str, str]:
    """By kind; two of one kind are a fault."""
    told = [(label.kind, label.text) for label in learnt]
    assert len(dict(told)) == len(told), told
    return dict(told)


def sheet(page: Page) -> Sheet:
    return Sheet.of(page.text, page.title)


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_label_of_the_demo_is_learnt_and_no_other(edition: str) -> None:
    sheets = [sheet(page) for page in pages(edition)]
    learnt = learn(sheets)
    assert found(learnt) == truth(labels()[edition])
    assert all(label.of == len(sheets) and label.pages >= len(sheets) - 1 for label in learnt)
    assert all(label.confidence > 0.75 for label in learnt)


def in_the_invented_language(html: str) -> str:
    for kind in KINDS:
        if kind != "cookie_text":
            html = html.replace(getattr(labels()["en"], kind), getattr(INVENTED, kind))
    return re.sub(r"<div>We use cookies.*?</div>", f"<div>{truth(INVENTED)['cookie_text']}</div>", html)


def test_a_tenth_edition_needs_nothing_but_its_pages() -> None:
    assert found(learn([sheet(page) for page in pages("en", in_the_invented_language)])) == truth(INVENTED)


@pytest.mark.parametrize("edition", ["sw", "ar", "ja"])
@pytest.mark.parametrize("count", [3, 6])
def test_a_few_pages_are_enough(edition: str, count: int) -> None:
    sheets = [sheet(page) for page in pages(edition)]
    for first in range(0, len(sheets) - count, count):
        learnt = found(learn(sheets[first : first + count]))
        # Fewer pages may not show all, but they show nothing wrong.
        assert learnt.items() <= truth(labels()[edition]).items()
        assert {"cookie_title", "cookie_text", "cookie_refusal"} <= learnt.keys()
        assert count == 3 or {"byline", "related"} <= learnt.keys()


def apart(story: Story) -> str:
    """Credits in paragraphs of their own, bylines behind summaries, the notice first."""
    title, text, refusal = map(escape, story.cookie)
    parts = [f"<div><h3>{title}</h3><p>{text}</p><div>{refusal}</div></div>", f"<h1>{escape(story.title)}</h1>"]
    if story.alt:
        parts.append(f'<div><img alt="{escape(story.alt)}"></div><p>{escape(story.credit or "")}</p>')
    parts += [f"<p>{escape(one)}</p>" for one in story.body]
    if story.heading and story.card:
        alt, credit, head, byline, summary = map(escape, story.card)
        parts.append(f'<h4>{escape(story.heading)}</h4><p><img alt="{alt}"></p><p>{credit}</p><h5>{head}</h5>')
        parts.append(f"<p>{summary}</p><p>{byline}</p>")
        parts += [f"<p>{escape(one)}</p>" for one in story.plain]
    return f"<html><body>{''.join(parts)}</body></html>"


@pytest.mark.parametrize("edition", ["sw", "ar", "ko"])
@pytest.mark.parametrize("structure", [*STRUCTURES, "apart"])
def test_labels_are_learnt_in_any_structure(edition: str, structure: str) -> None:
    build: Callable[[Story], str] = apart if structure == "apart" else lambda story: STRUCTURES[structure](story, "")
    sheets = []
    for page in pages(edition):
        story = take_apart(page.text)
        alts = frozenset(filter(None, [story.alt, story.card[0] if story.card else None]))
        text = normal(seed_text(HTMLTree.parse(build(story))))
        sheets.append(Sheet.of(text, page.title, alts if structure == "apart" else None))
    assert found(learn(sheets)) == truth(labels()[edition])


def test_titles_above_bylines_are_told_from_alt_texts() -> None:
    """Cards whose title and byline are one block look like pictures with credits, but for the alt texts."""

    def text(number: int) -> str:
        cards = [f"Story {number + 7 * card} in short\nBy the desk" for card in range(4)]
        picture = f"A harbour, seen for the {number}th time.\nPhoto: the paper"
        return "\n\n".join([picture, f"Title {number}", f"What happened on day {number}.", "More on this", *cards])

    sheets = [
        Sheet.of(text(number), f"Title {number}", frozenset([f"A harbour, seen for the {number}th time."]))
        for number in range(12)
    ]
    assert found(learn(sheets)) == {"credit": "Photo: the paper", "byline": "By the desk", "related": "More on this"}


SEEDS = {
    "sw": {"000_0f2e8748639a1870": "Takaichi tells Trump Japan will continue Russian LNG imports"},
    "ko": {
        "001_72fb8e2cfc20eed4": "Takaichi tells Trump Japan will continue Russian LNG imports",
        "004_68b5a22ea4a04e14": "Takaichi and Trump hold first summit in Tokyo",
    },
    "sv": {"002_04491e12e3a51874": "Takaichi and Trump hold first summit in Tokyo"},
    "yo": {"003_d51684a8ac4161bd": "Takaichi and Trump agree to work toward spring U.S. meeting"},
}


@pytest.mark.parametrize("edition", SEEDS)
def test_one_page_teaches_what_recurs_in_it_and_says_how_little_that_is(edition: str) -> None:
    sheets = [
        Sheet.of(need("seeds", f"{file}.txt").read_text("utf-8"), title) for file, title in SEEDS[edition].items()
    ]
    learnt = learn(sheets)
    wanted = truth(labels()[edition])
    # The Swedish page has neither cards nor a second picture.
    assert found(learnt) == {kind: wanted[kind] for kind in KINDS if edition != "sv" or kind.startswith("cookie")}
    assert {label.confidence for label in learnt} == {surely(len(sheets), len(sheets))}
    assert max(label.confidence for label in learnt) < 0.35


def test_pages_without_anything_in_common_teach_nothing() -> None:
    def text(number: int) -> str:
        return "\n\n".join(f"Line {line} of page {number}, which no other page has." for line in range(9))

    assert (
        learn([Sheet.of(text(number), f"Line 0 of page {number}, which no other page has.") for number in range(9)])
        == ()
    )
    assert learn([]) == ()
    assert learn([Sheet.of("", "")] * 4) == ()


@pytest.mark.parametrize(
    ("hits", "of", "least"),
    [(0, 0, 0.0), (0, 9, 0.0), (1, 1, 0.207), (10, 10, 0.722), (50, 100, 0.404), (100, 100, 0.963)],
)
def test_confidence_is_wilsons_lower_bound(hits: int, of: int, least: float) -> None:
    assert surely(hits, of) == pytest.approx(least, abs=0.001)
