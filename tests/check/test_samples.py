"""The sample files of JHOVE, warcio and pywb: the invalid ones flagged, the valid ones not, all read to their end."""

from __future__ import annotations

from pathlib import Path
from typing import TypeGuard

import pytest

from archive.check import report
from archive.finding import Finding
from archive.raw import RawRecord
from archive.scan import scan
from tests.shared import need

MISNAMED: dict[str, str] = {}
"""Files that the standard judges otherwise than their name does, and why. There are none."""

# Name: records by type, errors. Each error was held against the bytes by hand; the reasons stand beside.
SAMPLES = {
    "pywb/bad.arc": (4, {"arc-length": 3}),
    "pywb/dupes.warc.gz": (25, {}),
    "pywb/example-bad.warc.gz.bad": (6, {}),  # one gzip member for all: a warning
    # revisits end in one CR LF; the second copies lack a CR; a second response is no HTTP and has another payload
    "pywb/example-extra.warc": (6, {"record-end": 4, "payload-digest-mismatch": 1}),
    "pywb/example-url-agnostic-orig.warc.gz": (2, {"record-end": 1}),  # warcinfo without CR LF CR LF
    "pywb/example-url-agnostic-revisit.warc.gz": (2, {"record-end": 1}),
    "pywb/example-wget-1-14.warc.gz": (6, {}),
    "pywb/example-wpull.warc.gz": (4, {"field-misplaced": 1}),  # WARC-Warcinfo-ID in a warcinfo record (5.14)
    "pywb/example.arc": (2, {}),
    "pywb/example.arc.gz": (2, {}),
    "pywb/example.warc": (6, {"content-length-wrong": 1}),  # "m\r\n" follows the block of 320 bytes
    "pywb/example.warc.gz": (6, {}),
    "pywb/example2.warc.gz": (3, {}),
    "pywb/httpbin-resource.warc.gz": (1, {}),
    "pywb/iana.warc.gz": (343, {}),
    "pywb/missing-status-text.warc": (1, {"line-end": 1, "record-end": 1}),  # CR CR LF throughout
    "pywb/post-test.warc.gz": (6, {}),
    "warcio/bad.arc": (4, {"arc-length": 3}),
    "warcio/example-bad-non-chunked.warc.gz": (6, {"block-digest-mismatch": 1}),
    "warcio/example-bad.warc.gz.bad": (6, {}),
    "warcio/example-digest.warc": (4, {"digest-malformed": 1}),  # "1" is not in Base32
    "warcio/example-iana.org-chunked.warc": (3, {}),  # a digest of the chunks: a warning
    "warcio/example-resource.warc.gz": (3, {}),
    "warcio/example-space-in-target-uri.warc.gz": (2, {"uri-malformed": 1}),
    "warcio/example-space-in-url.arc": (2, {"block-cut": 1}),  # 1,579 of 1,591 bytes
    "warcio/example-trunc.warc": (
        4,
        {"block-digest-mismatch": 1, "payload-digest-mismatch": 1, "content-length-wrong": 1},
    ),
    "warcio/example-wget-bad-target-uri.warc.gz": (6, {}),  # angle brackets in WARC 1.0: warnings
    "warcio/example-wrong-chunks.warc.gz": (
        2,
        {"block-digest-mismatch": 1, "record-end": 1, "surplus-newlines": 1},
    ),
    "warcio/example.arc": (2, {}),
    "warcio/example.arc.gz": (2, {}),
    "warcio/example.warc": (6, {}),
    "warcio/example.warc.gz": (6, {}),
    "warcio/post-test.warc.gz": (6, {}),
}


def test_jhove_files_are_judged_as_named() -> None:
    files = sorted(need("warcs", "jhove").iterdir())
    wrong = {
        path.name: report([path]).codes
        for path in files
        if report([path]).sound != path.name.startswith("valid-") and path.name not in MISNAMED
    }
    assert wrong == {}
    assert sum(path.name.startswith("invalid-") for path in files) == 65


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_read_to_its_end(name: str) -> None:
    path = need("warcs", *name.split("/"))
    records, errors = SAMPLES[name]
    result = report([path])
    assert sum(result.records.values()) == records
    found = [each for each in result.findings if each.severity == "error"]
    assert {code: sum(each.code == code for each in found) for code in {each.code for each in found}} == errors
    assert all(each.offset is not None for each in found)


def test_every_sample_is_in_the_table() -> None:
    folders = [need("warcs", "pywb"), need("warcs", "warcio")]
    assert {f"{path.parent.name}/{path.name}" for folder in folders for path in folder.iterdir()} == set(SAMPLES)


def test_offset_and_length_of_a_sample_give_its_records_again(tmp_path: Path) -> None:
    path = need("warcs", "pywb", "iana.warc.gz")
    data, end = path.read_bytes(), 0
    for item in scan(path):
        assert isinstance(item, RawRecord)
        block = b"".join(item.chunks())
        assert item.offset == end
        end = item.offset + item.length
        (tmp_path / "one.warc.gz").write_bytes(data[item.offset : end])
        again = [(one.fields, b"".join(one.chunks())) for one in scan(tmp_path / "one.warc.gz") if _is_record(one)]
        assert again == [(item.fields, block)]
    assert end == len(data)


def _is_record(item: RawRecord | Finding) -> TypeGuard[RawRecord]:
    return isinstance(item, RawRecord)
