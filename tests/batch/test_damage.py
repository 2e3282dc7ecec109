"""A damaged record makes no document and replaces none, whoever reads it; it is told, with its place."""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.capture import Capture
from archive.index import Index
from archive.record import WarcInfo
from archive.spool import Spool
from archive.writer import ArchiveWriter
from crawler.regeneration.sections import captures, sections
from tests.batch.archives import HEAD, contents, many_pages
from tests.command import editions, lines


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    collection = many_pages(tmp_path_factory.mktemp("few"), 3)
    assert editions("regenerate", collection, cwd=collection).code == 0
    return collection


@pytest.fixture
def collection(few: Path, tmp_path: Path) -> Path:
    return shutil.copytree(few, tmp_path / "few")


def spoil(collection: Path, number: int) -> str:
    """Flip a byte in the middle of a document's record; "FILE: offset N" of it."""
    place = lines(collection / "corpus" / "manifest.jsonl")[number]["warc"]
    assert isinstance(place, dict)
    path, middle = collection / "archive" / place["file"], place["offset"] + place["length"] // 2
    overwrite(path, middle, bytes([path.read_bytes()[middle] ^ 0x55]))
    return f"{place['file']}: offset {place['offset']}"


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def dropped(corpus: Path) -> list[tuple[object, object]]:
    return [(one["url"], one["reason"]) for one in lines(corpus / "dropped.jsonl")]


@pytest.mark.parametrize("workers", [1, 2])
def test_regenerate_makes_no_document_of_it(workers: int, collection: Path, tmp_path: Path) -> None:
    corpus = collection / "corpus"
    urls = [line["url"] for line in lines(corpus / "manifest.jsonl")]
    place = spoil(collection, 1)
    ran = editions("regenerate", collection, "--all", "--workers", workers, cwd=tmp_path)
    assert ran.code == 1
    assert "damage found: 1 capture" in ran.err
    assert f"{place}: its gzip member" in ran.err
    assert dropped(corpus) == [(urls[1], "damaged")]
    assert {path.read_text() for path in corpus.glob("*.txt")} == {"Text of story 0.", "Text of story 2."}
    assert editions("prove", collection, cwd=tmp_path).out == "2 identical\n"


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_regenerate_tells_of_a_record_whose_beginning_is_gone(
    number: int, workers: int, collection: Path, tmp_path: Path
) -> None:
    """The index knows of it, though not what it was; nor may the others suffer."""
    corpus = collection / "corpus"
    kept = [line["url"] for line in lines(corpus / "manifest.jsonl")]
    place = lines(corpus / "manifest.jsonl")[number]["warc"]
    assert isinstance(place, dict)
    overwrite(collection / "archive" / place["file"], place["offset"], bytes(40))
    del kept[number]
    ran = editions("regenerate", collection, "--all", "--workers", workers, cwd=tmp_path)
    assert ran.code == 1
    assert f"{place['file']}: offset {place['offset']}: " in ran.err
    assert [line["url"] for line in lines(corpus / "manifest.jsonl")] == kept


def test_a_section_whose_first_record_has_lost_its_beginning_is_read_all_the_same(collection: Path) -> None:
    places = [line["warc"] for line in lines(collection / "corpus" / "manifest.jsonl")]
    file, offset = str(places[1]["file"]), int(places[1]["offset"])  # type: ignore[index]
    archive, index = collection / "archive", collection / "indexes" / "index.cdxj"
    with Index(index) as opened:
        found = sections(archive, opened, size=1)
    overwrite(archive / file, offset, bytes(40))
    lost: dict[int, str] = {}
    [spoilt] = [one for one in found if one.start == offset]
    assert [*captures(archive, spoilt, lost)] == []
    assert list(lost) == [offset]
    assert [one.location.offset for one in captures(archive, found[-1], {})] == [places[2]["offset"]]  # type: ignore[index]


def test_a_replay_makes_no_document_of_it(collection: Path, tmp_path: Path) -> None:
    urls = [line["url"] for line in lines(collection / "corpus" / "manifest.jsonl")]
    place = spoil(collection, 1)
    replay = ("crawl", collection / "site.toml", "--from-archive", collection, "--collection", "out", "--quiet")
    ran = editions(*replay, cwd=tmp_path)
    assert (ran.code, "damage found: 1 record" in ran.err, f"{place}: its gzip member" in ran.err) == (1, True, True)
    assert dropped(tmp_path / "out" / "corpus") == [(urls[1], "damaged")]
    assert len(lines(tmp_path / "out" / "corpus" / "manifest.jsonl")) == 2


def test_a_document_made_earlier_stays(collection: Path, tmp_path: Path) -> None:
    """A damaged capture of a changed page leaves the page as it was."""
    before = contents(collection / "corpus")
    url = str(lines(collection / "corpus" / "manifest.jsonl")[1]["url"])
    index, info = collection / "indexes" / "index.cdxj", WarcInfo("tests")
    with ArchiveWriter(collection / "archive", index, prefix="n", info=info) as writer:
        page = b"<title>Later</title><article><p>Text that came later.</p></article>"
        writer.write(Capture(url, datetime(2026, 2, 1, tzinfo=UTC), b"GET / HTTP/1.1\r\n\r\n", Spool(HEAD + page)))
    [newer] = (collection / "archive").glob("n-*")
    plain = gzip.decompress(newer.read_bytes())
    newer.unlink()
    newer = newer.with_suffix("")
    newer.write_bytes(plain.replace(b"came later", b"came l\xffter"))
    for options in ((), ("--all",)):
        ran = editions("regenerate", collection, *options, cwd=tmp_path)
        assert (ran.code, f"{newer.name}: offset " in ran.err, "Block-Digest" in ran.err) == (1, True, True), ran
        assert contents(collection / "corpus") == before


def test_prove_and_check_tell_a_record_that_was_changed_where_no_text_is(collection: Path, tmp_path: Path) -> None:
    replay = ("crawl", collection / "site.toml", "--from-archive", collection, "--collection", "out", "--quiet")
    assert editions(*replay, cwd=tmp_path).code == 0
    place = spoil(collection, 1)
    for path in (collection, "out"):
        found = json.loads(editions("prove", path, "--json", cwd=tmp_path).out)
        [proof] = [one for one in found if one["verdict"] == "damaged"]
        assert place in proof["why"]
        checked = editions("check", path, cwd=tmp_path)
        assert (checked.code, "document-unproved" in checked.out, place in checked.out) == (1, True, True)
