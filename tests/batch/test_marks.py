"""By what a corpus was made is known after crawls too: a regeneration sees by itself when all must be made again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import editions, lines, profile
from tests.site import Answer, Site, serve

CODES = ("en", "sw")


@pytest.fixture
def site() -> Iterator[Site]:
    pages = {f"/{code}/articles/1": f"<article><h1>{code}</h1><p>Of {code} alone.</p></article>" for code in CODES}
    fronts = {f"/{code}": f'<a href="/{code}/articles/1">1</a>' for code in CODES}
    with serve({path: Answer(page.encode()) for path, page in (pages | fronts).items()}) as running:
        yield running


def crawl(site: Site, folder: Path, *codes: str) -> Path:
    profile(folder, site.host, editions=codes)
    ran = editions("crawl", "site.toml", "--quiet", cwd=folder)
    assert ran.code == 0, ran.err
    return folder / "collections" / "site"


def why(collection: Path, code: int = 0) -> str:
    ran = editions("regenerate", collection, "--json", cwd=collection)
    assert ran.code == code, ran.err
    return str(json.loads(ran.out)["why"])


def test_addresses_that_change_after_a_crawl_are_noticed(site: Site, tmp_path: Path) -> None:
    collection = crawl(site, tmp_path, *CODES)
    site_ = collection / "site.toml"
    site_.write_text(site_.read_text("utf-8").replace("/articles/{slug}", "/stories/{slug}"), "utf-8")
    assert why(collection, code=1) == "profile changed"  # there is none at such an address
    assert lines(collection / "corpus" / "manifest.jsonl") == []


def test_a_crawl_by_other_rules_is_noticed_even_when_the_first_come_back(site: Site, tmp_path: Path) -> None:
    for codes in (CODES, ("en",), CODES):
        collection = crawl(site, tmp_path, *codes)
    assert why(collection) == "profile changed"
    assert why(collection) == ""


def test_an_older_file_that_comes_late_is_noticed_after_another_crawl_too(site: Site, tmp_path: Path) -> None:
    collection = crawl(site, tmp_path, *CODES)
    late = collection / "archive" / "a-late-one.warc.gz"
    shutil.copy(next((collection / "archive").iterdir()), late)
    assert crawl(site, tmp_path, *CODES) == collection
    assert why(collection) == f"{late.name} came after files that it stands before"
    first, *_ = lines(collection / "corpus" / "manifest.jsonl")
    assert first["warc"]["file"] == late.name  # type: ignore[index]
    assert why(collection) == ""


def test_a_crawl_says_when_its_corpus_must_be_made_again(site: Site, tmp_path: Path) -> None:
    collection = crawl(site, tmp_path, *CODES)
    path = tmp_path / "seeds" / "site.toml"
    path.parent.mkdir()
    path.write_text(f'[[seeds]]\nfile = "000_0123456789abcdef.txt"\nurl = "{site.url}/sw/articles/1"\n', "utf-8")
    ran = editions("crawl", "site.toml", cwd=tmp_path)
    assert ran.code == 0
    assert "(seeds changed); editions regenerate collections/site" in ran.err
    assert why(collection) == "seeds changed"
    assert json.loads(editions("crawl", "site.toml", "--json", cwd=tmp_path).out)["stale"] == ""


def test_a_folder_that_cannot_be_made_is_told(site: Site, tmp_path: Path) -> None:
    collection = crawl(site, tmp_path, *CODES)
    ran = editions("regenerate", collection, "--out", "site.toml/x", cwd=tmp_path)
    assert ran.code == 1
    assert "site.toml/.x.regenerate: cannot be written" in ran.err
