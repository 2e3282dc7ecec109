"""Bad input: a clear message that names the URL or path, an exit code, and nothing captured lost."""

from __future__ import annotations

import json
import os
import re
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator

from tests.command import editions, lines, profile
from tests.site import Answer, Site, serve

TEXT = "日本の首相は大統領と会談した。これは文字コードの検査のための文章です。"
HTML = "<!doctype html><title>{0}</title><article><h1>{0}</h1><p>{1}</p></article>"


def article(title: str, text: str = TEXT) -> str:
    return HTML.format(title, text)


def front(site: Site) -> None:
    """Give the site a front page that links all its articles."""
    links = "".join(f'<li><a href="{path}">{path}</a>' for path in site.answers)
    site.answers["/en"] = Answer(f"<!doctype html><ul>{links}</ul>".encode())


def outcomes(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Texts of the documents, and reasons of the dropped, by slug."""
    corpus = folder / "collections" / "site" / "corpus"
    texts = {str(one["slug"]): (corpus / str(one["file"])).read_text() for one in lines(corpus / "manifest.jsonl")}
    dropped = {str(one["url"]).rpartition("/")[2]: str(one["reason"]) for one in lines(corpus / "dropped.jsonl")}
    return texts, dropped


def responses(folder: Path) -> list[str]:
    """The target URIs of all whole response records."""
    found = []
    for path in sorted((folder / "collections" / "site" / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, parse_http=False):
                if record.headers["WARC-Type"] == "response":
                    record.reader.read()
                    found.append(record.headers["WARC-Target-URI"])
    return found


def test_a_profile_that_does_not_load(tmp_path: Path) -> None:
    path = profile(tmp_path, "127.0.0.1:1")
    path.write_text(path.read_text().replace("article_url", "artcle_url"))
    ran = editions("crawl", "site.toml", cwd=tmp_path)
    assert ran.code == 2
    assert "site.toml" in ran.err
    assert "artcle_url" in ran.err
    assert "article_url" in ran.err
    assert not (tmp_path / "collections").exists()


def test_a_site_that_is_not_known(tmp_path: Path) -> None:
    ran = editions("crawl", "allthe.new", cwd=tmp_path)
    assert (ran.code, "allthe.news" in ran.err) == (2, True)


def test_an_edition_that_the_site_has_not(tmp_path: Path) -> None:
    profile(tmp_path, "127.0.0.1:1")
    ran = editions("crawl", "site.toml", "--edition", "xx", cwd=tmp_path)
    assert (ran.code, "'xx'" in ran.err) == (2, True)


def test_a_site_that_does_not_answer(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        profile(tmp_path, host)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
    assert ran.code == 1
    assert f"http://{host}/" in ran.err
    assert "nothing captured" in ran.err
    assert "refused" in ran.err.lower()


def test_a_site_without_articles(tmp_path: Path) -> None:
    with serve({"/en": Answer(b"<title>empty</title>")}) as site:
        profile(tmp_path, site.host)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
    assert ran.code == 1
    assert "no article captured" in ran.err
    assert "article_url" in ran.err


ENCODED = {
    "sjis-declared": (article("S").encode("shift_jis"), "text/html; charset=Shift_JIS"),
    "sjis-absent": (article("S").encode("shift_jis"), "text/html"),
    "sjis-as-utf8": (article("S").encode("shift_jis"), "text/html; charset=utf-8"),
    "utf16": (article("S").encode("utf-16"), "text/html"),
    "utf16-no-bom": (article("S").encode("utf-16-le"), "text/html; charset=utf-16"),
    "latin1-is-utf8": (article("S").encode(), "text/html; charset=iso-8859-1"),
}


def test_charsets_wrong_or_absent(tmp_path: Path) -> None:
    with serve({}) as site:
        for name, (body, kind) in ENCODED.items():
            site.answers[f"/en/articles/{name}"] = Answer(body, headers={"Content-Type": kind})
        front(site)
        profile(tmp_path, site.host)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
    assert ran.code == 0, ran.err
    texts, dropped = outcomes(tmp_path)
    # All say the same: one is the document, the others repeat its text to the letter.
    assert list(texts.values()) == [f"S\n\n{TEXT}"]
    assert sorted([*texts, *dropped]) == sorted(ENCODED)
    assert set(dropped.values()) == {"duplicate-text"}


PAGES: dict[str, tuple[bytes, str, str | None]] = {
    # what it is: body, Content-Type, the reason why it is no document
    "pdf": (b"%PDF-1.7\n" + bytes(range(256)) * 9, "application/pdf", "not-html"),
    "pdf-as-html": (b"%PDF-1.7\n" + bytes(range(256)) * 9, "text/html", "not-html"),
    "json": (b'{"a": 1}', "application/json", "not-html"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "image/png", "not-html"),
    "no-type": (article("No type").encode(), "", None),
    "type-twice": (article("Type twice").encode(), "text/html, text/html; charset=utf-8", None),
    "empty": (b"", "text/html", "empty"),
    "white": (b"  \n\t ", "text/html", "empty"),
    "no-text": (b"<html><body><div></div></body></html>", "text/html", "empty"),
    "zero-bytes": (bytes(5000), "text/html", "empty"),
    "unclosed": (b"<html><body><div><p>left <b>open", "text/html", None),
    "cut-tag": (article("Cut tag").encode() + b"<p class='", "text/html", None),
    "two-bodies": (article("Two").encode() + b"<html><body><p>Second body</p></body></html>", "text/html", None),
    "deep": (b"<div>" * 20_000 + b"<p>deep</p>", "text/html", "too-deep"),
    "nested": (b"<div>" * 900 + b"<p>nested</p>", "text/html", None),
    "large": (b"<p>" + b"A long line of text. " * 250_000 + b"</p>", "text/html", None),
    "xhtml": (b'<?xml version="1.0"?>' + article("XHTML").encode(), "application/xhtml+xml", None),
    "binary": (b"<p>Text</p>" + bytes(range(256)) * 20, "text/html", None),
}


def test_pages_that_are_none_and_pages_that_are_broken(tmp_path: Path) -> None:
    with serve({}) as site:
        for name, (body, kind, _) in PAGES.items():
            site.answers[f"/en/articles/{name}"] = Answer(body, headers={"Content-Type": kind} if kind else {})
        front(site)
        profile(tmp_path, site.host)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
    assert ran.code == 0, ran.err
    texts, dropped = outcomes(tmp_path)
    assert dropped == {name: reason for name, (_, _, reason) in PAGES.items() if reason}
    assert set(texts) == PAGES.keys() - dropped.keys()
    assert texts["unclosed"] == "left open"
    assert len(texts["large"]) > 5_000_000 - 10
    log = next((tmp_path / "collections" / "site" / "crawls").glob("*.log")).read_text()
    assert "Traceback" not in log


def test_a_collection_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with serve({"/en": Answer(b"")}) as site:
        profile(tmp_path, site.host)
        ran = editions("crawl", "site.toml", "--collection", "file/here", cwd=tmp_path)
        assert site.requests == []
    assert ran.code == 1
    assert "file/here" in ran.err
    assert "cannot be written" in ran.err


def test_a_disk_that_fills_up_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    with serve({}) as site:
        for number in range(60):
            body = article(str(number), os.urandom(60_000).hex()).encode()
            site.answers[f"/en/articles/{number}"] = Answer(body)
        front(site)
        profile(tmp_path, site.host)
        command = [sys.executable, "-m", "crawler", "crawl", "site.toml"]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000)),
        )  # fmt: skip
        asked = [path for path in site.requests if "/articles/" in path]
    assert done.returncode == 1
    assert re.search(r"collections/site/(archive|state\.db)\S*: cannot be (written|used)", done.stderr)
    assert "Traceback" not in done.stderr
    assert "readonly" not in done.stderr  # what failed first is told, not what failed by it
    kept = [url for url in responses(tmp_path) if "/articles/" in url]
    assert 3 < len(kept) < 60
    assert len(asked) < 60
    assert editions("check", "collections/site", cwd=tmp_path).code == 0


@pytest.mark.parametrize("where", ["project", "elsewhere"])
def test_scrapys_own_command_works_too(tmp_path: Path, where: str) -> None:
    root = Path(__file__).parents[2]
    with serve({"/en/articles/a": Answer(article("A").encode())}) as site:
        front(site)
        profile(tmp_path, site.host)
        folder = tmp_path / "collections" / "site"
        command = [
            sys.executable,
            "-W",
            "error",
            "-m",
            "scrapy",
            "crawl",
            "news",
            "-a",
            f"site={tmp_path / 'site.toml'}",
        ]
        command += ["-s", f"EDITIONS_COLLECTION={folder}", "-O", f"{tmp_path}/items.jsonl"]
        environment = os.environ | ({} if where == "project" else {"SCRAPY_SETTINGS_MODULE": "crawler.settings"})
        done = subprocess.run(
            command, cwd=root if where == "project" else tmp_path, env=environment, capture_output=True, text=True,
            timeout=240, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(outcomes(tmp_path)[0]) == 1
    item = json.loads((tmp_path / "items.jsonl").read_text().splitlines()[0])
    assert (item["headline"], item["edition"], item["slug"]) == ("A", "en", "a")
    assert " ERROR: " not in done.stderr


def test_what_cannot_be_written_is_told_by_every_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Answer(b"<h1>Habari</h1><p>Moja.</p>")
    with serve({"/en/articles/1": page}) as site:
        profile(tmp_path, site.host)
        log = tmp_path / "collections" / "site" / "crawls" / "1.log"
        log.mkdir(parents=True)
        (tmp_path / "seeds").mkdir()
        seed = f'[[seeds]]\nfile = "000_0123456789abcdef.txt"\nurl = "{site.url}/en/articles/1"\n'
        (tmp_path / "seeds" / "site.toml").write_text(seed, "utf-8")
        fetched = editions("seeds", "site.toml", "--out", "site.toml", cwd=tmp_path)
        monkeypatch.setenv("EDITIONS_CRAWL_ID", "1")
        crawled = editions("crawl", "site.toml", cwd=tmp_path)
    for ran, path in ((crawled, "collections/site"), (fetched, "site.toml/000_0123456789abcdef.txt")):
        assert ran.code == 1
        assert f"editions: {path}: cannot be written (" in ran.err
