"""The report's two forms, of files whose names, types and URLs are no text that a terminal should get."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from archive.check import report
from archive.report import report_json, report_lines
from crawler.cli import main
from tests.check.warcs import members, record

ODD_TYPES = {"not UTF-8": "caf\udce9", "an escape": "\x1b[31mred\x1b[0m", "long": "x" * 100_000}


@pytest.mark.parametrize("name", ODD_TYPES)
def test_an_odd_type_is_shown_short_and_printable(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record(ODD_TYPES[name], fields={"WARC-Date": None, "WARC-Segment-Number": "2"}))
    found = report([path])
    assert sum(found.records.values()) == 1
    for line in report_lines(found, verbose=True):
        assert line.isprintable()
        assert len(line) < 300
    assert len(report_json(found)) < 3000
    assert json.loads(report_json(found).encode("ascii"))["records"] == found.records


def test_types_without_end_are_counted_in_memory_that_has_one(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(record(f"type-{number}", number=number) for number in range(300)))
    found = report([path])
    assert sum(found.records.values()) == 300
    assert len(found.records) <= 60


def _index(folder: Path, **odd: str) -> Path:
    """An index with one line, beside the WARC file that it names."""
    (folder / "a.warc.gz").write_bytes(members(record()))
    fields = {"url": "http://example.org/", "filename": "a.warc.gz", "offset": "0", "length": "1", **odd}
    path = folder / "a.cdxj"
    path.write_text(f"org,example)/ 20260301120000 {json.dumps(fields)}\n", "ascii")
    return path


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("name", ["url", "filename"])
def test_an_index_may_name_what_cannot_be_encoded(
    name: str, form: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["check", *form, str(_index(tmp_path, **{name: "http://example.org/\ud800\x1b[31m"}))]) == 1
    assert b"\\ud800" in out.buffer.getvalue()  # type: ignore[attr-defined]
    assert b"\x1b" not in out.buffer.getvalue()  # type: ignore[attr-defined]


def test_a_report_is_printed_where_there_is_but_ascii(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record(fields={"WARC-Date": "ሰላም " * 30}))
    out = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["check", str(path)]) == 1
    assert b"WARC-Date is no timestamp" in out.buffer.getvalue()  # type: ignore[attr-defined]


def test_a_record_without_type_is_counted_as_one(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record(fields={"WARC-Type": None}) * 2)
    assert report([path]).records == {"none": 2}
