"""WACZ files written from a collection, read back, and found out where they are broken."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.capture import FetchError
from archive.check import check, report
from archive.errors import ArchiveReadError, ArchiveWriteError
from archive.raw import RawRecord
from archive.scan import scan_file
from archive.wacz import MAIN_PAGES, Wacz, WaczInfo, WaczPage, write_wacz
from tests.archive.captures import PAGE, capture, files, write
from tests.check.warcs import codes, members, record

WHEN = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
INFO = WaczInfo(
    "editions/0.1", "A title", "What it *is*", WHEN, WaczPage("http://example.org/0", "2026-03-01T12:00:00Z")
)


def page(number: int) -> WaczPage:
    return WaczPage(f"http://example.org/{number}", "2026-03-01T12:00:00Z", f"Kichwa {number} — ሰላም", f"id{number}")


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    root = tmp_path / "collection"
    write(root, *(capture(PAGE + b"%d" % number, f"http://example.org/{number}", number) for number in range(700)))
    write(
        root,
        capture(None, "http://example.org/gone", 900, error=FetchError("x.Error", "no")),
        capture(PAGE + b"1", "http://example.org/1", 901),
    )
    return root


@pytest.fixture
def wacz(collection: Path, tmp_path: Path) -> Path:
    write_wacz(collection, tmp_path / "a.wacz", map(page, range(70)), INFO)
    return tmp_path / "a.wacz"


def test_what_is_written_is_sound(wacz: Path) -> None:
    result = report([wacz])
    assert result.findings == ()
    assert result.records["response"] == 700
    assert result.records["revisit"] >= 1


def test_layout(collection: Path, wacz: Path) -> None:
    with zipfile.ZipFile(wacz) as file:
        assert file.testzip() is None
        names = [each.filename for each in file.infolist()]
        stored = {each.filename for each in file.infolist() if each.compress_type == zipfile.ZIP_STORED}
        warcs = [f"archive/{path.name}" for path in files(collection)]
        assert names == [
            *warcs,
            "indexes/index.cdx.gz",
            "indexes/index.idx",
            "pages/pages.jsonl",
            "pages/extraPages.jsonl",
            "datapackage.json",
            "datapackage-digest.json",
        ]
        assert stored == {*warcs, "indexes/index.cdx.gz"}
        for path in files(collection):
            assert file.read(f"archive/{path.name}") == path.read_bytes()


def test_manifest(wacz: Path) -> None:
    with zipfile.ZipFile(wacz) as file:
        package = json.loads(file.read("datapackage.json"))
        digest = json.loads(file.read("datapackage-digest.json"))
        assert digest == {"path": "datapackage.json", "hash": _sha256(file.read("datapackage.json"))}
        assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
        assert (package["title"], package["created"]) == ("A title", "2026-03-02T08:00:00Z")
        assert package["mainPageUrl"] == "http://example.org/0"
        listed = {each["path"]: (each["bytes"], each["hash"]) for each in package["resources"]}
        for name in set(file.namelist()) - {"datapackage.json", "datapackage-digest.json"}:
            data = file.read(name)
            assert listed.pop(name) == (len(data), _sha256(data))
        assert listed == {}


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_pages_are_short_and_the_rest_apart(wacz: Path) -> None:
    with zipfile.ZipFile(wacz) as file:
        main = [json.loads(line) for line in file.read("pages/pages.jsonl").splitlines()]
        rest = [json.loads(line) for line in file.read("pages/extraPages.jsonl").splitlines()]
    assert main[0]["format"] == rest[0]["format"] == "json-pages-1.0"
    assert len(main) == MAIN_PAGES + 1
    assert main[1:] + rest[1:] == [
        {"id": each.id, "url": each.url, "ts": each.ts, "title": each.title} for each in map(page, range(70))
    ]


def test_index_is_found_by_its_blocks(collection: Path, wacz: Path) -> None:
    """As a player does: the .idx, then one gzip member, then the record in the WARC."""
    with Wacz(wacz) as opened:
        with opened.open("indexes/index.idx") as file:
            meta, *blocks = file.read().splitlines()
        assert meta == b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
        lines = []
        for block in blocks:
            head, brace, rest = block.partition(b"{")
            place = json.loads(brace + rest)
            with opened.open("indexes/index.cdx.gz") as file:
                file.seek(place["offset"])
                data = file.read(place["length"])
            assert place["digest"] == _sha256(data)
            lines += gzip.decompress(data).splitlines(keepends=True)
            assert gzip.decompress(data).startswith(head.strip())
        index = (collection / "indexes" / "index.cdxj").read_bytes().splitlines(keepends=True)
        assert lines == [line for line in index if not line.startswith(b"error:")]
        assert len(blocks) == 3
        fields = json.loads(lines[5].partition(b"{")[2].join([b"{", b""]))
        with opened.open(f"archive/{fields['filename']}") as file:
            file.seek(int(fields["offset"]))
            item = next(scan_file(io.BytesIO(file.read(int(fields["length"]))), "one"))
        assert isinstance(item, RawRecord)
        assert item.text(b"WARC-Target-URI") == fields["url"]


def test_members_are_windows_of_their_own(wacz: Path) -> None:
    with Wacz(wacz) as opened:
        name = f"archive/{opened.warcs[0]}"
        with opened.open(name) as one, opened.open(name) as other:
            start = one.read(10)
            other.seek(-5, 2)
            assert len(other.read()) == 5
            assert other.read(1) == b""
            one.seek(0)
            assert one.read(10) == start
        with pytest.raises(ArchiveReadError, match=r"archive/absent\.warc"):
            opened.open("archive/absent.warc")


def test_the_same_collection_gives_the_same_bytes(collection: Path, tmp_path: Path) -> None:
    for name in ("a.wacz", "b.wacz"):
        write_wacz(collection, tmp_path / name, map(page, range(3)), INFO)
    assert (tmp_path / "a.wacz").read_bytes() == (tmp_path / "b.wacz").read_bytes()


def test_what_cannot_be_written_leaves_what_was_there(collection: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.wacz"
    out.write_bytes(b"the old one")

    def pages() -> Any:
        yield page(1)
        raise OSError(28, "No space left on device")

    with pytest.raises(ArchiveWriteError, match=r"a\.wacz.*No space"):
        write_wacz(collection, out, pages(), INFO)
    assert out.read_bytes() == b"the old one"
    assert [each.name for each in tmp_path.iterdir()] == ["collection", "a.wacz"] or not out.with_name(
        "a.wacz.part"
    ).exists()


def test_a_collection_without_index_or_warcs_is_refused(collection: Path, tmp_path: Path) -> None:
    (collection / "indexes" / "index.cdxj").unlink()
    with pytest.raises(ArchiveReadError, match="editions index"):
        write_wacz(collection, tmp_path / "a.wacz", [], INFO)
    with pytest.raises(ArchiveReadError, match="archive"):
        write_wacz(tmp_path, tmp_path / "a.wacz", [], INFO)


def test_memory_stays_flat(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    data = members(record("resource", bytes(200_000) + b"x"))
    with (archive / "a.warc.gz").open("wb") as file:
        for _ in range(200_000):
            file.write(data)
    (tmp_path / "indexes").mkdir()
    (tmp_path / "indexes" / "index.cdxj").write_bytes(b"org,example)/ 20260301120000 {}\n" * 300_000)
    tracemalloc.start()
    written = write_wacz(tmp_path, tmp_path / "a.wacz", map(page, range(20_000)), INFO)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (written.captures, written.pages) == (300_000, 20_000)
    assert peak < 12 << 20, f"{peak:,}"


Members = dict[str, bytes]


def repacked(wacz: Path, change: Callable[[Members], None], *, packed: bool = False, listed: bool = False) -> Path:
    """The file with its members changed; *listed*: with a manifest that lists them as they came to be."""
    with zipfile.ZipFile(wacz) as file:
        content = {each.filename: file.read(each) for each in file.infolist()}
    change(content)
    if listed:
        _relist(content)
    out = wacz.with_name("changed.wacz")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as file:
        for name, data in content.items():
            file.writestr(name, data)
    return out


def _relist(content: Members) -> None:
    manifests = ("datapackage.json", "datapackage-digest.json")
    package = json.loads(content["datapackage.json"])
    package["resources"] = [
        {"name": Path(name).name, "path": name, "hash": _sha256(data), "bytes": len(data)}
        for name, data in content.items()
        if name not in manifests
    ]
    content["datapackage.json"] = json.dumps(package).encode()
    content["datapackage-digest.json"] = json.dumps(
        {"path": "datapackage.json", "hash": _sha256(content["datapackage.json"])}
    ).encode()


def _set(name: str, data: bytes) -> Callable[[Members], None]:
    return lambda content: content.update({name: data})


def _drop(name: str) -> Callable[[Members], None]:
    def drop(content: Members) -> None:
        del content[name]

    return drop


def _resource(number: int, key: str, value: object) -> Callable[[Members], None]:
    def change(content: Members) -> None:
        package = json.loads(content["datapackage.json"])
        package["resources"][number][key] = value
        content["datapackage.json"] = json.dumps(package).encode()

    return change


def _cut_warc(content: Members) -> None:
    name = next(iter(content))
    content[name] = content[name][:-30]


def _swap_lines(content: Members) -> None:
    lines = gzip.decompress(content["indexes/index.cdx.gz"]).splitlines(keepends=True)
    content["indexes/index.cdx.gz"] = gzip.compress(b"".join(reversed(lines)))


# name: change, whether the manifest is made to fit, the error to be found
WRONG: dict[str, tuple[Callable[[Members], None], bool, str]] = {
    "no manifest": (_drop("datapackage.json"), False, "wacz-member-missing"),
    "no pages": (_drop("pages/pages.jsonl"), True, "wacz-member-missing"),
    "no index": (
        lambda content: (_drop("indexes/index.cdx.gz")(content), _drop("indexes/index.idx")(content))[0],
        True,
        "wacz-member-missing",
    ),
    "listed but absent": (_drop("indexes/index.idx"), False, "wacz-resource-absent"),
    "present but not listed": (_set("notes.txt", b"x"), False, "wacz-unlisted"),
    "a foreign file among the WARC files": (_set("archive/notes.txt", b"x"), True, "wacz-foreign"),
    "a foreign file among the pages": (_set("pages/page.html", b"x"), True, "wacz-foreign"),
    "a hash is wrong": (_resource(0, "hash", "sha256:" + "0" * 64), False, "wacz-hash-wrong"),
    "a hash is none": (_resource(0, "hash", "abc"), False, "wacz-hash-malformed"),
    "a size is wrong": (_resource(0, "bytes", 7), False, "wacz-size-wrong"),
    "a resource has no path": (_resource(0, "path", None), False, "wacz-manifest-malformed"),
    "the manifest is no JSON": (_set("datapackage.json", b"{"), False, "wacz-manifest-malformed"),
    "the manifest is a list": (_set("datapackage.json", b"[]"), False, "wacz-manifest-malformed"),
    "the manifest lists nothing": (_set("datapackage.json", b"{}"), False, "wacz-manifest-malformed"),
    "the manifest's digest is wrong": (
        _set("datapackage-digest.json", b'{"path": "datapackage.json", "hash": "sha256:00"}'),
        False,
        "wacz-hash-wrong",
    ),
    "a page is no JSON": (_set("pages/pages.jsonl", b"hello\n"), True, "wacz-page-malformed"),
    "a page has no url": (
        _set("pages/pages.jsonl", b'{"ts": "2026-03-01T12:00:00Z"}\n'),
        True,
        "wacz-page-malformed",
    ),
    "a page has no time": (
        _set("pages/pages.jsonl", b'{"url": "http://example.org/"}\n'),
        True,
        "wacz-page-malformed",
    ),
    "a page's time is none": (
        _set("pages/pages.jsonl", b'{"url": "a", "ts": "today"}\n'),
        True,
        "wacz-page-malformed",
    ),
    "a WARC file is torn": (_cut_warc, True, "gzip-torn"),
    "the index is not sorted": (_swap_lines, True, "index-unsorted"),
    "the index is empty": (_set("indexes/index.cdx.gz", gzip.compress(b"")), True, "index-record-absent"),
    "the index is no gzip": (_set("indexes/index.cdx.gz", b"\x1f\x8bhello"), True, "index-damaged"),
    "the list of blocks is wrong": (
        _set("indexes/index.idx", b'org,example)/ 20260301120000 {"offset": 3, "length": 9}\n'),
        True,
        "wacz-idx-wrong",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_broken_wacz_is_flagged(name: str, wacz: Path) -> None:
    change, listed, code = WRONG[name]
    findings = list(check(repacked(wacz, change, listed=listed)))
    assert code in codes(findings, "error"), findings


def test_repacked_without_change_is_sound(wacz: Path) -> None:
    assert list(check(repacked(wacz, lambda content: None))) == []


def test_what_is_compressed_twice_is_flagged(wacz: Path) -> None:
    findings = list(check(repacked(wacz, lambda content: None, packed=True)))
    assert codes(findings, "error") == {"wacz-not-stored"}


def test_an_uncompressed_warc_and_another_file_are_allowed(wacz: Path) -> None:
    def change(content: Members) -> None:
        content["archive/more.warc"] = record("metadata")
        content["notes/about.txt"] = b"hello"

    assert list(check(repacked(wacz, change, listed=True))) == []


def test_without_manifest_digest_is_a_warning(wacz: Path) -> None:
    findings = list(check(repacked(wacz, _drop("datapackage-digest.json"))))
    assert {each.severity for each in findings} == {"warning"}


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_wacz_is_flagged(part: float, wacz: Path) -> None:
    data = wacz.read_bytes()
    wacz.write_bytes(data[: int(len(data) * part)])
    assert codes(list(check(wacz)), "error") == {"wacz-no-zip"}


def test_a_changed_byte_in_a_member_is_flagged(wacz: Path) -> None:
    data = bytearray(wacz.read_bytes())
    data[5000] ^= 1
    wacz.write_bytes(data)
    assert {"wacz-member-damaged", "wacz-hash-wrong"} <= codes(list(check(wacz)), "error")
