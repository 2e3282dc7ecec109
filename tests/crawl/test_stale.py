"""Requests lost on kept-alive connections that their server was closing: repeated, told, and confusing nobody."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command import editions, lines, profile
from tests.download.torture import CloseUnderRequest
from tests.hostile.cases import page
from tests.hostile.server import HostileServer
from tests.replay.running import endings, files, report

ARTICLES = [f"/en/articles/{number}" for number in range(6)]


def test_a_request_lost_with_its_connection_is_repeated_once_and_its_page_counts_once(tmp_path: Path) -> None:
    links = "".join(f"<a href='{path}'>{path}</a>" for path in ARTICLES)
    pages = {
        path: (page(f"Story at {path}"), CloseUnderRequest(reset=bool(n % 2))) for n, path in enumerate(ARTICLES)
    }
    none = (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",)
    with HostileServer({"/en": (page("Front", more=links),), "/robots.txt": none} | pages) as server:
        path = profile(tmp_path, server.host)
        path.write_text(path.read_text().replace("delay = 0\n", "delay = 0\nconcurrency = 1\n"))
        ran = editions("crawl", "site.toml", "--json", cwd=tmp_path)
    assert ran.code == 0, ran.err
    collection = tmp_path / "collections" / "site"
    assert sorted(entry.path for entry in server.log) == ["/en", *ARTICLES, "/robots.txt"]
    lost = len(ARTICLES) - 1  # the last article's connection has nothing more to carry
    failures = json.loads(ran.out)["failures"]
    assert sum(failures.values()) == lost
    assert set(failures) <= {"twisted.internet.error.ConnectionDone", "twisted.internet.error.ConnectionLost"}
    assert json.loads(ran.out)["captures"] == len(server.log) + lost
    assert set(endings(collection).values()) == {("captured", "")}
    assert {one["attempts"] for one in report(collection)["urls"]} == {1}
    assert len(lines(collection / "corpus" / "manifest.jsonl")) == len(ARTICLES)
    assert lines(collection / "corpus" / "dropped.jsonl") == []
    corpus = files(collection / "corpus")
    assert editions("regenerate", "collections/site", "--out", "again", cwd=tmp_path).code == 0
    assert files(tmp_path / "again") == corpus
    replayed = editions("crawl", "site.toml", "--from-archive", "collections/site", "--collection", "r", cwd=tmp_path)
    assert replayed.code == 0, replayed.err
    assert files(tmp_path / "r" / "corpus") == corpus
    assert editions("check", "collections/site", cwd=tmp_path).code == 0
