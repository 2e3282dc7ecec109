"""What is read from real news pages, held against the truth of their publishers, beside trafilatura's default.

    python -m benchmarks.pages PATH [--misses] [--rounds 3]

PATH holds pages as `COUNTRY/PUBLISHER_YYYY_MM_DD.html.gz` and, beside them, `PUBLISHER.json`: for each layout of the
publisher's pages its title, authors, date, body (summary, headings, paragraphs) and images with alt, caption and
credit. Which layout a page is of, its title and paragraphs tell.

Measures. *Words*: F1 of two bags of words (letters, where scripts write no blanks), the mean over the pages.
*Paragraphs*: F1 of two bags of paragraphs, each compared whole, letters and digits alone. Both of the truth's
paragraphs alone, and of all its body: summary, headings, paragraphs; trafilatura's lines are measured by the same
rulers. *Title*: the same letters and digits; *like*: two words in three shared, or one in the other; *told*: it
stands among all titles that the item gives. Truths take a publisher's OpenGraph title, its JSON-LD or what readers
see, each as it likes: on the pages that the rules were made on, no one of the three is the truth on more than four
in five. *Date*: the same minute, or the same day where one of the two is but a day. *Alt, caption, credit*: of
those in the truth, how many some picture of the page has (nine words in ten shared; of a credit, the name in it).
Cost: seconds of CPU from bytes to page, seed text and all.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unicodedata import normalize

from crawler.items import Page
from crawler.sites.profile import load
from crawler.text.page import PageReader

PAGE = re.compile(r"(.+)_\d{4}_\d\d_\d\d\.html\.gz")
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
GOALS = {"title": 0.97, "date": 0.96, "date wrong": 0.01, "alt": 0.93, "caption": 0.90, "credit": 0.90, "ms": 15.0}
URL = "http://pages.example/en/articles/a-story"
PROFILE = """name = "pages"
domains = ["pages.example"]
article_url = "http://pages.example/{edition}/articles/{slug}"
start_urls = ["http://pages.example/{edition}"]
default_edition = "en"
[editions]
en = "en"
"""


@dataclass(frozen=True)
class Case:
    """A page and its truth."""

    name: str
    country: str
    publisher: str
    html: bytes
    truth: dict[str, Any]

    def body(self, *parts: str) -> list[str]:
        """The truth's texts: of its summary, headings and paragraphs those that are asked for."""
        body = self.truth["body"]
        texts = list(body["summary"]) if "summary" in parts else []
        for section in body["sections"]:
            texts += [text for part in ("headline", "paragraphs") if part in parts for text in section[part]]
        return [text for text in texts if text]


@dataclass
class Count:
    """How many of a truth's pieces were found."""

    found: int = 0
    of: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, name: str, wanted: str, *, found: bool) -> None:
        self.found += found
        self.of += 1
        if not found:
            self.misses.append(f"{name}: {wanted[:100]}")

    @property
    def share(self) -> float:
        return self.found / self.of if self.of else 1.0


def cases(path: Path) -> Iterator[Case]:
    for page in sorted(path.rglob("*.html.gz")):
        named = PAGE.fullmatch(page.name)
        truths = page.parent / f"{named[1]}.json" if named else page
        if not named or not truths.is_file():
            print(f"{page.name}: has no truth beside it, left out", file=sys.stderr)
            continue
        html = gzip.decompress(page.read_bytes())
        plain = unescape(html.decode("utf-8", "replace"))
        named_by = (page.name, page.parent.name, truths.stem)
        layouts = [Case(*named_by, html, one) for one in json.loads(truths.read_text("utf-8")).values()]
        yield max(layouts, key=lambda case: _likeness(case, plain))


def _likeness(case: Case, plain: str) -> tuple[bool, float]:
    texts = case.body("paragraphs")
    return case.truth["title"] in plain, sum(text[:40] in plain for text in texts) / max(1, len(texts))


def words(text: str) -> list[str]:
    return WORD.findall(normalize("NFC", INVISIBLE.sub("", unescape(text))).casefold())


def letters(text: str) -> str:
    return "".join(words(text))


def f1(found: Iterable[str], wanted: Iterable[str]) -> float:
    left, right = Counter(found), Counter(wanted)
    both = (left & right).total()
    return 1.0 if not left and not right else 2 * both / (left.total() + right.total())


def like(found: str, wanted: str, least: float) -> bool:
    left, right = letters(found), letters(wanted)
    return left == right or f1(words(found), words(wanted)) >= least


