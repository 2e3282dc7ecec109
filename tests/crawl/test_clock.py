"""The guarantee of test_kill.py while the machine's clock jumps hours back and forth, in runs and between them."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator

from archive.reader import warc_files
from crawler.regeneration.rebuild import rebuild
from crawler.sites.profile import load
from tests.command import editions, profile
from tests.crawl.test_kill import Unsaved, records, texts
from tests.site import Answer, Site, serve

PAGES = 200
KILLS = 6
CONCURRENCY = 8
SEED = 20261123
HOURS = 9
JUMP_INTERVAL = 0.1

BUSY = "/en/articles/60"
"""Once it says that it is busy and names a second to wait; a clock set back must not make hours of it."""

_LIBRARIES = ("/usr/lib", "/usr/local/lib", "/lib", "/opt/homebrew/lib")


def _found() -> Path | None:
    for root in map(Path, _LIBRARIES):
        for pattern in ("faketime/libfaketimeMT.so.1", "*/faketime/libfaketimeMT.so.1"):
            if found := next(root.glob(pattern), None):
                return found
    return None


@pytest.fixture(scope="module")
def library() -> Path:
    """libfaketime, which stands between a process and the clock; installed where that is possible."""
    if _found() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "faketime"], capture_output=True, timeout=240, check=False)
    found = _found()
    if found is None:
        pytest.skip("libfaketime is absent: on Debian or Ubuntu, `apt-get install -y faketime`")
    return found


class Clock:
    """What the crawls take for the time: the real one, and an offset that a file holds. Monotonic clocks are true."""

    def __init__(self, library: Path, file: Path) -> None:
        self._file = file
        self._chance = random.Random(SEED)
        self.jumps = 0
        self.environment: Mapping[str, str] = os.environ | {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # for old C libraries; with new ones threads would spin
            "NO_FAKE_STAT": "1",
        }
        self.jump()

    def jump(self) -> None:
        """To any moment within HOURS of now."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._chance.randint(-HOURS * 3600, HOURS * 3600):+d}")
        new.replace(self._file)
        self.jumps += 1

    @contextmanager
    def jumping(self) -> Iterator[None]:
        """Jump on and on, until the block ends."""
        done = threading.Event()

        def jump() -> None:
            while not done.wait(JUMP_INTERVAL):
                self.jump()

        thread = threading.Thread(target=jump)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def story(number: int) -> Answer:
    links = "".join(f'<a href="/en/articles/{(number * 3 + step * 37) % PAGES}">{step}</a>' for step in range(1, 11))
    words = " ".join(f"word{number * 7 + n}" for n in range(200))
    return Answer(
        f"<!doctype html><title>{number}</title><article><h1>{number}</h1><p>{words}</p></article>{links}".encode()
    )


def fill(site: Site) -> None:
    site.answers["/en"] = Answer("".join(f'<a href="/en/articles/{n}">{n}</a>' for n in range(0, PAGES, 20)).encode())
    for number in range(PAGES):
        site.answers[f"/en/articles/{number}"] = story(number)
    site.answers[BUSY] = Answer(b"busy", 503, {"Retry-After": "1"})
    site.on_request = lambda path: site.answers.update({BUSY: story(60)} if path == BUSY else {})


@contextmanager
def crawling(folder: Path, clock: Clock) -> Iterator[subprocess.Popen[bytes]]:
    """A crawl, killed when the block ends if it has not ended by then."""
    command = [sys.executable, "-m", "crawler", "crawl", "site.toml", "--quiet"]
    with subprocess.Popen(command, cwd=folder, env=clock.environment) as process:
        try:
            yield process
        finally:
            process.kill()


def killed(site: Site, folder: Path, clock: Clock, chance: random.Random) -> bool:
    """Crawl, and kill it after some requests more; False where it ended before."""
    until = len(site.requests) + chance.randrange(5, PAGES // KILLS)
    deadline = time.monotonic() + 240
    with crawling(folder, clock) as process:
        while process.poll() is None and len(site.requests) < until and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)
        return process.poll() is None


def dates(folder: Path) -> list[str]:
    """WARC-Date of every response, in the order in which the files sort."""
    found = []
    for path in warc_files(folder / "archive"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, parse_http=False):
                if record.headers["WARC-Type"] == "response":
                    found.append(record.headers["WARC-Date"])
    return found


@pytest.mark.long
def test_a_clock_that_jumps_costs_no_capture_and_no_request(tmp_path: Path, library: Path) -> None:
    chance = random.Random(SEED)
    calm, stormy = tmp_path / "calm", tmp_path / "stormy"
    clock = Clock(library, tmp_path / "clock")
    with serve({}) as site:
        for folder in (calm, stormy):
            folder.mkdir()
            path = profile(folder, site.host)
            path.write_text(path.read_text().replace("delay = 0\n", f"delay = 0\nconcurrency = {CONCURRENCY}\n"))
        fill(site)
        assert editions("crawl", "site.toml", "--quiet", cwd=calm).code == 0
        once = Counter(site.requests)
        site.requests.clear()
        fill(site)
        unsaved = Unsaved(site, stormy / "collections/site")
        with clock.jumping():
            while len(unsaved.runs) < KILLS and killed(site, stormy, clock, chance):
                unsaved.count()
            with crawling(stormy, clock) as last:
                assert last.wait(240) == 0
        asked = list(site.requests)
    assert len(unsaved.runs) == KILLS
    ours, theirs = stormy / "collections/site", calm / "collections/site"
    assert dates(ours) != sorted(dates(ours)), "the clock did not jump"
    # The kernel's clock was true: it says in which order the files were written.
    files = warc_files(ours / "archive")
    assert len(files) > 1
    assert files == sorted(files, key=lambda path: path.stat().st_mtime_ns)
    assert records(ours).keys() == records(theirs).keys()
    assert max(records(ours).values()) == 1
    assert texts(ours) == texts(theirs)
    assert len(texts(ours)) == PAGES
    assert Counter(asked).keys() == once.keys()
    assert max(unsaved.runs) <= CONCURRENCY, unsaved.runs
    assert (Counter(asked) - once).total() <= sum(unsaved.runs)
    assert editions("check", ours, cwd=tmp_path).code == 0
    rebuild(ours / "archive", tmp_path / "again", load(stormy / "site.toml"))
    for file in (ours / "corpus").iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()
