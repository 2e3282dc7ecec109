"""The disk fills up in the middle of a crawl: what was committed is whole, and with room again the crawl goes on."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastwarc.warc import ArchiveIterator

from crawler.regeneration.rebuild import rebuild
from crawler.sites.profile import load
from tests.command import Ran, editions, profile
from tests.crawl.test_kill import Unsaved, records, texts
from tests.site import Answer, Site, serve

PAGES = 200
CONCURRENCY = 8
"""The default."""
ROOM_AGAIN = "size=128m,nr_inodes=0"

Disk = Callable[[str], Path]


def mount(folder: Path, options: str) -> None:
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    mount(folder, options)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Makes a file system of its own, by its options (``size=8m``); it goes with the test."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    with ExitStack() as stack:
        yield lambda options: stack.enter_context(mounted(tmp_path / "disk", options))


def story(number: int) -> bytes:
    """A page of 15 KB that hardly compresses, and leads to ten others."""
    chance = random.Random(number)
    words = " ".join(f"{chance.getrandbits(40):x}" for _ in range(1300))
    links = "".join(f'<a href="/en/articles/{(number * 3 + step * 37) % PAGES}">{step}</a>' for step in range(1, 11))
    return f"<!doctype html><title>{number}</title><article><h1>{number}</h1><p>{words}</p></article>{links}".encode()


def fill(site: Site) -> None:
    site.answers["/en"] = Answer("".join(f'<a href="/en/articles/{n}">{n}</a>' for n in range(0, PAGES, 20)).encode())
    for number in range(PAGES):
        site.answers[f"/en/articles/{number}"] = Answer(story(number))


def crawl(folder: Path, *, least_free: int = 0) -> Ran:
    """The command, stopping of itself only where fewer megabytes than *least_free* are left."""
    return editions("crawl", "site.toml", cwd=folder, EDITIONS_LEAST_FREE_MB=str(least_free))


def captured(folder: Path) -> set[str]:
    """The paths of all whole responses, those in files left open too."""
    found = set()
    for path in (folder / "archive").glob("*.warc.gz*"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, parse_http=False):
                if record.headers["WARC-Type"] == "response" and record.reader.read():
                    found.add(urlsplit(record.headers["WARC-Target-URI"]).path)
    return found


def put_elsewhere(collection: Path, parts: Sequence[str], other: Path) -> None:
    for part in parts:
        (other / part).mkdir(parents=True)
        collection.mkdir(parents=True, exist_ok=True)
        (collection / part).symlink_to(other / part)


PARTS = ("archive", "corpus", "indexes", "crawls")
FULL = {
    # name: the file system's options, and the collection's parts that lie elsewhere
    "all-early": ("size=1m", ()),
    "all-late": ("size=4m", ()),
    "no-more-files": ("size=64m,nr_inodes=70", ()),
    "archive": ("size=1m", ("corpus", "indexes", "crawls")),
    "corpus": ("size=1500k", ("archive", "indexes", "crawls")),
    "state-early": ("size=300k", PARTS),
    "state-late": ("size=600k", PARTS),
}


@dataclass(frozen=True, slots=True)
class Calm:
    """The site, and what a crawl makes of it that nothing disturbs."""

    site: Site
    collection: Path


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calm]:
    folder = tmp_path_factory.mktemp("calm")
    with serve({}) as site:
        fill(site)
        profile(folder, site.host)
        assert crawl(folder).code == 0
        yield Calm(site, folder / "collections/site")


@pytest.mark.long
@pytest.mark.parametrize(("options", "elsewhere"), FULL.values(), ids=FULL)
def test_a_disk_that_fills_up_loses_nothing_and_the_crawl_goes_on_with_room(
    tmp_path: Path, disk: Disk, calm: Calm, options: str, elsewhere: Sequence[str]
) -> None:
    site, small = calm.site, disk(options)
    profile(small, site.host)
    collection = small / "collections/site"
    put_elsewhere(collection, elsewhere, tmp_path / "elsewhere")
    site.requests.clear()
    unsaved = Unsaved(site, collection)
    stopped = crawl(small)
    asked = set(site.requests)
    assert stopped.code == 1, stopped.err
    assert "collections/site" in stopped.err
    assert "Traceback" not in stopped.err
    assert 0 < len(asked) < PAGES, "the disk did not fill up"
    unsaved.count()
    assert 0 <= unsaved.runs[0] <= CONCURRENCY
    mount(small, f"remount,{ROOM_AGAIN}")
    kept = captured(collection)
    assert kept <= asked
    checked = editions("check", *(collection / "archive").iterdir(), cwd=small)
    assert checked.code == 0, checked.out + checked.err
    site.requests.clear()
    ended = crawl(small)
    assert ended.code == 0, ended.err
    assert kept.isdisjoint(site.requests)
    assert texts(collection) == texts(calm.collection)
    assert records(collection).keys() == records(calm.collection).keys()
    assert max(records(collection).values()) == 1
    assert editions("check", collection, cwd=small).code == 0
    rebuild(collection / "archive", tmp_path / "again", load(small / "site.toml"))
    for file in (collection / "corpus").iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()


def test_a_crawl_stops_before_the_disk_is_full(tmp_path: Path, disk: Disk) -> None:
    with serve({}) as site:
        fill(site)
        small = disk("size=16m")
        path = profile(small, site.host)
        path.write_text(path.read_text().replace("delay = 0\n", "delay = 0.02\n"))
        stopped = crawl(small, least_free=12)
        before = len(site.requests)
        mount(small, f"remount,{ROOM_AGAIN}")
        ended = crawl(small, least_free=12)
    assert stopped.code == 1
    assert "collections/site" in stopped.err
    assert "12 MB" in stopped.err
    assert 0 < before < PAGES
    assert list((small / "collections/site/archive").glob("*.open")) == []
    assert ended.code == 0, ended.err
    assert len(texts(small / "collections/site")) == PAGES
    assert len(site.requests) == len(set(site.requests))


def test_a_crawl_on_a_full_disk_is_refused_in_words(tmp_path: Path, disk: Disk) -> None:
    with serve({}) as site:
        fill(site)
        small = disk("size=16k")
        profile(small, site.host)
        refused = crawl(small)
    assert refused.code == 1
    assert "collections/site" in refused.err
    assert "Traceback" not in refused.err
    assert site.requests == []
