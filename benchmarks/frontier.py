"""What a frontier on disk costs: the same crawl with Scrapy's memory queue, its memory, and its look-ups.

    python -m benchmarks.frontier [--only speed memory known] [--pages 2000] [--rounds 5]

*speed*: the whole product over nginx, once with our frontier and once with Scrapy's own scheduler, interleaved.
*memory*: 100,000 URLs in a frontier, in a process of its own. *known*: a million URLs looked up. All by default.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

from scrapy import Request
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.dupefilters import RFPDupeFilter
from scrapy.settings import Settings

from archive.capture import Location
from benchmarks.crawl import PROFILE
from benchmarks.made import write_pages
from benchmarks.memory import peak
from benchmarks.nginx import serve
from benchmarks.rounds import Run, against, in_rounds, measure, medians
from crawler.frontier.frontier import Frontier
from crawler.frontier.store import Ending, Found, FrontierStore, Wait
from crawler.keeping.extension import Keeping
from crawler.state import State

VARIANTS = {
    "F": "our frontier, on disk",
    "M": "Scrapy's memory queue; a set of known links beside it",
    "S": "Scrapy's memory queue; each link a request to its filter",
}
SPEED_GOAL = 0.85
"""Of F to M."""

URLS, MEMORY_GOAL = 100_000, 300.0
"""MB."""

KNOWN, LOOKUP_GOAL = 1_000_000, 1.0
"""Milliseconds, of 99 look-ups in 100."""

LOOKUPS = 20_000
WORDS = "council ferry harvest bridge school election drought market museum railway".split()


KNOWN_LINKS: set[str] = set()
"""What the one crawl of this process has asked for, if it remembers that beside its queue."""


class RememberingFilter(RFPDupeFilter):
    """Scrapy's filter; the spider can ask what passed it."""

    def request_seen(self, request: Request) -> bool:
        KNOWN_LINKS.add(request.url)
        return super().request_seen(request)


class MemoryFrontier:
    """What spider and keeper ask of a frontier beside the queue: which links are known, and nothing kept."""

    def __init__(self, on_end: Callable[[str], None]) -> None:
        self._on_end = on_end

    def __contains__(self, url: str) -> bool:
        """Whether the spider asked for this before; it makes a request of what is not known."""
        return url in KNOWN_LINKS

    def ended(self, ending: Ending, *, article: bool = False) -> None:
        if ending.outcome != "captured":
            self._on_end(ending.url)

    def wait(self, wait: Wait) -> None:
        """No host asks for one."""

    def waits(self, now: float) -> Sequence[Wait]:
        return ()

    def captured(self, url: str, written: Future[Location]) -> None:
        """It is not kept."""

    def settle(self, *, wait: bool = False) -> None:
        """Nothing waits."""


class MemoryKeeping(Keeping):
    """Archive and corpus as ever, with a frontier in memory."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        frontier = MemoryFrontier(self._keeper.assembly.give_up)
        self._keeper.frontier = crawler.frontier = frontier  # type: ignore[assignment, attr-defined]
        crawler.unsaved = None  # type: ignore[attr-defined]


def crawl(variant: str, url: str, folder: Path) -> None:
    """One crawl in this process; the number of its answers, and its peak memory in MB, on stdout."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    chosen: dict[str, object] = {
        "LOG_FILE": str(folder / "log"),
        "LOG_LEVEL": "INFO",
        "ROBOTSTXT_OBEY": False,
        "EDITIONS_COLLECTION": str(folder / "collection"),
        "EDITIONS_PROGRESS": False,
        "EDITIONS_CRAWL_ID": "crawl",
    }
    if variant != "F":
        chosen |= {
            "SCHEDULER": "scrapy.core.scheduler.Scheduler",
            # By name: this module runs as __main__, and what Scrapy imports of it is another copy.
            "DUPEFILTER_CLASS": "benchmarks.frontier.RememberingFilter",
            "EXTENSIONS": {"crawler.keeping.extension.Keeping": None, "benchmarks.frontier.MemoryKeeping": 0},
        }
    if variant == "S":
        chosen["DUPEFILTER_CLASS"] = "scrapy.dupefilters.RFPDupeFilter"
    settings.update(chosen, priority="cmdline")
    profile = folder / "bench.toml"
    profile.write_text(PROFILE.format(host=url.removeprefix("http://")))
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler("news")
    process.crawl(crawler, site=str(profile))
    process.start()
    print(json.dumps([crawler.stats.get_value("response_received_count") if crawler.stats else 0, peak()]))


def measured(variant: str, url: str, pages: int, folder: Path) -> Run:
    """A crawl in a new process, of which each page must come and make a document."""
    run = measure("benchmarks.frontier", variant, url, pages, folder)
    made = (folder / "collection/corpus/manifest.jsonl").read_bytes().count(b"\n")
    if made != pages:
        raise SystemExit(f"{variant}: {made} documents of {pages}")
    return run


