"""A site that misbehaves in more than a hundred ways: the crawl ends, each URL as stated, ordinary pages unharmed."""

from __future__ import annotations

import sqlite3
import ssl
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.regeneration.rebuild import rebuild
from crawler.sites.profile import load
from tests.command import editions, lines, profile
from tests.download.certificate import server_context
from tests.download.torture import Close, Endless, Hold
from tests.hostile.cases import CASES, going_on, moved, page, sent
from tests.hostile.server import Brute, Hostile, HostileServer, Script
from tests.ports import free_port
from tests.warm import begin

pytestmark = [pytest.mark.long]

ORDINARY = 40

SETTINGS = """
from crawler.settings import *

DOWNLOAD_TIMEOUT = 8
DOWNLOAD_MAXSIZE = 1_000_000
RETRY_TIMES = 1
EDITIONS_RETRY_AFTER_MAX = 0.3
EDITIONS_MIN_RATE = 200
EDITIONS_MIN_RATE_PATIENCE = 1
EDITIONS_MAX_LINKS = 400
EDITIONS_LEAST_FREE_MB = 0
"""


@dataclass(frozen=True, slots=True)
class End:
    """How a URL ended, by the frontier."""

    outcome: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Crawled:
    """A crawl that has ended, and all that can be asked of it."""

    folder: Path
    server: HostileServer
    code: int
    log: str
    seconds: float
    others: dict[str, str] = field(default_factory=dict)
    """URLs on other ports, by what is wrong with them."""

    @property
    def collection(self) -> Path:
        return self.folder / "collections" / "site"

    def ends(self) -> dict[str, End]:
        """By path; by URL for other ports."""
        db = sqlite3.connect(self.collection / "state.db")
        rows = db.execute("SELECT url, outcome, reason, attempts FROM urls").fetchall()
        db.close()
        return {self._place(url): End(*rest) for url, *rest in rows}

    def texts(self) -> dict[str, str]:
        """The documents, by path."""
        corpus = self.collection / "corpus"
        return {
            self._place(str(line["url"])): (corpus / str(line["file"])).read_text("utf-8")
            for line in lines(corpus / "manifest.jsonl")
        }

    def dropped(self) -> dict[str, str]:
        """Why captures are no documents, by path."""
        dropped = lines(self.collection / "corpus" / "dropped.jsonl")
        return {self._place(str(line["url"])): str(line["reason"]) for line in dropped}

    def _place(self, url: str) -> str:
        return url.removeprefix(f"http://{self.server.host}")


def crawl(
    folder: Path, server: HostileServer, *options: str, hosts: Iterable[str] = (), seconds: float = 300
) -> Crawled:
    """Crawl *server* in a process of its own, with low limits; *hosts* are the site's too."""
    path = profile(folder, server.host)
    domains = f'domains = ["{server.host}"'
    more = "".join(f', "{host}"' for host in hosts)
    text = path.read_text().replace(domains, domains + more).replace("delay = 0\n", "delay = 0\nconcurrency = 16\n")
    path.write_text(text)
    (folder / "hostile_settings.py").write_text(SETTINGS)
    words = ("crawl", "news", "-a", "site=site.toml", *options, "-s", "LOG_LEVEL=INFO")
    began = time.monotonic()
    with (
        (folder / "log").open("wb") as log,
        begin(*words, cwd=folder, err=log, SCRAPY_SETTINGS_MODULE="hostile_settings") as process,
    ):
        code = process.wait(seconds)
    return Crawled(folder, server, code, (folder / "log").read_text(), time.monotonic() - began)


def site(count: int, cases: Iterable[Hostile] = ()) -> dict[str, Script]:
    """*count* ordinary articles, and a front page that links them and *cases*, the one kind between the other."""
    pages: dict[str, Script] = {ordinary(n): (page(f"Ordinary {n}"),) for n in range(count)}
    paths = sorted([*pages, *(case.path for case in cases)], key=lambda path: path[::-1])
    links = "".join(f"<li><a href='{path}'>{path}</a>" for path in paths)
    return pages | {"/en": sent(f"<!doctype html><title>Front</title><ul>{links}</ul>".encode())}


def ordinary(number: int) -> str:
    return f"/en/articles/ordinary-{number}"


