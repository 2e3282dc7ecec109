"""Documents made again from their records: what holds, and each way of not holding."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.batch.archives import many_pages
from tests.command import editions, lines


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    collection = many_pages(tmp_path_factory.mktemp("few"), 3)
    assert editions("regenerate", collection, cwd=collection).code == 0
    return collection


@pytest.fixture
def collection(few: Path, tmp_path: Path) -> Path:
    return shutil.copytree(few, tmp_path / "few")


def documents(collection: Path) -> list[Path]:
    return sorted((collection / "corpus").glob("*.txt"))


def test_documents_a_corpus_and_a_collection_hold(collection: Path, tmp_path: Path) -> None:
    for paths in (documents(collection), [collection / "corpus"], [collection]):
        ran = editions("prove", *paths, cwd=tmp_path)
        assert (ran.code, ran.out) == (0, "3 identical\n"), ran.err
    assert editions("prove", documents(collection)[1].name, cwd=collection / "corpus").out == "1 identical\n"


def test_a_changed_document_is_shown_word_by_word(collection: Path, tmp_path: Path) -> None:
    path = documents(collection)[1]
    path.write_text("Text of another story 1.")
    ran = editions("prove", *documents(collection), cwd=tmp_path)
    assert ran.code == 1
    assert "Text of {+another +}story 1." in ran.out
    assert "1 differs, 2 identical" in ran.out
    [proof] = json.loads(editions("prove", path, "--json", cwd=tmp_path).out)
    assert proof["verdict"] == "differs"
    assert proof["why"] == "was changed after it was made"
    kept = "".join(one["text"] for one in proof["operations"] if one["kind"] != "delete")
    made = "".join(one["text"] for one in proof["operations"] if one["kind"] != "insert")
    assert (kept, made) == ("Text of another story 1.", "Text of story 1.")


def test_a_document_whose_record_or_line_is_gone(collection: Path, tmp_path: Path) -> None:
    first, _, _ = documents(collection)
    stray = first.with_name("stray.txt")
    stray.write_text("of nobody")
    [warc] = (collection / "archive").iterdir()
    place = lines(collection / "corpus" / "manifest.jsonl")[0]["warc"]["offset"]  # type: ignore[index]
    data = bytearray(warc.read_bytes())
    data[place : place + 8] = b"\0" * 8
    warc.write_bytes(data)
    ran = editions("prove", first, stray, "--json", cwd=tmp_path)
    assert ran.code == 1
    assert [one["verdict"] for one in json.loads(ran.out)] == ["gone", "unlisted"]
    warc.unlink()
    assert "3 gone" in editions("prove", collection, cwd=tmp_path).out


def test_an_item_that_its_record_does_not_give(collection: Path, tmp_path: Path) -> None:
    path = collection / "corpus" / "items.jsonl"
    first, second, third = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(first + second.replace('"en"', '"sw"') + third, "utf-8")
    [wrong] = [one for one in json.loads(editions("prove", collection, "--json", cwd=tmp_path).out) if one["why"]]
    assert wrong["verdict"] == "differs"
    assert wrong["why"] == "its line in items.jsonl is not what its record gives"
    assert "item-unproved" in editions("check", collection, cwd=tmp_path).out
    path.write_text(first + second, "utf-8")
    assert "item-missing" in editions("check", collection, cwd=tmp_path).out
    path.unlink()
    assert "3 differs" in editions("prove", collection, cwd=tmp_path).out
    assert editions("regenerate", collection, cwd=tmp_path).code == 0
    assert path.read_text("utf-8") == first + second + third
    assert editions("check", collection, cwd=tmp_path).code == 0


def forge(collection: Path, change: Callable[[dict[str, Any]], object]) -> str:
    """Change the second line of the manifest; its file's name."""
    path = collection / "corpus" / "manifest.jsonl"
    found: list[dict[str, Any]] = lines(path)
    change(found[1])
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in found), "utf-8")
    return str(found[1]["file"])


