"""Every field of every line of a corpus's lists is proved: what was altered in one is found, and nothing else is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.collection.folder import Collection
from crawler.regeneration.checking import check_corpus
from crawler.regeneration.proof import prove
from tests.archive.captures import capture, write
from tests.command import editions, profile

HOST = "example.org"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
WORDS = "The harbour of {} opened its deep quay again on Monday after fourteen months of dredging and {} of repairs."
LISTS = ("manifest", "items", "copies", "dropped")

Line = dict[str, Any]


def story(of: str, *, alternate: str = "") -> bytes:
    told = " ".join(f"<p>{WORDS.format(of, number)}</p>" for number in range(6))
    link = f'<link rel="alternate" hreflang="sw" href="{alternate}">' if alternate else ""
    return HEAD + f"<title>{of}</title>{link}<article><h1>{of}</h1>{told}</article>".encode()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of two near-copies, another story, one text twice, and a page that is gone."""
    folder = tmp_path_factory.mktemp("lists")
    profile(folder, HOST)
    answers = {
        "a": story("Pellworth", alternate=f"http://{HOST}/sw/articles/a"),
        "b": story("Pellworth and Ness"),
        "c": HEAD + b"<title>Tea</title><article><h1>Tea</h1><p>Tea is grown on the hills above.</p></article>",
        "d": story("Pellworth", alternate=f"http://{HOST}/sw/articles/a"),
        "e": b"HTTP/1.1 404 Not Found\r\n\r\n",
    }
    urls = [f"http://{HOST}/en/articles/{name}" for name in answers]
    captures = [capture(one, url, seconds=n) for n, (one, url) in enumerate(zip(answers.values(), urls, strict=True))]
    write(folder, *captures)
    assert editions("regenerate", folder, "--site", folder / "site.toml", cwd=folder).code == 0
    return folder


@pytest.fixture
def collection(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "copy")


def change(path: Path, number: int, alter: Callable[[Line], Line]) -> None:
    lines = path.read_text("utf-8").splitlines()
    lines[number] = json.dumps(alter(json.loads(lines[number])), ensure_ascii=False)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, dict):
        return {name: other(one) for name, one in value.items()}
    if isinstance(value, bool | None):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return [*value, value[0] if value else {"language": "xx", "url": "x"}] if isinstance(value, list) else f"{value}0"


def errors(folder: Path) -> list[str]:
    return [one.code for one in check_corpus(folder) if one.severity == "error"]


def test_nothing_is_wrong_with_what_was_made(made: Path) -> None:
    assert [len((made / "corpus" / f"{name}.jsonl").read_bytes().splitlines()) for name in LISTS] == [3, 3, 1, 2]
    assert list(check_corpus(made)) == []
    assert [one.verdict for one in prove(Collection(made), made / "corpus")] == ["identical"] * 3


@pytest.mark.parametrize("name", LISTS)
def test_each_altered_field_is_found(name: str, collection: Path) -> None:
    path = collection / "corpus" / f"{name}.jsonl"
    whole = path.read_bytes()
    for field in json.loads(whole.splitlines()[0]):
        change(path, 0, lambda line, field=field: line | {field: other(line[field])})  # type: ignore[misc]
        assert errors(collection), field
        assert not all(one.holds for one in prove(Collection(collection), collection / "corpus")), field
        path.write_bytes(whole)
    assert errors(collection) == []


@pytest.mark.parametrize("name", LISTS)
def test_a_line_that_is_missing_or_too_many_is_found(name: str, collection: Path) -> None:
    path = collection / "corpus" / f"{name}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    assert errors(collection)
    path.write_bytes(b"".join([*lines, lines[0]]))
    assert errors(collection)
    path.unlink()
    if name != "manifest":
        assert errors(collection)


def test_one_document_is_proved_with_its_whole_line(collection: Path) -> None:
    path = collection / "corpus" / "manifest.jsonl"
    change(path, 1, lambda line: line | {"languages": {"main": "sw", "paragraphs": [], "scores": []}, "title": "x"})
    files = sorted(one.name for one in (collection / "corpus").glob("*.txt"))
    first, second = prove(Collection(collection), collection / "corpus", files[:2])
    assert first.holds
    assert second.why == "its line in manifest.jsonl is not what its record gives: title, languages"


def test_lists_that_cannot_be_made_again_are_told(collection: Path) -> None:
    site = collection / "site.toml"
    site.write_text(site.read_text("utf-8").replace('default_edition = "en"\n', ""), "utf-8")
    [told] = check_corpus(collection)
    assert (told.code, told.severity) == ("lists-unproved", "info")
    assert "profile changed since it was made" in told.message


def test_lists_are_proved_up_to_the_capture_that_they_tell_of(collection: Path) -> None:
    write(collection, capture(story("Yew"), f"http://{HOST}/en/articles/f", seconds=9))
    assert list(check_corpus(collection)) == []
    assert editions("regenerate", collection, cwd=collection).code == 0
    assert list(check_corpus(collection)) == []
    assert len((collection / "corpus" / "manifest.jsonl").read_bytes().splitlines()) == 4


def test_documents_by_another_extractor_are_not_damaged(collection: Path) -> None:
    (collection / "state.db").unlink(missing_ok=True)
    for number in range(3):
        change(
            collection / "corpus" / "manifest.jsonl",
            number,
            lambda line: line | {"extractor": line["extractor"] | {"version": "1.0"}},
        )
    [told] = check_corpus(collection)
    assert (told.code, told.severity) == ("lists-unproved", "info")
    assert "another extractor (resiliparse 1.0)" in told.message
