"""What the scanner gives: fields as bytes, places, blocks as streams, in memory that does not grow."""

from __future__ import annotations

import gzip
import io
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from archive.check import check
from archive.raw import RawRecord
from archive.scan import scan, scan_file
from tests.check.warcs import HTTP, found, members, record

MEGABYTE = 1 << 20


def records(data: bytes) -> list[tuple[RawRecord, bytes]]:
    items = scan_file(io.BytesIO(data), "a.warc")
    return [(item, b"".join(item.chunks())) for item in items if isinstance(item, RawRecord)]


def test_fields_keep_order_case_and_repeats() -> None:
    data = record(more=[("x-A", "1"), ("X-a", "caf\udce9"), ("X-B", "one\r\n  two")])
    ((one, _),) = records(data)
    assert [(each.name, each.value) for each in one.fields[-3:]] == [
        (b"x-A", b"1"),
        (b"X-a", b"caf\xe9"),
        (b"X-B", b"one two"),
    ]
    assert one.all(b"x-a") == [b"1", b"caf\xe9"]
    assert one.get(b"absent") is None
    assert (one.version, one.type, one.size) == ("1.1", "response", len(HTTP))


@pytest.mark.parametrize("pack", [lambda *each: b"".join(each), members], ids=["plain", "gzip"])
def test_places_tile_the_file(pack: object) -> None:
    several = [record("warcinfo"), record(), record("resource", bytes(range(256)) * 5000)]
    assert callable(pack)
    data = pack(*several)
    end = 0
    for (one, block), raw in zip(records(data), several, strict=True):
        assert one.offset == end
        assert one.whole
        assert raw.endswith(block + b"\r\n\r\n")
        end += one.length
        again = next(item for item in scan_file(io.BytesIO(data), "a.warc", start=one.offset))
        assert isinstance(again, RawRecord)
        assert again.fields == one.fields
    assert end == len(data)


def test_blocks_not_read_are_skipped() -> None:
    data = record() + record("resource", b"x" * MEGABYTE) + record("metadata")
    types = [item.type for item in scan_file(io.BytesIO(data), "a") if isinstance(item, RawRecord)]
    assert types == ["response", "resource", "metadata"]


def test_what_follows_damage_is_read() -> None:
    good = [record("resource", bytes([65 + n]) * 3000, number=n) for n in range(5)]
    damaged = bytearray(members(*good))
    second = len(members(good[0]))
    damaged[second + 40 : second + 45] = b"\xff" * 5
    blocks = [block[:1] for one, block in records(bytes(damaged)) if one.whole]
    assert blocks == [b"A", b"C", b"D", b"E"]


def test_members_that_share_their_damage_are_not_inflated_again_and_again(tmp_path: Path) -> None:
    """Each begins with a stored block that reaches over the heads of all those after it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    tail = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_SYNC_FLUSH) + b"\x07"
    head, start, count = b"\x1f\x8b\x08" + b"\0" * 6 + b"\xff", b"WARC/1.1\r\n", 500
    stored = [(count - number) * (len(head) + 5 + len(start)) - len(head) - 5 for number in range(count)]
    nest = b"".join(head + b"\0" + struct.pack("<HH", size, size ^ 0xFFFF) + start for size in stored)
    findings = found(tmp_path / "a.warc.gz", nest + tail + b"\xff" * 50)
    damaged = [each for each in findings if each.code == "gzip-damaged"]
    assert 1 <= len(damaged) < 20


def test_a_member_with_extra_fields_name_and_comment() -> None:
    plain = gzip.compress(record(), mtime=0)
    extra = b"\x06\x00sl\x02\x00ab"
    head = plain[:3] + bytes([4 | 8 | 16 | 2]) + plain[4:10] + extra + b"name.warc\0a comment\0" + b"\x12\x34"
    ((one, block),) = records(head + plain[10:])
    assert (block, one.length) == (HTTP, len(head) + len(plain) - 10)


def test_arc_fields_are_named() -> None:
    data = b"http://example.org/a b 192.0.2.1 20260301120000 text/html; charset=x 5\nhello\n"
    ((one, block),) = records(data)
    assert block == b"hello"
    assert [each.value for each in one.fields] == [
        b"http://example.org/a b",
        b"192.0.2.1",
        b"20260301120000",
        b"text/html; charset=x",
        b"5",
    ]


def test_no_file_raises_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(scan(tmp_path / "absent.warc"))
    (finding,) = found(tmp_path / "absent.warc")
    assert (finding.code, finding.severity) == ("unreadable", "error")


def test_memory_stays_flat_on_a_large_block(tmp_path: Path) -> None:
    """200 MB of zeros in one gzip member, and as many in a chunked message."""
    path = tmp_path / "large.warc.gz"
    _write_large(path, 200)
    tracemalloc.start()
    findings = found(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert findings == []
    assert peak < 40 * MEGABYTE, f"{peak:,}"


def _write_large(path: Path, megabytes: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"100000\r\n" + bytes(MEGABYTE) + b"\r\n"
    size = len(head) + megabytes * len(chunk) + 5
    raw = record("response", b"", {"Content-Length": str(size), "WARC-Block-Digest": None}, end=b"")
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(raw + head)
        for _ in range(megabytes):
            file.write(chunk)
        file.write(b"0\r\n\r\n\r\n\r\n")


def test_many_short_lines_after_an_arc_record_are_passed_quickly(tmp_path: Path) -> None:
    path = tmp_path / "a.arc"
    arc = b"http://example.org/ 192.0.2.1 20260301120000 text/html 5\nhello\n"
    path.write_bytes(arc + b"x\n" * MEGABYTE + b"a:b\n" + arc)
    begun = time.process_time()
    assert [item.offset for item in scan(path) if isinstance(item, RawRecord)] == [0, path.stat().st_size - len(arc)]
    assert time.process_time() - begun < 3


def test_memory_stays_flat_on_many_records(tmp_path: Path) -> None:
    path = tmp_path / "many.warc"
    with path.open("wb") as file:
        for number in range(6_000):
            file.write(record("metadata", b"", {"WARC-Concurrent-To": f"<urn:x:{number}>"}, number=number))
    tracemalloc.start()
    count = sum(1 for _ in check(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 6_000
    assert peak < 8 * MEGABYTE, f"{peak:,}"