def read(cases_: Sequence[Case], rounds: int) -> tuple[list[Page], float]:
    """The pages, and the least seconds of CPU that reading all of them took."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "pages.toml")
        path.write_text(PROFILE, "utf-8")
        reader = PageReader(load(path))
        least, pages = float("inf"), []
        for _ in range(rounds):
            began = time.process_time()
            pages = [reader.read(case.html, URL, "text/html") for case in cases_]
            least = min(least, time.process_time() - began)
    return [page for page in pages if isinstance(page, Page)], least


def compare_bodies(cases_: Sequence[Case], pages: Sequence[Page]) -> None:
    if find_spec("trafilatura") is None:
        print("\nbody: trafilatura is absent, and with it what to compare with", file=sys.stderr)
        return
    import trafilatura

    began = time.process_time()
    peers = [trafilatura.extract(case.html.decode("utf-8", "replace")) or "" for case in cases_]
    spent = time.process_time() - began
    peer = f"trafilatura {version('trafilatura')}"
    print(f"\nbody, F1 over {len(cases_)} pages        ours   {peer}   goal: ours at or above")
    for name, parts, of in (
        ("words of paragraphs", ("paragraphs",), lambda page: paragraphs(page)),
        ("words, all", ("summary", "headline", "paragraphs"), lambda page: [page.lead, *_texts(page)]),
    ):
        ours = [f1(words(" ".join(of(page))), words(" ".join(c.body(*parts)))) for c, page in pairs(cases_, pages)]
        theirs = [f1(words(text), words(" ".join(c.body(*parts)))) for c, text in pairs(cases_, peers)]
        _show(name, ours, theirs)
        ours = [f1(_whole(of(page)), _whole(c.body(*parts))) for c, page in pairs(cases_, pages)]
        theirs = [f1(_whole(text.split("\n")), _whole(c.body(*parts))) for c, text in pairs(cases_, peers)]
        _show(name.replace("words", "whole", 1), ours, theirs)
    print(f"{'ms of CPU a page':28}           {1000 * spent / len(cases_):10.1f}")


def pairs(cases_: Sequence[Case], others: Sequence[Any]) -> Iterable[tuple[Case, Any]]:
    return zip(cases_, others, strict=True)


def paragraphs(page: Page) -> list[str]:
    return [line for block in page.blocks if block.kind != "heading" for line in block.text.split("\n")]


def _texts(page: Page) -> list[str]:
    return [line for block in page.blocks for line in block.text.split("\n")]


def _whole(texts: Iterable[str]) -> list[str]:
    return [whole for text in texts if (whole := letters(text))]


def _show(name: str, ours: Sequence[float], theirs: Sequence[float]) -> None:
    mean = statistics.fmean
    verdict = "" if mean(ours) >= mean(theirs) else "  LOWER"
    print(f"{name:28} {mean(ours):10.4f} {mean(theirs):10.4f}{verdict}   (median {statistics.median(ours):.3f})")


def count(cases_: Sequence[Case], pages: Sequence[Page]) -> dict[str, Count]:
    counts = {name: Count() for name in ("title", "title like", "title told", "date", "alt", "caption", "credit")}
    counts["author"] = Count()
    for case, page in pairs(cases_, pages):
        _count_title(case, page, counts)
        counts["date"].add(case.name, case.truth["publishing_date"], found=_same_date(case, page))
        for author in case.truth.get("authors") or []:
            counts["author"].add(case.name, author, found=any(like(one.name, author, 1) for one in page.authors))
        for image in case.truth.get("images") or []:
            _count_image(case.name, image, page, counts)
    return counts


def _count_title(case: Case, page: Page, counts: dict[str, Count]) -> None:
    title, told = case.truth["title"], (page.title, *page.other_titles)
    near = (
        like(page.title, title, 2 / 3)
        or letters(title) in letters(page.title)
        or letters(page.title) in letters(title)
    )
    counts["title"].add(case.name, f"{title} | {page.title}", found=letters(page.title) == letters(title))
    counts["title like"].add(case.name, f"{title} | {page.title}", found=near)
    counts["title told"].add(case.name, title, found=letters(title) in map(letters, told))


def _count_image(name: str, image: dict[str, Any], page: Page, counts: dict[str, Count]) -> None:
    for kind, key in (("alt", "description"), ("caption", "caption")):
        if letters(image[key] or ""):
            found = any(like(getattr(one, kind), image[key], 0.9) for one in page.pictures)
            counts[kind].add(name, image[key], found=found)
    for author in image["authors"]:
        counts["credit"].add(name, author, found=any(letters(author) in letters(one.credit) for one in page.pictures))


def _same_date(case: Case, page: Page) -> bool:
    if page.published is None:
        return False
    ours, truth = (datetime.fromisoformat(one) for one in (page.published.value, case.truth["publishing_date"]))
    if ours.tzinfo is None or truth.tzinfo is None:
        ours, truth = ours.replace(tzinfo=None), truth.replace(tzinfo=None)
    if len(page.published.value) == len("2026-01-01") or case.truth["publishing_date"].endswith("00:00:00"):
        return ours.date() == truth.date()
    return abs((ours - truth).total_seconds()) < 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--misses", action="store_true", help="list what was not found")
    parser.add_argument("--rounds", type=int, default=3, help="of which the fastest counts")
    options = parser.parse_args()
    try:
        measure(options.path, options.rounds, misses=options.misses)
    except ValueError as error:
        parser.error(str(error))


def measure(path: Path, rounds: int = 3, *, misses: bool = False) -> tuple[list[Case], list[Page]]:
    """Print all of it; *misses* lists what was not found. Raises ValueError for a folder without such pages."""
    found = list(cases(path))
    if not found:
        raise ValueError(f"{path}: holds no pages with their truth")
    pages, seconds = read(found, rounds)
    if len(pages) < len(found):
        raise ValueError(f"{path}: a page could not be read at all")
    report(found, pages, seconds, misses=misses)
    compare_bodies(found, pages)
    return found, pages


def report(found: Sequence[Case], pages: Sequence[Page], seconds: float, *, misses: bool) -> None:
    counts = count(found, pages)
    for name, one in counts.items():
        goal = f"   goal {GOALS[name]:.0%}" if name in GOALS else ""
        print(f"{name:28} {one.found:5} of {one.of:5} {one.share:9.1%}{goal}")
        for miss in one.misses if misses else ():
            print(f"    {miss}")
    none = sum(page.published is None for page in pages)
    wrong = (counts["date"].of - counts["date"].found - none) / len(found)
    print(f"{'date wrong':28} {wrong:24.1%}   goal under {GOALS['date wrong']:.0%}")
    sources = Counter(page.published.source for page in pages if page.published)
    print(f"{'date sources':28} {', '.join(f'{name} {times}' for name, times in sources.most_common())}")
    each = 1000 * seconds / len(found)
    print(f"{'ms of CPU a page':28} {each:24.1f}   goal at most {GOALS['ms']:.0f}, links aside")


if __name__ == "__main__":
    main()
