"""Archives of an odd form, as other programs write them: index, batch and spider read the same records of each."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.check.warcs import codes, found, members, record, uuid
from tests.command import editions, lines, profile
from tests.replay.running import files, silent

HOST = "127.0.0.1:1"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
NAMES = ("one", "two", "three", "four")
WORDS = ("rain", "bread", "harvest", "music")


def article(name: str, word: str) -> bytes:
    text = f"<p>All that is known of the {word}, and of those who live by it, is told here once more.</p>"
    return HTML + f"<title>{name}</title><article><h1>Story {name}</h1>{text}</article>".encode()


def responses(
    block: Callable[[bytes], bytes] = bytes, fields: dict[str, str | None] | None = None, **more: bytes
) -> list[bytes]:
    """A record for each article; *block* makes one of the answer."""
    return [
        record(
            "response",
            block(article(name, word)),
            {"WARC-Target-URI": f"http://{HOST}/en/articles/{name}", **(fields or {})},
            number=number,
            **more,  # type: ignore[arg-type]
        )
        for number, (name, word) in enumerate(zip(NAMES, WORDS, strict=True), 1)
    ]


def arc() -> bytes:
    """The same as an ARC file."""
    version = b"1 0 A test\nURL IP-address Archive-date Content-type Archive-length\n"
    blocks = [(b"filedesc://a.arc", version)]
    blocks += [(f"http://{HOST}/en/articles/{n}".encode(), article(n, w)) for n, w in zip(NAMES, WORDS, strict=True)]
    line = b"%s 127.0.0.1 20260301120000 text/html %d\n%s\n"
    return b"".join(line % (url, len(block), block) for url, block in blocks)


def spider_and_batch_agree(folder: Path, name: str, data: bytes) -> list[str]:
    """The articles of which both make documents, the same of each; the index is right by the check."""
    (folder / "peer" / "archive").mkdir(parents=True)
    (folder / "peer" / "archive" / name).write_bytes(data)
    site = profile(folder, HOST)
    (folder / "peer" / "site.toml").write_bytes(site.read_bytes())
    ran = editions("index", "peer", cwd=folder)
    assert ran.code == 0, ran.err
    ran = silent("crawl", "site.toml", "--from-archive", "peer", "--collection", "out", "--quiet", cwd=folder)
    assert ran.code == 0, ran.err
    ran = editions("regenerate", "peer", cwd=folder)
    assert ran.code == 0, ran.err
    assert files(folder / "peer" / "corpus") == files(folder / "out" / "corpus")
    ran = editions("check", "peer", "--json", cwd=folder)
    assert "[index-" not in ran.out
    assert '"index-' not in ran.out
    return sorted(str(line["url"]).rpartition("/")[2] for line in lines(folder / "out/corpus/manifest.jsonl"))


ODD = {
    "empty-members.warc.gz": members(b"", *responses()[:2], b"", *responses()[2:]),
    "line-feeds.warc": b"".join(responses(newline=b"\n", end=b"\n\n")),
    "line-feeds.warc.gz": members(*responses(newline=b"\n", end=b"\n\n")),
    "one-id.warc.gz": members(*responses(fields={"WARC-Record-ID": uuid(1)})),
    "no-id.warc.gz": members(*responses(fields={"WARC-Record-ID": None})),
    "ahead-of-utc.warc.gz": members(*responses(fields={"WARC-Date": "2026-03-01T00:30:00+01:00"})),
    "small-letters.warc.gz": members(*responses(fields={"WARC-Date": "2026-03-01t12:00:00z"})),
    "LOUD.WARC.GZ": members(*responses()),
    "one-member.warc.gz": members(b"".join(responses())),
    "one-member.arc.gz": members(arc()),
    "hints.warc.gz": members(*responses(lambda answer: HINTS + answer)),
    "junk.warc": b"".join([*responses()[:2], b"junk" * 20 + b"\r\n", *responses()[2:]]),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_gives_all_its_documents(name: str, tmp_path: Path) -> None:
    assert spider_and_batch_agree(tmp_path, name, ODD[name]) == sorted(NAMES)


def test_a_document_whose_record_cannot_be_told_from_others_is_not_called_changed(tmp_path: Path) -> None:
    (tmp_path / "peer" / "archive").mkdir(parents=True)
    (tmp_path / "peer" / "archive" / "one-member.arc.gz").write_bytes(ODD["one-member.arc.gz"])
    profile(tmp_path, HOST)
    assert editions("regenerate", "peer", "--site", "site.toml", cwd=tmp_path).code == 0
    [last] = (tmp_path / "peer" / "corpus").glob("003_*.txt")
    ran = editions("prove", last, cwd=tmp_path)
    assert ran.code == 1
    assert "one gzip member per record" in " ".join(ran.out.split())


def test_an_archive_without_an_article_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "peer" / "archive").mkdir(parents=True)
    path = tmp_path / "peer" / "archive" / "a.warc.gz"
    path.write_bytes(members(*responses(fields={"WARC-Target-URI": "http://elsewhere.example/"})))
    profile(tmp_path, HOST)
    ran = editions("regenerate", "peer", "--site", "site.toml", cwd=tmp_path)
    assert ran.code == 1
    assert "holds responses, but of no article" in ran.err
    path.write_bytes(members(record("warcinfo")))
    assert editions("regenerate", "peer", "--site", "site.toml", cwd=tmp_path).code == 0


def test_what_no_index_can_name_is_not_said_to_be_missing_from_it(tmp_path: Path) -> None:
    (tmp_path / "peer" / "archive").mkdir(parents=True)
    odd: list[dict[str, str | None]] = [
        {"WARC-Date": "Sun, 01 Mar 2026"},
        {"WARC-Date": None},
        {"WARC-Target-URI": None},
    ]
    data = members(*(record("response", fields=fields, number=number) for number, fields in enumerate(odd)))
    (tmp_path / "peer" / "archive" / "a.warc.gz").write_bytes(data)
    assert editions("index", "peer", cwd=tmp_path).code == 0
    told = [each.message for each in found(tmp_path / "peer") if each.code == "not-indexable"]
    assert [message.partition(" no ")[2] for message in told] == ["date that can be read"] * 2 + ["WARC-Target-URI"]
    assert "index-record-absent" not in codes(found(tmp_path / "peer"))


def zipped() -> bytes:
    """A ZIP, as a site may serve it."""
    file = BytesIO()
    with ZipFile(file, "w") as packed:
        packed.writestr("a.txt", "hello")
    return file.getvalue()


DOWNLOAD = {"WARC-Target-URI": f"http://{HOST}/a.zip"}
ZIP = record("response", b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n\r\n" + zipped(), DOWNLOAD, number=9)
FILES = {
    "ends-in-a-zip.warc": b"".join([*responses(), ZIP]),
    "wget.warc.gz.1": members(*responses()),
    "nameless": b"".join(responses()),
    "old": arc(),
    "LOUD.WARC.GZ": members(*responses()),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_taken_for_what_its_first_bytes_say(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    profile(tmp_path, HOST)
    ran = silent("crawl", "site.toml", "--from-archive", name, "--collection", "out", "--quiet", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert len(lines(tmp_path / "out/corpus/manifest.jsonl")) == 4
    assert editions("prove", "out", cwd=tmp_path).out == "4 identical\n"


@pytest.mark.parametrize("name", ["page.html", "not.wacz"])
def test_a_file_of_another_kind_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"<html>")
    profile(tmp_path, HOST)
    ran = silent("crawl", "site.toml", "--from-archive", name, "--collection", "out", "--quiet", cwd=tmp_path)
    assert ran.code != 0
    assert name in ran.err
    assert "Traceback" not in ran.err
