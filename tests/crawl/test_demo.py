"""The demo: what it finds is what its site says there is, and its archive gives the same corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.demo.expected import Expected
from crawler.demo.server import serve
from tests.command import Ran, editions, lines

PORT = "8017"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Expected, Ran]:
    folder = tmp_path_factory.mktemp("demo")
    with serve() as site:
        profile = Path(__file__).parents[2] / "crawler" / "sites" / "demo.toml"
        (folder / "demo.toml").write_text(profile.read_text("utf-8").replace(PORT, str(site.port)), "utf-8")
        ran = editions("crawl", "demo.toml", cwd=folder)
        return folder / "collections" / "demo", site.expected(), ran


def test_each_edition_gives_the_documents_that_it_should(crawled: tuple[Path, Expected, Ran]) -> None:
    folder, expected, ran = crawled
    assert ran.code == 0, ran.err
    manifest = lines(folder / "corpus" / "manifest.jsonl")
    for code, edition in expected.editions.items():
        found = {str(line["url"]) for line in manifest if line["edition"] == code}
        twins = {url for pair in edition.twins for url in pair}
        assert found - twins == edition.documents
        for pair in edition.twins:
            assert len(found & set(pair)) == 1


def test_what_is_no_document_has_a_reason(crawled: tuple[Path, Expected, Ran]) -> None:
    folder, expected, _ = crawled
    dropped = {str(line["url"]): line["reason"] for line in lines(folder / "corpus" / "dropped.jsonl")}
    for edition in expected.editions.values():
        assert all(dropped[url] == "status-404" for url in edition.missing)
        assert all(dropped[url] == "status-410" for url in edition.gone)
        assert all(dropped[url] == "not-html" for url in edition.not_html)
        assert all(dropped[url] == "empty" for url in edition.empty)
        assert not edition.disallowed & dropped.keys()


def test_documents_are_named_numbered_and_written_as_the_format_says(crawled: tuple[Path, Expected, Ran]) -> None:
    folder, _, _ = crawled
    for number, line in enumerate(lines(folder / "corpus" / "manifest.jsonl")):
        assert line["file"] == f"{number:03d}_{line['id']}.txt"
        text = (folder / "corpus" / str(line["file"])).read_bytes().decode()
        assert len(text) == line["chars"]
        assert text
        assert not text.endswith("\n")
        assert "\r" not in text


def test_each_body_speaks_what_the_site_wrote_it_in(crawled: tuple[Path, Expected, Ran]) -> None:
    folder, expected, _ = crawled
    manifest, items = (lines(folder / "corpus" / name) for name in ("manifest.jsonl", "items.jsonl"))
    for line, item in zip(manifest, items, strict=True):
        edition, url, told = str(line["edition"]), str(line["url"]), dict(line["languages"])  # type: ignore[call-overload]
        twins = {copy: canonical for canonical, copy in expected.editions[edition].twins}
        translated = twins.get(url, url) in expected.editions[edition].translated
        assert line["translated"] is translated, url
        assert told["main"] == (edition if translated else "en")
        assert set(told["paragraphs"]) == {told["main"]}
        assert len(told["paragraphs"]) == len(told["scores"]) == len(item["blocks"])  # type: ignore[arg-type]
    assert {line["edition"] for line in manifest if line["translated"] is False} == {*expected.editions} - {"en"}


def test_the_report_of_the_crawl_lies_beside_its_log(crawled: tuple[Path, Expected, Ran]) -> None:
    folder, expected, ran = crawled
    path = next((folder / "crawls").glob("*.json"))
    report = json.loads(path.read_text("utf-8"))
    assert path.with_suffix(".log").is_file()
    assert report["documents"] == sum(edition.count for edition in expected.editions.values())
    assert report["failures"] == {}
    assert f"all\t{report['pages']}\t{report['documents']}" in ran.out
    log = path.with_suffix(".log").read_text("utf-8")
    assert "Traceback" not in log
    assert " ERROR: " not in log


def test_demo_command_proves_the_corpus_by_its_archive(tmp_path: Path) -> None:
    ran = editions("demo", "here", "--json", cwd=tmp_path)
    assert ran.code == 0, ran.err
    outcome = json.loads(ran.out)
    assert outcome["differing"] == []
    assert outcome["compared"] == outcome["report"]["documents"] + 4
    assert list((tmp_path / "here" / "archive").glob("demo-*.warc.gz"))
