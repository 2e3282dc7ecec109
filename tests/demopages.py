"""The demo site's articles as a corpus, made without a crawl, each page altered as a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

from crawler.demo.oddities import article
from crawler.demo.site import DemoSite
from crawler.items import Page, Record
from crawler.sites.profile import Profile, find
from crawler.state import State
from crawler.text.corpus import Corpus
from crawler.text.ledger import Ledger
from crawler.text.normal import normalised
from crawler.text.page import PageReader
from crawler.text.seedtext import extractor

ORIGIN = "http://127.0.0.1:8017"
"""Where crawler/sites/demo.toml says that the site is."""

RECORD = Record("a.warc.gz", 0, 10, "urn:uuid:1", "sha256:00")
DATE = "2026-06-01T00:00:00Z"


@cache
def site(state: int = 1) -> DemoSite:
    return DemoSite(state=state, origin=ORIGIN)


def pages(
    edition: str, alter: Callable[[str], str] = lambda html: html, *, state: int = 1, profile: Profile | None = None
) -> Iterator[Page]:
    """The stories of one edition, oldest first, read from their HTML."""
    reader = PageReader(profile or find("demo"))
    for story in reversed(site(state).catalogue.edition(edition)):
        answer = site(state).answer(article(edition, story.slug))
        html = answer.body.decode("cp932" if "Shift_JIS" in answer.content_type else "utf-8")
        html = alter(html.replace('charset="Shift_JIS"', 'charset="utf-8"'))
        page = reader.read(html.encode(), ORIGIN + article(edition, story.slug), "text/html; charset=utf-8")
        assert isinstance(page, Page)
        yield reader.described(normalised(page))


def write_corpus(collection: Path, made_of: Iterator[Page]) -> Path:
    """Make a corpus of pages in a folder that looks like a collection; returns the corpus's folder."""
    (collection / "archive").mkdir(parents=True)
    with closing(State()) as state:
        corpus = Corpus(collection / "corpus", Ledger(state), extractor())
        for number, page in enumerate(made_of):
            corpus.add(page, replace(RECORD, offset=number * 10), DATE)
        corpus.save()
    return collection / "corpus"
