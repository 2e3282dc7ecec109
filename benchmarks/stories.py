"""How well and how fast stories are joined across editions that neither hreflang nor slugs join.

    python -m benchmarks.stories [--documents 100000] [--editions 9] [--follow-ups 0.3]

The corpus is made up: each story has numbers, names and a picture; each of its editions tells four numbers of five,
editions in Latin letters two names of three. Names are few and numbers small for a world of that many stories, and a
part of the stories follow others up: same names, same picture, one number of four, a day later.

Found on two cores that others kept busy (Python 3.11): of 20,007 documents of 4,055 stories 15,832 joins, 11 of them
wrong, 15,821 of 15,952 found; 13 s of CPU (0.66 ms a document), 88 MB, of which 46 are there before. 2,000 documents:
2 wrong of 1,557.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from crawler.items import Block, Dated, Document, Extractor, Page, Picture, Record
from crawler.page.item import item_line
from crawler.stories.corpus import read_stories
from crawler.urls import document_id

LATIN = frozenset({"en", "sv", "sw", "fil", "yo"})
CODES = ("en", "sw", "ko", "sv", "yo", "am", "ar", "ja", "fil", "de", "es", "fr", "ha", "hi", "it", "pt", "ru", "so")
SYLLABLES = "ba ker mi lon tra ves du gor hal nim pel rid sko tam vel wor zan fe lu shi".split()
KEPT = 0.8
"""Of the numbers: what translations leave of them; the rest is written in words."""

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a story is made of."""

    numbers: tuple[str, ...]
    names: tuple[str, ...]
    image: str
    published: datetime


def facts(dice: Random, names: list[str], of: Facts | None) -> Facts:
    """A story, or one that follows *of* up."""
    numbers = tuple(str(int(10 ** dice.uniform(1, 5))) for _ in range(dice.randint(6, 16)))
    if of is None:
        when = START + timedelta(minutes=dice.randrange(60 * 24 * 365))
        return Facts(
            numbers, tuple(dice.sample(names, 6)), f"scene-{dice.randrange(20_000)}-{dice.choice('ab')}", when
        )
    kept = tuple(number for number in of.numbers if dice.random() < 0.25)
    return Facts((*kept, *numbers), of.names, of.image, of.published + timedelta(days=1))


def tell(story: Facts, code: str, number: int, dice: Random) -> Page:
    words = [one for one in story.numbers if dice.random() < KEPT]
    if code in LATIN:
        words += [name for name in story.names if dice.random() < 0.67]
    dice.shuffle(words)
    slug = f"{code}{number}"
    url = f"https://bench.example/{code}/articles/{slug}"
    when = (story.published + timedelta(hours=dice.randrange(20))).isoformat()
    text = " and then ".join(words)
    return Page(
        url, url, code, slug, "", Dated(when, when, "json-ld"), (), text,
        blocks=(Block("paragraph", text),), pictures=(Picture(f"https://bench.example/{story.image}-640.png"),),
    )  # fmt: skip


def told(documents: int, editions: int, follow_ups: float) -> Iterator[tuple[int, Page]]:
    """Pages, each with the number of its story."""
    dice = Random(2026)
    names = ["".join(dice.choices(SYLLABLES, k=3)).title() for _ in range(3000)]
    last: Facts | None = None
    story = number = 0
    while number < documents:
        last = facts(dice, names, last if dice.random() < follow_ups else None)
        story += 1
        for code in dice.sample(CODES[:editions], dice.randint(1, editions)):
            number += 1
            yield story, tell(last, code, number, dice)


def write(folder: Path, made: Iterator[tuple[int, Page]]) -> dict[str, int]:
    """Write manifest and items; returns each document's story."""
    truth = {}
    record, extractor = Record("a.warc.gz", 0, 1, "urn:uuid:1", "sha256:0"), Extractor("none", "0", {})
    with (folder / "manifest.jsonl").open("w") as manifest, (folder / "items.jsonl").open("w") as items:
        for story, page in made:
            truth[page.canonical] = story
            id_ = document_id(page.canonical)
            document = Document(
                f"{id_}.txt", id_, page.canonical, page.edition or "", page.slug or "", "", "0" * 64, 1,
                "2026-01-01T00:00:00Z", None, None, (), None, record, extractor,
            )  # fmt: skip
            manifest.write(f"{json.dumps(asdict(document))}\n")
            items.write(f"{item_line(page)}\n")
    return truth


def main() -> None:
    parser = argparse.ArgumentParser(description="How well and how fast stories are joined.")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--editions", type=int, default=9, choices=range(2, len(CODES) + 1))
    parser.add_argument("--follow-ups", type=float, default=0.3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        truth = write(Path(folder), told(options.documents, options.editions, options.follow_ups))
        started = time.process_time()
        found = read_stories(Path(folder))
        seconds = time.process_time() - started
    wanted = len(truth) - len(set(truth.values()))
    joins = [join for story in found.stories for join in story.joins]
    right = sum(truth[join.one] == truth[join.other] for join in joins)
    mixed = sum(len({truth[one.url] for one in story.told}) > 1 for story in found.stories)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(truth)} documents of {len(set(truth.values()))} stories in {options.editions} editions")
    print(f"{len(joins)} joins, {len(joins) - right} wrong; {right} of {wanted} found; {mixed} stories mixed")
    print(f"{seconds:.1f} s of CPU, {1e3 * seconds / len(truth):.2f} ms a document, {megabytes:.0f} MB at most")


if __name__ == "__main__":
    main()
