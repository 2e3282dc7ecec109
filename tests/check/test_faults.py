"""Broken files, each named by what is broken, and sound ones that look odd."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.check import report
from tests.check.warcs import (
    CHUNKED,
    DATE,
    HTTP,
    IDENTICAL,
    NOT_MODIFIED,
    NOT_MODIFIED_HEAD,
    ORIGIN,
    PACKED,
    PACKED_BODY,
    REQUEST,
    URL,
    codes,
    found,
    members,
    record,
    sha1,
    sha256,
    uuid,
)

GOOD = record()
INFO = record("warcinfo", number=99)
LONG = "x" * (2 << 20)

ARC_INFO = b"1 0 a test\nURL IP-address Archive-date Content-type Archive-length\n"
ARC_HEAD = b"filedesc://a.arc 0.0.0.0 20260301120000 text/plain %d\n%s\n" % (len(ARC_INFO), ARC_INFO)
ARC_ONE = b"http://example.org/ 192.0.2.1 20260301120000 text/html %d\n%s\n" % (len(HTTP), HTTP)
ARC_TWO = b"http://example.org/ 192.0.2.1 20260301120000 text/html 200 abc - 0 a.arc %d\n%s\n" % (len(HTTP), HTTP)


def with_header_crc(member: bytes, change: int = 0) -> bytes:
    """The gzip *member* with the CRC of its header (RFC 1952, 2.3.1), or one that is off by *change*."""
    head = member[:3] + b"\x02" + member[4:10]
    return head + ((zlib.crc32(head) + change) & 0xFFFF).to_bytes(2, "little") + member[10:]


# name: (bytes, the error that must be found)
BROKEN: dict[str, tuple[bytes, str]] = {
    # framing (clause 4)
    "empty file": (b"", "no-record"),
    "only line ends": (b"\r\n\r\n", "no-record"),
    "only text": (b"hello\r\nWARC\r\n", "no-record"),
    "text before the first record": (b"hello\r\n" + GOOD, "garbage"),
    "line ends before the first record": (b"\r\n" + GOOD, "surplus-newlines"),
    "text between records": (GOOD + b"hello\r\n" + record(number=2), "garbage"),
    "a line end too many between records": (GOOD + b"\r\n" + record(number=2), "surplus-newlines"),
    "a line end too few between records": (record(end=b"\r\n") + record(number=2), "record-end"),
    "no line end between records": (record(end=b"") + record(number=2), "record-end"),
    "no line end after the last record": (record(end=b""), "record-end"),
    "one line end after the last record": (record(end=b"\r\n"), "record-end"),
    "a bare CR after the last record": (record(end=b"\r\n\r"), "record-end"),
    "LF line ends": (record(newline=b"\n"), "line-end"),
    "LF after the block": (record(end=b"\n\n"), "line-end"),
    "CR CR LF line ends": (record(newline=b"\r\r\n"), "line-end"),
    "version unknown": (record(version="WARC/1.2"), "version-unknown"),
    "version of a draft": (record(version="WARC/0.16"), "version-unknown"),
    "version 2": (record(version="WARC/2.0"), "version-unknown"),
    "version of three numbers": (record(version="WARC/1.0.0"), "version-malformed"),
    "version of one number": (record(version="WARC/1"), "version-malformed"),
    "version without number": (record(version="WARC/"), "version-malformed"),
    "version with space after it": (record(version="WARC/1.1 "), "version-malformed"),
    "line without colon": (record(more=[]).replace(b"WARC-Date: ", b"WARC-Date "), "field-malformed"),
    "line without name": (GOOD.replace(b"WARC-Type", b""), "field-malformed"),
    "name with a space before the colon": (GOOD.replace(b"WARC-Type:", b"WARC-Type :"), "field-malformed"),
    "name that is no token": (GOOD.replace(b"WARC-Type:", b"WARC(Type:"), "field-malformed"),
    "first line folded": (GOOD.replace(b"WARC/1.1\r\n", b"WARC/1.1\r\n folded\r\n"), "field-malformed"),
    "NUL in a value": (record(fields={"WARC-Filename": None}, more=[("X", "a\0b")]), "field-control"),
    "bare CR in a value": (record(more=[("X", "a\rb")]), "field-control"),
    "header longer than a megabyte": (record(more=[("X", LONG)]), "head-too-long"),
    "file ends inside the version": (b"WARC/1.", "head-cut"),
    "file ends inside the header": (GOOD[:60], "head-cut"),
    "file ends after the header's fields": (GOOD.partition(b"\r\n\r\n")[0] + b"\r\n", "head-cut"),
    "file ends inside the block": (GOOD[:-20], "block-cut"),
    "record begins inside a header": (GOOD[:60] + b"\r\n" + record(number=2), "head-unfinished"),
    "Content-Length too large by one": (record(fields={"Content-Length": str(len(HTTP) + 1)}), "record-end"),
    "Content-Length too large, more follows": (
        record(fields={"Content-Length": str(len(HTTP) + 9)}) + record(number=2),
        "content-length-wrong",
    ),
    "Content-Length that takes in the line ends after the block": (
        record(fields={"Content-Length": str(len(HTTP) + 4)}) + record(number=2),
        "content-length-wrong",
    ),
    "Content-Length beyond the file, more follows": (
        record(fields={"Content-Length": "123456789"}) + record(number=2),
        "content-length-wrong",
    ),
    "Content-Length too small by one": (
        record(fields={"Content-Length": str(len(HTTP) - 1)}),
        "content-length-wrong",
    ),
    "Content-Length 0 over a block": (record(fields={"Content-Length": "0"}), "content-length-wrong"),
    "Content-Length missing": (record(fields={"Content-Length": None}), "field-missing"),
    "Content-Length negative": (record(fields={"Content-Length": "-1"}), "number-malformed"),
    "Content-Length with a sign": (record(fields={"Content-Length": f"+{len(HTTP)}"}), "number-malformed"),
    "Content-Length in other digits": (record(fields={"Content-Length": "٣"}), "number-malformed"),
    "Content-Length with a unit": (record(fields={"Content-Length": f"{len(HTTP)} bytes"}), "number-malformed"),
    "Content-Length of 20 digits": (record(fields={"Content-Length": "9" * 20}), "block-cut"),
    "Content-Length of 20 digits, gzip": (members(record(fields={"Content-Length": "9" * 20}), INFO), "block-cut"),
    "Content-Length of 19 digits, more follows": (
        record(fields={"Content-Length": "1" + "0" * 18}) + record(number=2),
        "content-length-wrong",
    ),
    "Content-Length of 9,999 digits": (record(fields={"Content-Length": "9" * 9999}), "block-cut"),
    "block changed, zeros before its Content-Length": (
        record(fields={"Content-Length": "0" * 25 + str(len(HTTP)), "WARC-Block-Digest": sha256(b"")}),
        "block-digest-mismatch",
    ),
    # gzip
    "gzip header alone": (members(GOOD)[:10], "gzip-torn"),
    "gzip header cut": (members(GOOD) + members(GOOD)[:5], "gzip-torn"),
    "gzip member torn": (members(INFO, GOOD)[:-30], "gzip-torn"),
    "gzip trailer torn": (members(INFO, GOOD)[:-3], "gzip-torn"),
    "gzip CRC wrong": (members(GOOD)[:-8] + b"\0\0\0\0" + members(GOOD)[-4:], "gzip-crc"),
    "gzip length wrong": (members(GOOD)[:-4] + b"\0\0\0\0", "gzip-crc"),
    "gzip data damaged": (members(GOOD)[:40] + b"\xff" * 20 + members(GOOD)[60:] + members(INFO), "gzip-damaged"),
    "garbage between gzip members": (members(INFO) + b"garbage" + members(GOOD), "gzip-garbage"),
    "garbage after the last gzip member": (members(INFO, GOOD) + b"garbage", "gzip-garbage"),
    "gzip header CRC wrong": (members(INFO) + with_header_crc(members(GOOD), 1), "gzip-head-crc"),
    "line ends before gzip": (b"\r\n" + members(INFO, GOOD), "gzip-begins"),
    "text before gzip": (b"junk" + members(INFO, GOOD), "gzip-begins"),
    "gzip after a record that is not compressed": (INFO + members(GOOD), "gzip-begins"),
    "first byte of gzip wrong": (b"\x1e" + members(INFO, GOOD)[1:], "gzip-begins"),
    "zstd": (b"\x28\xb5\x2f\xfd" + GOOD, "compression-unread"),
    "zstd with a dictionary": (b"\x5d\x2a\x4d\x18" + GOOD, "compression-unread"),
    "bzip2": (bz2.compress(GOOD), "compression-unread"),
    "xz": (lzma.compress(GOOD), "compression-unread"),
    "gzip of no WARC": (gzip.compress(b"hello"), "no-record"),
    "gzip of nothing": (gzip.compress(b""), "no-record"),
    "record longer than its gzip member": (
        members(record(fields={"Content-Length": "999"}), record(number=2)),
        "block-cut",
    ),
    # fields that must be there (5.1 to 5.5, clause 6)
    **{
        f"{kind} without {name}": (record(kind, fields={name: None}), "field-missing")
        for kind, names in {
            "warcinfo": ("WARC-Type", "WARC-Record-ID", "WARC-Date"),
            "response": ("WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Target-URI"),
            "resource": ("WARC-Record-ID", "WARC-Date", "WARC-Target-URI"),
            "request": ("WARC-Target-URI",),
            "metadata": ("WARC-Record-ID", "WARC-Date"),
            "revisit": ("WARC-Target-URI", "WARC-Profile", "WARC-Payload-Digest"),
            "conversion": ("WARC-Target-URI",),
            "continuation": ("WARC-Target-URI", "WARC-Segment-Number", "WARC-Segment-Origin-ID"),
            "unheard-of": ("WARC-Record-ID", "WARC-Date"),
        }.items()
        for name in names
    },
    # fields that must not be there
    **{
        f"{name} in {kind}": (record(kind, more=[(name, value)]), "field-misplaced")
        for name, value, kinds in (
            ("WARC-Target-URI", URL, ("warcinfo",)),
            ("WARC-Warcinfo-ID", ORIGIN, ("warcinfo",)),
            ("WARC-Filename", "a.warc", ("response", "resource", "metadata", "revisit", "request", "continuation")),
            ("WARC-IP-Address", "192.0.2.1", ("warcinfo", "conversion", "continuation")),
            ("WARC-Concurrent-To", ORIGIN, ("warcinfo", "conversion", "continuation")),
            ("WARC-Refers-To", ORIGIN, ("warcinfo", "response", "resource", "request", "continuation")),
            ("WARC-Refers-To-Target-URI", URL, ("warcinfo", "response", "metadata", "conversion", "request")),
            ("WARC-Refers-To-Date", DATE, ("resource", "response", "metadata", "continuation")),
            ("WARC-Payload-Digest", sha1(b""), ("warcinfo",)),
            ("WARC-Identified-Payload-Type", "text/plain", ("warcinfo",)),
            ("WARC-Segment-Origin-ID", ORIGIN, ("response", "resource", "warcinfo")),
            ("WARC-Segment-Total-Length", "10", ("response", "metadata")),
        )
        for kind in kinds
    },
    # fields given twice (5.1)
    **{
        f"{name} twice": (record(kind, more=[(name, value)]), "field-repeated")
        for name, value, kind in (
            ("WARC-Type", "response", "response"),
            ("warc-date", DATE, "response"),
            ("WARC-Record-ID", uuid(2), "response"),
            ("Content-Length", str(len(HTTP)), "response"),
            ("content-type", "text/plain", "resource"),
            ("WARC-Target-URI", URL, "response"),
            ("WARC-Block-Digest", sha1(HTTP), "response"),
            ("WARC-Refers-To", ORIGIN, "revisit"),
            ("WARC-Filename", "b.warc", "warcinfo"),
        )
    },
    # values (clause 5)
    **{
        f"{name} {value!r}": (record(kind, fields={name: value}), code)
        for kind, name, code, values in (
            (
                "response",
                "WARC-Date",
                "date-malformed",
                (
                    "blue monday",
                    "2026-13-01T00:00:00Z",
                    "2026-02-30T00:00:00Z",
                    "2026-02-01T24:00:00Z",
                    "2026-02-01T00:00:00",
                    "2026-02-01 00:00:00Z",
                    "2026-02-01T00Z",
                    "26-02-01T00:00:00Z",
                    "2026-02-01T00:00:61Z",
                    "Sun, 01 Mar 2026 12:00:00 GMT",
                    "20260301120000",
                    "２０２６-03-01T12:00:00Z",
                    "٢٠٢٦-03-01T12:00:00Z",
                    "2026-03-01T12:00:60Z",
                    "2026-03-01T23:59:61Z",
                ),
            ),
            ("response", "WARC-Date", "date-zone", ("2026-02-01T00:00:00+01:00",)),
            ("response", "WARC-Date", "date-fraction", ("2026-02-01T00:00:00.1234567890Z",)),
            ("revisit", "WARC-Refers-To-Date", "date-malformed", ("yesterday", "2026-99-01")),
            ("response", "WARC-Record-ID", "uri-malformed", ("<zaphod>", "<>", "<urn:uuid:a b>")),
            ("response", "WARC-Record-ID", "uri-unescaped", ("<urn:x:ü>", "<urn:x:|>")),
            ("response", "WARC-Record-ID", "id-unbracketed", ("urn:uuid:x", "<urn:uuid:x", "urn:uuid:x>")),
            ("response", "WARC-Warcinfo-ID", "id-unbracketed", ("urn:uuid:x",)),
            ("request", "WARC-Concurrent-To", "id-unbracketed", ("urn:uuid:x",)),
            (
                "response",
                "WARC-Target-URI",
                "uri-malformed",
                ("example.org", "/a", "http://example.org/a b", "<bad>"),
            ),
            ("response", "WARC-Target-URI", "uri-bracketed", ("<http://example.org/>",)),
            ("revisit", "WARC-Refers-To-Target-URI", "uri-malformed", ("nowhere",)),
            ("revisit", "WARC-Refers-To", "uri-malformed", ("<nobody>",)),
            ("revisit", "WARC-Profile", "uri-malformed", ("identical", "hello kitty")),
            ("response", "WARC-IP-Address", "address-malformed", ("a.b.c.d", "256.1.1.1", "[::1]", "1.2.3")),
            ("resource", "Content-Type", "media-type-malformed", ("text", "gif\\image", "text/", "/plain", "a b/c")),
            (
                "response",
                "WARC-Block-Digest",
                "digest-malformed",
                ("sha1", "sha1:", ":ABC", "sha1:AB CD", "sha-1; omar", "sha1:ABC", "md5:" + sha1(b"")[5:]),
            ),
            ("response", "WARC-Payload-Digest", "digest-malformed", ("sha256:" + "g" * 64, "sha1:" + "0" * 39)),
            ("response", "WARC-Truncated", "truncated-malformed", ("too long", "le;ngth")),
            ("continuation", "WARC-Segment-Number", "number-malformed", ("two", "-2", "2.0")),
            ("continuation", "WARC-Segment-Number", "segment-number", ("0", "1", "01")),
            ("response", "WARC-Segment-Number", "segment-number", ("2", "0")),
            ("continuation", "WARC-Segment-Total-Length", "number-malformed", ("all",)),
            ("response", "WARC-Type", "type-malformed", ("re sponse",)),
            *(
                ("response", name, "field-empty", ("",))
                for name in ("WARC-Type", "WARC-Date", "WARC-Record-ID", "Content-Type", "WARC-IP-Address")
            ),
            ("warcinfo", "Content-Type", "content-type-wrong", ("text/plain", "application/octet")),
            ("response", "Content-Type", "content-type-wrong", ("application/http;msgtype=request",)),
            ("request", "Content-Type", "content-type-wrong", ("application/http; msgtype=response",)),
        )
        for value in values
    },
    **{
        f"{date} in WARC {version}": (record(version=f"WARC/{version}", fields={"WARC-Date": date}), code)
        for version in ("1.0", "0.18")
        for date, code in (
            ("2026-03-01", "date-granularity"),
            ("2026-03-01T12:00Z", "date-granularity"),
            ("20260301120000", "date-malformed"),
            ("2026-03-01T12:00:00+00:00", "date-zone"),
        )
    },
    # digests (5.8, 5.9)
    "block changed": (record(fields={"WARC-Block-Digest": sha256(HTTP + b"!")}), "block-digest-mismatch"),
    "block changed, md5": (record(fields={"WARC-Block-Digest": "md5:" + "0" * 32}), "block-digest-mismatch"),
    "block digest of the payload": (record(fields={"WARC-Block-Digest": sha1(b"hello")}), "block-digest-of-payload"),
    "payload changed": (record(fields={"WARC-Payload-Digest": sha1(b"hallo")}), "payload-digest-mismatch"),
    "payload of a resource changed": (
        record("resource", fields={"WARC-Payload-Digest": sha1(b"another file")}),
        "payload-digest-mismatch",
    ),
    "payload of a request changed": (
        record("request", fields={"WARC-Payload-Digest": sha1(b"x")}),
        "payload-digest-mismatch",
    ),
    "payload digest on metadata that fits nothing": (
        record("metadata", fields={"WARC-Payload-Digest": sha1(b"x")}),
        "payload-digest-mismatch",
    ),
    # series (clause 7) and references
    "total of segments wrong": (
        record(fields={"WARC-Segment-Number": "1", "WARC-Record-ID": ORIGIN})
        + record("continuation", number=2, fields={"WARC-Segment-Total-Length": "5"}),
        "segment-total-wrong",
    ),
    "revisit with another payload than what it refers to": (
        record(fields={"WARC-Record-ID": ORIGIN, "WARC-Payload-Digest": sha1(b"hello")})
        + record("revisit", number=2, fields={"WARC-Payload-Digest": sha1(b"hallo")}),
        "target-digest-differs",
    ),
    "segments too long for any file": (
        b"".join(
            record("continuation", number=n, fields={"Content-Length": "9" * 18, "WARC-Segment-Number": str(n)})
            for n in range(2, 20)
        ),
        "content-length-wrong",
    ),
    # ARC
    "ARC length no number": (b"http://example.org/ 192.0.2.1 20260301120000 text/html abc\nhello\n", "arc-length"),
    "ARC length of 20 digits": (
        b"http://example.org/ 192.0.2.1 20260301120000 text/html %s\nhello\n" % (b"9" * 20),
        "block-cut",
    ),
    "ARC date none of the calendar": (ARC_ONE.replace(b"20260301120000", b"20261399999999"), "date-malformed"),
    "ARC address that is none": (ARC_ONE.replace(b"192.0.2.1", b"999.1.1.1"), "address-malformed"),
    "ARC record in a WARC file": (GOOD + ARC_ONE, "kind-mixed"),
    "WARC record in an ARC file": (ARC_HEAD + ARC_ONE + GOOD, "kind-mixed"),
    "ARC and WARC in gzip members": (members(ARC_HEAD, ARC_ONE, GOOD), "kind-mixed"),
    "ARC length negative": (b"http://example.org/ 192.0.2.1 20260301120000 text/html -1\nhello\n", "arc-length"),
    "ARC cut": (b"http://example.org/ 192.0.2.1 20260301120000 text/html 9\nhello\n", "block-cut"),
    "ARC with text between": (
        b"http://example.org/ 192.0.2.1 20260301120000 text/html 5\nhello\noops\n"
        b"http://example.org/b 192.0.2.1 20260301120000 text/html 5\nhello\n",
        "garbage",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_flagged(name: str, tmp_path: Path) -> None:
    data, code = BROKEN[name]
    findings = found(tmp_path / "a.warc", data)
    assert code in codes(findings, "error"), findings
    for each in findings:
        assert each.file == "a.warc"
        assert each.offset is not None
        assert 0 <= each.offset <= len(data)
        assert each.message


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n", b"\n", b"", b"\r\n\r"])
@pytest.mark.parametrize("more", [b"", record(number=2)], ids=["last", "not last"])
def test_a_wrong_end_after_a_block_that_holds_records_is_no_wrong_length(
    more: bytes, end: bytes, tmp_path: Path
) -> None:
    holds = record("resource", record(number=8) + record(number=9), {"Content-Type": "application/warc"}, end=end)
    path = tmp_path / "a.warc"
    path.write_bytes(holds + more)
    result = report([path])
    assert result.codes.keys() <= {"record-end", "line-end"}
    assert result.errors == 1
    assert sum(result.records.values()) == 1 + bool(more)


@pytest.mark.parametrize(
    "before", [b"\r\n", b"junk\n", b"x" * 500_000, INFO], ids=["line end", "text", "much", "record"]
)
def test_gzip_is_read_from_where_it_begins(before: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(before + members(GOOD, record(number=2)))
    result = report([path])
    assert result.records["response"] == 2
    assert [each.offset for each in result.findings if each.code == "gzip-begins"] == [len(before)]


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_a_compression_that_is_not_read_is_one_finding(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    (finding,) = found(tmp_path / "a.warc", pack(INFO + GOOD))
    assert finding.code == "compression-unread"


@pytest.mark.parametrize("line", ["X: " + LONG, "X" + LONG])
def test_a_line_without_end_is_a_header_too_long_and_no_cut_file(line: str, tmp_path: Path) -> None:
    data = b"WARC/1.1\r\n" + line.encode() + b"\r\n" + GOOD
    findings = found(tmp_path / "a.warc", data)
    assert [each.code for each in findings].count("head-too-long") == 1
    assert "head-cut" not in codes(findings)


def test_a_version_without_end_is_a_header_too_long(tmp_path: Path) -> None:
    findings = found(tmp_path / "a.warc", b"WARC/" + b"1" * (3 << 20) + b"\r\n" + GOOD)
    assert "head-too-long" in codes(findings)
    assert "head-cut" not in codes(findings)


def test_findings_in_a_shared_member_say_of_which_record(tmp_path: Path) -> None:
    third = record(number=3, fields={"WARC-Date": "today"}, newline=b"\n")
    fourth = record(number=4, fields={"WARC-Block-Digest": sha256(b"")})
    findings = found(tmp_path / "a.warc.gz", gzip.compress(GOOD + record(number=2) + third + b"junk" + fourth))
    begin = {each.code: each.message.partition(":")[0] for each in findings}
    assert begin["date-malformed"] == begin["line-end"] == "record 3 of the gzip member"
    assert begin["garbage"] == "after record 3 of the gzip member"
    assert begin["block-digest-mismatch"] == "record 4 of the gzip member"


SERIES = (
    record(fields={"WARC-Segment-Number": "1", "WARC-Record-ID": ORIGIN})
    + record("continuation", number=2, fields={"WARC-Segment-Total-Length": None})
    + record(
        "continuation",
        number=3,
        fields={"WARC-Segment-Number": "3", "WARC-Segment-Total-Length": str(len(HTTP) + 16)},
    )
)
ORIGINAL = record(fields={"WARC-Record-ID": ORIGIN, "WARC-Payload-Digest": sha1(b"hello")})
# Sound files, and the codes of severity warning that they may have.
SOUND: dict[str, tuple[bytes, set[str]]] = {
    "one record": (GOOD, set()),
    "every type": (
        b"".join(
            record(kind, number=n)
            for n, kind in enumerate(
                ("warcinfo", "response", "request", "resource", "metadata", "revisit", "conversion", "continuation")
            )
        ),
        set(),
    ),
    "gzip, a member for each": (members(INFO, GOOD), set()),
    "WARC 1.0": (record(version="WARC/1.0"), set()),
    "WARC 0.17": (record(version="WARC/0.17"), set()),
    "WARC 0.18": (record(version="WARC/0.18"), set()),
    "version and names in small letters": (
        GOOD.replace(b"WARC/1.1", b"warc/1.1").replace(b"WARC-Type", b"warc-type"),
        set(),
    ),
    "type in capitals": (record(fields={"WARC-Type": "RESPONSE"}), set()),
    "zeros before the Content-Length": (
        record(fields={"Content-Length": "0" * 25 + str(len(HTTP))}) + record(number=2),
        set(),
    ),
    "no space after the colons": (GOOD.replace(b": ", b":", 5), set()),
    "folded line": (record(fields={"Content-Type": "application/http;\r\n\tmsgtype=response"}), set()),
    "value in UTF-8": (record(more=[("X-Name", "ሰላም")]), set()),
    "value not in UTF-8": (record(more=[("X-Name", "caf\udce9")]), {"field-not-utf8"}),
    "unknown field": (record(more=[("X-Unknown", "a"), ("WARC-Unknown", "b")]), set()),
    "unknown field twice": (record(more=[("X-Unknown", "a"), ("X-Unknown", "b")]), set()),
    "WARC-Protocol twice": (record(more=[("WARC-Protocol", "tls/1.3"), ("WARC-Protocol", "http/1.1")]), set()),
    "WARC-Concurrent-To twice": (
        record(more=[("WARC-Concurrent-To", uuid(7)), ("WARC-Concurrent-To", uuid(8))]),
        set(),
    ),
    "unknown type": (record("unheard-of"), set()),
    "empty block without Content-Type": (record("resource", b"", fields={"Content-Type": None}), set()),
    "identifier of another scheme": (record(fields={"WARC-Record-ID": "<https://example.org/r/1>"}), set()),
    "target in brackets, WARC 1.0": (
        record(version="WARC/1.0", fields={"WARC-Target-URI": f"<{URL}>"}),
        {"uri-bracketed"},
    ),
    "target with characters to escape": (record(fields={"WARC-Target-URI": URL + "?a|b={c}"}), {"uri-unescaped"}),
    "target of a dns look-up": (
        record("resource", fields={"WARC-Target-URI": "dns:example.org", "Content-Type": "text/dns"}),
        set(),
    ),
    "target with an IPv6 address": (record(fields={"WARC-Target-URI": "http://[2001:db8::1]:8080/a?b#c"}), set()),
    "IPv6 address": (record(fields={"WARC-IP-Address": "2001:db8::1"}), set()),
    "no Content-Type for a block": (record("resource", fields={"Content-Type": None}), {"content-type-missing"}),
    "Content-Type with parameters": (
        record("resource", fields={"Content-Type": 'text/html ; charset="utf-8"'}),
        set(),
    ),
    "application/http with another parameter": (
        record(fields={"Content-Type": "application/http; xmsgtype=request; msgtype=response"}),
        set(),
    ),
    "application/http without msgtype": (record(fields={"Content-Type": "application/http"}), set()),
    "metadata of another type": (record("metadata", fields={"Content-Type": "text/anvl"}), set()),
    **{
        f"date {date!r}": (record(fields={"WARC-Date": date}), set())
        for date in (
            "2026",
            "2026-03",
            "2026-03-01",
            "2026-03-01T12:00Z",
            "2026-03-01T12:00:00.1Z",
            "2026-03-01T12:00:00.123456789Z",
            "2016-12-31T23:59:60Z",
        )
    },
    "date in small letters": (record(fields={"WARC-Date": "2026-03-01t12:00:00z"}), {"date-case"}),
    "date with an offset of nothing": (record(fields={"WARC-Date": "2026-03-01T12:00:00+00:00"}), {"date-zone"}),
    "date with fraction, WARC 1.0": (
        record(version="WARC/1.0", fields={"WARC-Date": "2026-03-01T12:00:00.5Z"}),
        {"date-granularity"},
    ),
    **{
        f"block digest as {digest}": (record(fields={"WARC-Block-Digest": digest}), set())
        for digest in (
            sha1(HTTP),
            sha1(HTTP).lower().replace("sha1", "SHA-1"),
            "sha1:" + hashlib.sha1(HTTP).hexdigest().upper(),
            sha256(HTTP).upper(),
            "sha-256:" + hashlib.sha256(HTTP).hexdigest(),
            "md5:" + hashlib.md5(HTTP).hexdigest(),
            "sha512:" + hashlib.sha512(HTTP).hexdigest(),
            "blake2b:" + hashlib.blake2b(HTTP).hexdigest(),
            "xxh3:0123456789abcdef",
        )
    },
    "payload digest": (record(fields={"WARC-Payload-Digest": sha1(b"hello")}), set()),
    "payload digest of a chunked body": (record("response", CHUNKED, {"WARC-Payload-Digest": sha1(b"hello")}), set()),
    "payload digest of a chunked and compressed body": (
        record("response", PACKED, {"WARC-Payload-Digest": sha1(PACKED_BODY)}),
        set(),
    ),
    "payload digest of a resource": (record("resource", fields={"WARC-Payload-Digest": sha1(b"a file")}), set()),
    "payload digest of a request": (record("request", fields={"WARC-Payload-Digest": sha1(b"")}), set()),
    "payload digest of the chunks": (
        record("response", CHUNKED, {"WARC-Payload-Digest": sha1(CHUNKED.partition(b"\r\n\r\n")[2])}),
        {"payload-digest-of-coded"},
    ),
    "payload digest of the decoded body": (
        record("response", PACKED, {"WARC-Payload-Digest": sha1(b"hello " * 50)}),
        {"payload-digest-of-decoded"},
    ),
    "payload digest of the block": (record(fields={"WARC-Payload-Digest": sha1(HTTP)}), {"payload-digest-of-block"}),
    "payload digest of metadata": (
        record("metadata", fields={"WARC-Payload-Digest": sha1(b"via: http://example.org/\r\n")}),
        {"field-misplaced"},
    ),
    "answer to HEAD": (record("response", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), set()),
    "answer to HEAD, chunked": (record("response", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), set()),
    "truncated": (record("response", HTTP[:-2], {"WARC-Truncated": "disconnect"}), set()),
    "truncated, not said": (record("response", HTTP[:-2]), {"message-cut"}),
    "truncated for a reason of one's own": (record("response", HTTP[:-2], {"WARC-Truncated": "bored"}), set()),
    "response that is no HTTP": (record("response", b"\x00\x01garbage"), {"http-head-missing"}),
    "revisit of an original elsewhere": (record("revisit"), set()),
    "revisit and original": (
        ORIGINAL + record("revisit", number=2, fields={"WARC-Payload-Digest": sha1(b"hello")}),
        set(),
    ),
    "revisit without block": (record("revisit", b"", {"Content-Type": None}), set()),
    "revisit by 304": (
        record("revisit", NOT_MODIFIED_HEAD, {"WARC-Profile": NOT_MODIFIED, "WARC-Payload-Digest": None}),
        set(),
    ),
    "revisit by a profile of 1.0": (
        record("revisit", fields={"WARC-Profile": IDENTICAL.replace("1.1", "1.0")}),
        set(),
    ),
    "revisit by an unknown profile": (
        record("revisit", fields={"WARC-Profile": "http://example.org/profile"}),
        set(),
    ),
    "revisit that says a wrong date": (
        ORIGINAL
        + record("revisit", number=2, fields={"WARC-Payload-Digest": sha1(b"hello"), "WARC-Refers-To-Date": "2020"}),
        {"target-date-differs"},
    ),
    "concurrent records": (
        GOOD + record("request", REQUEST, {"WARC-Concurrent-To": uuid(1)}, number=2),
        set(),
    ),
    "the same identifier twice": (GOOD + GOOD, {"id-repeated"}),
    "three segments": (SERIES, set()),
    "first segment alone": (record(fields={"WARC-Segment-Number": "1"}), set()),
    "last segment alone": (record("continuation"), set()),
    "several records in one gzip member": (gzip.compress(INFO + GOOD), {"gzip-member-shared"}),
    "gzip members cut by size": (
        b"".join(gzip.compress((INFO + GOOD)[at : at + 100]) for at in range(0, len(INFO + GOOD), 100)),
        {"gzip-record-split", "gzip-member-shared"},
    ),
    "gzip header with its CRC": (members(INFO) + with_header_crc(members(GOOD)), set()),
    "empty gzip members": (members(b"", INFO, b"", GOOD, b""), set()),
    "zeros after the last gzip member": (members(GOOD) + b"\0" * 512, {"gzip-padding"}),
    "block that holds a WARC file": (record("resource", GOOD + INFO), set()),
    "block that holds a gzip member": (members(record("resource", members(GOOD)), record(number=2)), set()),
    "ARC": (ARC_HEAD + ARC_ONE, set()),
    "ARC, version 2": (ARC_TWO, set()),
    "ARC, gzip": (members(ARC_HEAD, ARC_ONE), set()),
    "ARC with a space in a URL": (ARC_ONE.replace(b"org/", b"org/a b"), set()),
    "ARC with a date of 18 digits": (ARC_ONE.replace(b"20260301120000", b"202603011200000000"), set()),
    "ARC with a date of 10 digits": (ARC_ONE.replace(b"20260301120000", b"2026030112"), set()),
    "ARC without line end at the end": (ARC_ONE[:-1], set()),
}


@pytest.mark.parametrize("name", SOUND)
def test_sound_file_is_not_flagged(name: str, tmp_path: Path) -> None:
    data, warnings = SOUND[name]
    findings = found(tmp_path / "a.warc", data)
    assert codes(findings, "error") == set(), findings
    assert codes(findings, "warning") == warnings, findings


@pytest.mark.parametrize("name", SOUND)
def test_file_cut_anywhere_is_flagged(name: str, tmp_path: Path) -> None:
    """A file that ends early is found out, wherever it ends; an ARC file may end without its last line end."""
    data, _ = SOUND[name]
    optional = 512 if name.startswith("zeros") else 20 if name.startswith("empty gzip") else 1 if "ARC" in name else 0
    ends = {len(data) * part // 40 for part in range(1, 40)} | {len(data) - 1, len(data) - 2, len(data) - 3}
    for end in sorted(ends):
        if end >= len(data) - optional:
            continue
        findings = found(tmp_path / "a.warc", data[:end])
        if not codes(findings, "error"):
            assert _is_boundary(data, end), (name, end, findings)


def _is_boundary(data: bytes, end: int) -> bool:
    """Whether *data* cut at *end* is whole: between two records."""
    rest = data[end:]
    return rest.startswith((b"\x1f\x8b", b"WARC/", b"warc/", b"http", b"\n"))
