"""Crawls that are stopped, cut off, begun again, or begun twice."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from crawler.demo.server import serve as serve_demo
from crawler.frontier.store import PAGES
from tests.command import editions, lines, profile
from tests.replay.running import files
from tests.site import Answer, Site, held, serve
from tests.warm import Fork, begin

STORY = "<!doctype html><title>{0}</title><article><h1>{0}</h1><p>Text of {0}.</p></article>{1}"


def fill(site: Site, count: int) -> None:
    """A front page that leads to *count* articles."""
    links = "".join(f'<a href="/en/articles/{n}">{n}</a>' for n in range(count))
    site.answers["/en"] = Answer(f"<!doctype html><title>Front</title>{links}".encode())
    for number in range(count):
        site.answers[f"/en/articles/{number}"] = Answer(STORY.format(f"story {number}", "").encode())


def slow(folder: Path, host: str, delay: float) -> None:
    path = profile(folder, host)
    path.write_text(path.read_text().replace("delay = 0\n", f"delay = {delay}\n"))


@contextmanager
def crawling(folder: Path) -> Iterator[Fork | subprocess.Popen[bytes]]:
    """A crawl that was begun; what it says of errors goes to the file ``err``."""
    with (folder / "err").open("wb") as err, begin("crawl", "site.toml", cwd=folder, err=err) as process:
        yield process


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 240
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def wait_for(site: Site, count: int) -> None:
    until(lambda: len(site.requests) >= count, f"{count} requests")


def log(folder: Path) -> str:
    """What the crawls have logged."""
    return "".join(path.read_text("utf-8") for path in folder.glob("collections/site/crawls/*.log"))


def manifest(folder: Path) -> list[dict[str, object]]:
    return lines(folder / "collections/site/corpus/manifest.jsonl")


def endings(folder: Path) -> dict[str, tuple[str, str]]:
    with closing(sqlite3.connect(folder / "collections/site/state.db")) as db:
        return {
            url: (outcome, reason) for url, outcome, reason in db.execute("SELECT url, outcome, reason FROM urls")
        }


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_once_it_ends_cleanly_and_says_how_to_go_on(tmp_path: Path, how: signal.Signals) -> None:
    with serve({}) as site:
        fill(site, 40)
        slow(tmp_path, site.host, 0.05)
        with held(site, after=20) as go, crawling(tmp_path) as process:
            wait_for(site, 12)
            process.send_signal(how)
            go.set()
            assert process.wait(240) == 1
        err = (tmp_path / "err").read_text()
        assert "the same command goes on" in err
        assert "Traceback" not in err
        some = len(manifest(tmp_path))
        assert 5 < some < 40
        ran = editions("crawl", "site.toml", "--json", cwd=tmp_path)
        asked = Counter(site.requests)
    assert ran.code == 0
    assert json.loads(ran.out)["documents"] == 40 - some
    assert len(manifest(tmp_path)) == 40
    assert {path: n for path, n in asked.items() if n > 1} == {}


def test_stopped_while_a_host_is_waited_for_it_does_not_wait(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 40)
        site.answers["/en/articles/3"] = Answer(b"busy", 429, {"Retry-After": "12"})
        slow(tmp_path, site.host, 0.05)
        with crawling(tmp_path) as process:
            until(lambda: "asks to wait" in log(tmp_path), "the wait is seen")
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(240) == 1
        assert time.monotonic() - began < 10
        assert "the same command goes on" in (tmp_path / "err").read_text()
        ended = endings(tmp_path)
        waiting = [url for url, (outcome, _) in ended.items() if outcome is None]
        assert len(waiting) > 1
        assert {outcome for outcome, _ in ended.values()} == {"captured", None}
        fill(site, 40)
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
    assert len(manifest(tmp_path)) == 40
    asked = Counter(site.requests)
    assert {path: n for path, n in asked.items() if n > 1} == {"/en/articles/3": 2}


def test_stopped_while_all_wait_for_their_turn_it_does_not_wait(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 8)
        slow(tmp_path, site.host, 60)
        with crawling(tmp_path) as process:
            wait_for(site, 1)
            process.send_signal(signal.SIGINT)
            assert process.wait(45) == 1
        assert {outcome for outcome, _ in endings(tmp_path).values()} <= {"captured", None}


def test_stopped_twice_it_ends_at_once_and_loses_nothing_either(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 40)
        site.answers["/en/articles/9"] = Answer(b"slow")
        told = threading.Event()
        site.on_request = lambda path: path != "/en/articles/9" or told.wait(500)
        slow(tmp_path, site.host, 0.05)
        with crawling(tmp_path) as process:
            wait_for(site, 12)
            process.send_signal(signal.SIGINT)
            until(lambda: "Received SIGINT" in log(tmp_path), "the first signal is seen")
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.wait(240) == 1, "it waited for the page that does not come"
        told.set()
        err = (tmp_path / "err").read_text()
        assert "Traceback" not in err
        some = len(manifest(tmp_path))
        assert some >= 5
        fill(site, 40)
        site.on_request = lambda path: None
        before = Counter(site.requests)
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
        again = Counter(site.requests) - before
    assert len(manifest(tmp_path)) == 40
    assert sum(before[path] for path in again) <= 8  # what was in flight


def test_a_second_crawl_of_a_collection_is_told_who_holds_it(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 40)
        told = threading.Event()
        site.on_request = lambda path: path != "/en/articles/9" or told.wait(500)
        slow(tmp_path, site.host, 0.05)
        with crawling(tmp_path) as first:
            wait_for(site, 5)
            second = editions("crawl", "site.toml", cwd=tmp_path)
            told.set()
            assert first.wait(240) == 0
    assert second.code == 1
    assert f"process {first.pid}" in second.err
    assert len(manifest(tmp_path)) == 40


def test_a_finished_crawl_is_recrawled_and_fresh_begins_anew(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 5)
        profile(tmp_path, site.host)
        editions("crawl", "site.toml", cwd=tmp_path)
        site.answers["/en/articles/1"] = Answer(STORY.format("story 1", "<p>Corrected.</p>").encode())
        site.answers["/en/articles/2"] = Answer(b"gone", 410)
        site.answers["/en/articles/3"] = Answer(STORY.format("story 3", '<a href="/en/articles/new">n</a>').encode())
        site.answers["/en/articles/new"] = Answer(STORY.format("new", "").encode())
        first = manifest(tmp_path)
        ran = editions("crawl", "site.toml", "--json", cwd=tmp_path)
        second = manifest(tmp_path)
        fresh = editions("crawl", "site.toml", "--fresh", cwd=tmp_path)
    assert (ran.code, fresh.code) == (0, 0)
    report = json.loads(ran.out)
    assert report["outcomes"] == {"changed": 2, "dropped": 1, "new": 1, "unchanged": 2}
    assert report["endings"]["en"] == {"captured": 3, "revisit": 3, "status": 1}
    # The corpus gets the newest text, and nothing else moves.
    assert [line["file"] for line in second[:5]] == [line["file"] for line in first]
    assert [old == new for old, new in zip(first, second, strict=False)].count(False) == 2
    assert len(manifest(tmp_path)) == 6
    assert len(list((tmp_path / "collections/site/archive").iterdir())) == 3
    assert editions("check", "collections/site", cwd=tmp_path).code == 0


def test_known_pages_are_asked_for_conditionally(tmp_path: Path) -> None:
    with serve_demo() as site:
        text = (
            (Path(__file__).parents[2] / "crawler/sites/demo.toml").read_text("utf-8").replace("8017", str(site.port))
        )
        (tmp_path / "demo.toml").write_text(text, "utf-8")
        editions("crawl", "demo.toml", cwd=tmp_path)
        corpus = tmp_path / "collections/demo/corpus"
        first = {path.name: path.read_bytes() for path in corpus.iterdir()}
        site.clear_log()
        ran = editions("crawl", "demo.toml", "--json", cwd=tmp_path)
        assert {path.name: path.read_bytes() for path in corpus.iterdir()} == first
        assert Counter(served.status for served in site.log)[304] > 100
        assert json.loads(ran.out)["bytes"] < 2_000_000
        site.set_state(2)
        assert editions("crawl", "demo.toml", cwd=tmp_path).code == 0
        expected = site.expected()
    documents = {str(line["url"]) for line in lines(corpus / "manifest.jsonl")}
    for edition in expected.editions.values():
        assert edition.documents <= documents
        assert edition.appeared <= documents
        assert edition.vanished <= documents  # gone from the site, not from the corpus
    assert not any("members-letter" in url for url in documents)  # robots.txt is obeyed in recrawls too


def test_a_page_that_repeated_another_is_a_document_when_that_one_has_changed(tmp_path: Path) -> None:
    with serve({}) as site:
        site.answers |= {"/en": tagged("front", link("/en/articles/a", "/en/articles/b"))}
        site.answers |= dict.fromkeys(("/en/articles/a", "/en/articles/b"), tagged("one text"))
        profile(tmp_path, site.host)
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
        [first] = manifest(tmp_path)
        changed = str(first["url"]).removeprefix(site.url)
        site.answers[changed] = tagged("another text")
        for _ in range(2):  # which of both is asked for first is not said
            assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
    assert {line["title"] for line in manifest(tmp_path)} == {"one text", "another text"}
    collection = tmp_path / "collections/site"
    assert [*lines(collection / "corpus/dropped.jsonl")] == []
    assert editions("check", collection, cwd=tmp_path).code == 0


def tagged(title: str, links: str = "", *, head: str = "") -> Answer:
    """A page with a validator, which is another once the page is."""
    body = STORY.format(title, links).replace("<article>", f"{head}<article>", 1).encode()
    return Answer(body, headers={"Content-Type": "text/html", "ETag": f'"{hashlib.sha256(body).hexdigest()}"'})


def link(*paths: str) -> str:
    return "".join(f'<a href="{path}">{path}</a>' for path in paths)


SWAHILI = '<link rel=alternate hreflang=sw href="/sw/articles/a">'
UNCHANGING = {
    "/en": tagged("front", link("/en/articles/a", "/en/tags/t")),
    "/sw": tagged("front, sw"),
    "/en/tags/t": tagged("tag", link("/en/articles/t")),
    "/en/articles/a": tagged("a", link("/en/articles/b", "/en/articles/busy"), head=SWAHILI),
    "/en/articles/b": tagged("b", link("/en/articles/c")),
    "/en/articles/c": tagged("c"),
    "/en/articles/t": tagged("t"),
    "/sw/articles/a": tagged("a, sw"),
    "/en/articles/busy": Answer(b"busy", 503),
}
NOW_ASKED = {
    # what is different the second time: options of the first crawl and of the second, answers, pages that come then
    "fresh": ((), ("--fresh",), {}, set(UNCHANGING) - {"/en/articles/busy"}),
    "another edition": (("--edition", "en"), (), {}, {"/sw", "/sw/articles/a"}),
    "deeper": (
        ("--max-depth", "1"),
        (),
        {},
        {"/en/articles/b", "/en/articles/c", "/en/articles/t", "/sw/articles/a"},
    ),
    "a changed list": (
        (),
        (),
        {"/en/tags/t": tagged("tag", link("/en/articles/new")), "/en/articles/new": tagged("new")},
        {"/en/tags/t", "/en/articles/new"},
    ),
    "no longer busy": ((), (), {"/en/articles/busy": tagged("not busy")}, {"/en/articles/busy"}),
    "nothing": ((), (), {}, set()),
}


@pytest.mark.parametrize("what", NOW_ASKED)
def test_links_of_unchanged_pages_are_followed(tmp_path: Path, what: str) -> None:
    before, then, changed, wanted = NOW_ASKED[what]
    with serve(UNCHANGING) as site:
        profile(tmp_path, site.host, editions=("en", "sw"))
        assert editions("crawl", "site.toml", *before, cwd=tmp_path).code == 0
        site.answers |= changed
        site.requests.clear()
        site.answered.clear()
        assert editions("crawl", "site.toml", *then, cwd=tmp_path).code == 0
        came = {path for path, status in site.answered if status == 200}
        assert came == wanted
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0  # a recrawl of the recrawl
    found = {url.removeprefix(site.url) for url, (outcome, _) in endings(tmp_path).items() if outcome in PAGES}
    assert found == set(UNCHANGING | changed) - ({"/en/articles/busy"} - changed.keys())
    corpus = tmp_path / "collections/site/corpus"
    options = ("--from-archive", "collections/site", "--collection", "replayed")
    assert editions("crawl", "site.toml", *options, cwd=tmp_path).code == 0
    assert files(tmp_path / "replayed/corpus") == files(corpus)


def test_what_an_unchanged_page_needs_is_asked_for_only_if_it_is_not_there(tmp_path: Path) -> None:
    page = tagged("pictures", '<img src="/had.png"><img src="/busy.png">')
    picture = Answer(b"picture", headers={"Content-Type": "image/png"})
    with serve({"/en/articles/0": page, "/had.png": picture, "/busy.png": Answer(b"", 503)}) as site:
        site.answers["/en"] = tagged("front", link("/en/articles/0"))
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("requisites = false", ""))
        editions("crawl", "site.toml", cwd=tmp_path)
        site.answers["/busy.png"] = picture
        site.requests.clear()
        editions("crawl", "site.toml", cwd=tmp_path)
        assert sorted(site.requests) == ["/busy.png", "/en", "/en/articles/0", "/robots.txt"]


def test_recrawls_of_a_few_articles_come_to_all_in_turn(tmp_path: Path) -> None:
    with serve({"/sw": tagged("sw")}) as site:
        articles = [f"/en/articles/{n}" for n in range(5)]
        site.answers |= {path: tagged(path) for path in articles}
        site.answers["/en"] = tagged("front", link(*articles))
        profile(tmp_path, site.host, editions=("en", "sw"))
        asked = []
        for number in range(4):
            if number == 2:
                site.answers["/en"] = tagged("front", link("/en/articles/new", *articles))
                site.answers["/en/articles/new"] = tagged("new")
            site.requests.clear()
            assert editions("crawl", "site.toml", "--max-pages", "2", cwd=tmp_path).code == 0
            assert {"/en", "/sw"} < set(site.requests)
            asked.append({path.rpartition("/")[2] for path in site.requests if "articles" in path})
    assert asked == [{"0", "1"}, {"2", "3"}, {"4", "new"}, {"0", "1"}]


def cut_off(folder: Path, site: Site, *options: str) -> None:
    """Begin a crawl of English and kill it after some articles."""
    slow(folder, site.host, 0.05)
    path = folder / "site.toml"
    path.write_text(path.read_text().replace('en = "en"', 'en = "en"\nsw = "sw"'))
    with held(site, after=6), begin("crawl", "site.toml", "--edition", "en", *options, cwd=folder) as process:
        wait_for(site, 6)
        process.kill()
    site.wait_for_quiet()
    site.requests.clear()


def test_a_crawl_that_goes_on_keeps_to_the_editions_and_the_depth_of_its_command(tmp_path: Path) -> None:
    with serve({"/sw": Answer(link("/sw/articles/0", "/sw/articles/1", "/sw/articles/2").encode())}) as site:
        fill(site, 12)
        site.answers |= {f"/sw/articles/{n}": Answer(STORY.format(f"sw {n}", "").encode()) for n in range(3)}
        cut_off(tmp_path, site)
        assert editions("crawl", "site.toml", "--edition", "sw", "--max-pages", "2", cwd=tmp_path).code == 0
        assert set(site.requests) - {"/robots.txt"} == {"/sw", "/sw/articles/0", "/sw/articles/1"}
        site.requests.clear()
        one = ("--start", f"{site.url}/en/articles/11", "--max-depth", "0")
        assert editions("crawl", "site.toml", *one, cwd=tmp_path).code == 0
        assert set(site.requests) - {"/robots.txt"} == {"/en/articles/11"}


def test_a_site_that_has_moved_is_asked_at_its_new_host_alone(tmp_path: Path) -> None:
    with serve({}) as old, serve({}) as new:
        fill(old, 3)
        fill(new, 3)
        profile(tmp_path, old.host)
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
        old.requests.clear()
        profile(tmp_path, new.host)
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
        assert old.requests == []
        assert len(new.requests) == 5


def page_of_list(number: int, *links: str) -> Answer:
    following = f'<a rel=next href="/en?page={number + 1}">next</a>'
    return Answer(f"<!doctype html><title>{number}</title>{link(*links)}{following}".encode())


@pytest.mark.parametrize(("options", "pages"), [((), 28), (("--max-pages", "2"), 8)], ids=["endless", "counted"])
def test_a_list_without_end_is_left(tmp_path: Path, options: tuple[str, ...], pages: int) -> None:
    """After 20 pages in a row without a new article; and when there is to be no more article, at once."""
    with serve({f"/en?page={number}": page_of_list(number, "/en/articles/0") for number in range(2, 200)}) as site:
        fill(site, 3)
        site.answers["/en"] = page_of_list(1, "/en/articles/0")
        site.answers["/en?page=9"] = page_of_list(9, "/en/articles/1")
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("delay = 0\n", "delay = 0\nconcurrency = 1\n"))
        assert editions("crawl", "site.toml", *options, cwd=tmp_path).code == 0
        asked = [path for path in site.requests if "?page=" in path]
        assert asked == [f"/en?page={number}" for number in range(2, 2 + pages)]
        filtered = [reason for outcome, reason in endings(tmp_path).values() if outcome == "filtered"]
        assert filtered == ([] if options else ["nothing-new"])
        site.requests.clear()
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0  # a recrawl goes no further
        assert len([path for path in site.requests if "?page=" in path]) <= 28
        assert "/en?page=30" not in site.requests


def test_a_list_that_is_unchanged_is_no_article(tmp_path: Path) -> None:
    with serve({"/en": tagged("front", link("/en/articles/gone")), "/en/articles/gone": tagged("gone")}) as site:
        profile(tmp_path, site.host)
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0  # an article that is unchanged is one
        site.answers["/en/articles/gone"] = Answer(b"gone", 410)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
    assert ran.code == 1
    assert "no article captured" in ran.err


def scrapy(folder: Path, *settings: str) -> Fork | subprocess.Popen[bytes]:
    """A crawl with settings that the command has no options for."""
    options = [word for setting in settings for word in ("-s", setting)]
    words = ("crawl", "news", "-a", "site=site.toml", *options)
    return begin(*words, cwd=folder, SCRAPY_SETTINGS_MODULE="crawler.settings")


def test_a_host_that_asked_to_be_left_alone_is_after_a_kill_too(tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    settings = ("RETRY_TIMES=0", "CONCURRENT_REQUESTS=1")
    with serve({}) as site:
        fill(site, 4)
        site.answers["/en/articles/0"] = Answer(b"busy", 503, {"Retry-After": "5"})
        site.on_request = lambda path: seen.append((path, time.monotonic()))
        slow(tmp_path, site.host, 0.05)
        busy = f"{site.url}/en/articles/0"
        with scrapy(tmp_path, *settings) as process:
            wait_for(site, 3)
            until(lambda: endings(tmp_path).get(busy) == ("status", "503"), "what the host asked for is kept")
            process.kill()
        with scrapy(tmp_path, *settings) as process:
            assert process.wait(240) == 0
    paths = [path for path, _ in seen]
    assert paths[:3] == ["/robots.txt", "/en", "/en/articles/0"]
    assert sorted(paths[3:]) == [f"/en/articles/{n}" for n in range(1, 4)]
    assert seen[3][1] - seen[2][1] >= 5


def test_a_hosts_share_of_pages_is_not_given_anew_after_a_kill(tmp_path: Path) -> None:
    settings = ("EDITIONS_MAX_PAGES_PER_HOST=12", "CONCURRENT_REQUESTS=1")
    with serve({}) as site:
        fill(site, 40)
        slow(tmp_path, site.host, 0.05)
        with held(site, after=10), scrapy(tmp_path, *settings) as process:
            wait_for(site, 8)
            process.kill()
        assert len(site.requests) < 12
        with scrapy(tmp_path, *settings) as process:
            assert process.wait(240) == 0
        asked = set(site.requests) - {"/robots.txt"}
    assert len(asked) == 12
    filtered = [reason for outcome, reason in endings(tmp_path).values() if outcome == "filtered"]
    assert filtered == [f"12 pages of {site.host} already"] * 29


BROKEN = {"Content-Type": "text/html", "Transfer-Encoding": "chunked", "Connection": "close"}
"""Of an answer whose body is not chunked: it is cut short."""


@pytest.mark.parametrize("answer", [Answer(b"busy", 503), Answer(b"none", headers=BROKEN)], ids=["5xx", "cut-short"])
def test_tries_before_a_kill_count(tmp_path: Path, answer: Answer) -> None:
    tried = "/en/articles/0"
    with serve({}) as site:
        fill(site, 3)
        site.answers[tried] = answer
        told = threading.Event()
        site.on_request = lambda path: site.requests.count(tried) < 3 or told.wait(500)
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("delay = 0\n", "delay = 0\nconcurrency = 1\n"))
        with crawling(tmp_path) as process:
            until(lambda: site.requests.count(tried) == 3, "three tries")
            process.kill()
        told.set()
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
        assert Counter(site.requests) == {tried: 4, "/robots.txt": 1, "/en": 1} | {
            f"/en/articles/{n}": 1 for n in (1, 2)
        }
    ended = {one["url"]: one for one in reported(tmp_path)["urls"]}  # type: ignore[attr-defined]
    assert ended[f"{site.url}{tried}"]["attempts"] == 3


def test_one_request_at_a_time_waits_for_the_disk_and_does_not_stand_still(tmp_path: Path) -> None:
    pictures = {f"/{n}.png": Answer(os.urandom(8_000_000), headers={"Content-Type": "image/png"}) for n in range(10)}
    with serve(pictures) as site:
        fill(site, 60)
        images = "".join(f'<img src="{path}">' for path in pictures)
        site.answers["/en/articles/0"] = Answer(STORY.format("pictures", images).encode())
        path = profile(tmp_path, site.host)
        path.write_text(
            path.read_text().replace("delay = 0\n", "delay = 0\nconcurrency = 1\n").replace("requisites = false", "")
        )
        began = time.monotonic()
        ran = editions("crawl", "site.toml", "--max-pages", "30", cwd=tmp_path)
        took = time.monotonic() - began
        asked = list(site.requests)
    assert ran.code == 0
    # robots.txt, the front page, the pictures, and as many articles as it may.
    assert len(asked) == len(set(asked)) == 2 + len(pictures) + 30
    assert len(manifest(tmp_path)) == 30
    assert took < 120, "Scrapy asks the scheduler every 5 seconds, unless it is nudged"


def test_a_lost_state_is_made_again_from_the_archive(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 20)
        profile(tmp_path, site.host)
        editions("crawl", "site.toml", cwd=tmp_path)
        corpus = tmp_path / "collections/site/corpus"
        first = {path.name: path.read_bytes() for path in corpus.iterdir()}
        for path in (tmp_path / "collections/site").glob("state.db*"):
            path.unlink()
        for path in corpus.iterdir():
            path.unlink()
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
    assert {path.name: path.read_bytes() for path in corpus.iterdir()} == first


def test_a_state_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "collections/site").mkdir(parents=True)
    (tmp_path / "collections/site/state.db").write_bytes(b"no database " * 999)
    with serve({}) as site:
        fill(site, 2)
        profile(tmp_path, site.host)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
        assert site.requests == []
    assert ran.code == 1
    assert "state.db" in ran.err
    assert "Traceback" not in ran.err


GZIP = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
ODD = {
    # name: answer, how it ends in the frontier, why it is no document (None: it is one)
    "meta-refresh": (
        Answer(b'<meta http-equiv="refresh" content="0; url=/en/articles/0"><p>Moved.</p>'), "redirected", None,
    ),
    "bad-gzip": (Answer(b"\x1f\x8bno gzip at all", headers=GZIP), "captured", "undecodable"),
    "plain-as-gzip": (Answer(STORY.format("plain", "").encode(), headers=GZIP), "captured", None),
    "bomb": (Answer(gzip.compress(bytes(100_000_000)), headers=GZIP), "captured", "too-large"),
    "to-itself": (Answer(b"", 302, {"Location": "/en/articles/to-itself"}), "redirected", "redirected"),
    "to-a-file": (Answer(b"", 302, {"Location": "file:///etc/passwd"}), "status", "status-302"),
    "to-nowhere": (Answer(b"", 302, {}), "status", "status-302"),
    "elsewhere": (Answer(b"", 302, {"Location": "http://127.0.0.2:9/x"}), "redirected", "redirected"),
    "gone": (Answer(b"", 410), "status", "status-410"),
    "broken": (Answer(b"", 500), "status", "status-500"),
}  # fmt: skip


def test_every_url_ends_in_one_stated_way_and_holds_up_no_other(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 3)
        links = "".join(f'<a href="/en/articles/{n}">{n}</a>' for n in (*ODD, 0, 1, 2))
        site.answers["/en"] = Answer(f"<!doctype html>{links}".encode())
        site.answers |= {f"/en/articles/{name}": answer for name, (answer, _, _) in ODD.items()}
        profile(tmp_path, site.host)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
    assert ran.code == 0, ran.err
    found = {url.rpartition("/")[2]: ending for url, ending in endings(tmp_path).items()}
    assert {name: found[name][0] for name in ODD} == {name: outcome for name, (_, outcome, _) in ODD.items()}
    documents = {line["slug"] for line in manifest(tmp_path)}
    dropped = {
        str(line["url"]).rpartition("/")[2]: line["reason"]
        for line in lines(tmp_path / "collections/site/corpus/dropped.jsonl")
    }
    assert documents == {"0", "1", "2"} | {name for name, (_, _, reason) in ODD.items() if reason is None}
    assert dropped == {name: reason for name, (_, _, reason) in ODD.items() if reason}
    log = next((tmp_path / "collections/site/crawls").glob("*.log")).read_text()
    assert "Traceback" not in log


def reported(folder: Path) -> dict[str, object]:
    """The newest crawl's report."""
    path = max((folder / "collections/site/crawls").glob("*.json"))
    return dict(json.loads(path.read_text("utf-8")))


