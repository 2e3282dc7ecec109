"""Mutated files through scanner, checker, repair, reader and index: no crash, no hang, no memory growth."""

from __future__ import annotations

import gzip
import random
import shutil
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.capture import FetchError
from archive.check import check, report
from archive.errors import ArchiveError, IndexFormatError
from archive.index import Index
from archive.indexing import build
from archive.raw import RawRecord
from archive.reader import records
from archive.repair import repair
from archive.scan import scan
from archive.wacz import WaczInfo, WaczPage, write_wacz
from tests.archive.captures import WHEN, capture, write
from tests.check.warcs import CHUNKED, NOT_MODIFIED_HEAD, PACKED, codes, members, record

MEGABYTE = 1 << 20
FUZZ = settings(
    max_examples=400,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

KINDS = ("warcinfo", "response", "request", "resource", "metadata", "revisit", "conversion", "continuation")
SAMPLE = [
    *(record(kind, number=number) for number, kind in enumerate(KINDS)),
    record("response", CHUNKED, number=20),
    record("response", PACKED, number=21),
    record("revisit", NOT_MODIFIED_HEAD, number=22),
    record("response", b"HTTP/1.1 200 OK\r\n\r\n" + b"a long page " * 800, number=23),
]
ARC = b"http://example.org/ 192.0.2.1 20260301120000 text/html 5\nhello\n" * 4
SEEDS = {
    "plain": b"".join(SAMPLE),
    "gzip": members(*SAMPLE),
    "one member": gzip.compress(b"".join(SAMPLE), mtime=0),
    "members by size": b"".join(
        gzip.compress(b"".join(SAMPLE)[at : at + 700], mtime=0) for at in range(0, 12000, 700)
    ),
    "arc": ARC,
    "arc.gz": members(ARC, ARC),
}

Mutation = tuple[str, int, int, bytes]
MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "remove", "double", "zero", "swap"]),
        st.integers(0, 1 << 20),
        st.integers(1, 4000),
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [b"\r\n\r\n", b"\n", b"\x1f\x8b\x08\x00", b"WARC/1.1\r\n", b"Content-Length: 99999999999\r\n", b": "]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, mutations: list[Mutation]) -> bytes:
    for kind, where, size, other in mutations:
        at = where % (len(data) + 1)
        data = _MUTATE[kind](data, at, size, other)
    return data


_MUTATE: dict[str, Callable[[bytes, int, int, bytes], bytes]] = {
    "flip": lambda data, at, size, _: (
        data[:at] + bytes(byte ^ 1 << size % 8 for byte in data[at : at + 1]) + data[at + 1 :]
    ),
    "cut": lambda data, at, size, _: data[:at],
    "insert": lambda data, at, size, other: data[:at] + other + data[at:],
    "remove": lambda data, at, size, _: data[:at] + data[at + size :],
    "double": lambda data, at, size, _: data[: at + size] + data[at:],
    "zero": lambda data, at, size, _: data[:at] + bytes(len(data[at : at + size % 60])) + data[at + size % 60 :],
    "swap": lambda data, at, size, _: (
        data[:at] + data[at + size : at + 2 * size] + data[at : at + size] + data[at + 2 * size :]
    ),
}


@contextmanager
def folder() -> Iterator[Path]:
    memory = Path("/dev/shm")  # where an fsync costs nothing
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.mark.long
@FUZZ
@given(st.sampled_from(sorted(SEEDS)), MUTATIONS)
def test_mutated_warc(seed: str, mutations: list[Mutation]) -> None:
    data = mutated(SEEDS[seed], mutations)
    with folder() as root:
        path = root / "archive" / f"a.{'warc.gz' if data[:2] == SEEDS['gzip'][:2] else 'warc'}"
        path.parent.mkdir()
        path.write_bytes(data)
        _scanned(path, len(data))
        before = list(check(path))
        assert all(each.offset is None or 0 <= each.offset <= len(data) for each in before)
        if "arc" not in seed:
            _read(path)
            list(check(root))
        _repaired(path, data)


def _scanned(path: Path, size: int) -> None:
    """Records lie one after another, inside the file, and none is longer than it says."""
    last = -1
    for item in scan(path):
        if isinstance(item, RawRecord):
            block = sum(len(piece) for piece in item.chunks())
            assert last <= item.offset < size
            assert item.offset + item.length <= size
            assert block <= (item.size or 0)
            last = item.offset


def _read(path: Path) -> None:
    """The reader and the index builder take what they can."""
    for stored in records(path):
        stored.body()
    index = path.parent.parent / "indexes" / "index.cdxj"
    build(path.parent, index)
    with Index(index) as opened:
        list(opened.entries())


def _repaired(path: Path, data: bytes) -> None:
    """A repair keeps what it was given, and leaves the whole records that were there."""
    whole = _whole(path)
    done = list(repair(path))
    for each in done:
        if each.original:
            assert Path(each.original).read_bytes() == data
    if not done or done[0].action == "refused":
        assert path.read_bytes() == data
    assert _whole(path)[: len(whole)] == whole


