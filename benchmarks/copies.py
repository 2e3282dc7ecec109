"""What near-copies cost as a corpus grows: time a document, room on disk, memory, and the time to name the clusters.

    python -m benchmarks.copies [--documents 100000]

Made-up stories of 300 words each, from a vocabulary of 20,000 in which few words are frequent, as in a language; one
in five is the one before in another edition, one in twenty that one rewritten, sentence by sentence.
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path

from benchmarks.languages import MIXED, Bodies, demo, mixed
from crawler.copies.clusters import Clusters
from crawler.copies.grams import signature, size
from crawler.copies.kinship import Story

WORDS, SENTENCES, LENGTH = 20_000, 20, 15
STEP = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=100_000)
    options = parser.parse_args()
    sign({"demo": demo(), MIXED: mixed()})
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder, "state.db"))) as db:
        measure(db, options.documents, Path(folder, "state.db"))


def sign(sets: dict[str, Bodies]) -> None:
    """Print what the signatures of the bodies cost that benchmarks.languages measures, too."""
    signature(list(text(0)))
    print("signatures: set, pages, KB a page, CPU ms a page")
    for name, bodies in sets.items():
        began = time.process_time()
        for _, paragraphs in bodies:
            signature(paragraphs)
        each = (time.process_time() - began) / len(bodies) * 1000
        whole = sum(size(paragraphs) for _, paragraphs in bodies)
        print(f"  {name:12} {len(bodies):5} {whole / len(bodies) / 1000:6.1f} {each:6.2f}")


def measure(db: sqlite3.Connection, documents: int, path: Path) -> None:
    recent: dict[int, Story] = {}
    clusters = Clusters(db, lambda number: recent.get(number) or story(number))
    signing = putting = 0.0
    print("documents, CPU ms a document to sign, to put; MB of memory, bytes on disk a document")
    for number in range(documents):
        recent = {number: story(number)}
        began = time.process_time()
        signed = signature(recent[number].body)
        signing += time.process_time() - began
        began = time.process_time()
        clusters.put(number, signed, "benchmark")
        putting += time.process_time() - began
        if (number + 1) % max(1, documents // STEP) == 0:
            db.commit()
            count, share = number + 1, max(1, documents // STEP)
            size = path.stat().st_size / count
            print(
                f"{count:9} {signing / share * 1000:7.3f} {putting / share * 1000:7.3f} {memory():7.0f} {size:7.0f}"
            )
            signing = putting = 0.0
    name_them(clusters, documents)


def name_them(clusters: Clusters, documents: int) -> None:
    began = time.process_time()
    groups = clusters.groups()
    seconds = time.process_time() - began
    firsts = {number: first for number in range(documents) if (first := groups.first(number)) is not None}
    copies = [number for number in range(documents) if original(number) != number]
    lost = sum(firsts.get(number) != original(number) for number in copies)
    print(f"clusters named in {seconds:.2f} s: {len(firsts)} documents in {len(set(firsts.values()))} clusters")
    print(f"of {len(copies)} near-copies {lost} not with their originals; {memory():.0f} MB of memory at the peak")


def original(number: int) -> int:
    """The story that a document is a copy of: itself, but for one in five and one in twenty."""
    return number - 1 if number % 5 == 1 else number - 2 if number % 20 == 2 else number


def story(number: int) -> Story:
    sentences = list(text(original(number)))
    if number % 20 == 2:
        sentences = [rewritten(one, number) for one in sentences]
    edition = "sw" if number % 5 == 1 else "en"
    return Story(edition, f"story-{number}", f"https://example.org/{number}", frozenset(), tuple(sentences))


def rewritten(sentence: str, number: int) -> str:
    """One word in fifteen is another, and the sentence ends with its beginning."""
    words = sentence.split()
    words[number % LENGTH] = VOCABULARY[number % WORDS]
    return " ".join(words[4:] + words[:4])


def text(seed: int) -> Iterator[str]:
    chance = random.Random(seed)
    for _ in range(SENTENCES):
        yield " ".join(chance.choices(VOCABULARY, cum_weights=FREQUENCIES, k=LENGTH))


def vocabulary() -> list[str]:
    chance = random.Random(1)
    return ["".join(chance.choices("aeioubdfgklmnprst", k=chance.randint(2, 10))) for _ in range(WORDS)]


def memory() -> float:
    """In MB, at the peak."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


VOCABULARY = vocabulary()
FREQUENCIES = list(accumulate(1 / (rank + 1) for rank in range(WORDS)))


if __name__ == "__main__":
    main()
