"""Records without a head of their own, as other programs write them: batch and spider make the same of each."""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode
from pathlib import Path

from tests.command import editions, lines, profile
from tests.replay.running import files, silent

PAGE = "<article><h1>Habari</h1><p>Ukurasa huu una maneno ya kutosha.</p></article>".encode("utf-16-be")
HEADS = {
    "html": b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-16be\r\n\r\n",
    "pdf": b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
    "moved": b"HTTP/1.1 301 Moved\r\nLocation: /en/articles/html\r\nContent-Type: text/html\r\n\r\n",
}
HOST = "127.0.0.1:1"
REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


def record(kind: str, name: str, second: int, block: bytes, body: bytes, *more: str) -> bytes:
    """A record of the article *name*, of which *body* is the payload."""
    head = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{second:012d}>",
        f"WARC-Date: 2026-01-01T00:00:{second:02d}Z",
        f"WARC-Target-URI: http://{HOST}/en/articles/{name}",
        f"WARC-Payload-Digest: sha1:{b32encode(hashlib.sha1(body).digest()).decode()}",
        f"Content-Length: {len(block)}",
        *more,
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def headless(name: str, of: str, second: int, original: int, body: bytes, head: bytes = b"") -> bytes:
    """A revisit; with *head* it has one after all."""
    refers = f"WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-{original:012d}>"
    return record(
        "revisit", name, second, head, body, "Content-Type: application/http", f"WARC-Profile: {REVISIT}", refers,
        f"WARC-Refers-To-Target-URI: http://{HOST}/en/articles/{of}",
        f"WARC-Refers-To-Date: 2026-01-01T00:00:{original:02d}Z",
    )  # fmt: skip


def by_spider_and_batch(folder: Path, archive: bytes) -> None:
    """Let both make a corpus of a peer's archive, and hold them side by side."""
    (folder / "peer" / "archive").mkdir(parents=True)
    (folder / "peer" / "archive" / "peer.warc").write_bytes(archive)
    profile(folder, HOST)
    ran = silent("crawl", "site.toml", "--from-archive", "peer", "--collection", "out", "--quiet", cwd=folder)
    assert ran.code == 0, ran.err
    ran = editions("regenerate", "peer", "--site", "site.toml", "--out", "batch", cwd=folder)
    assert ran.code == 0, ran.err
    assert files(folder / "batch") == files(folder / "out" / "corpus")


def dropped(folder: Path) -> dict[str, object]:
    return {str(line["url"]).rpartition("/")[2]: line["reason"] for line in lines(folder / "batch/dropped.jsonl")}


def history(folder: Path, name: str) -> list[tuple[object, ...]]:
    ran = editions("index", "peer", cwd=folder)
    assert ran.code == 0, ran.err
    url = f"http://{HOST}/en/articles/{name}"
    ran = editions("history", "peer", url, "--site", "site.toml", "--json", cwd=folder)
    assert ran.code == 0, ran.err
    return [(one["status"], one["change"], one["reason"]) for one in json.loads(ran.out)]


def test_a_revisit_without_a_head_has_that_of_its_original_everywhere(tmp_path: Path) -> None:
    archive = b""
    for number, (name, head) in enumerate(HEADS.items()):
        body = PAGE if name == "html" else f"body of {name}".encode()
        archive += record("response", name, number, head + body, body, "Content-Type: application/http")
        archive += headless(f"again-{name}", name, number + 20, number, body)
    longer = PAGE + " ".encode("utf-16-be")
    archive += record("resource", "plain", 40, longer, longer, "Content-Type: text/html; charset=utf-16be")
    by_spider_and_batch(tmp_path, archive)
    [document] = lines(tmp_path / "batch" / "manifest.jsonl")
    assert document["title"] == "Habari"
    assert dropped(tmp_path) == {
        "again-html": "duplicate-text",
        "again-moved": "redirected",
        "again-pdf": "not-html",
        "moved": "redirected",
        "pdf": "not-html",
        "plain": "duplicate-text",
    }
    assert history(tmp_path, "again-html") == [(200, "new", "")]
    assert history(tmp_path, "again-pdf") == [(200, "unreadable", "not-html")]
    assert history(tmp_path, "again-moved") == [(301, "redirected", "/en/articles/html")]


def test_a_revisit_whose_response_is_missing_is_told_in_one_word_everywhere(tmp_path: Path) -> None:
    archive = record("response", "html", 1, HEADS["html"] + PAGE, PAGE, "Content-Type: application/http")
    archive += headless("lost", "nowhere", 2, 50, b"what nobody has")
    archive += headless("lost-page", "nowhere", 3, 51, b"nor this", HEADS["html"])
    archive += headless("lost-redirect", "nowhere", 4, 52, b"nor that", HEADS["moved"])
    by_spider_and_batch(tmp_path, archive)
    missing = "original-missing"
    assert dropped(tmp_path) == {"lost": missing, "lost-page": missing, "lost-redirect": "redirected"}
    [report] = (tmp_path / "out" / "crawls").glob("*.json")
    ended = {one["url"].rpartition("/")[2]: one for one in json.loads(report.read_text("utf-8"))["urls"]}
    for name in ("lost", "lost-page"):
        assert (ended[name]["outcome"], ended[name]["reason"]) == ("not-archived", missing)
    assert history(tmp_path, "lost") == [(None, "unreadable", missing)]
    assert history(tmp_path, "lost-page") == [(200, "unreadable", missing)]
    assert history(tmp_path, "lost-redirect") == [(301, "redirected", "/en/articles/html")]