def _whole(path: Path) -> list[tuple[int, bytes]]:
    blocks = []
    torn = {each.offset for each in check(path) if each.code == "gzip-torn"}
    for item in scan(path):
        if isinstance(item, RawRecord):
            block = b"".join(item.chunks())
            if item.whole and item.offset not in torn:
                blocks.append((item.offset, block))
    return blocks


@cache
def _collection() -> Path:
    """A collection and its WACZ file, made once: the same bytes at each run, so that mutations hit the same ones."""
    root = Path(tempfile.mkdtemp())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archive.capture._RANDOM", random.Random(1))
        patch.setattr("archive.store.datetime", Then)
        patch.setattr("socket.gethostname", lambda: "host")
        write(
            root,
            capture(),
            capture(seconds=1),
            capture(None, "http://example.org/gone", 2, error=FetchError("x.Error", "no")),
            capture(PACKED, "http://example.org/packed", 3),
        )
        page = WaczPage("http://example.org/a", "2026-03-01T12:00:00Z", "A")
        write_wacz(root, root / "a.wacz", [page], WaczInfo("x", created=WHEN))
    return root


class Then(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(WHEN.timestamp(), tz)


@pytest.fixture(scope="module", autouse=True)
def _clean() -> Iterator[None]:
    yield
    shutil.rmtree(_collection())
    _collection.cache_clear()


@pytest.mark.long
@FUZZ
@given(MUTATIONS)
def test_mutated_index(mutations: list[Mutation]) -> None:
    with folder() as root:
        shutil.copytree(_collection() / "archive", root / "archive")
        index = root / "indexes" / "index.cdxj"
        index.parent.mkdir()
        data = (_collection() / "indexes" / "index.cdxj").read_bytes()
        index.write_bytes(mutated(data, mutations))
        findings = list(check(root))
        if index.read_bytes() == data:
            assert findings == []
        with Index(index) as opened, suppress(ArchiveError):
            opened.find("http://example.org/a")
            list(opened.entries())


def test_a_malformed_date_is_refused_as_no_cdxj(tmp_path: Path) -> None:
    fields = b'{"date": "today", "url": "http://example.org/", "offset": 0, "filename": "a"}'
    (tmp_path / "index.cdxj").write_bytes(b"org,example)/ 20260301120000 " + fields + b"\n")
    with Index(tmp_path / "index.cdxj") as index, pytest.raises(IndexFormatError):
        index.find("http://example.org/")


@pytest.mark.long
@FUZZ
@given(MUTATIONS)
def test_mutated_wacz(mutations: list[Mutation]) -> None:
    with folder() as root:
        path = root / "a.wacz"
        path.write_bytes(mutated((_collection() / "a.wacz").read_bytes(), mutations))
        list(check(path))


@FUZZ
@given(st.binary(max_size=3000), st.sampled_from(["a.warc", "a.warc.gz", "a.cdxj", "a.wacz", "a.arc", "a"]))
def test_any_bytes(data: bytes, name: str) -> None:
    with folder() as root:
        path = root / name
        path.write_bytes(data)
        list(check(path))


BOMBS = {
    "one line of megabytes": b"WARC/1.1\r\n" + b"x" * (30 * MEGABYTE),
    "a header of megabytes": b"WARC/1.1\r\n" + b"X: y\r\n" * (3 * MEGABYTE),
    "a malformed header of megabytes": b"WARC/1.1\r\n" + b"x\r\n" * (3 * MEGABYTE),
    "a folded header of megabytes": b"WARC/1.1\r\nX: y\r\n" + b" z\r\n" * (2 * MEGABYTE),
    "line ends": b"\r\n" * (15 * MEGABYTE),
    "versions": b"WARC/1.1\r\n" * 30_000,
    "garbage of one line": b"WARC/" * (6 * MEGABYTE),
    "garbage of spaces": b"http:" + b" 1" * (5 * MEGABYTE),
    "zeros": bytes(30 * MEGABYTE),
    "gzip starts": b"\x1f\x8b\x08\x00" * MEGABYTE,
    "a gzip name without end": b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"n" * (20 * MEGABYTE),
    "empty gzip members": gzip.compress(b"") * 50_000,
    "a gzip bomb": gzip.compress(bytes(100 * MEGABYTE)),
    "lengths that are too large": record(fields={"Content-Length": "99999999"}) * 3000,
}


@pytest.mark.long
@pytest.mark.parametrize("name", BOMBS)
def test_memory_stays_flat_on_hostile_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(BOMBS[name])
    tracemalloc.start()
    result = report([path])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not result.sound
    assert peak < 48 * MEGABYTE, f"{peak:,}"


def test_a_flipped_bit_in_a_gzip_member_is_always_found(tmp_path: Path) -> None:
    """Every byte is proved but time, level and system in a gzip header, and the bits that fill its data's last."""
    one, two = members(record("resource", b"some text that is kept " * 9)), members(record("metadata", number=2))
    free = {start + at for start, size in ((0, len(one)), (len(one), len(two))) for at in (*range(4, 10), size - 9)}
    path = tmp_path / "a.warc.gz"
    for at in set(range(len(one + two))) - free:
        data = bytearray(one + two)
        data[at] ^= 0x40
        path.write_bytes(data)
        assert codes(list(check(path)), "error"), at
