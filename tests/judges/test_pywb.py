"""pywb serves a collection as it lies, and gives back what the site and the server's log had."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from archive.entry import timestamp
from archive.reader import StoredResponse, records
from archive.wacz import WaczInfo, write_wacz
from tests.download.cases import CASES
from tests.judges.collections import PAGE, Judged, warcs
from tests.judges.pywb import Tools, Wayback, serve

pytestmark = pytest.mark.long

REPLAYED_WRONG = {
    "trailers": "it takes the trailer fields for the body's end",
    "zstd": "it does not know the coding and hands the coded bytes over",
    "coding-unknown": "it ignores Transfer-Encoding: gzip, where we undo it, as far as it goes",
}
"""Torture cases whose status or body pywb gives otherwise than they were sent, and why."""

NO_STATUS = frozenset({"cut-in-status", "junk", "junk-status", "http-0.9"})
"""Torture cases that have no status line that can be read: pywb takes other words for a status, or fails."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What distinguishes a capture that is to be replayed."""

    status: int
    media: str
    coding: str | None = None
    chunked: bool = False

    def fits(self, stored: StoredResponse) -> bool:
        head = stored.head
        return (
            stored.location.type == "response"
            and stored.status == self.status
            and (head.get(b"Content-Type") or b"").decode().startswith(self.media)
            and (head.get(b"Content-Encoding") or b"").decode() == (self.coding or "")
            and (b"chunked" in head.all(b"Transfer-Encoding")) == self.chunked
        )


KINDS = {
    "gzip": Kind(200, "text/html", "gzip"),
    "chunked": Kind(200, "text/html", chunked=True),
    "gzip-chunked": Kind(200, "text/html", "gzip", chunked=True),
    "plain": Kind(200, "text/html"),
    "shift-jis": Kind(200, "text/html; charset=Shift_JIS", "gzip", chunked=True),
    "image": Kind(200, "image/png"),
    "style": Kind(200, "text/css", "gzip"),
    "pdf": Kind(200, "application/pdf"),
    "missing": Kind(404, "text/html"),
    "gone": Kind(410, "text/html"),
}


def stored(collection: Path, kind: Kind) -> tuple[str, str]:
    """URL and timestamp of the collection's first capture of that *kind*."""
    for path in warcs(collection):
        for each in records(path):
            if kind.fits(each):
                return each.url, timestamp(each.date)
    raise AssertionError(f"the collection has no capture of {kind}")


@pytest.mark.parametrize("name", KINDS)
def test_a_capture_is_replayed_as_the_site_serves_it(judged: Judged, wayback: Wayback, name: str) -> None:
    kind = KINDS[name]
    url, when = stored(judged.demo, kind)
    answer = wayback.replay("demo", when, url)
    assert answer.status == kind.status
    assert answer.body == judged.bodies[url]
    assert (answer.field("Content-Type") or "").startswith(kind.media)
    assert answer.original("Content-Encoding") == kind.coding
    assert answer.original("Server") == "ninefold"
    assert answer.original("Transfer-Encoding") == ("chunked" if kind.chunked else None)


def test_a_page_rewritten_for_a_browser_leads_into_the_archive(judged: Judged, wayback: Wayback) -> None:
    url, when = stored(judged.demo, KINDS["chunked"])
    answer = wayback.replay("demo", when, url, "mp_")
    assert answer.status == 200
    assert f"/demo/{when}".encode() in answer.body
    assert len(answer.body) > len(judged.bodies[url])


def test_robots_txt_is_replayed(judged: Judged, wayback: Wayback) -> None:
    url = f"{judged.origin}/robots.txt"
    answer = wayback.replay("demo", "2", url)
    assert answer.status == 200
    assert answer.body == judged.bodies[url]
    assert b"Disallow" in answer.body


def test_a_redirect_leads_to_the_capture_of_its_target(judged: Judged, wayback: Wayback) -> None:
    url, when = stored(judged.demo, Kind(301, ""))
    answer = wayback.replay("demo", when, url, "mp_")
    assert answer.status == 301
    location = answer.field("Location") or ""
    assert f"/demo/{when}mp_/{judged.origin}/" in location
    target = wayback.get(location[location.index("/demo/") :])
    assert target.status == 200


def test_a_url_that_was_never_captured_is_not_found(judged: Judged, wayback: Wayback) -> None:
    assert wayback.replay("demo", "2", f"{judged.origin}/never").status == 404


def test_every_revisit_of_the_second_crawl_gives_the_bytes_of_the_original(judged: Judged, wayback: Wayback) -> None:
    _, second = warcs(judged.demo)
    seen = 0
    for each in records(second):
        # For pywb /a/ and /a are one URL, and a redirect from one to the other leads nowhere.
        if each.location.type == "revisit" and not each.url.endswith("/"):
            answer = wayback.replay("demo", timestamp(each.date), each.url)
            # Of a revisit with a 3xx status pywb gives the head alone, "as it'll be ignored by browser".
            body = b"" if str(each.status).startswith("3") else judged.bodies[each.url]
            assert (answer.status, answer.body) == (each.status, body), each.url
            seen += 1
    assert seen >= 300


@pytest.mark.parametrize(("minute", "turn"), [(0, None), (1, "second")])
def test_a_revisit_has_its_own_head_and_the_originals_body(wayback: Wayback, minute: int, turn: str | None) -> None:
    answer = wayback.replay("revisits", f"20260301120{minute}00", "http://example.org/a")
    assert (answer.status, answer.body, answer.field("X-Turn")) == (200, PAGE, turn)