WAYS = {
    # a path of the site: its edition, how it ends, with which reason (its beginning) after how many tries
    "/en": ("en", "captured", "", 1),
    "/sw": ("sw", "captured", "", 1),
    "/en/articles/0": ("en", "captured", "", 1),
    "/sw/articles/1": ("sw", "captured", "", 1),
    "/en/articles/moved": ("en", "redirected", "http://{host}/en/articles/0", 1),
    "/en/articles/away": ("en", "redirected", "http://127.0.0.2:9/en/articles/x", 1),
    "/en/articles/gone": ("en", "status", "410", 1),
    "/sw/articles/busy": ("sw", "status", "503", 3),
    "/sw/articles/hangs-up": ("sw", "failed", "ResponseDataLossError: ", 3),
    "/sw/articles/secret": ("sw", "robots", "", 1),
    "/en/articles/a?jsessionid=0123456789": ("en", "filtered", "session-id", 0),
    "http://127.0.0.2:9/en/articles/x": ("en", "out-of-scope", "not a host of the site", 0),
}


def ways(site: Site) -> None:
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /sw/articles/secret", 200, {})
    for front in ("/en", "/sw"):
        paths = [path for path, way in WAYS.items() if path.startswith(f"/{way[0]}/") and path.startswith(front)]
        links = "".join(f'<a href="{path}">{path}</a>' for path in paths)
        site.answers[front] = Answer(f"<!doctype html><title>{front}</title>{links}".encode())
    for path in ("/en/articles/0", "/sw/articles/1"):
        site.answers[path] = Answer(STORY.format(path, "").encode())
    site.answers["/en/articles/moved"] = Answer(b"", 301, {"Location": "/en/articles/0"})
    site.answers["/en/articles/away"] = Answer(b"", 302, {"Location": "http://127.0.0.2:9/en/articles/x"})
    site.answers["/en/articles/gone"] = Answer(b"", 410)
    site.answers["/sw/articles/busy"] = Answer(b"busy", 503)
    site.answers["/sw/articles/hangs-up"] = Answer(b"none", headers=BROKEN)


