"""Every story of the demo site in every edition, read piece by piece: the site itself says what is on each page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.demo.catalogue import Catalogue
from crawler.demo.labels import EDITIONS, labels
from crawler.demo.oddities import article
from crawler.demo.shell import Desk
from crawler.demo.site import DemoSite
from crawler.demo.story import Story, Text
from crawler.demo.truth import MAIN, alternates, blocks, cards, one_line, picture, related_heading
from crawler.items import Page
from crawler.sites.profile import load
from crawler.text.page import PageReader

STATES = (1, 2)
PROFILE = Path(__file__).parents[2] / "crawler" / "sites" / "demo.toml"


@dataclass(frozen=True, slots=True)
class Shown:
    """A story as the site shows it, and the page that was read."""

    edition: str
    story: Story
    catalogue: Catalogue
    origin: str
    page: Page

    @property
    def desk(self) -> Desk:
        return Desk(self.edition, self.catalogue, self.origin)

    @property
    def text(self) -> Text:
        return self.story.page(self.edition, self.catalogue.state)

    @property
    def where(self) -> str:
        return f"{self.edition}/{self.story.slug} in state {self.catalogue.state}"


def shown(state: int) -> Iterator[Shown]:
    site = DemoSite(state=state, origin="http://127.0.0.1:8017")
    reader = PageReader(load(PROFILE))
    for edition in EDITIONS:
        for story in site.catalogue.edition(edition):
            answer = site.answer(article(edition, story.slug))
            page = reader.read(answer.body, site.origin + article(edition, story.slug), answer.content_type)
            assert isinstance(page, Page)
            yield Shown(edition, story, site.catalogue, site.origin, page)


@pytest.fixture(scope="module")
def pages() -> list[Shown]:
    return [one for state in STATES for one in shown(state)]


def test_there_are_pages_of_every_edition_and_right_to_left(pages: list[Shown]) -> None:
    assert {one.edition for one in pages} == set(EDITIONS)
    assert len(pages) > 300
    assert any(one.story.translated("ar") for one in pages)


def test_title_lead_and_body(pages: list[Shown]) -> None:
    for one in pages:
        assert one.page.title == one_line(one.text.title), one.where
        assert one.page.lead == one_line(one.text.lead), one.where
        assert one.page.description == one_line(one.text.lead), one.where
        assert one.page.blocks == blocks(one.text), one.where


def test_pictures_with_alt_and_credit(pages: list[Shown]) -> None:
    for one in pages:
        wanted = picture(one.desk, one.story, one.text, MAIN)
        assert one.page.pictures == ((wanted,) if wanted else ()), one.where


def test_related_cards_in_all_their_fields(pages: list[Shown]) -> None:
    for one in pages:
        assert one.page.cards == cards(one.desk, one.story), one.where
        assert one.page.related_heading == related_heading(one.desk, one.story), one.where


def test_dates_with_their_source(pages: list[Shown]) -> None:
    for one in pages:
        assert one.page.published is not None
        assert (one.page.published.value, one.page.published.source) == (one.story.published.isoformat(), "json-ld")
        assert one.page.modified is not None
        assert one.page.modified.value == one.catalogue.modified(one.story).isoformat(), one.where


def test_editions_tags_language_and_authors(pages: list[Shown]) -> None:
    for one in pages:
        assert one.page.alternates == alternates(one.desk, one.story), one.where
        assert one.page.canonical == one.origin + article(one.edition, one.story.slug)
        assert list(one.page.tags) == [labels()[one.edition].tags[tag] for tag in one.story.tags], one.where
        assert one.page.language == one.edition
        assert [author.name for author in one.page.authors] == ["Ninefold News AI desk"]
        assert one.page.byline == ""  # the site names who wrote a story on its cards alone


def test_the_cookie_notice_apart(pages: list[Shown]) -> None:
    for one in pages:
        words = labels()[one.edition]
        text = re.sub(r"\[(.*?)\]", r"\1", words.cookie_text)
        assert list(one.page.cookie_notice) == [words.cookie_title, one_line(text), words.cookie_refusal], one.where
        said = " ".join(block.text for block in one.page.blocks)
        assert words.cookie_title not in said
        assert words.related not in said


def test_the_seed_text_is_without_the_sites_own_footer_in_every_edition(pages: list[Shown]) -> None:
    with_text = [one for one in pages if one.page.text]
    assert {one.edition for one in with_text} == set(EDITIONS)
    assert not [one.where for one in with_text if labels()[one.edition].most_read in one.page.text]
