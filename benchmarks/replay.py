"""How fast an archive answers: the spider over 2,000 pages, and one look-up in an index of 10 million lines.

    python -m benchmarks.replay [--pages 2000] [--lines 10000000] [--rounds 3]

The archive and the index are made on the fly, in a temporary folder; benchmarks/README.md says what was found.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.capture import Capture, new_record_id
from archive.entry import Entry
from archive.index import Index
from archive.record import WarcInfo
from archive.spool import Spool
from archive.writer import ArchiveWriter
from benchmarks.made import write_pages
from crawler.demo.labels import EDITIONS

HOST = "bench.example"
PROFILE = f"""name = "bench"
domains = ["{HOST}"]
article_url = "http://{HOST}/{{edition}}/articles/{{slug}}"
start_urls = ["http://{HOST}/{{edition}}"]
default_edition = "en"
[editions]
en = "en"
"""

PEER = 407.0
"""Seconds that scrapy-webarchive 0.5.3 took for 2,000 pages."""
TIMES = 50
"""How many times as fast a replay is to be."""
MOST = 1.0
"""Milliseconds that a look-up may take."""

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def captures(pages: Path) -> Iterator[Capture]:
    """A capture of each page in the folder *pages*, as nginx would have sent it."""
    for number, path in enumerate(sorted(one for one in pages.rglob("*") if one.is_file() and one.suffix != ".gz")):
        name = path.relative_to(pages).as_posix().removesuffix(".html").removesuffix("/index")
        body = path.read_bytes()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body)
        request = f"GET /{name} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
        yield Capture(f"http://{HOST}/{name}", WHEN + timedelta(seconds=number), request, Spool(head + body))


def write_archive(folder: Path, pages: int) -> int:
    """A collection of *pages* articles and their front page; how many captures it has."""
    write_pages(folder / "pages", pages)
    index = folder / "bench" / "indexes" / "index.cdxj"
    count = 0
    with ArchiveWriter(folder / "bench" / "archive", index, prefix="bench", info=WarcInfo("benchmark")) as writer:
        for capture in captures(folder / "pages"):
            written = writer.write(capture)
            count += 1
        written.result()
    (folder / "bench.toml").write_text(PROFILE)
    return count


def replay(folder: Path, out: str) -> float:
    """Seconds of a replay in a process of its own, from start to exit."""
    command = [sys.executable, "-m", "crawler", "crawl", "bench.toml", "--quiet"]
    root = str(Path(__file__).parents[1])
    start = time.perf_counter()
    subprocess.run(
        [*command, "--from-archive", "bench", "--collection", out], cwd=folder, check=True, env={"PYTHONPATH": root}
    )
    return time.perf_counter() - start


def measure_replay(pages: int, rounds: int) -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = write_archive(folder, pages)
        seconds = []
        for number in range(rounds):
            seconds.append(replay(folder, f"out{number}"))
            made = (folder / f"out{number}" / "corpus" / "manifest.jsonl").read_bytes().count(b"\n")
            if made != pages:
                raise SystemExit(f"{made} documents of {pages} pages ({count} captures)")
    took, goal = statistics.median(seconds), PEER / TIMES * pages / 2000
    each = " ".join(f"{one:.2f}" for one in seconds)
    print(f"replay by the spider: {pages} pages in {took:.2f} s (rounds: {each}), {pages / took:.0f} pages/s")
    print(f"  {PEER * pages / 2000 / took:.0f} times as fast as the {PEER:.0f} s for 2,000 pages; wanted: {TIMES}")
    return took <= goal


def url_of(number: int) -> str:
    code = list(EDITIONS)[number % len(EDITIONS)]
    return f"https://news{number % 97:02d}.example.org/{code}/articles/{number:08d}-a-story-of-some-length"


def write_index(path: Path, lines: int) -> None:
    """An index of that many captures, each of another URL, sorted by coreutils as one made by others would be."""
    unsorted = path.with_suffix(".unsorted")
    entry = Entry(
        url=url_of(0),
        date="2026-01-01T00:00:00.000000Z",
        file="bench-00000.warc.gz",
        offset=0,
        length=20_000,
        record_id=new_record_id(),
        digest=f"sha256:{0:064x}",
        mime="text/html",
        status=200,
    )
    template = entry.line().decode()
    rest = template.partition('"mime"')[2]
    with unsorted.open("w", buffering=1 << 20) as out:
        for number in range(lines):
            url = url_of(number)
            host, _, path_ = url.removeprefix("https://").partition("/")
            key = ",".join(reversed(host.split("."))) + ")/" + path_
            out.write(f'{key} 20260101000000 {{"date": "2026-01-01T00:00:00Z", "url": "{url}", "mime"{rest}')
    sort = ["sort", "-S", "400M", "-T", str(path.parent), "-o", str(path), str(unsorted)]
    subprocess.run(sort, check=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    unsorted.unlink()


def measure_lookups(lines: int) -> bool:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "index.cdxj")
        write_index(path, lines)
        size = path.stat().st_size
        chance = random.Random(5)
        hits = [url_of(chance.randrange(lines)) for _ in range(5000)]
        misses = [url_of(lines + chance.randrange(lines)) for _ in range(5000)]
        with Index(path) as index:
            found = [_timed(index, url, 1) for url in hits]
            missed = [_timed(index, url, 0) for url in misses]
    for what, times in (("look-up", found), ("look-up of what is not there", missed)):
        times.sort()
        median, late = statistics.median(times), times[len(times) * 99 // 100]
        print(f"{what}: {median:.3f} ms, 99 of 100 within {late:.3f} ms ({lines:,} lines, {size / 1e9:.1f} GB)")
    return max(statistics.median(found), statistics.median(missed)) < MOST


def _timed(index: Index, url: str, wanted: int) -> float:
    """Milliseconds of one look-up, errors and 304s included, as a replay makes it."""
    start = time.perf_counter()
    found = index.find(url, errors=True)
    took = (time.perf_counter() - start) * 1000
    if len(found) != wanted:
        raise SystemExit(f"{url}: {len(found)} captures found, not {wanted}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    reached = [measure_replay(options.pages, options.rounds)] if options.pages else []
    reached += [measure_lookups(options.lines)] if options.lines else []
    if not all(reached):
        raise SystemExit("below what is wanted")


if __name__ == "__main__":
    main()