def test_an_unchanged_page_is_shown_and_not_its_blank_304(wayback: Wayback) -> None:
    """pywb replays a 304 as a 304, without a body, whatever it refers to (warcserver/resource/resolvingloader.py).

    The page as it was captured before is what a reader wants; so the index keeps 304s where pywb does not look.
    """
    answer = wayback.replay("revisits", "20260301120200", "http://example.org/a")
    assert (answer.status, answer.field("X-Turn")) == (200, "second")
    assert answer.body == wayback.replay("revisits", "20260301120000", "http://example.org/a").body != b""


def test_every_odd_message_is_replayed_as_it_was_sent(judged: Judged, wayback: Wayback) -> None:
    wrong = set()
    replayed = hidden = 0
    for name, each in _torture(judged):
        if each.status == 304:
            hidden += 1
            continue
        answer = wayback.replay("torture", timestamp(each.date), each.url)
        replayed += 1
        if (answer.status, answer.body) != (each.status or 200, each.body().data):
            wrong.add(name)
    assert replayed + hidden == sum(case.answered for case in CASES)
    assert hidden
    assert wrong == REPLAYED_WRONG.keys() | NO_STATUS


def _torture(judged: Judged) -> Iterator[tuple[str, StoredResponse]]:
    for path in warcs(judged.torture):
        for each in records(path):
            if each.location.type == "response":
                yield each.url.rpartition("/")[2], each


Line = tuple[str, str, str, str, int, int]
"""Key, timestamp, URL, file, offset, length."""


def lines(data: bytes, *, hidden: bool = False) -> list[Line]:
    """The captures of a CDXJ, without failed fetches: those are ours alone; *hidden*: with 304s, hidden from pywb."""
    split = (line.decode().split(" ", 2) for line in data.splitlines())
    unshown = "error:" if hidden else ("error:", "not-modified:")
    found = ((key, stamp, json.loads(text)) for key, stamp, text in split if not key.startswith(unshown))
    return [
        (
            key.removeprefix("not-modified:"),
            stamp,
            about["url"],
            about["filename"],
            int(about["offset"]),
            int(about["length"]),
        )
        for key, stamp, about in found
    ]


def index(collection: Path) -> bytes:
    return (collection / "indexes" / "index.cdxj").read_bytes()


def test_the_cdx_api_lists_every_capture(judged: Judged, wayback: Wayback) -> None:
    query = urlencode({"url": f"{judged.origin}/", "matchType": "prefix"})
    assert lines(wayback.get(f"/demo/cdx?{query}").body) == lines(index(judged.demo))


def test_the_cdx_api_lists_all_captures_of_one_url(wayback: Wayback) -> None:
    answer = wayback.get("/revisits/cdx?url=http://example.org/a&output=json")
    found = [json.loads(line) for line in answer.body.splitlines()]
    assert [each["timestamp"] for each in found] == ["20260301120000", "20260301120100"]
    assert [each["mime"] for each in found] == ["text/html", "warc/revisit"]
    assert len({each["digest"] for each in found}) == 1


@pytest.mark.parametrize("name", ["demo", "torture", "revisits"])
def test_pywbs_own_indexer_writes_the_lines_that_we_wrote(judged: Judged, tools: Tools, name: str) -> None:
    collection = judged.root / "collections" / name
    theirs = tools.run("cdx-indexer", "-s", "-j", *warcs(collection), cwd=judged.root)
    # Of others' metadata it knows none but application/warc-fields, so it takes 1xx messages for captures.
    captures = [
        line for line in theirs.splitlines(keepends=True) if b'"mime": "application/http", "digest"' not in line
    ]
    assert sorted(lines(b"".join(captures))) == sorted(lines(index(collection), hidden=True))
    assert differing(b"".join(captures), index(collection)) <= NO_STATUS


def differing(theirs: bytes, ours: bytes) -> set[str]:
    """The last segments of the URLs of which the two say another status, media type or digest."""
    return {url.rpartition("/")[2] for url, *_ in set(_about(theirs)) ^ set(_about(ours))}


def _about(data: bytes) -> Iterator[tuple[str, ...]]:
    for line in data.splitlines():
        key, _, text = line.decode().split(" ", 2)
        if not key.startswith("error:"):
            about = json.loads(text)
            # Its indexer gives a revisit no status.
            status = about.get("status", "-") if about["mime"] != "warc/revisit" else ""
            yield about["url"], about["offset"], about["filename"], about["mime"], status, about["digest"]


def test_a_wacz_gives_pywb_the_collection_back(judged: Judged, tools: Tools, tmp_path: Path) -> None:
    file = tmp_path / "demo.wacz"
    write_wacz(judged.demo, file, [], WaczInfo("editions"))
    tools.run("wb-manager", "init", "unpacked", cwd=tmp_path)
    tools.run("wb-manager", "add", "--unpack-wacz", "unpacked", file, cwd=tmp_path)
    unpacked = tmp_path / "collections" / "unpacked"
    assert {path.read_bytes() for path in warcs(unpacked)} == {path.read_bytes() for path in warcs(judged.demo)}
    # It makes an index of its own, under the names that it gives the files.
    assert [line[:3] for line in lines(index(unpacked))] == [line[:3] for line in lines(index(judged.demo))]
    url, when = stored(judged.demo, KINDS["gzip-chunked"])
    with serve(tools, tmp_path) as running:
        assert running.replay("unpacked", when, url).body == judged.bodies[url]
