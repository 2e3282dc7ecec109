"""The seed documents in three page structures that have nothing in common: what each piece of them is."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.items import Page
from crawler.sites.profile import load
from crawler.text.page import PageReader
from tests.command import profile
from tests.shared import need
from tests.text.structures import STRUCTURES, Story, take_apart

FILES = (
    "000_0f2e8748639a1870",
    "001_72fb8e2cfc20eed4",
    "002_04491e12e3a51874",
    "003_d51684a8ac4161bd",
    "004_68b5a22ea4a04e14",
)

LABEL = 50
"""Characters that no paragraph is as short as, and no credit as long as."""


def read(file: str, structure: str, folder: Path) -> tuple[Story, Page]:
    story = take_apart(need("seeds", f"{file}.txt").read_bytes().decode())
    url = "http://seeds.example/en/articles/own"
    html = STRUCTURES[structure](story, url).replace("/x/articles/", "/en/articles/")
    page = PageReader(load(profile(folder, "seeds.example"))).read(html.encode(), url, "text/html; charset=utf-8")
    assert isinstance(page, Page)
    return story, page


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("file", FILES)
def test_the_body_is_the_storys_paragraphs(file: str, structure: str, tmp_path: Path) -> None:
    story, page = read(file, structure, tmp_path)
    assert page.title.startswith(one_line(story.title))
    paragraphs = [one_line(one) for one in story.body if len(one) > LABEL]
    assert [page.lead, *(block.text for block in page.blocks)][not page.lead :] == paragraphs
    assert {block.kind for block in page.blocks} == {"paragraph"}


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("file", FILES)
def test_the_picture_the_first_card_and_the_notice(file: str, structure: str, tmp_path: Path) -> None:
    story, page = read(file, structure, tmp_path)
    if story.alt:
        assert page.pictures[0].alt == one_line(story.alt)
        assert story.credit in (None, page.pictures[0].credit, page.pictures[0].caption)
    if story.card:
        alt, credit, title, byline, summary = map(one_line, story.card)
        first = page.cards[0]
        assert (first.title, first.summary) == (title, summary)
        assert first.picture is not None
        assert (first.picture.alt, first.credit) == (alt, credit)
        assert f"{first.byline} {credit}" == byline
        assert page.related_heading == story.heading
    assert page.cookie_notice == tuple(map(one_line, story.cookie))
