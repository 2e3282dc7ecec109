"""What the spider follows, how politely, and what it says while it runs."""

from __future__ import annotations

import os
import pty
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from tests.command import editions, lines, profile
from tests.site import Answer, Site, serve


def linking(title: str, *paths: str, head: str = "") -> Answer:
    """An article that has *paths* as related cards."""
    cards = "".join(f'<div><a href="{path}"><h3>{path}</h3></a></div>' for path in paths)
    return Answer(
        f"<!doctype html><title>{title}</title>{head}<article><h1>{title}</h1><p>Text of {title}.</p></article>"
        f"<section>{cards}</section>".encode()
    )


def chain(site: Site, length: int) -> None:
    """A front page, and articles that each lead to the next."""
    site.answers["/en"] = linking("Front", "/en/articles/0")
    for number in range(length):
        site.answers[f"/en/articles/{number}"] = linking(str(number), f"/en/articles/{number + 1}")


def listed(folder: Path) -> list[tuple[str, str, str, str, str]]:
    """Of each URL: its path, kind and edition, how it ended and why."""
    with closing(sqlite3.connect(folder / "collections/site/state.db")) as db:
        rows = db.execute("SELECT url, kind, edition, outcome, reason FROM urls ORDER BY added")
        return [("/" + url.split("/", 3)[-1], *rest) for url, *rest in rows]


def articles(site: Site) -> list[str]:
    return [path for path in site.requests if "/articles/" in path]


