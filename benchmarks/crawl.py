"""What archive and corpus cost a crawl: the same crawl with them and without, and a bare Scrapy spider beside them.

    python -m benchmarks.crawl [--pages 3000] [--rounds 3] [--coding plain] [--only A B]

The pages come from nginx. In each round each variant runs once, in a process of its own that is measured whole, so
that a busy machine troubles all alike; benchmarks/README.md says what was found.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Self, get_args

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from scrapy.settings import Settings

from archive.check import report
from archive.record import WarcInfo
from archive.writer import ArchiveWriter
from benchmarks.made import write_pages
from benchmarks.memory import peak
from benchmarks.nginx import Coding, serve
from benchmarks.rounds import Run, against, in_rounds, measure, medians
from crawler.frontier.frontier import Frontier
from crawler.frontier.store import FrontierStore
from crawler.state import State

STOCK = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
WIRE = "crawler.download.wire.WireDownloadHandler"

VARIANTS = {
    "A": "our spider, Scrapy's handler, nothing kept",
    "B": "A with wire, WARC and index",
    "C": "the whole product: B with the corpus",
    "D": "bare Scrapy: response.css, default settings",
    "E": "D with wire, WARC and index",
}
RATIOS = (("B", "A"), ("C", "A"), ("C", "D"), ("E", "D"))
GOAL = 0.85
"""Of B to A."""

PROFILE = """name = "bench"
domains = ["{host}"]
article_url = "http://{host}/{{edition}}/articles/{{slug}}"
start_urls = ["http://{host}/{{edition}}"]
default_edition = "en"
allow_private_addresses = true
[editions]
en = "en"
[crawl]
delay = 0
concurrency = 16
requisites = false
"""


class Archiving:
    """A Scrapy extension that keeps captures in an archive, and does no more."""

    def __init__(self, writer: ArchiveWriter) -> None:
        self._writer = writer

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        folder = Path(crawler.settings["BENCHMARK_FOLDER"])
        index = folder / "indexes" / "index.cdxj"
        writer = ArchiveWriter(folder / "archive", index, prefix="bench", info=WarcInfo("benchmark"))
        crawler.recorder = writer  # type: ignore[attr-defined]
        archiving = cls(writer)
        crawler.signals.connect(archiving.closed, signals.spider_closed)
        return archiving

    def closed(self) -> None:
        self._writer.close()


class Frontiers:
    """A Scrapy extension that gives our spider a frontier, in memory: A and B have the same one."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        store = FrontierStore(State())
        store.begin("benchmark", "2026-01-01T00:00:00Z", fresh=False)
        crawler.frontier = Frontier(store, on_end=lambda url: None, on_failure=_give_up)  # type: ignore[attr-defined]
        return cls()


def _give_up(error: sqlite3.Error) -> None:
    raise error


class BareSpider(Spider):
    """Follows every link to an article, as a Scrapy tutorial would."""

    name = "bare"

    async def start(self) -> AsyncIterator[Any]:
        yield Request(f"{self.url}/en")  # type: ignore[attr-defined]

    def parse(self, response: Response) -> Iterator[Any]:
        yield {"url": response.url, "title": response.css("title::text").get()}
        for link in response.css("a::attr(href)").getall():
            if "/articles/" in link:
                yield response.follow(link)


def settings_of(variant: str, folder: Path) -> dict[str, object]:
    """What the variant sets beside the project's settings (A, B, C) or Scrapy's own (D, E)."""
    handler = STOCK if variant in "AD" else WIRE
    chosen: dict[str, object] = {"LOG_FILE": str(folder / "log"), "LOG_LEVEL": "INFO", "ROBOTSTXT_OBEY": False}
    if variant != "D":
        chosen["DOWNLOAD_HANDLERS"] = {"http": handler, "https": handler}
    if variant == "C":
        return chosen | {"EDITIONS_COLLECTION": str(folder), "EDITIONS_PROGRESS": False, "EDITIONS_CRAWL_ID": "crawl"}
    extensions = {"benchmarks.crawl.Frontiers": 0} if variant in "AB" else {}
    extensions |= {"benchmarks.crawl.Archiving": 1} if variant in "BE" else {}
    return chosen | {
        "EXTENSIONS": extensions,
        "BENCHMARK_FOLDER": str(folder),
        "EDITIONS_ALLOW_PRIVATE_ADDRESSES": True,
    }


def crawl(variant: str, url: str, folder: Path) -> None:
    """One crawl in this process; the number of its answers, and its peak memory in MB, on stdout."""
    settings = Settings()
    if variant in "ABC":
        settings.setmodule("crawler.settings", priority="project")
    settings.update(settings_of(variant, folder), priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    if variant in "ABC":
        crawler = process.create_crawler("news")
        process.crawl(crawler, site=str(_profile(url, folder)))
    else:
        crawler = process.create_crawler(BareSpider)
        process.crawl(crawler, url=url)
    process.start()
    print(json.dumps([crawler.stats.get_value("response_received_count") if crawler.stats else 0, peak()]))


def _profile(url: str, folder: Path) -> Path:
    path = folder / "bench.toml"
    path.write_text(PROFILE.format(host=url.removeprefix("http://")))
    return path


def show(runs: dict[str, list[Run]]) -> None:
    """A line for each variant and each ratio: medians."""
    for variant, done in runs.items():
        print(f"{variant}  {VARIANTS[variant]:46} {medians(done)}")
    for one, other in RATIOS:
        if one in runs and other in runs:
            ratio, words = against(runs[one], runs[other])
            print(f"{one}/{other}  {words}{_verdict(one, other, ratio)}")


def _verdict(one: str, other: str, ratio: float) -> str:
    if (one, other) != ("B", "A"):
        return ""
    return f": {'at least' if ratio >= GOAL else 'BELOW'} the {GOAL} that is asked for"


def prove(folder: Path) -> str:
    """What our own checker says of the archive that a crawl left."""
    found = report([folder])
    size = sum(path.stat().st_size for path in (folder / "archive").iterdir())
    codes = ", ".join(f"{count} {code}" for code, count in found.codes.items()) or "no finding"
    return f"{sum(found.records.values())} records, {size / 1e6:.0f} MB: {codes}"


def compare(coding: Coding, names: list[str], pages: int, rounds: int) -> None:
    """All rounds with pages in that coding, and the proof of what the last ones left."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_pages(root / "pages", pages)
        with serve(root, coding) as url:
            runs = in_rounds(
                names, rounds, lambda one, name: measure("benchmarks.crawl", one, url, pages, root / name)
            )
        print(f"\n{pages} pages of 60 KB, {coding}, {rounds} rounds")
        show(runs)
        for variant in sorted({"B", "C", "E"} & runs.keys()):
            print(f"{variant} checked: {prove(root / f'{variant}{rounds - 1}')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--coding", choices=get_args(Coding), nargs="+", default=["plain", "static"])
    parser.add_argument("--only", choices=VARIANTS, nargs="+", default=list(VARIANTS), metavar="VARIANT")
    parser.add_argument("--run", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        crawl(options.run, options.url, options.folder)
        return
    for coding in options.coding:
        compare(coding, options.only, options.pages, options.rounds)


if __name__ == "__main__":
    main()