def test_the_report_counts_by_edition_and_lists_how_each_url_ended(tmp_path: Path) -> None:
    with serve({}) as site:
        ways(site)
        profile(tmp_path, site.host, editions=("en", "sw"))
        ran = editions("crawl", "site.toml", "--report", cwd=tmp_path)
        first = reported(tmp_path)
        again = editions("crawl", "site.toml", "--report", "--json", cwd=tmp_path)
    assert ran.code == 0, ran.err
    wanted = {
        path if path.startswith("http") else f"{site.url}{path}": (
            edition,
            outcome,
            reason.format(host=site.host),
            tries,
        )
        for path, (edition, outcome, reason, tries) in WAYS.items()
    }
    listed = {one["url"]: one for one in first["urls"]}  # type: ignore[index, attr-defined]
    assert listed.keys() == wanted.keys()
    for url, (edition, outcome, reason, tries) in wanted.items():
        one = listed[url]
        assert (url, one["edition"], one["outcome"], one["attempts"]) == (url, edition, outcome, tries)
        assert str(one["reason"]).startswith(reason)
        assert f"{outcome}\t{tries}\t{url}\t{one['reason']}\n" in ran.out
    counts = {code: Counter(way[1] for way in WAYS.values() if way[0] == code) for code in ("en", "sw")}
    assert first["endings"] == counts
    table = ran.out[ran.out.index("edition\tcaptured") :].splitlines()
    heads, row = table[0].split("\t"), next(line for line in table if line.startswith("en\t")).split("\t")
    assert dict(zip(heads[1:], map(int, row[1:]), strict=True)) == dict.fromkeys(heads[1:], 0) | counts["en"]
    told = json.loads(again.out)
    assert told["urls"] == reported(tmp_path)["urls"]
    assert told["endings"]["en"]["revisit"] == 2  # the front page and the article


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_as_its_last_requests_end_it_is_finished(tmp_path: Path, how: signal.Signals) -> None:
    with serve({}) as site:
        fill(site, 3)
        profile(tmp_path, site.host)
        with held(site, after=2) as go, crawling(tmp_path) as process:
            wait_for(site, 5)
            process.send_signal(how)
            until(lambda: f"Received {how.name}" in log(tmp_path), "the signal is seen")
            go.set()
            assert process.wait(240) == 0, (tmp_path / "err").read_text()
        assert reported(tmp_path)["reason"] == "finished"
        again = json.loads(editions("crawl", "site.toml", "--json", cwd=tmp_path).out)
    assert len(manifest(tmp_path)) == 3
    assert again["goes_on"] is None
    assert again["outcomes"] == {"unchanged": 3}


