"""How fast a corpus is handed over, with how much memory, and how well paragraphs are aligned.

    python -m benchmarks.export [--stories 5000] [--only speed alignment]

``speed``: a made-up corpus of so many stories in two editions, exported in each format by a process of its own,
start and imports included. ``alignment``: the demo's stories, each two translations of which one is altered, aligned
by us and, where it is installed, by galechurch (the plain algorithm of Gale and Church with its usual parameters).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

from crawler.demo.story import load_stories
from crawler.export.alignment import align
from crawler.export.anchors import anchors
from crawler.export.evidence import Piece
from crawler.export.sentences import sentences
from crawler.items import Page
from tests.export.corpora import collection, page

FORMATS = {"jsonl": "o.jsonl", "parquet": "o.parquet", "huggingface": "o", "parallel": "o.tsv"}

MEASURE = """
import sys, time
from crawler.cli import main
code = main(sys.argv[1:])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(time.process_time(), int(peak) // 1024)
sys.exit(code)
"""


def speed(stories: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = collection(folder / "c", _pages(stories))
        print("format       rows/s of CPU   seconds   MB")
        for form, out in FORMATS.items():
            command = [
                sys.executable,
                "-c",
                MEASURE,
                "export",
                str(made),
                "--format",
                form,
                str(folder / out),
                "--quiet",
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds, peak = map(float, done.stdout.split())
            rows = stories if form == "parallel" else 2 * stories
            print(f"{form:12} {rows / seconds:13,.0f} {seconds:9.1f} {peak:4.0f}")
    print("parallel: rows are pairs of documents")


WORDS = "harbour dredging ferry council winter bridge solar market teachers river comet station".split()


def _pages(stories: int) -> Iterator[Page]:
    for number in range(stories):
        for edition in ("en", "sw"):
            rng = random.Random(number)
            texts = [_text(rng, "" if edition == "en" else "ni") for _ in range(7)]
            yield page(edition, f"story-of-number-{number}", lead=texts[0], paragraphs=texts[1:])


def _text(rng: random.Random, ending: str) -> str:
    return " ".join(rng.choice(WORDS) + ending for _ in range(rng.randrange(25, 60))) + f" {rng.randrange(10, 9999)}."


Numbered = list[tuple[str, set[int]]]
"""Paragraphs, each with those of the original that it tells."""


def _drop(told: Numbered, rng: random.Random) -> Numbered:
    gone = rng.randrange(len(told))
    return told[:gone] + told[gone + 1 :]


def _join(told: Numbered, rng: random.Random) -> Numbered:
    at = rng.randrange(len(told) - 1)
    (one, first), (other, second) = told[at : at + 2]
    return [*told[:at], (f"{one} {other}", first | second), *told[at + 2 :]]


def _split(told: Numbered, rng: random.Random) -> Numbered:
    at = rng.randrange(len(told))
    parts = sentences(told[at][0])
    halves = ["".join(parts[: len(parts) // 2]), "".join(parts[len(parts) // 2 :])]
    return [*told[:at], *((half.strip(), told[at][1]) for half in halves if half), *told[at + 1 :]]


def _add(told: Numbered, rng: random.Random) -> Numbered:
    at = rng.randrange(len(told) + 1)
    return [*told[:at], (rng.choice(rng.choice(PAIRS)[1]), set()), *told[at:]]


CHANGES: dict[str, Callable[[Numbered, random.Random], Numbered]] = {
    "nothing": lambda told, rng: told,
    "one left out": _drop,
    "two joined": _join,
    "one split": _split,
    "one added": _add,
}

PAIRS = [
    (story.texts[left].paragraphs, story.texts[right].paragraphs)
    for story in load_stories()
    for left, right in combinations((each for each in story.editions if story.translated(each)), 2)
    if len(story.texts[left].paragraphs) == len(story.texts[right].paragraphs) > 2
]


def alignment() -> None:
    print(f"{len(PAIRS)} pairs of documents; precision and recall of paragraph pairs")
    for name, change in CHANGES.items():
        rng = random.Random(1)
        altered = [(left, change([(text, {n}) for n, text in enumerate(right)], rng)) for left, right in PAIRS]
        told = "  ".join(f"{who} {_judged(altered, call)}" for who, call in _aligners().items())
        print(f"{name:12} {told}")


Links = set[tuple[int, int]]
Aligner = Callable[[Sequence[str], Sequence[str]], Links]


def _aligners() -> dict[str, Aligner]:
    return {"ours": _ours} | ({"galechurch": _galechurch} if find_spec("galechurch") else {})


def _ours(left: Sequence[str], right: Sequence[str]) -> Links:
    """The ratio of the languages is that of the two documents: what a corpus of one story has."""
    ratio = sum(map(len, right)) / sum(map(len, left))
    beads = align([_piece(text) for text in left], [_piece(text) for text in right], ratio).beads
    sides = ((range(one.left.start, one.left.stop), range(one.right.start, one.right.stop)) for one in beads)
    return {(i, j) for ours, theirs in sides for i in ours for j in theirs}


def _piece(text: str) -> Piece:
    return Piece(float(len(text)), anchors(text))


def _galechurch(left: Sequence[str], right: Sequence[str]) -> Links:
    import galechurch

    return {
        (i, j)
        for one in galechurch.align(left, right).beads
        for i in range(one.source_start, one.source_end)
        for j in range(one.target_start, one.target_end)
    }


def _judged(altered: Sequence[tuple[Sequence[str], Numbered]], call: Aligner) -> str:
    right = found = wanted = 0
    for ours, theirs in altered:
        links = call(ours, [text for text, _ in theirs])
        truth = {(i, j) for j, (_, told) in enumerate(theirs) for i in told}
        right, found, wanted = right + len(links & truth), found + len(links), wanted + len(truth)
    return f"{right / found:.3f} {right / wanted:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=5_000)
    parser.add_argument("--only", nargs="+", choices=["speed", "alignment"], default=["speed", "alignment"])
    options = parser.parse_args()
    if "speed" in options.only:
        speed(options.stories)
    if "alignment" in options.only:
        alignment()


if __name__ == "__main__":
    main()