def gaps(folder: Path) -> list[float]:
    """The seconds between requests, by the crawl's own clock: what a server sees may have waited on its way."""
    times: list[float] = []
    for path in sorted((folder / "collections/site/archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, WarcRecordType.request, parse_http=False):
                times.append(datetime.fromisoformat(record.headers["WARC-Date"]).timestamp())
    return [after - before for before, after in pairwise(sorted(times))]


def test_related_articles_first_then_other_articles_then_editions_then_hubs(tmp_path: Path) -> None:
    alternate = '<link rel="alternate" hreflang="sw" href="/sw/articles/alternate">'
    with serve({}) as site:
        site.answers["/en/articles/start"] = Answer(
            f"<!doctype html><title>x</title>{alternate}<nav><a href='/en/tags/t'>t</a>"
            "<a href='/en/articles/other'>o</a></nav><article><h1>x</h1><p>Text.</p></article>"
            "<a href='/en/articles/related'><h3>r</h3></a>".encode()
        )
        path = profile(tmp_path, site.host, editions=("en", "sw"))
        path.write_text(path.read_text().replace("delay = 0\n", "delay = 0\nconcurrency = 1\n"))
        start = f"{site.url}/en/articles/start"
        editions("crawl", "site.toml", "--start", start, "--quiet", cwd=tmp_path)
        assert site.requests == [
            "/robots.txt",
            "/en/articles/start",
            "/en/articles/related",
            "/en/articles/other",
            "/sw/articles/alternate",
            "/en/tags/t",
        ]


def test_only_the_editions_chosen_are_followed(tmp_path: Path) -> None:
    with serve({}) as site:
        site.answers["/en"] = linking("Front", "/en/articles/a", "/sw/articles/b", "/ko/articles/c")
        site.answers["/en/articles/a"] = linking(
            "A", "/sw/articles/a", head='<link rel="alternate" hreflang="sw" href="/sw/articles/z">'
        )
        site.answers["/sw"] = linking("Mbele", "/sw/articles/b")
        site.answers["/sw/articles/b"] = linking("B", "/en/articles/a")
        profile(tmp_path, site.host, editions=("en", "sw"))
        assert editions("crawl", "site.toml", "--edition", "sw", cwd=tmp_path).code == 0
        assert articles(site) == ["/sw/articles/b"]
        assert "/en" not in site.requests


def test_a_page_that_shows_itself_anew_or_another_one_much_later_is_read(tmp_path: Path) -> None:
    def refresh(content: str) -> str:
        return f'<meta http-equiv="refresh" content="{content}">'

    with serve({}) as site:
        site.answers["/robots.txt"] = Answer(refresh("0; url=/en/tags/elsewhere").encode())
        site.answers["/en"] = linking("Front", "/en/articles/a", head=refresh("2; url=/en#top"))
        site.answers["/en/articles/a"] = linking("A", "/en/articles/b", head=refresh("60; url=/en/articles/none"))
        site.answers["/en/articles/b"] = linking("B", head=refresh("3; url=/en/articles/c"))
        site.answers["/en/articles/c"] = linking("C")
        profile(tmp_path, site.host)
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
        assert site.requests == ["/robots.txt", "/en", "/en/articles/a", "/en/articles/b", "/en/articles/c"]
    ended = {path.rpartition("/")[2]: outcome for path, _, _, outcome, _ in listed(tmp_path)}
    assert ended == {"en": "captured", "a": "captured", "b": "redirected", "c": "captured"}


def moved(location: str) -> Answer:
    return Answer(b"", 302, {"Location": location})


def test_a_redirect_leads_to_a_page_of_the_kind_and_edition_that_its_address_tells(tmp_path: Path) -> None:
    with serve({}) as site:
        away, front = "/sw/articles/away", "/sw/articles/front"
        site.answers["/sw"] = linking("Mbele", away, front, "/sw/articles/list", head="<a href='/sw/tags/t'>t</a>")
        site.answers |= {away: moved("/en/articles/a"), front: moved("/en"), "/sw/articles/list": moved("/sw/list")}
        site.answers |= {"/sw/list": linking("Orodha"), "/sw/tags/t": moved("/sw/articles/b")}
        site.answers["/sw/articles/b"] = linking("B")
        profile(tmp_path, site.host, editions=("en", "sw"))
        assert editions("crawl", "site.toml", "--edition", "sw", cwd=tmp_path).code == 0
        assert not {"/en", "/en/articles/a"} & set(site.requests)
        told = {path: (kind, *ending) for path, kind, *ending in listed(tmp_path)}
    scope = ("out-of-scope", "not of an edition asked for")
    assert told["/en/articles/a"] == ("article", "en", *scope)
    assert told["/en"] == ("hub", "en", *scope)
    assert told["/sw/list"] == ("hub", "sw", "captured", "")
    assert told["/sw/articles/b"] == ("article", "sw", "captured", "")


def test_an_article_to_which_a_hub_is_redirected_counts_as_a_page(tmp_path: Path) -> None:
    with serve({}) as site:
        tags = "".join(f"<a href='/en/tags/{n}'>{n}</a>" for n in range(4))
        site.answers["/en"] = linking("Front", head=tags)
        for number in range(4):
            site.answers[f"/en/tags/{number}"] = moved(f"/en/articles/{number}")
            site.answers[f"/en/articles/{number}"] = linking(str(number))
        profile(tmp_path, site.host)
        assert editions("crawl", "site.toml", "--max-pages", "1", cwd=tmp_path).code == 0
        assert len(articles(site)) == 1


def test_a_redirect_leads_to_the_one_spelling_of_an_address_and_past_no_limit(tmp_path: Path) -> None:
    page, odd = "/en/articles/y", ["#top", "?utm_source=x", "?&fbclid=1#a"]
    with serve({}) as site:
        wrong = ["/en/articles/" + "x" * 3_000, "/en/articles" + "/repeated" * 9]
        aims = [*(page + end for end in odd), "/en/articles/%79", *wrong, "http://[::zz]/en"]
        site.answers["/en"] = linking("Front", page, *(f"/en/articles/{n}" for n in range(len(aims))))
        site.answers |= {f"/en/articles/{n}": moved(aim) for n, aim in enumerate(aims)}
        site.answers[page] = linking("Y")
        profile(tmp_path, site.host)
        for _ in range(2):
            site.requests.clear()
            assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
            assert [path for path in site.requests if "y" in path] == [page]
            assert not set(wrong) & set(site.requests)
        told = {path: ending for path, _, _, *ending in listed(tmp_path)}
    assert [told[path][0] for path in wrong] == ["filtered", "filtered"]


def test_at_most_so_many_pages_and_so_deep(tmp_path: Path) -> None:
    with serve({}) as site:
        chain(site, 20)
        profile(tmp_path, site.host)
        editions("crawl", "site.toml", "--max-pages", "4", cwd=tmp_path)
        assert len(articles(site)) == 4
        site.requests.clear()
        editions("crawl", "site.toml", "--max-depth", "3", "--collection", "other", cwd=tmp_path)
        assert len(articles(site)) == 3


def test_robots_txt_is_obeyed_and_kept(tmp_path: Path) -> None:
    with serve({}) as site:
        site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /en/articles/1\n", headers={})
        chain(site, 5)
        profile(tmp_path, site.host)
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
        assert articles(site) == ["/en/articles/0"]
    index = (tmp_path / "collections/site/indexes/index.cdxj").read_text()
    assert "/robots.txt" in index


@pytest.mark.parametrize("delay", ["0", "0.1"])  # without AutoThrottle, and with it
def test_a_crawl_delay_is_obeyed_where_it_is_longer_than_the_profiles(delay: str, tmp_path: Path) -> None:
    with serve({}) as site:
        site.answers["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 1.2\n\nUser-agent: news\nCrawl-delay: 9")
        chain(site, 3)
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("delay = 0\n", f"delay = {delay}\n"))
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
    between = gaps(tmp_path)
    assert len(between) == 5
    assert min(between) > 1.1
    assert max(between) < 8


def test_a_second_between_requests_unless_the_profile_says_less(tmp_path: Path) -> None:
    with serve({}) as site:
        chain(site, 3)
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("delay = 0\n", ""))
        began = time.monotonic()
        editions("crawl", "site.toml", cwd=tmp_path)
        asked = len(site.requests)
    assert asked == 6  # robots.txt, front page, three articles, one that is not there
    assert time.monotonic() - began >= asked - 2  # robots.txt and the first page are not held back