def test_stopped_before_its_first_answer_it_is_not_finished(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 3)
        profile(tmp_path, site.host)
        with held(site) as go, crawling(tmp_path) as process:
            wait_for(site, 1)
            process.send_signal(signal.SIGINT)
            until(lambda: "Received SIGINT" in log(tmp_path), "the signal is seen")
            go.set()
            assert process.wait(240) == 1
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
    assert len(manifest(tmp_path)) == 3


def test_no_articles_at_all_are_no_crawl_but_no_links_are_one(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 3)
        profile(tmp_path, site.host)
        ran = editions("crawl", "site.toml", "--max-pages", "0", cwd=tmp_path)
        assert (ran.code, site.requests) == (2, [])
        assert "from 1 up" in ran.err
        assert editions("crawl", "site.toml", "--max-depth", "0", cwd=tmp_path).code == 0
        assert site.requests == ["/robots.txt", "/en"]
        site.answers["/en"] = Answer(b"gone", 410)
        assert editions("crawl", "site.toml", "--max-depth", "0", cwd=tmp_path).code == 1


def test_a_crawl_that_robots_txt_forbids_says_so(tmp_path: Path) -> None:
    with serve({"/robots.txt": Answer(b"User-agent: *\nDisallow: /", 200, {})}) as site:
        fill(site, 3)
        profile(tmp_path, site.host)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
    assert ran.code == 1
    assert "robots.txt forbids 1 of the 1 URLs" in ran.err


@pytest.mark.parametrize("start", ["nonsense", "http://127.0.0.1:1/en/articles/x", "file:///etc/passwd"])
def test_a_start_outside_the_site_is_refused(tmp_path: Path, start: str) -> None:
    profile(tmp_path, f"127.0.0.1:{os.getpid() % 1000 + 2000}")
    ran = editions("crawl", "site.toml", "--start", start, cwd=tmp_path)
    assert ran.code == 2
    assert start in ran.err
