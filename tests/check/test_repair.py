"""Torn tails cut off, indexes made anew, whole records and originals kept."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from archive.check import check, report
from archive.errors import ArchiveReadError
from archive.repair import repair
from crawler.cli import main
from crawler.collection.folder import Collection
from crawler.collection.lock import CollectionLock
from tests.archive.captures import capture, files, write
from tests.check.warcs import codes, found, members, record
from tests.command import editions

ONE, TWO = record(number=1), record("resource", b"x" * 5000, number=2)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("kept", range(1, 12))
def test_torn_tail_is_cut_and_the_original_kept(packed: bool, kept: int, tmp_path: Path) -> None:
    good, torn = (members(ONE), members(TWO)) if packed else (ONE, TWO)
    data = good + torn[: len(torn) * kept // 12]
    path = tmp_path / "a.warc"
    assert codes(found(path, data), "error")
    (done,) = repair(path)
    assert done.action == "tail-cut"
    assert path.read_bytes() == good
    assert done.original is not None
    assert Path(done.original).read_bytes() == data
    assert codes(found(path), "error") == set()
    assert list(repair(path)) == []


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
def test_missing_line_ends_are_added(lost: int, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes((ONE + TWO)[:-lost])
    (done,) = repair(path)
    assert done.action == "end-added"
    assert path.read_bytes() == ONE + TWO


def test_damage_before_whole_records_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(ONE + b"damage" + TWO)
    assert list(repair(path)) == []
    assert path.read_bytes() == ONE + b"damage" + TWO


@pytest.mark.parametrize(
    "data", [ONE[:-40], b"damage", members(ONE + TWO + ONE)[:-20]], ids=["one", "none", "shared member"]
)
def test_what_would_lose_records_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    (done,) = repair(path)
    assert done.action == "refused"
    assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_originals_do_not_replace_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    for data in (ONE + TWO[:99], ONE + TWO[:77]):
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        list(repair(path))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.warc", "a.warc.orig", "a.warc.orig1"]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    write(tmp_path, *(capture(url=f"http://example.org/{number}", seconds=number) for number in range(5)))
    return tmp_path


def test_a_collection_with_a_torn_file_and_no_index(collection: Path) -> None:
    (path,) = files(collection)
    path.write_bytes(path.read_bytes()[:-5])
    (collection / "indexes" / "index.cdxj").unlink()
    assert not report([collection]).sound
    actions = [each.action for each in repair(collection)]
    assert actions == ["tail-cut", "index-rebuilt"]
    assert report([collection]).codes.keys() <= {"target-absent"}
    assert (collection / "indexes" / "index.cdxj").read_bytes().count(b"\n") == 4


def test_an_index_out_of_order_is_made_anew(collection: Path) -> None:
    index = collection / "indexes" / "index.cdxj"
    right = index.read_bytes()
    index.write_bytes(b"".join(reversed(right.splitlines(keepends=True))))
    assert "index-unsorted" in codes(list(check(collection)), "error")
    (done,) = repair(index)
    assert done.action == "index-rebuilt"
    assert index.read_bytes() == right


def test_a_file_left_open_is_closed_unless_it_is_being_written(collection: Path) -> None:
    (path,) = files(collection)
    left = path.with_name(path.name + ".open")
    path.rename(left)
    left.write_bytes(left.read_bytes()[:-5])
    with left.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        first, *_ = repair(collection)
        assert first.action == "refused"
    first, *_ = repair(collection)
    assert first.action == "recovered"
    assert path.exists()
    assert report([collection]).sound


def test_several_files_left_open_are_closed_each_with_its_original(collection: Path) -> None:
    write(collection, capture(url="http://example.org/later"))
    for path in files(collection):
        path.rename(path.with_name(path.name + ".open"))
    actions = [done.action for done in repair(collection)]
    assert actions == ["recovered", "recovered"]
    assert len(list((collection / "archive").glob("*.open.orig"))) == 2
    assert report([collection]).sound


@pytest.mark.parametrize("command", [["index"], ["check", "--repair"]])
def test_no_index_is_made_under_a_crawl_that_adds_to_it(
    command: list[str], collection: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = collection / "indexes/index.cdxj"
    index.write_bytes(index.read_bytes() + b"no line of an index\n")
    before = index.stat()
    with CollectionLock(Collection(collection), "crawl 7 of test"):
        assert main([*command, str(collection)]) == 1
    assert "in use by crawl 7 of test" in capsys.readouterr().err
    assert index.stat() == before
    assert main([*command, str(collection)]) == 0
    assert index.stat().st_ino != before.st_ino


def test_what_cannot_be_repaired_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(ArchiveReadError, match="can be repaired"):
        list(repair(tmp_path))


def test_a_sound_collection_is_left_as_it_is(collection: Path) -> None:
    before = sorted(collection.rglob("*"))
    assert list(repair(collection)) == []
    assert sorted(collection.rglob("*")) == before


def test_a_path_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    ran = editions("check", "--repair", "nowhere", cwd=tmp_path)
    assert (ran.code, ran.err) == (2, "editions: nowhere: no such file or folder\n")
