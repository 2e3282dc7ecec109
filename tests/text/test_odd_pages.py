"""Pages that say what cannot be: each makes a document all the same, or says why it makes none."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from crawler.items import Drop, Page, Record
from crawler.page.dates import _without_scripts
from crawler.sites.profile import Profile, load
from crawler.text.article import read_article
from crawler.text.links import LinkReader
from crawler.text.page import PageReader
from tests.command import lines, profile
from tests.conftest import Corpora

URL = "https://example.org/en/articles/a"
PROSE = f"<article><h1>A</h1><p>{'Some words of a story that is told here at length. ' * 5}</p></article>"
HALF = "\\ud83d"
ODD = {
    "half an emoji in a headline": f'{{"@type": "NewsArticle", "headline": "Broken {HALF}"}}',
    "half an emoji in a body": f'{{"@type": "NewsArticle", "articleBody": "{f"Half of {HALF} it. " * 80}"}}',
    "half an emoji in a key": f'{{"@type": "NewsArticle", "{HALF}": 1, "keywords": ["{HALF[:-1]}f"]}}',
    "a year too large": '{"@type": "Article", "datePublished": "Thu, 1 Jan 99999999999999999999 00:00:00 GMT"}',
    "an offset too large": '{"@type": "Article", "dateModified": "Thu, 1 Jan 2020 00:00:00 +99999999999999"}',
    "a number too large": f'{{"@type": "Article", "headline": {"9" * 5_000}}}',
}


@pytest.fixture
def site(tmp_path: Path) -> Profile:
    return load(profile(tmp_path, "example.org"))


@pytest.mark.parametrize("said", ODD.values(), ids=ODD)
def test_what_no_text_can_hold_costs_no_page(said: str, site: Profile, tmp_path: Path, corpus: Corpora) -> None:
    html = f'<!doctype html><script type="application/ld+json">{said}</script>{PROSE}'
    page = read_article(PageReader(site), html.encode(), URL, "text/html")
    assert isinstance(page, Page)
    made = corpus(tmp_path / "corpus")
    assert made.add(page, Record("a.warc.gz", 0, 10, "urn:uuid:1", "sha256:00"), "2026-01-01T00:00:00Z") == "new"
    made.save()
    [item] = lines(tmp_path / "corpus" / "items.jsonl")
    assert item["articleBody"]


def test_an_emoji_in_two_halves_is_whole(site: Profile) -> None:
    said = '{"@type": "NewsArticle", "headline": "Whole \\ud83d\\ude00 and half \\ud83d"}'
    html = f'<script type="application/ld+json">{said}</script>{PROSE.replace("<h1>A</h1>", "")}'
    page = read_article(PageReader(site), html.encode(), URL, "text/html")
    assert isinstance(page, Page)
    assert page.title == "Whole 😀 and half \ufffd"


MANY = 100_000
STYLES = ("url(" + " " * MANY, "url(" * MANY, "url('" * MANY, "url('x'" + " " * MANY)
PARTS = (f'<img srcset="{" " * MANY}">', f'<script type="application/ld+json">-->{" " * MANY}x</script>')


@pytest.mark.parametrize("css", STYLES, ids=range(len(STYLES)))
def test_no_stylesheet_takes_the_square_of_its_length(css: str, site: Profile) -> None:
    begun = time.process_time()
    LinkReader(site).stylesheet(css, URL)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("part", PARTS, ids=range(len(PARTS)))
def test_no_page_takes_the_square_of_its_length(part: str, site: Profile) -> None:
    begun = time.process_time()
    html = f'<!doctype html><meta name="date" content="2026-01-01">{part}{PROSE}'
    assert isinstance(read_article(PageReader(site, LinkReader(site)), html.encode(), URL, "text/html"), Page)
    assert time.process_time() - begun < 2


def test_scripts_that_nothing_ends_take_no_square_of_their_number() -> None:
    begun = time.process_time()
    assert _without_scripts("<p>a<script>b</script >c" + "<script " * MANY) == "<p>ac" + "<script " * MANY
    assert time.process_time() - begun < 2


class Unprepared(PageReader):
    """A reader that was not made for the page it is given."""

    def read(self, body: bytes, url: str, content_type: str | None, record_id: str | None = None) -> Page | Drop:
        raise ZeroDivisionError


def test_a_page_that_the_reader_was_not_made_for_is_dropped_and_told(
    site: Profile, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        read = read_article(Unprepared(site), b"<!doctype html>", URL, "text/html", record_id="urn:uuid:1")
    assert read == Drop(URL, "unreadable", record_id="urn:uuid:1")
    assert URL in caplog.text
    assert "ZeroDivisionError" in caplog.text
