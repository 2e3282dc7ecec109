"""Damage: what tells that a record is not what was written, and what does not."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from archive.damage import damage
from archive.reader import read, records
from tests.check.warcs import CHUNKED, HTTP, PACKED, PACKED_BODY, Fields, record, sha1, sha256

NOISE = HTTP + random.Random(1).randbytes(300_000)
"""Longer than what a reader inflates at once."""
NEITHER: Fields = {"WARC-Block-Digest": None, "WARC-Payload-Digest": None}


def found(path: Path) -> list[str]:
    """What is wrong with the responses of a file, which is the same in archive order and by offset."""
    told = [(each.location, damage(each)) for each in records(path)]
    for place, why in told:
        again = read(path.parent, place)
        assert damage(again) == why
        again.close()
    return [why for _, why in told]


def test_a_digest_that_does_not_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    for fields, name in (
        ({}, "Block"),
        ({"WARC-Block-Digest": None, "WARC-Payload-Digest": sha1(b"hello")}, "Payload"),
    ):
        path.write_bytes(record(fields=fields) + record(number=2))
        assert found(path) == ["", ""]
        path.write_bytes(record(fields=fields).replace(b"hello", b"jello") + record(number=2))
        first, second = found(path)
        assert f"its WARC-{name}-Digest sha" in first
        assert second == ""


@pytest.mark.parametrize(("block", "at"), [(HTTP, -6), (HTTP, -1), (NOISE, -6), (NOISE, -1), (NOISE, 150_000)])
def test_a_gzip_member_that_does_not_hold(block: bytes, at: int, tmp_path: Path) -> None:
    """By its CRC-32 or its data, where the record has no digest at all; the record after it is read."""
    one, two = (gzip.compress(record(block=block, fields=NEITHER, number=number)) for number in (1, 2))
    spoilt = bytearray(one)
    spoilt[at] ^= 0x55
    path = tmp_path / "a.warc.gz"
    path.write_bytes(one + one + two)
    assert found(path) == ["", "", ""]
    path.write_bytes(one + spoilt + two)
    assert found(path) == ["", "its gzip member is damaged", ""]


@pytest.mark.parametrize(
    ("block", "hashed"),
    [
        (CHUNKED, b"hello"),
        (CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"),
        (CHUNKED, CHUNKED),
        (PACKED, PACKED_BODY),
        (PACKED, b"hello " * 50),
    ],
)
def test_what_other_programs_hash_is_no_damage(block: bytes, hashed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    for digest in (sha1(hashed), sha256(hashed), "sha1:nonsense", "whirlpool:abcdef"):
        path.write_bytes(record(block=block, fields={"WARC-Block-Digest": None, "WARC-Payload-Digest": digest}))
        assert found(path) == [""]
    path.write_bytes(record(block=HTTP, fields={"WARC-Block-Digest": sha1(b"hello")}))
    assert found(path) == [""]


def test_what_was_cut_short_or_lies_elsewhere_is_no_damage(tmp_path: Path) -> None:
    other: Fields = {"WARC-Block-Digest": None, "WARC-Payload-Digest": sha1(b"of another block")}
    path = tmp_path / "a.warc"
    cut = record(fields={**other, "WARC-Truncated": "length"})
    segment = record(fields={**other, "WARC-Segment-Number": "1"}, number=2)
    path.write_bytes(cut + segment + record("revisit", fields=other, number=3))
    assert found(path) == ["", "", ""]
    path.write_bytes(record()[:-9])
    [torn] = records(path)
    assert (damage(torn), torn.truncated) == ("", "unspecified")
