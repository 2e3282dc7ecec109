"""What the writer puts on disk: blocks byte for byte, every header rule, revisits, crashes, full disks."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.capture import Capture, FetchError, Location
from archive.check import check
from archive.errors import ArchiveWriteError
from archive.index import Index
from archive.indexing import build
from archive.reader import read, read_record, resolve, stored_responses
from archive.recovery import recover
from archive.segment import next_name
from archive.spool import Spool
from archive.store import Store
from tests.archive.captures import (
    PAGE,
    REQUEST,
    Raw,
    capture,
    files,
    of_type,
    raw_records,
    write,
    writer,
)
from tests.strace import strace

ODD = [
    PAGE,
    b"HTTP/1.1 200\r\n\r\n",
    b"HTTP/1.0 200  Odd  spacing \nlf: only\n\nbody\n",
    b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nX-Latin: caf\xe9 \xff\r\nno colon\r\n folded\r\n\r\n\x00",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nWiki\r\n0\r\nTrailer: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 500, mtime=0),
    b"not HTTP at all",
    b"HTTP/1.1 200 OK\r\nCut: of",
    b"HTTP/1.1 200 OK\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n",
]


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def only(records: list[Raw]) -> Raw:
    (record,) = records
    return record


@pytest.mark.parametrize("block", ODD, ids=range(len(ODD)))
def test_blocks_come_back_byte_for_byte(tmp_path: Path, block: bytes) -> None:
    asked = b"GET /\xff HTTP/1.1\r\nhOST: x\r\nX: 1\r\nX: 2\r\n\r\n"
    write(tmp_path, capture(block, request=asked))
    path = only_file(tmp_path)
    assert only(of_type(tmp_path, "response")).block == block
    assert only(of_type(tmp_path, "request")).block == asked
    with path.open("rb") as file:
        fast = [r.reader.read() for r in FastIterator(file, parse_http=False)]
    with path.open("rb") as file:
        warcio = [r.raw_stream.read() for r in WarcioIterator(file, no_record_parse=True)]
    assert fast[1:] == warcio[1:] == [asked, block]
    (stored,) = stored_responses(tmp_path / "archive")
    assert stored.block == block


@settings(max_examples=30, deadline=None)
@given(blocks=st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, blocks: list[bytes]) -> None:
    root = tmp_path_factory.mktemp("any")
    write(root, *(capture(block, url=f"http://example.org/{n}") for n, block in enumerate(blocks)))
    assert [stored.block for stored in stored_responses(root / "archive")] == blocks


def only_file(root: Path) -> Path:
    (path,) = files(root)
    return path


def test_every_record_has_what_the_standard_asks(tmp_path: Path) -> None:
    interim = (b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",)
    whole = capture(interim=interim, ip="2001:db8::1", protocols=("tls/1.3", "http/1.1"), cipher="TLS_X")
    write(tmp_path, whole, capture(seconds=1))
    path = only_file(tmp_path)
    info, *records = raw_records(path)
    ids = [record["WARC-Record-ID"] for record in (info, *records)]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("<urn:uuid:") and one.endswith(">") for one in ids)
    for record in (info, *records):
        assert record.version == "WARC/1.1"
        assert record["WARC-Block-Digest"] == sha256(record.block)
        names = [name for name, _ in record.fields if name not in ("WARC-Concurrent-To", "WARC-Protocol")]
        assert len(names) == len(set(names))
    for record in records:
        assert record["WARC-Warcinfo-ID"] == info["WARC-Record-ID"]
        assert record["WARC-Target-URI"] == "http://example.org/a"
        assert "WARC-Filename" not in record
    asked, early, answer = records[:3]
    assert {record["WARC-Date"] for record in records[:3]} == {"2026-03-01T12:00:00.123456Z"}
    assert [record["WARC-Type"] for record in records] == ["request", "metadata", "response", "request", "revisit"]
    for record in records[:3]:
        assert record["WARC-IP-Address"] == "2001:db8::1"
        assert record.all("WARC-Protocol") == ["tls/1.3", "http/1.1"]
        assert record["WARC-Cipher-Suite"] == "TLS_X"
    assert asked["WARC-Concurrent-To"] == early["WARC-Concurrent-To"] == answer["WARC-Record-ID"]
    assert answer["WARC-Concurrent-To"] == asked["WARC-Record-ID"]
    assert asked["Content-Type"] == "application/http;msgtype=request"
    assert answer["Content-Type"] == early["Content-Type"] == "application/http;msgtype=response"
    assert early.block == interim[0]
    assert answer["WARC-Record-ID"] == f"<{whole.record_id}>"
    assert answer["WARC-Payload-Digest"] == sha256(PAGE.partition(b"\r\n\r\n")[2])
    assert "WARC-Payload-Digest" not in asked
    assert "WARC-Payload-Digest" not in early
    assert "WARC-Truncated" not in answer
    assert not any(name.startswith("WARC-Refers-To") for r in records[:4] for name, _ in r.fields)


def test_our_own_check_finds_nothing(tmp_path: Path) -> None:
    conditional = REQUEST[:-2] + b"If-None-Match: x\r\n\r\n"
    error = FetchError("a.B", "why")
    odd = (capture(block, url=f"http://example.org/odd/{n}") for n, block in enumerate(ODD))
    early = (b"HTTP/1.1 103 Early Hints\r\n\r\n",)
    write(
        tmp_path,
        *(capture(seconds=n, ip="127.0.0.1", interim=early) for n in range(3)),
        capture(b"HTTP/1.1 304 Not Modified\r\n\r\n", request=conditional, seconds=4),
        capture(PAGE[:-4], truncated="time", error=error, seconds=5),
        capture(None, error=error, seconds=6),
        *odd,
        max_size=8000,
    )
    assert len(files(tmp_path)) > 1
    assert [finding.code for finding in check(tmp_path)] == ["http-head-missing"]  # "not HTTP at all"


def test_warcinfo_opens_each_file(tmp_path: Path) -> None:
    write(tmp_path, *(capture(url=f"http://example.org/{n}") for n in range(3)), max_size=1)
    assert len(files(tmp_path)) == 3
    for path in files(tmp_path):
        info = raw_records(path)[0]
        assert info["WARC-Type"] == "warcinfo"
        assert info["WARC-Filename"] == path.name
        assert info["Content-Type"] == "application/warc-fields"
        for name in ("WARC-IP-Address", "WARC-Concurrent-To", "WARC-Payload-Digest", "WARC-Warcinfo-ID"):
            assert name not in info
        fields = dict(line.split(": ", 1) for line in info.block.decode().splitlines())
        assert fields["software"] == "editions/0.1"
        assert fields["format"] == "WARC File Format 1.1"
        assert fields["robots"] == "classic"
        assert fields["operator"] == "The operator"
        assert fields["http-header-user-agent"].startswith("editions/")
        assert fields["conformsTo"].endswith("/warc-1.1/")


def test_the_payload_digest_is_of_the_entity_body(tmp_path: Path) -> None:
    packed = gzip.compress(b"text", mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"5\r\n" + packed[:5] + b"\r\n%x\r\n" % (len(packed) - 5) + packed[5:] + b"\r\n0\r\n\r\n"
    write(tmp_path, capture(head + chunks))
    assert only(of_type(tmp_path, "response"))["WARC-Payload-Digest"] == sha256(packed)
    with Index(tmp_path / "indexes/index.cdxj") as index:
        (entry,) = index.find("http://example.org/a")
    assert (entry.digest, entry.decoded, entry.decoded_digest) == (sha256(packed), sha256(b"text"), sha256(b"text"))


def test_what_is_cut_short_says_so_and_why(tmp_path: Path) -> None:
    error = FetchError("twisted.internet.error.ConnectionLost", "lost\r\nWARC-Type: forged")
    write(tmp_path, capture(PAGE[:-5], truncated="disconnect", error=error))
    answer, why = of_type(tmp_path, "response", "metadata")
    assert answer["WARC-Truncated"] == "disconnect"
    assert answer.block == PAGE[:-5]
    assert why["WARC-Concurrent-To"] == answer["WARC-Record-ID"]
    assert why.block == b"error: twisted.internet.error.ConnectionLost\r\nmessage: lost WARC-Type: forged\r\n"
    with Index(tmp_path / "indexes/index.cdxj") as index:
        (entry,) = index.find("http://example.org/a")
    assert entry.error == FetchError(error.kind, "lost WARC-Type: forged")
    assert (entry.type, entry.truncated) == ("response", "disconnect")


def test_a_fetch_without_an_answer_leaves_its_error(tmp_path: Path) -> None:
    error = FetchError("twisted.internet.error.DNSLookupError", "no such host: ñ")
    failed = capture(None, request=b"", error=error)
    write(tmp_path, failed)
    record = raw_records(only_file(tmp_path))[1]
    assert record["WARC-Type"] == "metadata"
    assert record["WARC-Record-ID"] == f"<{failed.record_id}>"
    assert "WARC-Payload-Digest" not in record
    with Index(tmp_path / "indexes/index.cdxj") as index:
        assert index.find(failed.url) == []
        (entry,) = index.find(failed.url, errors=True)
    assert (entry.error, entry.type) == (error, "metadata")
    assert read(tmp_path / "archive", entry.location).error == error


def test_credentials_are_kept_unless_masking_is_asked_for(tmp_path: Path) -> None:
    asked = (
        b"POST / HTTP/1.1\r\nauthorization: Basic c2VjcmV0\r\nCookie: id=secret;\r\n folded=secret\r\n"
        b"X-Cookie: kept\r\n"
        b"Proxy-Authorization:secret\r\n\r\nCookie: body stays"
    )
    answer = PAGE.replace(b"\r\n\r\n", b"\r\nSet-Cookie: id=kept\r\n\r\n")
    write(tmp_path / "open", capture(answer, request=asked))
    assert only(of_type(tmp_path / "open", "request")).block == asked
    write(tmp_path / "masked", capture(answer, request=asked), mask_credentials=True)
    assert only(of_type(tmp_path / "masked", "request")).block == (
        b"POST / HTTP/1.1\r\nauthorization: ***\r\nCookie: ***\r\nX-Cookie: kept\r\n"
        b"Proxy-Authorization:***\r\n\r\nCookie: body stays"
    )
    assert only(of_type(tmp_path / "masked", "response")).block == answer


def assert_refers(visit: Raw, original: Raw) -> None:
    assert visit["WARC-Refers-To"] == original["WARC-Record-ID"]
    assert visit["WARC-Refers-To-Target-URI"] == original["WARC-Target-URI"]
    assert visit["WARC-Refers-To-Date"] == original["WARC-Date"]


@pytest.mark.parametrize("crawls", [1, 2, 3])
def test_the_same_payload_again_is_a_revisit_of_the_original(tmp_path: Path, crawls: int) -> None:
    body = os.urandom(60_000)
    pages = [
        capture(b"HTTP/1.1 200 OK\r\nDate: %d\r\n\r\n" % n + body, url="https://example.org/a?é=1", seconds=n)
        for n in range(3)
    ]
    for n in range(crawls):
        share = pages[n:] if n == crawls - 1 else pages[n : n + 1]
        write(tmp_path, *share)
    original, *visits = of_type(tmp_path, "response", "revisit")
    assert original["WARC-Target-URI"] == "https://example.org/a?%C3%A9=1"
    assert [visit["WARC-Type"] for visit in visits] == ["revisit", "revisit"]
    for n, visit in enumerate(visits, 1):
        assert_refers(visit, original)
        assert visit.block == b"HTTP/1.1 200 OK\r\nDate: %d\r\n\r\n" % n
        assert visit["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
        assert visit["WARC-Payload-Digest"] == original["WARC-Payload-Digest"] == sha256(body)
        assert visit["WARC-Truncated"] == "length"
        assert visit.length < 1000
    with Index(tmp_path / "indexes/index.cdxj") as index:
        for stored in stored_responses(tmp_path / "archive"):
            assert resolve(tmp_path / "archive", index, stored).body().data == body


def test_other_urls_statuses_and_empty_bodies_are_no_revisits(tmp_path: Path) -> None:
    empty = b"HTTP/1.1 302 Found\r\nLocation: /%d\r\n\r\n"
    write(
        tmp_path,
        capture(),
        capture(url="http://example.org/A"),
        capture(PAGE.replace(b"200 OK", b"404 Gone")),
        capture(empty % 1, url="http://example.org/r"),
        capture(empty % 2, url="http://example.org/r"),
        capture(PAGE, truncated="length", error=FetchError("x", "y")),
    )
    assert len(of_type(tmp_path, "response")) == 6


def test_revisits_can_be_turned_off(tmp_path: Path) -> None:
    write(tmp_path, capture(), capture(), revisits=False)
    assert len(of_type(tmp_path, "response")) == 2


def test_a_304_refers_to_the_response_it_stands_for(tmp_path: Path) -> None:
    conditional = b'GET /a HTTP/1.1\r\nHost: example.org\r\nif-none-match: "1"\r\n\r\n'
    unchanged = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    write(tmp_path, capture(b"HTTP/1.1 200 OK\r\n\r\nold"), capture(seconds=1), capture(seconds=2))
    write(tmp_path, capture(unchanged, request=conditional, seconds=3))
    write(tmp_path, capture(unchanged, request=conditional, seconds=4))
    _, original, _, *visits = of_type(tmp_path, "response", "revisit")
    assert len(visits) == 2
    for visit in visits:
        assert_refers(visit, original)
        assert visit.block == unchanged
        assert visit["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
        assert "WARC-Truncated" not in visit
    with Index(tmp_path / "indexes/index.cdxj") as index:
        last = index.newest("http://example.org/a")
        assert last is not None
        assert (last.type, last.status) == ("revisit", 304)
        stored = read(tmp_path / "archive", last.location)
        assert resolve(tmp_path / "archive", index, stored).block == PAGE


def test_a_304_without_a_condition_or_an_original_is_a_response(tmp_path: Path) -> None:
    unchanged = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    write(tmp_path, capture(), capture(unchanged))
    other = capture(unchanged, url="http://example.org/b", request=REQUEST[:-2] + b"If-None-Match: x\r\n\r\n")
    write(tmp_path, other)
    assert len(of_type(tmp_path, "response")) == 3


def test_archive_order_is_call_order_and_futures_tell_the_place(tmp_path: Path) -> None:
    with writer(tmp_path, max_size=20_000, commit_interval=0.05) as out:
        futures = [out.write(capture(url=f"http://example.org/{n}", seconds=-n)) for n in range(200)]
        places = [future.result(10) for future in futures]
    stored = list(stored_responses(tmp_path / "archive"))
    assert len(files(tmp_path)) > 3
    assert [one.url for one in stored] == [f"http://example.org/{n}" for n in range(200)]
    assert [one.location for one in stored] == places
    for place in places[::37]:
        assert read_record(tmp_path / "archive", place.file, place.offset, place.length).location == place


def test_a_future_resolves_only_when_the_record_is_on_disk(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        place = out.write(capture()).result(10)
        path = tmp_path / "archive" / (place.file + ".open")
        data = path.read_bytes()[place.offset :][: place.length]
        assert gzip.decompress(data).endswith(PAGE + b"\r\n\r\n")
    assert not path.exists()


def test_nothing_written_leaves_no_file(tmp_path: Path) -> None:
    write(tmp_path)
    assert files(tmp_path) == []


BIG = """
import random, sys
from pathlib import Path
from archive.capture import Capture
from archive.spool import Spool
from benchmarks.memory import peak
from tests.archive.captures import REQUEST, WHEN, capture, write
write(Path(sys.argv[1], "small"), capture())
piece, spool = random.Random(1).randbytes(1 << 20), Spool(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
for _ in range(64):
    spool.write(piece)
before = peak()
write(Path(sys.argv[1]), Capture("http://example.org/big", WHEN, REQUEST, spool))
print(peak() - before)
"""


def test_big_answers_stream_through(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BIG, str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=True, cwd=Path(__file__).parents[2]
    )
    assert float(done.stdout) < 24  # MB
    (stored,) = stored_responses(tmp_path / "archive")
    assert stored.location.payload_digest == sha256(random.Random(1).randbytes(1 << 20) * 64)


def test_a_slow_disk_is_felt_as_back_pressure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, commit = threading.Event(), Store.commit
    monkeypatch.setattr(Store, "commit", lambda store: commit(store) if goes_on.wait(240) else None)
    with writer(tmp_path, max_backlog=100_000) as out:
        first = out.write(capture(PAGE + os.urandom(60_000), url="http://example.org/first"))
        futures = [out.write(capture(PAGE + os.urandom(60_000), url="http://example.org/0"))]
        assert out.congested
        assert not first.done()
        threading.Timer(0.2, goes_on.set).start()
        futures += [out.write(capture(PAGE + os.urandom(60_000), url=f"http://example.org/{n}")) for n in range(1, 5)]
        assert goes_on.is_set()  # write blocked until the first were on disk
        for future in futures:
            future.result(10)
        assert (out.backlog, out.congested) == (0, False)


def test_a_lone_capture_is_committed_at_once_and_many_share_a_commit(tmp_path: Path) -> None:
    with writer(tmp_path, commit_interval=60.0) as out:
        assert out.write(capture()).result(10)
        futures = [out.write(capture(url=f"http://example.org/{n}")) for n in range(200)]
        assert all(future.result(10) for future in futures)


def test_bad_calls_raise_at_once(tmp_path: Path) -> None:
    with writer(tmp_path) as out, Spool(PAGE) as page:
        with pytest.raises(ValueError, match="aware date"):
            out.write(Capture("http://example.org/", datetime(2026, 1, 1), REQUEST, page))
        with pytest.raises(ValueError, match="an error"):
            out.write(capture(None))
    with pytest.raises(ArchiveWriteError, match="closed"):
        out.write(capture(None, error=FetchError("x", "y")))
    with pytest.raises(ValueError, match="prefix"):
        writer(tmp_path, prefix="a/b")


def test_names_sort_by_capture_order_though_the_clock_goes_back(tmp_path: Path) -> None:
    clock = [datetime(2026, 3, 1, 12, minute, tzinfo=UTC) for minute in (10, 10, 5, 20, 0)]
    names = []
    for now in clock:
        names.append(next_name(tmp_path, "p-2026", now))
        (tmp_path / names[-1]).touch()
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    host = socket.gethostname().lower().replace("_", "-")
    assert names[0] == f"p-2026-20260301121000-00000-{host}.warc.gz"
    full = names[-1].replace("-00004-", "-99999-")
    (tmp_path / full).touch()
    assert next_name(tmp_path, "p-2026", clock[0]) > full


CHILD = """
import sys
from pathlib import Path
from tests.archive.captures import capture, writer, PAGE
import os
with writer(Path(sys.argv[1]), commit_interval=0.01) as out:
    for n in range(1_000_000):
        future = out.write(capture(PAGE + os.urandom(20_000), url=f"http://example.org/{n}"))
        if n % 7 == 0:
            place = future.result()
            print(n, place.offset, place.length, place.file, flush=True)
"""


@pytest.mark.parametrize("after", [0.05, 0.31, 0.77])
def test_a_killed_writer_loses_nothing_committed(tmp_path: Path, after: float) -> None:
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
        told = [line.split() for line in (first + child.stdout.read()).splitlines() if line.count(b" ") == 3]
    (left,) = files(tmp_path)
    assert left.name.endswith(".open")
    with left.open("ab") as file:
        file.write(gzip.compress(b"a torn member")[:-6])
    write(tmp_path, capture(url="http://example.org/after"))
    recovered, new = files(tmp_path)
    assert (recovered.name, left.exists()) == (left.name.removesuffix(".open"), False)
    assert new.name > recovered.name
    stored = list(stored_responses(tmp_path / "archive"))
    assert [one.url for one in stored[:-1]] == [f"http://example.org/{n}" for n in range(len(stored) - 1)]
    assert raw_records(recovered)[-1]["WARC-Type"] == "response"
    with Index(tmp_path / "indexes/index.cdxj") as index:
        for number, offset, length, name in told:
            entry = index.newest(f"http://example.org/{number.decode()}")
            assert entry is not None
            assert (entry.offset, entry.length, entry.file) == (int(offset), int(length), name.decode())
            assert read(tmp_path / "archive", entry.location).body().data.startswith(PAGE.partition(b"\r\n\r\n")[2])
    kept = (tmp_path / "indexes/index.cdxj").read_bytes()
    assert build(tmp_path / "archive", tmp_path / "indexes/index.cdxj") == len(stored)
    assert (tmp_path / "indexes/index.cdxj").read_bytes() == kept


def test_half_a_capture_is_cut_off(tmp_path: Path) -> None:
    write(tmp_path, capture(), capture(url="http://example.org/b"))
    (path,) = files(tmp_path)
    last_request = [raw for raw in raw_records(path) if raw["WARC-Type"] == "request"][-1]
    torn = path.with_name(path.name + ".open")
    torn.write_bytes(path.read_bytes()[: last_request.offset + last_request.length])
    path.unlink()
    (tmp_path / "indexes/index.cdxj").unlink()
    write(tmp_path)
    assert [raw["WARC-Type"] for raw in raw_records(path)] == ["warcinfo", "request", "response"]
    assert (tmp_path / "indexes/index.cdxj").read_bytes().count(b"\n") == 1


def test_a_left_over_without_a_capture_goes(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "test-20260101000000-00000-h.warc.gz.open").write_bytes(b"\x1f\x8b\x08torn")
    write(tmp_path)
    assert files(tmp_path) == []


def test_a_left_over_does_not_take_the_place_of_a_file_that_has_its_name(tmp_path: Path) -> None:
    write(tmp_path, capture())
    (path,) = files(tmp_path)
    left, before = path.with_name(path.name + ".open"), path.read_bytes()
    left.write_bytes(before + before)
    with pytest.raises(ArchiveWriteError, match="one of them must be moved away"):
        writer(tmp_path)
    assert path.read_bytes() == before
    left.unlink()
    write(tmp_path, capture(url="http://example.org/b"))
    assert len(files(tmp_path)) == 2


def test_a_file_being_written_is_left_alone(tmp_path: Path) -> None:
    with writer(tmp_path) as first:
        first.write(capture()).result(10)
        write(tmp_path, capture(url="http://example.org/b"))
        first.write(capture(url="http://example.org/c")).result(10)
    assert [one.url[-1] for one in stored_responses(tmp_path / "archive")] == ["a", "c", "b"]
    with Index(tmp_path / "indexes/index.cdxj") as index:
        assert [entry.url[-1] for entry in index.entries()] == ["a", "b", "c"]


FULL = """
import os, resource, sys
from pathlib import Path
from tests.archive.captures import capture, writer, PAGE
from archive.errors import ArchiveWriteError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
out = writer(Path(sys.argv[1]), commit_interval=float(sys.argv[2]))
futures = [out.write(capture(PAGE + os.urandom(15_000), url=f"http://example.org/{n}")) for n in range(20)]
results = [future.exception() for future in futures]
kept = [error is None for error in results]
assert kept == sorted(kept, reverse=True), kept
errors = [error for error in results if error]
assert all(isinstance(error, ArchiveWriteError) and ".warc.gz" in str(error) for error in errors), errors
assert isinstance(out.write(capture()).exception(), ArchiveWriteError)
out.close()
print(kept.count(True))
"""


@pytest.mark.parametrize("interval", ["0", "0.3"])
def test_a_full_disk_keeps_what_was_committed(tmp_path: Path, interval: str) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path), interval]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stderr
    kept = int(done.stdout)
    assert kept == 6
    records = raw_records(only_file(tmp_path))
    assert [raw["WARC-Type"] for raw in records] == ["warcinfo", *["request", "response"] * kept]
    with Index(tmp_path / "indexes/index.cdxj") as index:
        assert len(list(index.entries())) == kept


THREE = """
import sys
from pathlib import Path
from tests.archive.captures import capture, writer
out = writer(Path(sys.argv[1]))
for n in range(3):
    print(type(out.write(capture(url=f"http://example.org/{n}")).exception(10)).__name__)
out.close()
"""


@pytest.mark.parametrize(("failing", "kept"), [(2, 0), (3, 1)])
def test_what_the_disk_refused_once_is_not_taken_for_kept(failing: int, kept: int, tmp_path: Path) -> None:
    """Linux reports a failed write back at one fsync, and says at the next that all is well."""
    once = f"inject=fsync:error=EIO:when={failing}"  # of the writer's thread; its first is of the folder
    command = [*strace(tmp_path, "-e", once), sys.executable, "-c", THREE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["NoneType"] * kept + ["ArchiveWriteError"] * (3 - kept)
    assert [one.url for one in stored_responses(tmp_path / "archive")] == ["http://example.org/0"] * kept
    assert len(files(tmp_path)) == kept


def test_a_file_that_a_recovery_takes_for_left_over_as_it_is_made_is_made_again(tmp_path: Path) -> None:
    slow = strace(tmp_path, "-e", "inject=flock:delay_enter=3000000:when=1")
    command = [*slow, sys.executable, "-c", THREE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        folder, deadline = tmp_path / "archive", time.monotonic() + 240
        while not (found := list(folder.glob("*.open"))) and time.monotonic() < deadline:
            time.sleep(0.01)
        recover(folder, None)
        assert found
        assert not found[0].exists()
        assert child.communicate(timeout=240)[0].split() == [b"NoneType"] * 3
    assert len(list(stored_responses(folder))) == 3


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file")
    with pytest.raises(ArchiveWriteError, match="archive"):
        writer(tmp_path)


def test_one_bad_capture_fails_alone(tmp_path: Path) -> None:
    closed = capture(url="http://example.org/bad")
    assert closed.response is not None
    closed.response.close()
    with writer(tmp_path) as out:
        before, bad, after = (out.write(one) for one in (capture(), closed, capture(url="http://example.org/b")))
        assert isinstance(bad.exception(10), ValueError)
        assert isinstance(before.result(10), Location)
        assert isinstance(after.result(10), Location)
    assert len(of_type(tmp_path, "request")) == 2


def test_many_threads_may_write(tmp_path: Path) -> None:
    futures: list[Future[Location]] = []
    with writer(tmp_path) as out:

        def run(worker: int) -> None:
            futures.extend(out.write(capture(url=f"http://example.org/{worker}/{n}")) for n in range(20))

        threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({future.result(10).offset for future in futures}) == 80
    assert BytesIO(only_file(tmp_path).read_bytes()).read(2) == b"\x1f\x8b"
