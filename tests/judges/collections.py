"""The collections that are judged: the demo site crawled twice, the wire's odd cases, and revisits of both kinds."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from pytest_twisted import blockon
from twisted.internet.defer import Deferred

from archive.capture import Capture
from archive.raw import RawRecord
from archive.record import WarcInfo
from archive.scan import scan
from archive.writer import ArchiveWriter
from crawler.demo.server import serve
from tests.archive.captures import capture, write
from tests.command import editions
from tests.download.cases import CASES
from tests.download.crawl import crawl, request_of
from tests.download.torture import TortureServer

PROFILE = Path(__file__).parents[2] / "crawler" / "sites" / "demo.toml"
PORT = "8017"

PAGE = b"<!doctype html><title>A page</title><p>" + b"It stays as it is. " * 200
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: "a"\r\nContent-Length: %d\r\n\r\n%s' % (
    len(PAGE),
    PAGE,
)
UNCHANGED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nX-Turn: third\r\n\r\n'
CONDITIONAL = b'GET /a HTTP/1.1\r\nHost: example.org\r\nIf-None-Match: "a"\r\n\r\n'


@dataclass(frozen=True, slots=True)
class Judged:
    """Collections side by side in ``root/collections``, and what the demo site itself serves."""

    root: Path
    origin: str
    """Of the demo site, while it was crawled."""
    bodies: dict[str, bytes]
    """By URL: what the demo site gave to a client that takes no coding."""

    @property
    def demo(self) -> Path:
        """The demo site, crawled twice while nothing on it changed."""
        return self.root / "collections" / "demo"

    @property
    def torture(self) -> Path:
        """The cases of the torture server, recorded by the wire."""
        return self.root / "collections" / "torture"

    @property
    def revisits(self) -> Path:
        """One page captured three times: whole, the same again, and as 304."""
        return self.root / "collections" / "revisits"


def warcs(collection: Path) -> list[Path]:
    """The collection's WARC files, in archive order."""
    return sorted((collection / "archive").glob("*.warc.gz"))


def raw_records(path: Path) -> list[tuple[RawRecord, bytes]]:
    """The file's records and their blocks, as the project's own scanner reads them; it must find no fault."""
    found = []
    for item in scan(path):
        assert isinstance(item, RawRecord), item
        found.append((item, b"".join(item.chunks())))
    return found


def make(root: Path) -> Judged:
    """Make all of them."""
    origin, bodies = _demo(root)
    judged = Judged(root, origin, bodies)
    _torture(judged.torture)
    _revisits(judged.revisits)
    return judged


def _demo(root: Path) -> tuple[str, dict[str, bytes]]:
    with serve(delay=0.01) as site:
        (root / "demo.toml").write_text(PROFILE.read_text("utf-8").replace(PORT, str(site.port)), "utf-8")
        for _ in range(2):
            ran = editions("crawl", "demo.toml", "--quiet", cwd=root)
            assert (ran.code, ran.err) == (0, ""), ran.err
            # What a second crawl need not fetch again is the frontier's business; here it is to fetch all.
            (root / "collections" / "demo" / "state.db").unlink()
            shutil.rmtree(root / "collections" / "demo" / "corpus")
        urls = {line["url"] for line in fields(root / "collections" / "demo" / "indexes" / "index.cdxj")}
        return site.url, {url: _plain(site.port, url.removeprefix(site.url)) for url in urls}


def fields(index: Path) -> list[dict[str, str]]:
    """What each line of an index says of its capture."""
    return [json.loads(line.split(b" ", 2)[2]) for line in index.read_bytes().splitlines()]


def _plain(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        return connection.getresponse().read()
    finally:
        connection.close()


def _torture(collection: Path) -> None:
    index = collection / "indexes" / "index.cdxj"
    with (
        TortureServer(CASES) as server,
        ArchiveWriter(collection / "archive", index, prefix="torture", info=WarcInfo("editions")) as writer,
    ):
        requests = [request_of(case, server) for case in CASES]
        blockon(Deferred.fromCoroutine(crawl(requests, writer)))


def _revisits(collection: Path) -> None:
    captures: list[Capture] = [
        capture(ANSWER),
        capture(ANSWER.replace(b"ETag", b"X-Turn: second\r\nETag"), seconds=60),
        capture(UNCHANGED, seconds=120, request=CONDITIONAL),
    ]
    for one in captures:  # a file each: what is referred to is found through the index
        write(collection, one)
