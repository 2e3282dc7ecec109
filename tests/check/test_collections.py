"""Indexes held against records, collections, their corpus by a hook, and the report's two forms."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.capture import FetchError
from archive.check import Counts, check, check_collection, report, sort_of
from archive.errors import ArchiveReadError
from archive.finding import Finding
from archive.indexing import build
from archive.repair import repair
from archive.report import report_json, report_lines
from archive.wacz import WaczInfo, write_wacz
from crawler.cli import main
from tests.archive.captures import PAGE, capture, files, write
from tests.check.test_faults import ARC_HEAD, ARC_ONE
from tests.check.warcs import HTTP, codes, record, sha1

Change = Callable[[list[bytes]], list[bytes]]
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    + b"%x\r\n" % len(gzip.compress(b"hello" * 99, mtime=0))
    + gzip.compress(b"hello" * 99, mtime=0)
    + b"\r\n0\r\n\r\n"
)


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Pages, a revisit, a 304, a failed fetch, a truncated answer, a 103 before an answer."""
    write(
        tmp_path,
        capture(),
        capture(seconds=1),
        capture(
            b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
            seconds=2,
            request=b'GET /a HTTP/1.1\r\nIf-None-Match: "a"\r\n\r\n',
        ),
        capture(None, "http://example.org/gone", 3, error=FetchError("twisted.internet.error.DNSLookupError", "no")),
        capture(PAGE[:-3], "http://example.org/cut", 4, truncated="disconnect"),
        capture(CHUNKED, "http://example.org/packed?b=2&a=1", 5, ip="2001:db8::1"),
        capture(url="http://example.org/hints", seconds=6, interim=(b"HTTP/1.1 103 Early Hints\r\n\r\n",)),
    )
    return tmp_path


def test_what_the_writer_writes_is_sound(collection: Path) -> None:
    result = report([collection])
    assert result.findings == ()
    assert result.sound
    assert result.records["revisit"] >= 1
    assert report([*files(collection), collection / "indexes" / "index.cdxj"]).findings == ()


def _edit(number: int, name: str, value: object) -> Change:
    def change(lines: list[bytes]) -> list[bytes]:
        head, brace, rest = lines[number].partition(b"{")
        fields = json.loads(brace + rest)
        fields[name] = value
        return [*lines[:number], head + json.dumps(fields).encode() + b"\n", *lines[number + 1 :]]

    return change