PORTS = {
    # What is wrong with it: outcome, and what the reason has in it; what cannot give its robots.txt is not asked.
    "self-signed": ("captured", ""),
    "certificate for another host": ("captured", ""),
    "client certificate wanted": ("failed", "robots.txt: [<"),
    "TLS of the past": ("failed", "robots.txt: [<"),
    "closed in the handshake": ("failed", "robots.txt: [<"),
    "silent in the handshake": ("failed", "robots.txt: "),
    "junk in the handshake": ("failed", "robots.txt: [<"),
    "http where https is expected": ("failed", "robots.txt: [<"),
    "https where http is expected": ("failed", "robots.txt: "),
    "nobody listens": ("failed", "refused"),
    "redirect to a port that is closed": ("redirected", ""),
}


def contexts(folder: Path) -> dict[str, ssl.SSLContext]:
    """Server contexts for TLS of kinds."""
    wanted, old = server_context(folder), server_context(folder)
    wanted.verify_mode = ssl.CERT_REQUIRED
    wanted.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("AES128-SHA:@SECLEVEL=0")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.minimum_version = ssl.TLSVersion.TLSv1_2
    return {
        "self-signed": server_context(folder),
        "certificate for another host": server_context(folder, "192.0.2.1"),
        "client certificate wanted": wanted,
        "TLS of the past": old,
    }


def open_ports(stack: ExitStack, folder: Path) -> dict[str, str]:
    """URLs, by what is wrong with them."""
    urls = {}
    for name, context in contexts(folder).items():
        server = stack.enter_context(HostileServer({"/": (page(name),)}, context=context))
        urls[name] = f"https://{server.host}/"
        if name == "self-signed":
            urls["http where https is expected"] = f"http://{server.host}/plain"
    plain = stack.enter_context(HostileServer({"/": (page("plain"),)}))
    urls["https where http is expected"] = f"https://{plain.host}/"
    urls["closed in the handshake"] = f"https://{stack.enter_context(Brute()).host}/"
    urls["silent in the handshake"] = f"https://{stack.enter_context(Brute(hold=True)).host}/"
    urls["junk in the handshake"] = f"https://{stack.enter_context(Brute(bytes(range(256)))).host}/"
    urls["nobody listens"] = f"http://127.0.0.1:{free_port()}/"
    to = urls["nobody listens"].encode() + b"again"
    hop = stack.enter_context(HostileServer({"/": moved(to)}))
    urls["redirect to a port that is closed"] = f"http://{hop.host}/"
    return urls


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = tmp_path_factory.mktemp("hostile")
    with ExitStack() as stack:
        server = stack.enter_context(HostileServer(site(ORDINARY, CASES), CASES))
        ports = open_ports(stack, folder)
        hosts = dict.fromkeys(url.split("/")[2] for url in ports.values())
        start = " ".join((f"http://{server.host}/en", *ports.values()))
        done = crawl(folder, server, "-a", f"start={start}", hosts=hosts)
    return Crawled(done.folder, done.server, done.code, done.log, done.seconds, ports)


def test_the_crawl_ends_in_its_time_and_says_so(crawled: Crawled) -> None:
    assert len(CASES) >= 100
    assert len({case.path for case in CASES}) == len(CASES)
    assert crawled.code == 0, crawled.log[-3000:]
    assert crawled.seconds < 240
    assert "Spider closed (finished)" in crawled.log


def test_nothing_is_raised_through(crawled: Crawled) -> None:
    assert "Traceback" not in crawled.log, crawled.log[crawled.log.index("Traceback") :][:3000]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_ends_as_stated(crawled: Crawled, case: Hostile) -> None:
    end = crawled.ends()[case.path]
    assert (end.outcome, end.reason[: len(case.reason)]) == (case.outcome, case.reason)
    assert not end.reason.endswith(": ")
    assert (end.outcome == "captured") == (end.reason == "") or end.outcome == "not-modified"
    assert 1 <= crawled.server.asked(case) <= case.most


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_is_the_document_it_should_be_or_none(crawled: Crawled, case: Hostile) -> None:
    text = crawled.texts().get(case.path)
    assert (text or "")[: len(case.text or "")] == (case.text or "")
    assert (text is None) == (case.text is None)
    assert (case.path in crawled.dropped()) == (case.text is None and case.outcome != "not-modified")


@pytest.mark.parametrize("name", PORTS)
def test_each_port_ends_as_stated(crawled: Crawled, name: str) -> None:
    outcome, reason = PORTS[name]
    end = crawled.ends()[crawled.others[name]]
    assert end.outcome == outcome
    assert reason in end.reason
    assert (end.outcome == "captured") == (end.reason == "")


def test_ordinary_pages_are_unharmed(crawled: Crawled) -> None:
    texts, ends = crawled.texts(), crawled.ends()
    for number in range(ORDINARY):
        assert texts[ordinary(number)].startswith(f"Ordinary {number}")
        assert (ends[ordinary(number)].outcome, ends[ordinary(number)].reason) == ("captured", "")
        assert 1 <= ends[ordinary(number)].attempts <= 2  # the second where the server was held up for seconds


