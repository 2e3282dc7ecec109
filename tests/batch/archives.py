"""Archives to make corpora from: the demo site crawled in its three states, and one of many incompressible pages."""

from __future__ import annotations

import base64
import random
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.capture import Capture
from archive.record import WarcInfo
from archive.spool import Spool
from archive.writer import ArchiveWriter
from crawler.demo.server import serve
from tests.command import editions, profile
from tests.replay.running import endings

DEMO = Path(__file__).parents[2] / "crawler" / "sites" / "demo.toml"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"


@dataclass(frozen=True, slots=True)
class States:
    """The demo site after it was crawled in each of its states."""

    folder: Path
    """The collection."""
    corpora: tuple[dict[str, bytes], ...]
    """The corpus as each crawl left it."""
    archives: tuple[tuple[str, ...], ...]
    """The WARC files there were after each."""
    endings: tuple[dict[str, tuple[str, str]], ...]
    """How each of its pages ended."""
    dates: tuple[str, ...]
    """When each had ended."""
    origin: str


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of each file."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def crawl_states(folder: Path) -> States:
    """Crawl the demo site in its states 1, 2 and 3, one after the other."""
    corpora, archives, ends, dates = [], [], [], []
    collection = folder / "collections" / "demo"
    with serve(delay=0) as site:
        (folder / "demo.toml").write_text(DEMO.read_text("utf-8").replace("8017", str(site.port)), "utf-8")
        for state in (1, 2, 3):
            site.set_state(state)
            ran = editions("crawl", "demo.toml", "--quiet", cwd=folder)
            assert ran.code == 0, ran.err
            corpora.append(contents(collection / "corpus"))
            archives.append(tuple(path.name for path in sorted((collection / "archive").glob("*.warc.gz"))))
            ends.append(endings(collection))
            dates.append(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        return States(collection, tuple(corpora), tuple(archives), tuple(ends), tuple(dates), site.url)


def as_of(states: States, number: int, folder: Path) -> Path:
    """The collection as it was after a crawl, without its corpus, state and index."""
    (folder / "archive").mkdir(parents=True)
    for name in states.archives[number]:
        shutil.copy(states.folder / "archive" / name, folder / "archive")
    for name in ("site.toml", "seeds.toml"):
        if (states.folder / name).exists():
            shutil.copy(states.folder / name, folder)
    return folder


def many_pages(folder: Path, count: int) -> Path:
    """A collection of *count* pages, each some 45 KB in its file, and no corpus yet."""
    chance = random.Random(1)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    host = "127.0.0.1:1"
    profile(folder, host)
    collection = folder / "many"
    info = WarcInfo("tests", is_part_of="site")
    with ArchiveWriter(collection / "archive", collection / "indexes/index.cdxj", prefix="many", info=info) as writer:
        for number in range(count):
            noise = base64.b64encode(chance.randbytes(45_000))
            page = b"<title>Story %d</title><article><p>Text of story %d.</p></article><!--%s-->" % (
                number,
                number,
                noise,
            )
            url = f"http://{host}/en/articles/{number}"
            when = first + timedelta(seconds=number)
            writer.write(Capture(url, when, b"GET / HTTP/1.1\r\n\r\n", Spool(HEAD + page)))
    shutil.copy(folder / "site.toml", collection)
    return collection
