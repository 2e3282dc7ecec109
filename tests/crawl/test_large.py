"""An answer of 600 MB: kept whole, never in memory, the same live and archived; each command's peak is its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.command import lines, profile
from tests.replay.running import endings, files, report

pytestmark = [pytest.mark.long]

SIZE = 600 * 1024 * 1024
PIECE = b"<p>The harbour of Pellworth has been dredged, and ships of any size may call again.</p>\n" * 12_000
MOST = 300
"""MB: half the answer. A crawl of small pages has some 165 once it has loaded its language model, which takes 40 more
for a moment; 64 of an answer are held before it is known to be no page."""

FRONT = b"<!doctype html><title>Front</title><a href='/en/articles/large'>a</a><a href='/en/articles/small'>b</a>"
SMALL = b"<!doctype html><title>Small</title><article><h1>Small</h1><p>Of ordinary size.</p></article>"

ROOMY = """
from crawler.settings import *

DOWNLOAD_MAXSIZE = 700 * 1024 * 1024
EDITIONS_LEAST_FREE_MB = 0
"""

PEAK = """
import sys
from pathlib import Path

peak, program = Path(sys.argv.pop(1)), sys.argv.pop(1)
if program == "scrapy":
    from scrapy.cmdline import execute as run
else:
    from crawler.cli import main as run
sys.argv[0] = program
try:
    code = run(None if program == "scrapy" else sys.argv[1:])
finally:
    status = Path("/proc/self/status").read_text()
    peak.write_text(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
sys.exit(code)
"""
"""Runs a command and says its largest resident set; what a parent sees of a child counts the parent's own, too."""


class Large(BaseHTTPRequestHandler):
    """Serves 600 MB in chunks as one article, and a small one beside it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/en/articles/large":
            self._send_large()
            return
        body = {"/en": FRONT, "/en/articles/small": SMALL}.get(self.path, b"")
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_large(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for sent in range(0, SIZE, len(PIECE)):
            piece = PIECE[: SIZE - sent]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args: object) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Folder:
    """Where commands run, each measured."""

    path: Path

    @property
    def collection(self) -> Path:
        return self.path / "collections" / "site"

    def peak(self, *command: object) -> int:
        """Run *command* to its good end; MB of memory at its peak."""
        environment = os.environ | {"SCRAPY_SETTINGS_MODULE": "roomy"}
        environment["PYTHONPATH"] = f"{self.path}:{os.environ.get('PYTHONPATH', '')}"
        words = [sys.executable, "-c", PEAK, "peak", *command]
        done = subprocess.run(
            list(map(str, words)), cwd=self.path, env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return int((self.path / "peak").read_text()) // 1024


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    folder = Folder(tmp_path_factory.mktemp("large"))
    (folder.path / "roomy.py").write_text(ROOMY)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Large)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    profile(folder.path, f"127.0.0.1:{server.server_address[1]}")
    try:
        peak = folder.peak("scrapy", "crawl", "news", "-a", "site=site.toml", "-s", "LOG_LEVEL=WARNING")
        (folder.path / "peak-of-crawl").write_text(str(peak))
        yield folder
    finally:
        server.shutdown()
        server.server_close()


def test_the_crawl_keeps_it_whole_and_its_memory_flat(crawled: Folder) -> None:
    assert int((crawled.path / "peak-of-crawl").read_text()) < MOST
    assert report(crawled.collection)["bytes"] > SIZE
    assert report(crawled.collection)["failures"] == {}
    assert {outcome for outcome, _ in endings(crawled.collection).values()} == {"captured"}


def test_it_makes_no_document_and_others_do(crawled: Folder) -> None:
    corpus = crawled.collection / "corpus"
    assert [one["slug"] for one in lines(corpus / "manifest.jsonl")] == ["small"]
    assert [one["reason"] for one in lines(corpus / "dropped.jsonl")] == ["too-large"]


def test_check_reads_it_in_flat_memory(crawled: Folder) -> None:
    assert crawled.peak("editions", "check", "collections/site") < MOST


def test_the_index_is_made_again_in_flat_memory(crawled: Folder) -> None:
    index = crawled.collection / "indexes" / "index.cdxj"
    before = index.read_bytes()
    assert crawled.peak("editions", "index", "collections/site") < MOST
    assert index.read_bytes() == before


def test_the_corpus_made_again_is_the_same_in_flat_memory(crawled: Folder) -> None:
    assert crawled.peak("editions", "regenerate", "collections/site", "--out", "again", "--workers", "1") < MOST
    assert files(crawled.path / "again") == files(crawled.collection / "corpus")


def test_a_replay_says_the_same_in_flat_memory(crawled: Folder) -> None:
    command = ("crawl", "site.toml", "--from-archive", "collections/site", "--collection", "replayed")
    assert crawled.peak("editions", *command) < MOST
    assert files(crawled.path / "replayed" / "corpus") == files(crawled.collection / "corpus")
    assert endings(crawled.path / "replayed") == endings(crawled.collection)


def test_a_wacz_is_made_and_checked_in_flat_memory(crawled: Folder) -> None:
    assert crawled.peak("editions", "export", "collections/site", "--format", "wacz", "site.wacz") < MOST
    assert crawled.peak("editions", "check", "site.wacz") < MOST
