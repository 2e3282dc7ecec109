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
from tests.check.warcs import HTTP, codes, found, members, record
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


LAST = {
    "a record without Content-Length": record(fields={"Content-Length": None}, number=3),
    "several records without Content-Length": record(fields={"Content-Length": None}, number=3) * 3,
    "a Content-Length that no file has": record(fields={"Content-Length": "9" * 20}, number=3),
    "a Content-Length that is too small": record(fields={"Content-Length": "9"}, number=3),
    "a record that swallows others": record(fields={"Content-Length": "99999"}, end=b"\r\n") + TWO,
    "a gzip half that is damaged": members(TWO)[:60] + b"\xff" * 9 + members(TWO)[69:],
    "text and a record's first line": b"text\r\nWARC/1.1",
}
LAST_PACKED = {
    "records that are not packed": ONE + TWO,
    "a member that is damaged": members(TWO)[:60] + b"\xff" * 9 + members(TWO)[69:],
    "a member with a reserved flag": b"\x1f\x8b\x08\x20" + members(TWO)[4:],
    "a whole member with a cut record": members(TWO[:-99]),
}


@pytest.mark.parametrize("name", [*LAST, *LAST_PACKED])
def test_what_is_damaged_and_not_torn_is_kept(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    data = ONE + LAST[name] if name in LAST else members(ONE) + LAST_PACKED[name]
    assert codes(found(path, data), "error")
    assert {done.action for done in repair(path)} == {"refused"}
    assert path.read_bytes() == data


@pytest.mark.parametrize("more", [b"bye", b"\0" * 512, b"\r\n"])
def test_what_holds_no_record_is_cut(more: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    for good in (ONE, members(ONE)):
        path.write_bytes(good + more)
        assert [done.action for done in repair(path)] == ["tail-cut"]
        assert path.read_bytes() == good


@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_a_gzip_header_torn_within_its_first_bytes_is_cut(size: int, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(ONE) + members(TWO)[:size])
    assert [done.action for done in repair(path)] == ["tail-cut"]
    assert path.read_bytes() == members(ONE)


def test_a_record_in_two_gzip_members_is_cut_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(ONE, TWO[:100], TWO[100:])[:-9])
    assert [done.action for done in repair(path)] == ["tail-cut"]
    assert path.read_bytes() == members(ONE)


@pytest.mark.parametrize("surplus", [1, 2, 3, 4])
def test_line_ends_that_a_wrong_length_took_are_not_added_again(surplus: int, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    size = len(HTTP) + surplus
    data = ONE + record(fields={"Content-Length": str(size), "WARC-Block-Digest": None}, number=3)
    path.write_bytes(data)
    assert {done.action for done in repair(path)} <= {"refused"}
    assert path.read_bytes() == data


def test_line_ends_are_added_after_an_empty_block(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    empty = record("resource", b"", number=3)
    path.write_bytes(ONE + empty[:-4])
    assert [done.action for done in repair(path)] == ["end-added"]
    assert path.read_bytes() == ONE + empty


@pytest.mark.parametrize("good", [ONE + TWO, members(ONE, TWO), members(ONE + TWO)], ids=["plain", "gzip", "shared"])
def test_a_sound_file_is_left_as_it_is(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(good)
    assert list(repair(path)) == []


def test_a_link_stays_a_link_and_its_file_is_repaired(tmp_path: Path) -> None:
    real, link = tmp_path / "real.warc", tmp_path / "link.warc"
    real.write_bytes(ONE + TWO[:-20])
    link.symlink_to(real.name)
    (done,) = repair(link)
    assert link.is_symlink()
    assert real.read_bytes() == ONE
    assert done.original == str(real) + ".orig"
    assert not Path(done.original).is_symlink()


def test_what_cannot_be_repaired_does_not_hide_what_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torn, page = tmp_path / "a.warc", tmp_path / "page.html"
    torn.write_bytes(ONE + TWO[:-20])
    page.write_text("<p>hello")
    later = tmp_path / "b.warc"
    later.write_bytes(ONE + TWO[:-20])
    assert main(["check", "--repair", str(torn), str(page), str(later)]) == 1
    assert torn.read_bytes() == later.read_bytes() == ONE
    printed = capsys.readouterr()
    assert printed.out.count("tail-cut: ") == 2
    assert f"{page}: only WARC files" in printed.err


def test_nothing_is_repaired_where_a_path_is_not_there(tmp_path: Path) -> None:
    torn = tmp_path / "a.warc"
    torn.write_bytes(ONE + TWO[:-20])
    assert main(["check", "--repair", str(torn), str(tmp_path / "nowhere")]) == 2
    assert torn.read_bytes() == ONE + TWO[:-20]


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
