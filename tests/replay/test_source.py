"""A replay's collection has no records of its own: what reads them finds them in the archive that was replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.wacz import Wacz
from tests.batch.archives import many_pages
from tests.command import Ran, editions, lines

OUT = "here/out"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """``here/many``, a collection of three pages, and ``here/out``, a replay of it."""
    (tmp_path / "here").mkdir()
    many_pages(tmp_path / "here", 3)
    replay = ("crawl", "here/site.toml", "--from-archive", "here/many", "--collection", OUT, "--quiet")
    ran = editions(*replay, cwd=tmp_path)
    assert ran.code == 0, ran.err
    return tmp_path


def readers(folder: Path, out: str) -> dict[str, Ran]:
    url = lines(folder / out / "corpus" / "manifest.jsonl")[0]["url"]
    commands = {"check": (out,), "prove": (out,), "history": (out, url, "--json")}
    return {name: editions(name, *arguments, cwd=folder) for name, arguments in commands.items()}


def test_records_are_found_after_both_were_moved_together(folder: Path) -> None:
    (folder / "here").rename(folder / "there")
    ran = readers(folder, "there/out")
    assert {name: one.code for name, one in ran.items()} == {"check": 0, "prove": 0, "history": 0}, ran
    assert ran["prove"].out == "3 identical\n"
    [moment] = json.loads(ran["history"].out)
    assert moment["change"] == "new"


def test_records_that_are_gone_are_told_with_where_they_were(folder: Path) -> None:
    (folder / "here" / "many").rename(folder / "elsewhere")
    for name, ran in readers(folder, OUT).items():
        assert ran.code != 0
        assert "Traceback" not in ran.err
        said = " ".join((ran.out + ran.err).split())
        assert "here/many: no such file or folder" in said, name
        assert "--from-archive" in said
    told = editions("prove", OUT, "--collection", "elsewhere", cwd=folder)
    assert told.out == "3 identical\n"


def test_a_wacz_of_a_replay_holds_the_archive_that_was_replayed(folder: Path) -> None:
    ran = editions("export", OUT, "--format", "wacz", "out.wacz", cwd=folder)
    assert ran.code == 0, ran.err
    assert editions("check", "out.wacz", cwd=folder).code == 0
    with Wacz(folder / "out.wacz") as wacz:
        [warc] = wacz.warcs
        with wacz.open(f"archive/{warc}") as packed, wacz.open("pages/pages.jsonl") as pages:
            assert packed.read() == (folder / "here/many/archive" / warc).read_bytes()
            assert pages.read().count(b"\n") == 1 + 3
    again = editions("crawl", "here/site.toml", "--from-archive", "out.wacz", "--collection", "more", cwd=folder)
    assert again.code == 0, again.err
    assert (folder / "more/corpus/items.jsonl").read_bytes() == (folder / OUT / "corpus/items.jsonl").read_bytes()


def test_a_replay_is_not_regenerated_from_nothing(folder: Path) -> None:
    before = (folder / OUT / "corpus" / "manifest.jsonl").read_bytes()
    ran = editions("regenerate", OUT, cwd=folder)
    assert ran.code != 0
    assert "is a replay of here/many" in ran.err
    assert (folder / OUT / "corpus" / "manifest.jsonl").read_bytes() == before
