"""Archives that others made, crawled from: documents where they hold articles, and never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import lines
from tests.replay.running import endings, report, silent
from tests.shared import SHARED, need

PROFILE = """name = "peer"
domains = ["{domain}"]
article_url = "http://{article}"
start_urls = ["http://{start}"]
default_edition = "en"

[editions]
en = "en"
"""

WITH_HTML = {
    "warcio": (
        "bad.arc example-bad-non-chunked.warc.gz example-iana.org-chunked.warc example-resource.warc.gz "
        "example-trunc.warc example-space-in-url.arc example-wget-bad-target-uri.warc.gz "
        "example-wrong-chunks.warc.gz example.arc example.arc.gz example.warc example.warc.gz"
    ),
    "pywb": (
        "bad.arc dupes.warc.gz example-extra.warc example-url-agnostic-orig.warc.gz "
        "example-url-agnostic-revisit.warc.gz example-wget-1-14.warc.gz example-wpull.warc.gz example.arc "
        "example.arc.gz example.warc example.warc.gz example2.warc.gz iana.warc.gz missing-status-text.warc"
    ),
}
EACH = [(folder, name) for folder, names in WITH_HTML.items() for name in names.split()]


def peer(tmp_path: Path, archive: Path, *, domain: str, article: str, start: str) -> Path:
    """The collection that a replay of *archive* leaves."""
    (tmp_path / "peer.toml").write_text(PROFILE.format(domain=domain, article=article, start=start), "utf-8")
    ran = silent("crawl", "peer.toml", "--from-archive", archive, "--collection", "out", cwd=tmp_path)
    assert ran.code in (0, 1), ran.err
    assert "Traceback" not in ran.err
    assert report(tmp_path / "out")["reason"] == "finished"
    for log in (tmp_path / "out" / "crawls").glob("*.log"):
        assert "Traceback" not in log.read_text("utf-8")
    return tmp_path / "out"


def urls(collection: Path) -> list[str]:
    return [str(line["url"]) for line in lines(collection / "corpus" / "manifest.jsonl")]


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared test data is absent (set EDITIONS_SHARED to its folder)")
@pytest.mark.parametrize(("folder", "name"), EACH, ids=[f"{folder}-{name}" for folder, name in EACH])
def test_no_archive_makes_it_crash(folder: str, name: str, tmp_path: Path) -> None:
    archive = need("warcs", folder, name)
    domain = "iana.org" if "iana" in name or "dupes" in name else "example.com"
    start = "example.com/?example=1" if name in ("example.warc", "example.warc.gz") else f"www.{domain}/"
    collection = peer(tmp_path, archive, domain=domain, article=f"{domain}/{{slug:path}}", start=start)
    assert endings(collection)


def test_a_site_crawled_by_a_peer_gives_its_documents(tmp_path: Path) -> None:
    archive = need("warcs", "pywb", "iana.warc.gz")
    collection = peer(tmp_path, archive, domain="iana.org", article="www.iana.org/{slug:path}", start="www.iana.org/")
    found = urls(collection)
    assert "http://www.iana.org/domains" in found
    assert "http://www.iana.org/about" in found
    assert all(line["chars"] for line in lines(collection / "corpus" / "manifest.jsonl"))
    ended = endings(collection)
    assert ended["http://www.iana.org/"] == ("captured", "")
    assert ("not-archived", "") in ended.values()
    assert ("status", "404") not in ended.values()


@pytest.mark.parametrize("name", ["example.warc", "example.warc.gz"])
def test_a_page_told_by_its_query(name: str, tmp_path: Path) -> None:
    archive = need("warcs", "pywb", name)
    article = "example.com/?example={slug}"
    collection = peer(tmp_path, archive, domain="example.com", article=article, start="example.com/")
    assert urls(collection) == ["http://example.com/?example=1"]


def test_an_address_with_spaces_in_an_arc(tmp_path: Path) -> None:
    """Its page is found, and is told to be cut short: the file holds fewer bytes than its record says."""
    archive = need("warcs", "warcio", "example-space-in-url.arc")
    article = "example.com/index.cfm?EmailTitle={slug}"
    collection = peer(tmp_path, archive, domain="example.com", article=article, start="example.com/")
    assert [line["reason"] for line in lines(collection / "corpus" / "dropped.jsonl")] == ["truncated-unspecified"]
    [outcome] = {outcome for url, (outcome, _) in endings(collection).items() if "EmailTitle=Examples%20From" in url}
    assert outcome == "failed"


def test_a_folder_of_files_is_an_archive(tmp_path: Path) -> None:
    folder = need("warcs", "pywb")
    collection = peer(tmp_path, folder, domain="iana.org", article="www.iana.org/{slug:path}", start="www.iana.org/")
    assert "http://www.iana.org/domains" in urls(collection)
    assert {path.suffix for path in folder.iterdir()} & {".cdxj", ".tmp"} == set()
