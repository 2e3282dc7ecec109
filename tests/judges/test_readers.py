"""FastWARC and warcio read from our files what our own scanner reads, byte for byte; where they err is said here."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.message import Message, read_head
from tests.judges.collections import Judged, raw_records, warcs

COLLECTIONS = ("demo", "torture", "revisits")

Record = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Offset, fields in order, block."""

WARCIO_PAYLOADS = {
    "junk": "it takes a line that is no HTTP for a head, where we say that all is body",
    "http-0.9": "the same",
    "coding-unknown": "the head says Transfer-Encoding: gzip; we undo what we can, warcio digests what is there",
}
"""Torture cases beside the chunked ones whose WARC-Payload-Digest warcio takes for wrong, and why."""


def ours(path: Path) -> list[Record]:
    return [
        (record.offset, [(field.name, field.value) for field in record.fields], block)
        for record, block in raw_records(path)
    ]


def by_fastwarc(path: Path) -> list[Record]:
    with path.open("rb") as file:
        return [
            (record.stream_pos, list(record.headers.items_bytes()), record.reader.read())
            for record in FastIterator(file, parse_http=False)
        ]


def by_warcio(path: Path) -> list[Record]:
    with path.open("rb") as file:
        records = WarcioIterator(file, no_record_parse=True)
        # The block first: to tell where a record begins, warcio reads to its end.
        read = ((_fields(record), record.raw_stream.read()) for record in records)
        return [(records.get_record_offset(), fields, block) for fields, block in read]


def _fields(record: object) -> list[tuple[bytes, bytes]]:
    headers = record.rec_headers.headers  # type: ignore[attr-defined]
    return [(name.encode(), value.encode()) for name, value in headers]


def answers(path: Path, kind: str = "response") -> Iterator[tuple[str, str, bytes]]:
    """URL, WARC-Payload-Digest and block of the file's records of that *kind*."""
    for record, block in raw_records(path):
        if record.type == kind:
            yield record.text(b"WARC-Target-URI"), record.text(b"WARC-Payload-Digest"), block


def has_chunks(block: bytes) -> bool:
    """Whether there is a transfer coding to be undone: a chunked answer to a HEAD has none."""
    message = Message(block)
    return message.transfer_codings == ["chunked"] and message.entity().data != block[len(message.head.raw) :]


@pytest.mark.parametrize("name", COLLECTIONS)
def test_fastwarc_and_warcio_read_the_same_records(judged: Judged, name: str) -> None:
    files = warcs(judged.root / "collections" / name)
    assert len(files) == {"demo": 2, "torture": 1, "revisits": 3}[name]
    for path in files:
        mine = ours(path)
        assert by_fastwarc(path) == mine
        assert by_warcio(path) == mine


@pytest.mark.parametrize("name", COLLECTIONS)
def test_fastwarc_proves_every_block(judged: Judged, name: str) -> None:
    for path in warcs(judged.root / "collections" / name):
        with path.open("rb") as file:
            proved = [record.verify_block_digest() for record in FastIterator(file, parse_http=False)]
        assert proved == [True] * len(ours(path))


@pytest.mark.parametrize("name", COLLECTIONS)
def test_warcio_doubts_no_block_and_no_payload_but_those_it_misreads(judged: Judged, name: str) -> None:
    for path in warcs(judged.root / "collections" / name):
        doubted: dict[str, list[str]] = {}
        with path.open("rb") as file:
            for record in WarcioIterator(file, check_digests=True):
                record.raw_stream.read()
                if record.digest_checker.passed is False:
                    doubted[record.rec_headers["WARC-Target-URI"]] = record.digest_checker.problems
        assert not [problems for problems in doubted.values() for each in problems if "payload" not in each]
        # It never undoes chunks before it digests, so `warcio check` fails whatever record has any.
        misread = {url for url, _, block in answers(path) if has_chunks(block)}
        misread |= {url for url, _, _ in answers(path) if url.rpartition("/")[2] in WARCIO_PAYLOADS}
        assert doubted.keys() == misread


def test_warcios_own_check_passes_where_nothing_is_chunked(judged: Judged) -> None:
    command = [sys.executable, "-m", "warcio.cli", "check", *map(str, warcs(judged.revisits))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_fastwarcs_http_parsing_stops_at_a_long_field_and_its_reading_does_not(judged: Judged) -> None:
    (path,) = warcs(judged.torture)
    with path.open("rb") as file:
        records = FastIterator(file, parse_http=True)
        with pytest.raises(OSError, match="Maximum header length exceeded"):
            list(records)


class Replayed:
    """A stored message as the socket that http.client reads."""

    def __init__(self, block: bytes) -> None:
        self._block = block

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._block)


def test_pythons_http_client_finds_the_payload_that_each_digest_covers(judged: Judged) -> None:
    seen = 0
    for path in warcs(judged.demo):
        for url, digest, block in answers(path):
            response = HTTPResponse(Replayed(block))  # type: ignore[arg-type]
            response.begin()
            assert f"sha256:{hashlib.sha256(response.read()).hexdigest()}" == digest, url
            response.close()
            seen += 1
    assert seen >= 390


def test_revisits_are_small_and_hold_no_body(judged: Judged) -> None:
    first, second = warcs(judged.demo)
    kept = {url: digest for url, digest, _ in answers(first)}
    again = list(answers(second, "revisit"))
    assert len(again) >= 300
    for url, digest, block in again:
        assert kept[url] == digest
        assert len(read_head(block).raw) == len(block)
    revisits = [record for record, _ in raw_records(second) if record.type == "revisit"]
    assert max(record.length for record in revisits) < 1000