def test_no_url_is_left_without_an_end(crawled: Crawled) -> None:
    assert {path for path, end in crawled.ends().items() if not end.outcome} == set()


def test_the_collection_is_sound(crawled: Crawled) -> None:
    ran = editions("check", crawled.collection, cwd=crawled.folder)
    assert (ran.code, ran.err) == (0, "")


def test_every_request_that_the_server_saw_is_in_the_archive(crawled: Crawled) -> None:
    kept: Counter[bytes] = Counter()
    for path in (crawled.collection / "archive").glob("*.warc.gz"):
        with path.open("rb") as stream:
            kept.update(
                record.reader.read() for record in ArchiveIterator(stream, WarcRecordType.request, parse_http=False)
            )
    seen = Counter(entry.request for entry in crawled.server.log)
    assert seen - kept == Counter()


def test_the_corpus_is_that_of_its_archive(crawled: Crawled, tmp_path: Path) -> None:
    rebuild(crawled.collection / "archive", tmp_path, load(crawled.folder / "site.toml"))
    corpus = crawled.collection / "corpus"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in corpus.iterdir()
    }


def test_a_maze_ends_with_the_pages_that_were_asked_for(tmp_path: Path) -> None:
    def hundred(path: str) -> Script:
        number = int(path.partition("~")[2] or 0)
        links = "".join(f"<a href='/en/articles/maze~{number * 100 + n}'>{n}</a>" for n in range(1, 101))
        return (page(f"Maze {number}", more=links),)

    maze = Hostile("maze", hundred)
    with HostileServer(site(5, [maze]), [maze]) as server:
        done = crawl(tmp_path, server, "-s", "EDITIONS_MAX_PAGES=60")
    assert done.code == 0
    assert "Traceback" not in done.log
    assert len(done.texts()) == 60
    assert all(done.texts()[ordinary(n)].startswith(f"Ordinary {n}") for n in range(5))
    assert len({entry.path for entry in server.log}) <= 60 + 2
    assert {end.outcome for end in done.ends().values()} == {"captured", "not-reached"}


def test_a_maze_ends_at_the_depth_that_was_asked_for(tmp_path: Path) -> None:
    three = Hostile("three", lambda path: going_on(f"{path}1") if "~" in path else going_on(f"{path}~1"))
    with HostileServer(site(5, [three]), [three]) as server:
        done = crawl(tmp_path, server, "-a", "max_depth=4")
    assert done.code == 0
    assert len({entry.path for entry in server.log if server.case_of(entry.path) is three}) == 4
    assert {end.outcome for end in done.ends().values()} == {"captured"}


ROBOTS: dict[str, tuple[Script, str]] = {
    # what /robots.txt is: what is sent, and how /en ends
    "huge": ((b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"Disallow: /x\n" * 70_000,), "captured"),
    "endless": ((b"HTTP/1.1 200 OK\r\n\r\n", Endless(b"Disallow: /x\n" * 500)), "failed"),
    "HTML": (sent(b"<!doctype html><p>Disallow: /\n<p>User-agent: *\n<p>Disallow: /en"), "captured"),
    "binary": (sent(bytes(range(256)) * 1_000), "captured"),
    "slow": ((b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", Endless(b"#", 0.1)), "failed"),
    "silent": ((Hold(),), "failed"),
    "5xx": ((b"HTTP/1.1 503 Busy\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n",), "failed"),
    "a redirect to itself": (moved(b"/robots.txt"), "captured"),
    "a redirect to a file": (moved(b"file:///etc/passwd"), "captured"),
    "closed": ((Close(),), "failed"),
    "forbidding": (sent(b"User-agent: *\nDisallow: /\n"), "robots"),
}


@pytest.mark.parametrize("name", ROBOTS)
def test_robots_txt(name: str, tmp_path: Path) -> None:
    script, outcome = ROBOTS[name]
    with HostileServer(site(3) | {"/robots.txt": script}) as server:
        done = crawl(tmp_path, server)
    assert "Traceback" not in done.log
    end = done.ends()["/en"]
    assert (end.outcome, bool(end.reason)) == (outcome, outcome != "captured")
    assert "robots.txt" in (end.reason or "robots.txt")
    asked = {entry.path for entry in server.log} - {"/robots.txt"}
    assert len(asked) == (4 if outcome == "captured" else 0)
    assert len(done.texts() if asked else {}) == len(asked) * 3 // 4