WRONG: dict[str, tuple[Change, str]] = {
    "a line is missing": (lambda lines: lines[:-1], "index-record-absent"),
    "all lines are missing": (lambda lines: [], "index-record-absent"),
    "two lines change places": (lambda lines: [lines[-1], *lines[1:-1], lines[0]], "index-unsorted"),
    "the last line is cut": (lambda lines: [*lines[:-1], lines[-1][:-20]], "index-line-cut"),
    "a line is no CDXJ": (lambda lines: [b"hello\n", *lines], "index-line-malformed"),
    "a line's JSON is a list": (lambda lines: [b"a 20260301000000 [1]\n", *lines], "index-line-malformed"),
    "a line's JSON is deep": (
        lambda lines: [b"a 20260301000000 " + b"[" * 99999 + b"\n", *lines],
        "index-line-malformed",
    ),
    "a timestamp is short": (lambda lines: [lines[0].replace(b" 2026", b" 26", 1), *lines[1:]], "index-timestamp"),
    "an offset is wrong": (_edit(0, "offset", "7"), "index-offset-wrong"),
    "an offset is no number": (_edit(0, "offset", "far"), "index-field-malformed"),
    "an offset is enormous": (_edit(0, "offset", 10**17), "index-offset-wrong"),
    "a length is wrong": (_edit(0, "length", 7), "index-length-wrong"),
    "a length is missing": (_edit(0, "length", None), "index-field-missing"),
    "a file is absent": (_edit(0, "filename", "b.warc.gz"), "index-file-absent"),
    "a digest is wrong": (_edit(1, "digest", "sha256:" + "0" * 64), "index-digest-wrong"),
    "a URL is wrong": (_edit(0, "url", "http://example.org/other"), "index-url-wrong"),
    "a date is wrong": (_edit(0, "date", "2020-01-01T00:00:00Z"), "index-date-wrong"),
    "a status is wrong": (_edit(1, "status", 404), "index-status-wrong"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_index_is_flagged(name: str, collection: Path) -> None:
    change, code = WRONG[name]
    index = collection / "indexes" / "index.cdxj"
    index.write_bytes(b"".join(change(index.read_bytes().splitlines(keepends=True))))
    for path in (collection, index):
        findings = list(check(path))
        assert code in codes(findings, "error"), findings


def test_numbers_and_strings_are_taken_alike(collection: Path) -> None:
    index = collection / "indexes" / "index.cdxj"
    lines = index.read_bytes().splitlines(keepends=True)
    number = next(number for number, line in enumerate(lines) if b'"status": "200"' in line)
    fields = json.loads(lines[number].partition(b"{")[2].join([b"{", b""]))
    for name in ("offset", "length", "status"):
        lines = _edit(number, name, int(fields[name]))(lines)
    index.write_bytes(b"".join(lines))
    assert codes(list(check(collection)), "error") == set()


def test_a_missing_index_is_flagged(collection: Path) -> None:
    (collection / "indexes" / "index.cdxj").unlink()
    assert codes(list(check(collection)), "error") == {"index-absent"}


def test_a_revisit_without_its_original_is_an_error_in_a_collection(collection: Path) -> None:
    (path,) = files(collection)
    path.with_name("z.warc").write_bytes(record("revisit"))
    assert "target-absent" in codes(list(check(collection)), "error")
    assert codes(list(check(path.with_name("z.warc"))), "error", "warning") == set()


def test_an_open_file_may_be_torn(collection: Path) -> None:
    (path,) = files(collection)
    path.with_name("z.warc.gz.open").write_bytes(path.read_bytes()[:-9])
    findings = list(check(collection))
    assert codes(findings, "error") == set()
    assert "gzip-torn" in codes(findings, "warning")


def test_the_corpus_is_checked_by_a_hook(collection: Path) -> None:
    bad = Finding("document-differs", "error", "the text is not that of its record", "corpus/000_a.txt")
    seen: list[Path] = []

    def corpus_check(path: Path, counts: Counts) -> list[Finding]:
        seen.append(path)
        counts.documents += 1
        return [bad]

    assert list(check_collection(collection, corpus_check)) == [bad]
    found = report([collection], corpus_check=corpus_check)
    assert (found.codes, found.documents) == ({"document-differs": 1}, 1)
    assert seen == [collection, collection]


def test_a_folder_of_files(tmp_path: Path) -> None:
    assert codes(list(check(tmp_path)), "error") == {"nothing-to-check"}
    (tmp_path / "a.warc").write_bytes(record())
    (tmp_path / "notes.txt").write_text("none of ours")
    assert list(check(tmp_path)) == []
    assert sort_of(tmp_path) == "folder"


def test_files_of_one_name_in_two_folders_are_told_apart(tmp_path: Path) -> None:
    for name, data in (("a", record()), ("b", record(number=2)[:-9])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.warc").write_bytes(data)
        (tmp_path / name / "x.cdxj").write_bytes(b"no line of an index\n")
    files = {(each.code, each.file) for each in check(tmp_path) if each.severity == "error"}
    malformed = {("index-line-malformed", f"{name}/x.cdxj") for name in "ab"}
    assert {("block-cut", "b/x.warc"), *malformed} <= files
    assert not any(code == "block-cut" and file != "b/x.warc" for code, file in files)


def test_a_file_that_is_skipped_is_named(tmp_path: Path) -> None:
    for name in ("a.warc", "b.warc.zst", "c.WARC.gz.bad", "d.warc.orig", "notes.txt"):
        (tmp_path / name).write_bytes(record() if name == "a.warc" else b"?")
    assert [(each.code, each.file) for each in check(tmp_path)] == [
        ("file-skipped", "b.warc.zst"),
        ("file-skipped", "c.WARC.gz.bad"),
    ]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    os.mkfifo(path)
    (finding,) = check(path)
    assert finding.code == "unreadable"
    assert main(["check", "--repair", str(path)]) == 1


def test_a_file_that_is_nothing_is_flagged(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<p>hello")
    assert codes(list(check(path)), "error") >= {"no-record"}


LETTERS = {"N b a m s k r M S V g": "{0} {1} {2} text/plain 200 {3} - - {4} {5} a.warc"}
LETTERS["N b a m s k r V g"] = "{0} {1} {2} text/plain 200 {3} - {5} a.warc"
SHA1 = sha1(b"hello").removeprefix("sha1:")


def cdx(folder: Path, letters: str, *, offset: int = 0, digest: str = SHA1, number: int = 2) -> Path:
    """A CDX index of *number* records beside their WARC file; the second line says *offset* more than is true."""
    data = b"".join(record(number=n, fields={"WARC-Payload-Digest": sha1(b"hello")}) for n in range(2))
    (folder / "a.warc").write_bytes(data)
    size = len(data) // 2
    lines = [
        LETTERS[letters].format("org,example)/", "20260301120000", "http://example.org/", digest, size, at)
        for at in (0, size + offset)
    ]
    path = folder / "a.cdx"
    path.write_text("\n".join([f" CDX {letters}", *lines[:number], ""]))
    return path


@pytest.mark.parametrize("letters", LETTERS)
def test_a_cdx_index_is_held_against_its_records(letters: str, tmp_path: Path) -> None:
    assert list(check(cdx(tmp_path, letters))) == []
    assert codes(list(check(cdx(tmp_path, letters, offset=7))), "error") >= {"index-offset-wrong"}
    assert codes(list(check(cdx(tmp_path, letters, number=1))), "error") == {"index-record-absent"}
    wrong = sha1(b"hallo").removeprefix("sha1:")
    assert codes(list(check(cdx(tmp_path, letters, digest=wrong))), "error") == {"index-digest-wrong"}
    path = cdx(tmp_path, letters)
    path.write_bytes(path.read_bytes().replace(b" text/plain", b"", 1))
    assert codes(list(check(path)), "error") >= {"index-line-malformed"}


def test_repair_is_a_hint_where_it_helps(collection: Path, tmp_path: Path) -> None:
    index = collection / "indexes" / "index.cdxj"
    index.write_bytes(b"".join(reversed(index.read_bytes().splitlines(keepends=True))))
    assert {each.hint for each in check(index) if each.code == "index-unsorted"} == {"--repair rebuilds the index"}
    other = index.with_name("other.cdxj")
    index.rename(other)
    assert {each.hint for each in check(other) if each.code == "index-unsorted"} == {"sort it with LC_ALL=C"}
    with pytest.raises(ArchiveReadError):
        list(repair(other))


def test_report_for_people_and_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record() + record(number=2, fields={"WARC-Date": "today"}) + record("metadata")[:-90])
    result = report([path])
    lines = list(report_lines(result))
    assert lines[0] == "a.warc"
    assert any("WARC-Date is no timestamp" in line and f"at {len(record())}" in line for line in lines)
    assert lines[-1].startswith("damaged or not by the standard: ")
    value = json.loads(report_json(result))
    assert (value["sound"], value["files"], value["errors"]) == (False, 1, result.errors)
    assert {"code", "severity", "message", "file", "offset"} <= value["findings"][0].keys()


def test_report_of_a_sound_file(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record())
    assert list(report_lines(report([path]))) == ["1 file, 1 record (1 response)", "sound: nothing is wrong"]
    assert json.loads(report_json(report([path])))["sound"] is True


def test_a_report_keeps_few_of_many_findings(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(record(number=number, block=HTTP + b"!") for number in range(3)) * 500)
    result = report([path])
    assert len(result.findings) <= 1000
    path.write_bytes(b"WARC/1.1\r\n\r\n" * 1000)
    result = report([path])
    assert (len(result.findings), result.errors) == (1000, 4000)
    assert any("and 3,950 more" in line for line in report_lines(result))


def with_arc(collection: Path) -> Path:
    """The same, with an ARC file beside its WARC files."""
    (collection / "archive" / "an.arc").write_bytes(ARC_HEAD + ARC_ONE)
    build(collection / "archive", collection / "indexes" / "index.cdxj")
    return collection


def test_a_collection_with_an_arc_file_is_sound(collection: Path) -> None:
    found = report([with_arc(collection)])
    assert (found.errors, found.records["arc"]) == (0, 2)


def test_a_wacz_leaves_arc_files_out_of_its_index_too(collection: Path, tmp_path: Path) -> None:
    indexed = (with_arc(collection) / "indexes" / "index.cdxj").read_bytes().splitlines()
    written = write_wacz(collection, tmp_path / "a.wacz", [], WaczInfo("a test"))
    assert written.left_out == ("an.arc",)
    assert written.captures == sum(not line.startswith(b"error:") for line in indexed) - 1
    assert report([tmp_path / "a.wacz"]).errors == 0


def test_a_first_crawl_that_goes_on_has_no_index_yet(collection: Path) -> None:
    (collection / "indexes" / "index.cdxj").unlink()
    (path,) = files(collection)
    path.rename(path.with_name(path.name + ".open"))
    assert [one.severity for one in check(collection) if one.code == "index-absent"] == ["warning"]
