from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from resiliparse.parse.html import HTMLTree

from crawler.frontier.traps import looks_like_trap
from crawler.urls import resolve
from tests.shared import need

TRAPS = {
    "https://news.example/en/en/en/articles/a": "repeated-path",
    "https://news.example/a/b/a/b/a/b": "repeated-path",
    "https://news.example/sw/articles/x/articles/x/articles/x/y": "repeated-path",
    "https://news.example/a/b/a/c/a/d/a/e/a": "repeated-path",
    "https://news.example/" + "/".join(map(str, range(31))): "deep-path",
    "https://news.example/list?" + "&".join(f"f{n}=1" for n in range(25)): "many-parameters",
    "https://news.example/a%2525252F": "escaped-again",
    "https://news.example/http://news.example/http://news.example/": "nested-address",
    "https://news.example/article.do;jsessionid=0A1B2C3D4E5F?id=5": "session-id",
    "https://news.example/a?PHPSESSID=b7ck3q9vbv0jlnkmb8sd9q0k21": "session-id",
    "https://news.example/(S(lit3py55t21z5v55vlm25s55))/page.aspx": "session-id",
    "https://news.example/a?sid=0123456789abcdef0123456789abcdef": "session-id",
    "https://news.example/calendar/2087/05": "far-date",
    "https://news.example/calendar/2031-04-30": "far-date",
    "https://news.example/events?year=2150&month=2": "far-date",
    "https://news.example/events?date=0001-01-01": "far-date",
}

PAGES = (
    "https://allthe.news/ko/articles/peace-talks-resume-toward-spring-u-s-meeting",
    "https://news.example/2011/11/11/11/eleven",
    "https://news.example/1/1/1/1/1",
    "https://news.example/2028/01/announced",
    "https://news.example/1851/09/18/first-issue",
    "https://news.example/fa/news/1405/05/12/3134000/slug",
    "https://news.example/ar/1448/02/slug",
    "https://news.example/th/2569/07/slug",
    "https://news.example/sport/football/football/news/sport",
    "https://news.example/articles/2105/2/slug",
    "https://news.example/articles/20870512-slug",
    "https://news.example/web/20240101/https://news.example/a",
    "https://news.example/a?sid=42&session=spring",
    "https://news.example/cyberpunk-2077-review",
    "https://news.example/list?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=10",
    "https://news.example/100%25-sure",
    "https://news.example",
)


@pytest.mark.parametrize("url", TRAPS)
def test_traps(url: str) -> None:
    assert looks_like_trap(url, year=2026) == TRAPS[url]


@pytest.mark.parametrize("url", PAGES)
def test_pages(url: str) -> None:
    assert looks_like_trap(url, year=2026) is None


def test_no_link_of_129_real_pages_is_one() -> None:
    urls = set(links())
    assert len(urls) > 5_000
    assert {url: trap for url in urls if (trap := looks_like_trap(url, year=2026))} == {}


def links() -> Iterator[str]:
    """What the pages of some 90 publishers link, normalised."""
    for page in need("pages", "news").glob("*/*.html.gz"):
        tree = HTMLTree.parse_from_bytes(gzip.decompress(page.read_bytes()), "utf-8")
        assert tree.document is not None
        for anchor in tree.document.query_selector_all("a[href]").values():
            url = resolve("https://news.example/section/", anchor.get_attribute("href") or "")
            if url is not None:
                yield url