FORGED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "version": (lambda line: line["extractor"].update(version="9"), "another extractor"),
    "version and title": (lambda line: (line["extractor"].update(version="9"), line.update(title="x")), "another"),
    "skip": (lambda line: line["extractor"]["options"].update(skip=["h6"]), "another extractor"),
    "length": (lambda line: line["warc"].update(length=7), "record gives: warc"),
    "digest": (lambda line: line["warc"].update(payload_digest="sha1:x"), "record gives: warc"),
    "captured": (lambda line: line.update(captured="2020-01-01T00:00:00Z"), "record gives: captured"),
}


@pytest.mark.parametrize(
    ("name", "with_site"), [*((name, True) for name in FORGED), *((name, False) for name in FORGED if name != "skip")]
)
def test_a_forged_line_is_not_identical(name: str, with_site: bool, collection: Path, tmp_path: Path) -> None:
    """Nor is it where the profile that the corpus was made with is gone: the record tells so much."""
    change, why = FORGED[name]
    file = forge(collection, change)
    if not with_site:
        (collection / "site.toml").unlink()
    [proof] = json.loads(editions("prove", collection / "corpus" / file, "--json", cwd=tmp_path).out)
    assert proof["verdict"] == "differs"
    assert why in proof["why"]
    assert "1 differs" in editions("prove", collection, cwd=tmp_path).out


def test_a_manifest_that_is_no_utf8_is_told_where(collection: Path, tmp_path: Path) -> None:
    manifest = collection / "corpus" / "manifest.jsonl"
    first, second, third = manifest.read_bytes().splitlines(keepends=True)
    manifest.write_bytes(first + second.replace(b'"title": "', b'"title": "\xff') + third)
    checked, proved = editions("check", collection, cwd=tmp_path), editions("prove", collection, cwd=tmp_path)
    assert (checked.code, proved.code) == (1, 1)
    assert "manifest-unreadable" in checked.out
    for said in (checked.out, proved.err):
        assert "manifest.jsonl: line 2: no line of a manifest" in said


def test_a_corpus_elsewhere_is_proved_by_its_collection(collection: Path, tmp_path: Path) -> None:
    editions("regenerate", collection, "--out", "made", cwd=tmp_path)
    assert editions("prove", "made", "--collection", collection, cwd=tmp_path).out == "3 identical\n"
    assert editions("prove", "made", cwd=tmp_path).code == 2


def test_a_corpus_is_checked_by_itself(collection: Path, tmp_path: Path) -> None:
    corpus = collection / "corpus"
    assert "3 documents\nsound" in editions("check", corpus, cwd=tmp_path).out
    assert "3 documents\nsound" in editions("check", ".", cwd=corpus).out
    alone = shutil.copytree(corpus, tmp_path / "alone")
    ran = editions("check", alone, cwd=tmp_path)
    assert (ran.code, "records-unknown" in ran.out) == (0, True), ran.out
    for folder in (corpus, alone):
        path = sorted(folder.glob("*.txt"))[0]
        path.write_text("something else")
        ran = editions("check", folder, "--json", cwd=tmp_path)
        assert (ran.code, json.loads(ran.out)["codes"]["document-changed"]) == (1, 1)
        assert f"editions prove {path}" in editions("check", path, cwd=tmp_path).out


def test_what_is_no_document_is_told_by_the_path_that_was_given(collection: Path, tmp_path: Path) -> None:
    stray = tmp_path / "stray.txt"
    stray.write_text("of no corpus")
    for path, why in (("nowhere", "no such file"), (stray.name, "lies in no corpus"), (".", "neither a collection")):
        ran = editions("prove", path, cwd=tmp_path)
        assert ran.code == 2
        assert ran.err.startswith(f"editions: {path}: {why}")
    editions("regenerate", collection, "--out", "made", cwd=tmp_path)
    assert "--collection" in editions("prove", "made", cwd=tmp_path).err