def speed(pages: int, rounds: int) -> None:
    """All rounds of all variants, and how F stands to the others."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_pages(root / "pages", pages)
        with serve(root, "plain") as url:
            runs = in_rounds(VARIANTS, rounds, lambda variant, name: measured(variant, url, pages, root / name))
    print(f"speed: {pages} pages of 60 KB, {rounds} rounds, medians")
    for variant, done in runs.items():
        print(f"  {variant}  {VARIANTS[variant]:58} {medians(done)}")
    for other in ("M", "S"):
        ratio, words = against(runs["F"], runs[other])
        verdict = f"; {_verdict(ratio >= SPEED_GOAL, f'at least {SPEED_GOAL}')}" if other == "M" else ""
        print(f"  F/{other}  {words}{verdict}")


def _verdict(reached: bool, wanted: str) -> str:
    return f"wanted: {wanted}: {'reached' if reached else 'MISSED'}"


def urls(count: int, start: int = 0) -> Iterator[Found]:
    """Articles as a news site names them."""
    for number in range(start, start + count):
        words = "-".join(WORDS[number // 10**place % 10] for place in range(5))
        url = f"https://news.example/en/articles/{words}-{number}"
        yield Found(url, "article", "en", 1 + number % 9, -100 * (number % 9), "https://news.example/en")


def fill(folder: Path) -> None:
    """A hundred thousand URLs into a frontier, a tenth of them out of it and ended; peak memory on stdout, in MB."""
    state = State(folder / "state.db")
    frontier = _frontier(state)
    before = peak()
    for number, found in enumerate(urls(URLS)):
        frontier.offer(found)
        if number % 10 == 9 and (one := frontier.next()):
            frontier.ended(Ending(one.url, "captured"), article=True)
        if number % 500 == 499:
            state.commit()
    state.close()
    print(json.dumps([before, peak()]))


def _frontier(state: State) -> Frontier:
    store = FrontierStore(state)
    store.begin("benchmark", "")
    state.begin()
    return Frontier(store, on_end=lambda url: None, on_failure=_raised)


def _raised(error: Exception) -> None:
    raise SystemExit(str(error))


def memory() -> None:
    """What `fill` takes, in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "benchmarks.frontier", "--run", "fill", "--folder", name]
        start = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        seconds = time.perf_counter() - start
        before, most = json.loads(done.stdout)
        size = (Path(name) / "state.db").stat().st_size / 1e6
    verdict = _verdict(most < MEMORY_GOAL, f"under {MEMORY_GOAL:.0f} MB")
    print(f"memory: {URLS:,} URLs: peak {most:.0f} MB, {before:.0f} of it before the first; {verdict}")
    print(f"  {seconds:.1f} s, {size:.0f} MB on disk")


def known() -> None:
    """Look-ups of known and unknown URLs among a million, the first ones with nothing in memory."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "state.db"
        state, seconds = _filled(path)
        state.close()
        size = path.stat().st_size / 1e6
        print(f"known: {KNOWN:,} URLs, {size:.0f} MB on disk, added at {KNOWN / seconds:,.0f} a second")
        chance = random.Random(1)
        ours = [found.url for n in range(LOOKUPS // 2) for found in urls(1, chance.randrange(KNOWN))]
        others = [found.url for n in range(LOOKUPS // 2) for found in urls(1, KNOWN + n)]
        asked = chance.sample([*ours, *others], LOOKUPS)
        start = time.perf_counter()
        state = State(path)
        cold, warm = _opened(state), _opened(state)
        print(f"  opened in {(time.perf_counter() - start) / 2:.2f} s")
        _forget(path)
        _times("cold, from the disk", cold, asked)
        _times("warm, from the page cache", warm, asked)
        _times("warm, remembered", warm, asked)
        state.close()


def _opened(state: State) -> FrontierStore:
    store = FrontierStore(state)
    store.begin("again", "")
    return store


def _filled(path: Path) -> tuple[State, float]:
    state = State(path)
    store = FrontierStore(state)
    store.begin("benchmark", "")
    state.begin()
    start = time.perf_counter()
    for number, found in enumerate(urls(KNOWN)):
        store.add(found)
        if number % 10_000 == 9_999:
            state.commit()
    state.commit()
    return state, time.perf_counter() - start


def _forget(path: Path) -> None:
    """Have the kernel forget the file's pages, so that the disk is asked."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _times(name: str, store: FrontierStore, asked: Sequence[str]) -> None:
    took = []
    found = 0
    for url in asked:
        start = time.perf_counter()
        found += store.knows(url)
        took.append((time.perf_counter() - start) * 1000)
    if found != LOOKUPS // 2:
        raise SystemExit(f"{found} of {LOOKUPS // 2} known URLs were found")
    took.sort()
    middle, late, last = took[len(took) // 2], took[len(took) * 99 // 100], took[-1]
    over = sum(one >= LOOKUP_GOAL for one in took)
    verdict = _verdict(late < LOOKUP_GOAL, f"99 of 100 under {LOOKUP_GOAL:.0f} ms")
    print(
        f"  {name}: median {middle:.4f} ms, 99 of 100 under {late:.4f}, longest {last:.2f}, "
        f"{over} of {len(took):,} over {LOOKUP_GOAL:.0f} ms; {verdict}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("speed", "memory", "known"), nargs="+")
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--run", choices=[*VARIANTS, "fill"], help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run == "fill":
        fill(options.folder)
    elif options.run:
        crawl(options.run, options.url, options.folder)
    else:
        tasks = {"speed": lambda: speed(options.pages, options.rounds), "memory": memory, "known": known}
        for name in options.only or tasks:
            tasks[name]()


if __name__ == "__main__":
    main()
