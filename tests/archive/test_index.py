"""The index: its lines, their order, look-ups that load nothing, and keys that pywb finds."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.capture import FetchError
from archive.entry import Entry, Reference, date_of_timestamp, format_date, parse_date, parse_line, timestamp
from archive.errors import IndexFormatError
from archive.index import Index, merge, write_sorted
from archive.indexing import build
from archive.surt import ascii_url, url_key
from tests.archive.captures import capture, write
from tests.shared import need

URL = "https://www.example.org/a?b=1"
PLAIN = Entry(URL, "2026-03-01T12:00:00.123456Z", "a.warc.gz", 100, 50, "urn:uuid:1", "sha256:aa", "text/html", 200)
VISIT = replace(
    PLAIN,
    date="2026-03-01T12:00:00.5Z",
    mime="warc/revisit",
    record_id="urn:uuid:2",
    refers_to=Reference("urn:uuid:1", URL, PLAIN.date),
)
FAILED = replace(PLAIN, digest="", mime="application/warc-fields", status=None, error=FetchError("a.B", "né"))

# URL and key, as the package `surt` 0.3.1 makes it, which pywb uses.
KEYS = [
    ("http://example.com/", "com,example)/"),
    ("http://example.com", "com,example)/"),
    ("HTTPS://WWW.Example.COM/A/B/", "com,example)/a/b"),
    ("http://www2.example.com:80/", "com,example)/"),
    ("https://example.com:443/x", "com,example)/x"),
    ("http://example.com:443/x", "com,example:443)/x"),
    ("http://127.0.0.1:8080/x", "1,0,0,127:8080)/x"),
    ("http://user:pw@example.com/x", "com,example)/x"),
    ("http://example.com/?b=2&a=1", "com,example)/?a=1&b=2"),
    ("http://example.com/?B=2&a=&a", "com,example)/?a&a=&b=2"),
    ("http://example.com/?", "com,example)/"),
    ("http://example.com/x#frag", "com,example)/x"),
    ("http://example.com/a b%20c", "com,example)/a%20b%20c"),
    ("http://example.com/%E1%BB%8C", "com,example)/%e1%bb%8c"),
    ("http://example.com/Ọ", "com,example)/%e1%bb%8c"),
    ("http://example.com/%2541", "com,example)/a"),
    ("http://example.com/a/./b/../c//d", "com,example)/a/c/d"),
    ("http://exämple.com/", "com,xn--exmple-cua)/"),
    ("http://example.com/x?jsessionid=" + "0" * 32 + "&y=1", "com,example)/x?y=1"),
    ("http://example.com/(a(123456789012345678901234))/x.aspx", "com,example)/x.aspx"),
    ("http://www.com/", "com)/"),
    ("https://allthe.news/sw/articles/some-slug", "news,allthe)/sw/articles/some-slug"),
    ("urn:pageinfo:http://x.org/", "urn:pageinfo:http://x.org"),
    ("dns:example.com", "dns:example.com"),
    ("", "-"),
]


@pytest.mark.parametrize(("url", "key"), KEYS)
def test_keys_are_those_of_pywb(url: str, key: str) -> None:
    assert url_key(url) == key


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://x.org/", "http://x:", "http://[", "http:"]))
def test_any_url_has_a_key_of_one_word(text: str, start: str) -> None:
    key = url_key(start + text)
    assert key
    assert key.isascii()
    assert not set(key) & set(" \n\r\t")
    assert not set(ascii_url(start + text)) & set(" \n\r\t<>")


def test_a_url_made_to_be_slow_or_to_break_has_a_key_too() -> None:
    assert url_key(f"http://example.com:{'9' * 5_000}/") == f"com,example:{'9' * 5_000})/"
    assert url_key("http://example.com:000443/") == "com,example:443)/"
    assert url_key("http://example.com/\ud800") == "com,example)/%ed%a0%80"
    assert ascii_url("http://example.com/\ud800") == "http://example.com/%ED%A0%80"
    begun = time.process_time()
    assert url_key(f"http://example.com/%{'25' * 500_000}41") == "com,example)/a"
    assert time.process_time() - begun < 1


def test_lines_go_there_and_back() -> None:
    for entry in (
        PLAIN,
        VISIT,
        FAILED,
        replace(PLAIN, decoded="sha256:bb", truncated="time", error=FetchError("x", "")),
    ):
        assert parse_line(entry.line()) == entry
    assert [entry.type for entry in (PLAIN, VISIT, FAILED)] == ["response", "revisit", "metadata"]
    key, stamp, text = PLAIN.line().decode().split(" ", 2)
    assert (key, stamp) == ("org,example)/a?b=1", "20260301120000")
    fields = json.loads(text)
    assert next(iter(fields)) == "date"
    wanted = {"url", "mime", "status", "digest", "length", "offset", "filename"}
    assert {name: type(fields[name]) for name in wanted} == dict.fromkeys(wanted, str)


def test_numbers_and_lines_of_others_are_read() -> None:
    line = b'com,example)/ 20200102030405 {"url": "http://example.com/", "status": 200, "offset": 12, "length": 3,'
    entry = parse_line(line + b' "filename": "x.warc.gz", "mime": "text/html", "digest": "sha1:AB"}\n')
    assert (entry.status, entry.offset, entry.length) == (200, 12, 3)
    assert entry.when == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (entry.record_id, entry.type) == ("", "response")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"com,example)/ 2020",
        b"k 20200101000000 {",
        b"k 20200101000000 []",
        b'k 20200101000000 {"url": "x"}',
        b"\xff",
        b"k 20200101000000 " + b'{"a": ' * 100_000,
    ],
    ids=range(7),
)
def test_what_is_no_cdxj_says_where(line: bytes) -> None:
    with pytest.raises(IndexFormatError, match=r"here\.cdxj"):
        parse_line(line, "here.cdxj")


@pytest.mark.parametrize(
    ("date", "stamp", "micro"),
    [
        ("2026-03-01T12:00:59.999999Z", "20260301120059", 999999),
        ("2026-03-01T12:00:59.123456789Z", "20260301120059", 123456),
        ("2026-03-01T12:00:59Z", "20260301120059", 0),
        ("2026-03-01T12:00Z", "20260301120000", 0),
        ("2026-03", "20260301000000", 0),
        ("2026", "20260101000000", 0),
        ("20260301120059", "20260301120059", 0),
        ("2026030112005912", "20260301120059", 0),
    ],
)
def test_dates_are_cut_never_rounded(date: str, stamp: str, micro: int) -> None:
    assert timestamp(date) == stamp
    assert parse_date(date) == datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC, microsecond=micro)
    assert timestamp(date_of_timestamp(stamp)) == stamp


@pytest.mark.parametrize(
    ("date", "utc"),
    [
        ("2026-03-01T12:00:00+00:00", "2026-03-01T12:00:00Z"),
        ("2026-03-01T12:00:00.25z", "2026-03-01T12:00:00.25Z"),
        ("2026-03-01t12:00:00Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T00:30:00.5+01:00", "2026-02-28T23:30:00.5Z"),
        ("2026-03-01T12:00:00-0130", "2026-03-01T13:30:00Z"),
    ],
)
def test_dates_that_others_write_are_the_same_in_utc(date: str, utc: str) -> None:
    assert parse_date(date) == parse_date(utc)
    assert timestamp(date) == timestamp(utc)


NO_DATES = """yesterday 2026-13-01T00:00:00Z 12:00 2026-03-01T12:00:00+24:00 2026-03-01T12:00:00+01:60
0001-01-01T00:00:00+01:00 2026-03-01+01:00 ٢٠٢٦-03-01T12:00:00Z"""


@pytest.mark.parametrize("date", ["", *NO_DATES.split()])
def test_what_is_no_date_is_refused(date: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - strptime's own words
        parse_date(date)


def at(url: str, second: float, name: str = "a") -> Entry:
    date = format_date(datetime.fromtimestamp(1_772_366_400 + second, UTC))
    return replace(PLAIN, url=url, date=date, file=f"{name}.warc.gz", record_id=f"urn:uuid:{second}")


def test_look_ups(tmp_path: Path) -> None:
    path = tmp_path / "index.cdxj"
    urls = [f"http://example.org/{n}" for n in range(50)]
    entries = [at(url, n + k / 10) for n, url in enumerate(urls) for k in (0, 3, 3.00001, 70)]
    merge(path, entries)
    with Index(path) as index:
        for n, url in enumerate(urls):
            found = index.find(url)
            assert [entry.date for entry in found] == sorted(entry.date for entry in found)
            assert [entry.url for entry in found] == [url] * 4
            assert index.newest(url) == entries[4 * n + 3]
            assert index.newest(url, as_of=entries[4 * n + 1].when) == entries[4 * n + 1]
            assert index.newest(url, as_of=datetime(2000, 1, 1, tzinfo=UTC)) is None
            assert index.closest(url, entries[4 * n + 2].when) == entries[4 * n + 2]
            assert index.closest(url, datetime(2000, 1, 1, tzinfo=UTC)) == entries[4 * n]
        for absent in ("http://example.org/", "http://example.org/99", "http://a.a/", "http://zzz.zz/"):
            assert index.find(absent) == []
            assert index.closest(absent, datetime.now(UTC)) is None


def test_exactly_this_url_or_all_of_its_key(tmp_path: Path) -> None:
    path = tmp_path / "index.cdxj"
    merge(path, [at("http://www.example.org/A", 1), at("https://example.org/a", 2)])
    with Index(path) as index:
        assert [entry.url for entry in index.find("https://example.org/a")] == ["https://example.org/a"]
        assert len(index.find("http://example.org/a/", exact=False)) == 2


def test_failures_are_found_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "index.cdxj"
    merge(path, [PLAIN, FAILED])
    with Index(path) as index:
        assert index.find(URL) == [PLAIN]
        assert {entry.type for entry in index.find(URL, errors=True)} == {"response", "metadata"}
    assert path.read_bytes().startswith(b"error:org,example)/a?b=1 ")


def test_originals_are_never_revisits(tmp_path: Path) -> None:
    path = tmp_path / "index.cdxj"
    merge(path, [VISIT])
    with Index(path) as index:
        assert index.original(URL, "sha256:aa") is None
        merge(path, [PLAIN, replace(PLAIN, url=URL.replace("https", "http"), date="2020-01-01T00:00:00Z")])
        assert index.original(URL, "sha256:aa") == PLAIN
        assert index.original(URL, "sha256:a") is None
        assert VISIT.refers_to is not None
        assert index.referred(VISIT.refers_to) == PLAIN
        assert index.referred(replace(VISIT.refers_to, record_id="")) == PLAIN
        assert index.referred(Reference("urn:uuid:9", URL, "2001")) is None


@given(st.lists(st.lists(st.sampled_from("abcdefgh").map(lambda c: at(f"http://{c}.org/", ord(c))), max_size=5)))
def test_merging_keeps_the_order_of_bytes(tmp_path_factory: pytest.TempPathFactory, runs: list[list[Entry]]) -> None:
    path = tmp_path_factory.mktemp("merge") / "index.cdxj"
    for run in runs:
        merge(path, run)
    lines = path.read_bytes().splitlines() if runs else []
    assert lines == sorted({entry.line().rstrip() for run in runs for entry in run})
    assert not list(path.parent.glob("*.tmp"))


def test_an_index_that_is_absent_empty_or_unended(tmp_path: Path) -> None:
    path = tmp_path / "index.cdxj"
    with Index(path) as index:
        assert index.find(URL) == []
        path.write_bytes(b"")
        assert index.find(URL) == []
        path.write_bytes(PLAIN.line().rstrip())
        assert index.find(URL) == [PLAIN]
        merge(path, [VISIT])
        assert index.find(URL) == [PLAIN, VISIT]
        path.unlink()
        assert index.find(URL) == []


def test_rebuilding_gives_the_same_lines(tmp_path: Path) -> None:
    error = FetchError("a.B", "why")
    page = b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML\r\n\r\nbody"
    write(
        tmp_path,
        capture(page),
        capture(page, seconds=1),
        capture(page[:-1], seconds=2, truncated="disconnect", error=error),
        capture(None, seconds=3, error=error, interim=(b"HTTP/1.1 103 Early Hints\r\n\r\n",)),
        capture(b"HTTP/1.1 204 None\r\n\r\n", url="http://example.org/z"),
        max_size=2000,
    )
    path = tmp_path / "indexes/index.cdxj"
    before = path.read_bytes()
    assert before.count(b"\n") == 5
    path.unlink()
    assert build(tmp_path / "archive", path) == 5
    assert path.read_bytes() == before


@pytest.mark.parametrize("folder", ["warcio", "pywb", "jhove"])
def test_files_of_others_are_indexed(tmp_path: Path, folder: str) -> None:
    count = build(need("warcs", folder), tmp_path / "index.cdxj")
    with Index(tmp_path / "index.cdxj") as index:
        entries = list(index.entries())
    assert len(entries) <= count
    assert len(entries) >= {"warcio": 9, "pywb": 200, "jhove": 0}[folder]
    assert all(entry.when.year > 1990 for entry in entries if folder != "jhove")


@pytest.mark.long
def test_a_look_up_in_a_million_lines_takes_under_a_millisecond(tmp_path: Path) -> None:
    path = tmp_path / "index.cdxj"
    line = at("http://example.org/NUMBER", 0).line().replace(b"number", b"NUMBER")
    write_sorted(path, sorted(line.replace(b"NUMBER", b"%d" % n) for n in range(1_000_000)))
    with Index(path) as index:
        index.find("http://example.org/1")
        took = []
        for n in range(0, 1_000_000, 1999):
            begin = time.perf_counter()
            assert len(index.find(f"http://example.org/{n}")) == 1
            took.append(time.perf_counter() - begin)
    assert median(took) < 0.001