def test_a_busy_host_is_left_alone_as_long_as_it_asks(tmp_path: Path) -> None:
    times: dict[str, float] = {}
    with serve({}) as site:
        chain(site, 2)
        busy = Answer(b"busy", 503, {"Retry-After": "2"})
        calm, site.answers["/en/articles/0"] = site.answers["/en/articles/0"], busy

        def heal(path: str) -> None:
            times.setdefault(path, time.monotonic())
            if path == "/en/articles/0":
                site.answers[path] = calm

        site.on_request = heal
        profile(tmp_path, site.host)
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
        assert site.requests.count("/en/articles/0") == 2
    assert times["/en/articles/1"] - times["/en/articles/0"] >= 2
    corpus = tmp_path / "collections/site/corpus"
    assert len(lines(corpus / "manifest.jsonl")) == 2


def test_a_busy_host_is_left_alone_by_what_waits_for_its_turn_too(tmp_path: Path) -> None:
    with serve({}) as site:
        site.answers["/en"] = linking("Front", *(f"/en/articles/{n}" for n in range(9)))
        for number in range(1, 9):
            site.answers[f"/en/articles/{number}"] = linking(str(number))
        site.answers["/en/articles/0"] = Answer(b"busy", 429, {"Retry-After": "3"})

        def heal(path: str) -> None:
            if path == "/en/articles/0":
                site.answers[path] = linking("0")

        site.on_request = heal
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("delay = 0\n", "delay = 0.4\n"))
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
    between = gaps(tmp_path)
    assert max(between) > 2.9
    # Before it robots.txt, the front page, the busy one, and what may be sent while its answer is on its way.
    assert 2 <= between.index(max(between)) < 9
    assert len(lines(tmp_path / "collections/site/corpus/manifest.jsonl")) == 9


def test_a_host_that_is_busy_for_no_stated_time_is_asked_less_and_less_often(tmp_path: Path) -> None:
    with serve({}) as site:
        busy = {f"/en/articles/{n}": Answer(b"busy", 429, {}) for n in range(9)}
        site.answers |= {"/en": linking("Front", *busy), **busy}

        def heal(path: str) -> None:
            if len(articles(site)) >= 3:
                site.answers |= {path: linking(path[-1]) for path in busy}

        site.on_request = heal
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("delay = 0\n", "delay = 0.4\n"))
        assert editions("crawl", "site.toml", cwd=tmp_path).code == 0
    assert len(lines(tmp_path / "collections/site/corpus/manifest.jsonl")) == 9
    between = gaps(tmp_path)[2:]  # after robots.txt and the front page
    longest = between.index(max(between))
    assert between[: longest + 1] == sorted(between[: longest + 1])
    assert between[longest] > 3.1
    assert min(between[longest:]) < 0.75


