"""Reading back: in archive order, at an offset, from others' files, from torn files."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from archive.capture import FetchError
from archive.errors import ArchiveReadError
from archive.index import Index, merge
from archive.indexing import build, entries
from archive.raw import RawRecord
from archive.reader import read, read_record, records, resolve, stored_responses, warc_files
from archive.scan import scan
from tests.archive.captures import PAGE, capture, files, write, writer
from tests.check.warcs import Fields, members, record
from tests.shared import need
from tests.strace import strace


def test_responses_come_in_archive_order(tmp_path: Path) -> None:
    write(tmp_path, *(capture(url=f"http://example.org/{n}", seconds=-n) for n in range(9)), max_size=3000)
    archive = tmp_path / "archive"
    names = [path.name for path in warc_files(archive)]
    assert len(names) > 2
    assert [stored.url[-1] for stored in stored_responses(archive)] == list("012345678")
    some = [stored.location.file for stored in stored_responses(archive, names[1:2])]
    assert set(some) == {names[1]}
    first = next(iter(stored_responses(archive)))
    assert (first.status, first.date) == (200, "2026-03-01T12:00:00.123456Z")
    assert first.head.get(b"content-type") == b"text/html; charset=utf-8"
    assert first.body().data == b"<p>A page of some length</p>"


def test_random_access_agrees_with_streaming(tmp_path: Path) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"packed")
    write(tmp_path, capture(), capture(), capture(body, url="http://example.org/z"))
    archive = tmp_path / "archive"
    for stored in stored_responses(archive):
        place = stored.location
        again = read(archive, place)
        assert (again.location, again.block, again.headers) == (place, stored.block, stored.headers)
        assert read_record(archive, place.file, place.offset).block == stored.block
    assert stored.body().data == b"packed"


def test_a_wrong_offset_names_file_and_offset(tmp_path: Path) -> None:
    write(tmp_path, capture())
    (path,) = files(tmp_path)
    for name, offset in ((path.name, 7), (path.name, 1 << 40), ("absent.warc.gz", 0)):
        with pytest.raises(ArchiveReadError, match=rf"{name}: offset {offset}"):
            read_record(tmp_path / "archive", name, offset)


def test_a_revisit_whose_original_is_gone_says_so(tmp_path: Path) -> None:
    write(tmp_path, capture(), capture())
    _, visit = stored_responses(tmp_path / "archive")
    with Index(tmp_path / "none.cdxj") as index, pytest.raises(ArchiveReadError, match="refers to is not in"):
        resolve(tmp_path / "archive", index, visit)


def test_a_failed_fetch_is_read_but_is_no_response(tmp_path: Path) -> None:
    error = FetchError("twisted.web.error.X", "why: not")
    write(tmp_path, capture(None, error=error))
    (path,) = files(tmp_path)
    assert list(stored_responses(tmp_path / "archive")) == []
    (stored,) = records(path)
    assert (stored.error, stored.location.type) == (error, "metadata")


@pytest.mark.parametrize("lost", [1, 100, 400])
def test_a_torn_file_is_read_to_where_it_tears(tmp_path: Path, lost: int) -> None:
    write(tmp_path, *(capture(url=f"http://example.org/{n}") for n in range(3)))
    (path,) = files(tmp_path)
    path.write_bytes(path.read_bytes()[:-lost])
    found = [stored.block for stored in stored_responses(tmp_path / "archive")]
    assert found[:2] == [PAGE, PAGE]


OTHERS = {
    "warcio/example-bad-non-chunked.warc.gz": b"<!doctype html>",
    "warcio/example-wrong-chunks.warc.gz": b"<!doctype html>",
    "warcio/example-iana.org-chunked.warc": b"<!doctype html>",
    "warcio/example.warc.gz": b"<!doctype html>",
    "warcio/example.warc": b"<!doctype html>",
    "pywb/example-wget-1-14.warc.gz": b"<!doctype html>",
    "warcio/example.arc": b"<!doctype html>",
    "warcio/example.arc.gz": b"<!doctype html>",
}


@pytest.mark.parametrize("name", OTHERS)
def test_bodies_in_files_of_others(name: str) -> None:
    for stored in records(need("warcs") / name):
        if stored.location.type == "response":
            assert stored.status == 200
            assert stored.body().data.lower().startswith(OTHERS[name])
            assert stored.url.startswith("http")
            return
    pytest.fail("no response found")


def test_revisits_of_others_are_resolved(tmp_path: Path) -> None:
    folder = need("warcs", "pywb")
    path = tmp_path / "index.cdxj"
    merge(path, entries(folder / "iana.warc.gz"))
    resolved = 0
    with Index(path) as index:
        for stored in records(folder / "iana.warc.gz"):
            if stored.location.type == "revisit":
                original = resolve(folder, index, stored)
                assert original.location.payload_digest == stored.location.payload_digest
                resolved += 1
    assert resolved > 100


def test_offsets_in_files_of_others_lead_to_their_records(tmp_path: Path) -> None:
    folder = need("warcs", "pywb")
    build(folder, tmp_path / "index.cdxj")
    with Index(tmp_path / "index.cdxj") as index:
        for entry in index.entries():
            stored = read(folder, entry.location)
            assert stored.headers.record_id == entry.record_id
            assert stored.date == entry.date
            assert stored.url


def test_a_record_is_read_while_its_file_is_open(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        place = out.write(capture()).result(10)
        assert read(tmp_path / "archive", place).block == PAGE


READ = """
import sys
from pathlib import Path
from archive.reader import read_record
print("ready", flush=True)
print(len(read_record(Path(sys.argv[1]), sys.argv[2], 0).block))
"""


def test_a_record_is_read_though_its_file_takes_its_name_that_moment(tmp_path: Path) -> None:
    write(tmp_path, capture())
    (path,) = files(tmp_path)
    left = path.rename(path.with_name(path.name + ".open"))
    # The file is not there, the reader hears of it a second later, and by then it is.
    slow = strace(tmp_path, "-P", str(path), "-e", "inject=openat,stat,newfstatat,statx:delay_exit=1000000:when=1")
    command = [*slow, sys.executable, "-c", READ, str(path.parent), path.name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(0.3)
        left.rename(path)
        assert int(child.communicate(timeout=30)[0]) > 100


def test_after_a_fault_the_file_is_read_on(tmp_path: Path) -> None:
    write(tmp_path, *(capture(url=f"http://example.org/{n}") for n in range(3)))
    (path,) = files(tmp_path)
    plain = gzip.decompress(path.read_bytes())
    at = plain.index(b"WARC/1.1", plain.index(b"http://example.org/1"))
    path.with_name("plain.warc").write_bytes(plain[:at] + b"junk that is no record\r\n\r\n" + plain[at:])
    path.unlink()
    assert [stored.url[-1] for stored in stored_responses(tmp_path / "archive")] == ["0", "1", "2"]


def addressed(number: int, fields: Fields | None = None, **more: Any) -> bytes:
    """A response of its own address and id."""
    all_fields = {"WARC-Target-URI": f"http://example.org/{number}", **(fields or {})}
    return record("response", None, all_fields, number=number, **more)


FIRST, SECOND, THIRD, FOURTH = (addressed(number) for number in range(1, 5))
LF_ALONE = addressed(2, newline=b"\n", end=b"\n\n")
JUNK = b"junk that is no record\r\n"
ODD = {
    "an empty member": members(FIRST, b"", SECOND, THIRD, FOURTH),
    "several empty members": members(b"", FIRST, b"", b"", SECOND, b"", THIRD, FOURTH),
    "heads that end in LF": b"".join(addressed(n, newline=b"\n", end=b"\n\n") for n in range(1, 5)),
    "heads that end in LF, packed": members(*(addressed(n, newline=b"\n", end=b"\n\n") for n in range(1, 5))),
    "one head that ends in LF": FIRST + LF_ALONE + THIRD + FOURTH,
    "one head that ends in LF, packed": members(FIRST, LF_ALONE, THIRD, FOURTH),
    "a head that ends in LF, its block in CR LF": FIRST + addressed(2, newline=b"\n") + THIRD + FOURTH,
    "one member for all": members(FIRST + SECOND + THIRD + FOURTH),
    "one member for some": members(FIRST, SECOND + THIRD, FOURTH),
    "two members for two each": members(FIRST + SECOND, THIRD + FOURTH),
    "junk in a member of its own": members(FIRST, SECOND, JUNK, THIRD, FOURTH),
    "junk before a record in its member": members(FIRST, JUNK + SECOND, THIRD, FOURTH),
    "junk between records": FIRST + SECOND + JUNK * 4 + THIRD + FOURTH,
    "junk between members": members(FIRST, SECOND) + JUNK + members(THIRD, FOURTH),
    "a length that is too great": FIRST + addressed(2, fields={"Content-Length": "99"}) + THIRD + FOURTH,
    "names without a space after them": members(FIRST, SECOND.replace(b": ", b":", 6), THIRD, FOURTH),
}


@pytest.mark.parametrize("what", ODD)
def test_no_record_is_lost_that_the_check_reads(what: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(ODD[what])
    scanned = [(each, b"".join(each.chunks())) for each in scan(path) if isinstance(each, RawRecord)]
    assert [raw.text(b"WARC-Target-URI")[-1] for raw, _ in scanned] == ["1", "2", "3", "4"]
    wanted = [(raw.offset, raw.member, raw.length, block) for raw, block in scanned]
    found = [(one.location, one.block) for one in records(path)]
    assert [(place.offset, place.member, block) for place, block in found] == [
        (offset, member, block) for offset, member, _, block in wanted
    ]
    for (place, _), (*_, length, _) in zip(found, wanted, strict=True):
        assert length in (0, place.length)


@pytest.mark.parametrize("what", ODD)
def test_each_record_is_found_by_its_line_in_the_index(what: str, tmp_path: Path) -> None:
    (tmp_path / "odd.warc.gz").write_bytes(ODD[what])
    assert build(tmp_path, tmp_path / "index.cdxj") == 4
    streamed = {one.url: one.block for one in records(tmp_path / "odd.warc.gz")}
    with Index(tmp_path / "index.cdxj") as index:
        for entry in index.entries():
            stored = read(tmp_path, entry.location)
            assert (stored.url, stored.location.member) == (entry.url, entry.member)
            assert stored.block == streamed[entry.url]
            by_id = replace(entry.location, member=0)
            assert read(tmp_path, by_id).url == entry.url


def test_records_of_one_member_that_have_no_id_are_told_apart_by_their_place_in_it(tmp_path: Path) -> None:
    without = [addressed(n, fields={"WARC-Record-ID": None}) for n in (1, 2, 3)]
    (tmp_path / "odd.warc.gz").write_bytes(members(b"".join(without)))
    build(tmp_path, tmp_path / "index.cdxj")
    with Index(tmp_path / "index.cdxj") as index:
        assert [read(tmp_path, entry.location).url[-1] for entry in index.entries()] == ["1", "2", "3"]


@pytest.mark.parametrize("what", ["one member for some", "an empty member", "one head that ends in LF, packed"])
def test_any_stretch_of_an_odd_file_holds_its_records(what: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(ODD[what])
    cuts = sorted({one.location.offset for one in records(path)} | {0})
    edges = [*cuts, path.stat().st_size]
    found = [one.url[-1] for start, end in pairwise(edges) for one in records(path, start=start, end=end)]
    assert found == ["1", "2", "3", "4"]
