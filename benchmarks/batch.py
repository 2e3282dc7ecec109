"""How fast a corpus is made again from its archive, beside bare loops of FastWARC and of warcio.

    python -m benchmarks.batch [--pages 3000] [--rounds 3] [--only A B]

The pages, of 60 KB, are written into an archive once. In each round each variant runs once, in a process of its own
that is measured whole, its start and its imports too. A is the least that FastWARC and Resiliparse can be asked for:
FastWARC reads the HTTP head, nothing is decoded but UTF-8, nothing is left out of the text, nothing is written.

B is the loop that does equal work: what a page costs in it is no matter of batch, and C/B says what batch adds, which
is sections, packing, near-copies, ledger, files and lists.

benchmarks/README.md says what was found.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

VARIANTS = {
    "A": "FastWARC + Resiliparse: read, parse, text; no more",
    "B": "each page read as a document needs it: text, structure, languages, signature; nothing kept",
    "C": "editions regenerate, one process",
    "D": "editions regenerate, two processes",
    "E": "warcio + trafilatura: read, text; no more",
}
GOALS = (("C", "A", 0.85), ("C", "B", 0.85), ("D", "C", 1.7), ("C", "E", 5.0))
HOST = "127.0.0.1:8099"
PROFILE = f"""name = "bench"
domains = ["{HOST}"]
article_url = "http://{HOST}/{{edition}}/articles/{{slug}}"
start_urls = ["http://{HOST}/{{edition}}"]
default_edition = "en"
allow_private_addresses = true
[editions]
en = "en"
"""
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n"


def write_archive(folder: Path, pages: int) -> None:
    """A collection of the crawl benchmark's pages, as FastWARC reads them fastest: with a length, and no coding."""
    from archive.capture import Capture
    from archive.record import WarcInfo
    from archive.spool import Spool
    from archive.writer import ArchiveWriter
    from benchmarks.made import slug, write_pages

    write_pages(folder / "pages", pages)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    info, index = WarcInfo("benchmark"), folder / "indexes" / "index.cdxj"
    with ArchiveWriter(folder / "archive", index, prefix="bench", info=info) as writer:
        for number in range(pages):
            page = (folder / "pages" / "en" / "articles" / slug(number)).read_bytes()
            answer = Spool(HEAD.format(len(page)).encode() + page)
            url = f"http://{HOST}/en/articles/{slug(number)}"
            writer.write(Capture(url, first + timedelta(seconds=number), b"GET / HTTP/1.1\r\n\r\n", answer))
    (folder / "site.toml").write_text(PROFILE)


def bare(folder: Path) -> int:
    """What nobody who uses these two libraries can do without; FastWARC undoes HTTP's framing itself."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    count = 0
    for path in sorted((folder / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
                tree = HTMLTree.parse(record.reader.read().decode("utf-8", "replace"))
                extract_plain_text(tree, preserve_formatting=True, main_content=False, alt_texts=True)
                count += 1
    return count


def read_through(folder: Path) -> int:
    """Each page read as a document needs it, and forgotten."""
    from crawler.regeneration.rebuild import readings
    from crawler.sites.profile import load

    return sum(1 for _ in readings(folder / "archive", load(folder / "site.toml")))


def regenerate(folder: Path, workers: int) -> int:
    """The product's own command."""
    from crawler import cli

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        out = Path(scratch, "out")
        cli.main(["regenerate", str(folder), "--out", str(out), "--workers", str(workers), "--quiet"])
        return sum(1 for _ in out.glob("*.txt"))


def trafilaturas(folder: Path) -> int:
    """warcio and trafilatura, as their documentation has it."""
    import trafilatura
    from warcio.archiveiterator import ArchiveIterator

    count = 0
    for path in sorted((folder / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    trafilatura.extract(record.content_stream().read())
                    count += 1
    return count


RUNS: dict[str, Callable[[Path], int]] = {
    "A": bare,
    "B": read_through,
    "C": lambda folder: regenerate(folder, 1),
    "D": lambda folder: regenerate(folder, 2),
    "E": trafilaturas,
}


@dataclass(frozen=True, slots=True)
class Run:
    """One run, measured from outside."""

    speed: float
    """Pages a second."""
    cpu: float
    """User and system, seconds, children too."""


def measure(variant: str, folder: Path, pages: int) -> Run:
    command = [sys.executable, "-m", "benchmarks.batch", "--run", variant, "--folder", str(folder)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        came = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode or int(came) != pages:
        raise SystemExit(f"{variant}: {came.strip() or 'none'} of {pages} pages")
    return Run(pages / seconds, usage.ru_utime + usage.ru_stime)


def show(runs: dict[str, list[Run]]) -> None:
    """A line for each variant and each goal: medians; ratios are taken within a round."""
    for variant, done in runs.items():
        speed, cpu = (statistics.median(getattr(run, name) for run in done) for name in ("speed", "cpu"))
        print(f"{variant}  {VARIANTS[variant]:84} {speed:6.0f} pages/s {cpu:6.1f} s of CPU")
    for one, other, goal in GOALS:
        if runs.get(one) and runs.get(other):
            pairs = list(zip(runs[one], runs[other], strict=True))
            ratios = [a.speed / b.speed for a, b in pairs]
            by_cpu = statistics.median(b.cpu / a.cpu for a, b in pairs)
            each = " ".join(f"{ratio:.2f}" for ratio in ratios)
            verdict = "at least" if statistics.median(ratios) >= goal else "BELOW"
            print(f"{one}/{other}  {statistics.median(ratios):.2f} (rounds: {each}; by CPU {by_cpu:.2f}): ", end="")
            print(f"{verdict} the {goal} asked for")


def compare(names: list[str], pages: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_archive(folder, pages)
        runs: dict[str, list[Run]] = {variant: [] for variant in names}
        for variant in (*names * rounds,):
            runs[variant].append(measure(variant, folder, pages))
    show(runs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--run", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    if arguments.run:
        print(RUNS[arguments.run](arguments.folder))
    else:
        compare(arguments.only, arguments.pages, arguments.rounds)


if __name__ == "__main__":
    main()