def test_who_asks_is_told(tmp_path: Path) -> None:
    with serve({"/en": linking("Front", "/en/articles/a"), "/en/articles/a": linking("A")}) as site:
        profile(tmp_path, site.host)
        os.environ["EDITIONS_CONTACT"] = "crawl@example.org"
        try:
            editions("crawl", "site.toml", cwd=tmp_path)
        finally:
            del os.environ["EDITIONS_CONTACT"]
        assert set(site.agents) == {"editions/0.1.0 (news archive; +crawl@example.org)"}


def test_a_private_address_needs_the_profiles_leave(tmp_path: Path) -> None:
    with serve({"/en": linking("Front", "/en/articles/a")}) as site:
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("allow_private_addresses = true\n", ""))
        ran = editions("crawl", "site.toml", cwd=tmp_path)
        assert site.requests == []
    assert ran.code == 1
    assert "allow_private_addresses" in ran.err


def test_a_site_at_an_ipv6_address(tmp_path: Path) -> None:
    with serve({}, "::1") as site:
        chain(site, 2)
        path = profile(tmp_path, site.host)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
        assert ran.code == 0, ran.err
        assert len(articles(site)) == 3
        site.requests.clear()
        path.write_text(path.read_text().replace("allow_private_addresses = true\n", ""))
        refused = editions("crawl", "site.toml", cwd=tmp_path)
        assert site.requests == []
    assert refused.code == 1
    assert "allow_private_addresses" in refused.err


def test_progress_is_plain_lines_in_a_pipe_and_one_moving_line_on_a_terminal(tmp_path: Path) -> None:
    with serve({}) as site:
        chain(site, 4)
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("delay = 0\n", "delay = 0.4\n"))
        piped = editions("crawl", "site.toml", cwd=tmp_path)
        shown = on_a_terminal("crawl", "site.toml", cwd=tmp_path)
    assert "\x1b" not in piped.out + piped.err
    assert "en\t4\t4" in piped.out
    assert " pages/s, " in shown
    assert "\x1b[" in shown
    assert "Crawl 2" in shown  # the table's title


def test_progress_says_who_is_waited_for(tmp_path: Path) -> None:
    with serve({}) as site:
        chain(site, 2)
        calm = site.answers["/en/articles/0"]
        site.answers["/en/articles/0"] = Answer(b"busy", 503, {"Retry-After": "4"})
        site.on_request = lambda path: site.answers.update({path: calm} if path == "/en/articles/0" else {})
        path = profile(tmp_path, site.host)
        asked = on_a_terminal("crawl", "site.toml", cwd=tmp_path)
        path.write_text(path.read_text().replace("delay = 0\n", "delay = 3.5\n"))
        slow = on_a_terminal("crawl", "site.toml", "--max-pages", "1", cwd=tmp_path)
    assert re.search(rf"{site.host} asks to wait: [234] s \| \d pages", asked)
    assert re.search(r"127\.0\.0\.1 is asked again in [23] s \| \d pages", slow)


WRONG = {
    # the arguments: what is told of them
    "": "site: is missing",
    "site=nosite": "no site is known as 'nosite'",
    "site=demo sight=demo": "sight: no such argument; did you mean 'site'?",
    "site=demo max_depth=x": "max_depth: should be a whole number, 0 or more, not 'x'",
    "site=demo editions=zz": "demo has no edition 'zz'",
    "site=demo start=foo": "start: foo is not a page of demo",
    "site=demo start=http://other.example/en/articles/x": "is not a page of demo",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_scrapy_tells_what_is_wrong_with_a_call(arguments: str, tmp_path: Path) -> None:
    given = [word for argument in arguments.split() for word in ("-a", argument)]
    command = [sys.executable, "-m", "scrapy", "crawl", "news", *given]
    environment = os.environ | {"SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 2
    assert WRONG[arguments] in ran.stderr
    assert "Traceback" not in ran.stderr
    assert list(tmp_path.iterdir()) == []


def on_a_terminal(*args: str, cwd: Path) -> str:
    """What a command prints on a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "crawler", *args]
    with subprocess.Popen(command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
        process.wait(240)
    os.close(ours)
    return shown.decode()
