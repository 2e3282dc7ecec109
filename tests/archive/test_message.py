"""HTTP messages as they come: heads, chunks, codings, whole and broken."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.coding import Notes
from archive.message import Message, read_head
from archive.spool import Spool

TEXT = b"<p>" + "Ọjọ́ ìṣèlú ".encode() * 3000 + b"</p>"
HEAD = b"HTTP/1.1 200 OK\r\n"


def chunked(body: bytes, size: int = 1000, end: bytes = b"\r\n", extension: bytes = b"") -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x%s%s%s%s" % (len(piece), extension, end, piece, end) for piece in pieces)
    return framed + b"0" + end + end


def with_coding(coding: str, body: bytes) -> Message:
    return Message(HEAD + b"Content-Encoding: " + coding.encode() + b"\r\n\r\n" + body)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def test_fields_keep_order_case_and_repeats() -> None:
    raw = (
        HEAD + b"Set-Cookie: a=1\r\nx-odd:\xff\xfe\r\nSet-Cookie:  b=2 \r\n"
        b"X-Folded: one\r\n\t two\r\nno colon\r\n\r\n"
    )
    head = read_head(raw + b"body")
    assert head.raw == raw
    assert (head.status, head.reason, head.complete) == (200, b"OK", True)
    assert head.fields == (
        (b"Set-Cookie", b"a=1"),
        (b"x-odd", b"\xff\xfe"),
        (b"Set-Cookie", b"b=2"),
        (b"X-Folded", b"one two"),
    )
    assert head.all(b"SET-COOKIE") == [b"a=1", b"b=2"]
    assert head.get(b"absent") is None


@pytest.mark.parametrize(
    ("block", "status", "reason", "body"),
    [
        (b"HTTP/1.1 204\r\n\r\n", 204, b"", b""),
        (b"HTTP/1.0 200 \r\n\r\nx", 200, b"", b"x"),
        (b"HTTP/1.1 404 Niet gevonden \xe9\nA: b\n\nx\r\n", 404, b"Niet gevonden \xe9", b"x\r\n"),
        (b"\r\nHTTP/1.1 200 OK\r\n\r\nx", 200, b"OK", b"x"),
        (b"HTTP/2 301 Moved\nA: b\r\n\nx", 301, b"Moved", b"x"),
        (b"ICY 200 OK\r\n\r\nx", 200, b"OK", b"x"),
        (b"HTTP/1.1 abc\r\n\r\nx", None, b"", b"x"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", None, b"", b""),
        (b"<html>\n\nno head at all", None, b"", b"<html>\n\nno head at all"),
        (b"HTTP/1.1 200 OK\r\nServer: cu", 200, b"OK", b""),
        (b"", None, b"", b""),
    ],
)
def test_heads_as_they_come(block: bytes, status: int | None, reason: bytes, body: bytes) -> None:
    message = Message(block)
    assert (message.head.status, message.head.reason) == (status, reason)
    assert message.entity().data == body
    with Spool(block) as spool:
        assert Message(spool).entity().data == body


def test_a_head_longer_than_the_first_look() -> None:
    raw = HEAD + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n"
    with Spool(raw + TEXT) as spool:
        assert Message(spool).head.raw == raw
        assert Message(spool).entity().data == TEXT


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"


@pytest.mark.parametrize("before", [CONTINUE, HINTS, CONTINUE + HINTS * 3, HINTS.replace(b"\r", b"")])
def test_the_answer_is_what_comes_after_1xx_heads(before: bytes) -> None:
    answer = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    block = before + answer + chunked(TEXT)
    with Spool(block) as spool:
        for message in (Message(block), Message(spool)):
            assert (message.head.status, message.head.raw) == (200, answer)
            assert (message.entity().data, message.body_start) == (TEXT, len(before + answer))
            assert not message.outgrows(len(TEXT))
            assert message.outgrows(len(TEXT) - 1)
    short = Message(before + HEAD + b"Content-Length: 9\r\n\r\nless").entity()
    assert (short.data, short.notes.cut) == (b"less", True)


@pytest.mark.parametrize(
    ("block", "status", "body"),
    [
        (HINTS, 103, b""),
        (HINTS + b"no head", 103, b"no head"),
        (HINTS[:-2], 103, b""),
        (SWITCHED + HEAD + b"\r\nx", 101, HEAD + b"\r\nx"),
        (HEAD + b"\r\n" + HEAD + b"\r\nx", 200, HEAD + b"\r\nx"),
    ],
)
def test_what_is_alone_or_no_interim_head_is_the_message(block: bytes, status: int, body: bytes) -> None:
    assert Message(block).head.status == status
    assert Message(block).entity().data == body


def test_endless_1xx_heads_are_not_read_to_their_end() -> None:
    message = Message(CONTINUE * 50_000 + HEAD + b"\r\n")
    assert message.head.status == 100


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("extension", [b"", b"  ", b';name="va;lue"', b" ; x"])
def test_chunks_are_undone(end: bytes, extension: bytes) -> None:
    message = Message(HEAD + b"transfer-encoding: Chunked\r\n\r\n" + chunked(TEXT, 777, end, extension))
    body = message.entity()
    assert body.data == TEXT
    assert body.notes == Notes(chunked=True)


@pytest.mark.parametrize("zeros", [1, 15, 40, 1000])
def test_a_chunk_size_may_begin_with_zeros(zeros: int) -> None:
    """RFC 9112, 7.1: 1*HEXDIG."""
    framed = b"0" * zeros + b"4\r\nbody\r\n" + b"0" * zeros + b"\r\n\r\n"
    body = Message(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + framed).entity()
    assert (body.data, body.notes) == (b"body", Notes(chunked=True))


def test_trailers_are_read_past() -> None:
    framed = chunked(b"body")[:-2] + b"X-Sum: 1\r\nX-More: 2\r\n\r\n"
    body = Message(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + framed).entity()
    assert (body.data, body.notes.cut) == (b"body", False)


@pytest.mark.parametrize("kept", [5, 8, 500, 1005, 1006, 1500, 5000, -1, -2, -4])
def test_cut_chunks_give_what_came(kept: int) -> None:
    body = Message(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(TEXT)[:kept]).entity()
    assert TEXT.startswith(body.data)
    assert body.notes.cut
    assert len(body.data) >= min(len(chunked(TEXT)[:kept]) * 0.98 - 10, len(TEXT))


def test_a_later_chunk_that_is_none_ends_the_body() -> None:
    framed = chunked(b"first")[:-5] + b"zz\r\nsecond\r\n0\r\n\r\n"
    body = Message(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + framed).entity()
    assert body.data == b"first"
    assert body.notes == Notes(chunked=True, cut=True)


@pytest.mark.parametrize("plain", [TEXT, b"beef\r\nis no chunk of that size, there is more", b"", b"\r\n\r\n"])
def test_a_body_that_only_claims_to_be_chunked(plain: bytes) -> None:
    body = Message(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + plain).entity()
    if plain.startswith(b"beef"):
        assert body.notes.cut  # cannot be told from a first chunk cut off
    else:
        assert (body.data, body.notes.chunked) == (plain, False)


def test_a_first_chunk_without_its_end_is_none() -> None:
    plain = b"10\r\n" + b"x" * 100
    body = Message(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + plain).entity()
    assert (body.data, body.notes.chunked) == (plain, False)


def test_gzip_as_a_transfer_coding() -> None:
    message = Message(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(gzip.compress(TEXT)))
    assert message.entity().data == TEXT


def test_content_length_that_promises_more() -> None:
    assert Message(HEAD + b"Content-Length: 10\r\n\r\nabc").entity().notes.cut
    assert not Message(HEAD + b"Content-Length: 3\r\n\r\nabc").entity().notes.cut
    assert not Message(HEAD + b"Content-Length: 10\r\n\r\n").entity().notes.cut
    assert Message(HEAD + b"Content-Length: 2\r\n\r\nabc").entity().data == b"abc"


@pytest.mark.parametrize("coding", PACK)
def test_codings_are_undone(coding: str) -> None:
    message = with_coding(coding, PACK[coding](TEXT))
    assert message.decoded().data == TEXT
    assert message.decoded().notes == Notes()
    assert message.entity().data == PACK[coding](TEXT)


def test_raw_deflate() -> None:
    assert with_coding("deflate", raw_deflate(TEXT)).decoded().data == TEXT


def test_several_codings_and_members() -> None:
    assert with_coding("br, gzip", gzip.compress(brotli.compress(TEXT))).decoded().data == TEXT
    both = Message(
        HEAD + b"Content-Encoding: gzip\r\nContent-Encoding: br\r\n\r\n" + brotli.compress(gzip.compress(TEXT))
    )
    assert both.decoded().data == TEXT
    assert with_coding("gzip", gzip.compress(TEXT) + gzip.compress(b"more")).decoded().data == TEXT + b"more"
    assert with_coding("gzip", gzip.compress(TEXT) + b"\0\0junk").decoded().data == TEXT
    frames = PACK["zstd"](TEXT) + PACK["zstd"](b"more")
    assert with_coding("zstd", frames).decoded().data == TEXT + b"more"


@pytest.mark.parametrize("coding", [*PACK, "compress", "utf-8", "none"])
@pytest.mark.parametrize("junk", [TEXT, b"x", b"<!DOCTYPE html>", b"\x1f\x8b"])
def test_what_is_not_in_its_coding_passes_as_it_is(coding: str, junk: bytes) -> None:
    body = with_coding(coding, junk).decoded()
    if body.notes.undecoded:
        assert body.data == junk
    else:
        assert body.notes.cut  # too short to tell
        assert not body.data


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_cut_streams_give_what_can_be_decoded(coding: str) -> None:
    noise = random.Random(1).randbytes(300_000) + TEXT
    packed = PACK[coding](noise)
    body = with_coding(coding, packed[: len(packed) * 2 // 3]).decoded()
    assert body.notes.cut
    assert noise.startswith(body.data)
    assert len(body.data) > len(noise) // 3


def test_a_broken_checksum_costs_nothing() -> None:
    packed = gzip.compress(TEXT)
    body = with_coding("gzip", packed[:-8] + b"12345678").decoded()
    assert (body.data, body.notes.cut) == (TEXT, True)


def test_a_stream_broken_far_in_keeps_what_came_before() -> None:
    noise = random.Random(2).randbytes(3_000_000)
    packed = zlib.compress(noise)
    broken = packed[:2_000_000] + b"\xff" * 100_000 + packed[2_100_000:]
    body = with_coding("deflate", broken).decoded()
    assert body.notes.cut
    assert noise[:1_900_000] == body.data[:1_900_000]


@pytest.mark.parametrize(
    ("coding", "endless"),
    [("gzip", b"\x1f\x8b\x08\x08" + bytes(6) + b"a name without end"), ("zstd", b"\x50\x2a\x4d\x18" + b"\xff" * 4)],
    ids=["gzip", "zstd"],
)
def test_a_stream_that_gives_nothing_is_not_held(coding: str, endless: bytes) -> None:
    with Spool(HEAD + b"Content-Encoding: " + coding.encode() + b"\r\n\r\n" + endless) as block:
        for _ in range(40):
            block.write(b"x" * 1_000_000)
        notes = Notes()
        tracemalloc.start()
        assert sum(map(len, Message(block).decoded_pieces(notes))) == 0
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert notes.cut
    assert peak < 20_000_000, f"{peak:,}"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_meets_its_limit(coding: str) -> None:
    packed = PACK[coding](b"\0" * 50_000_000)
    body = with_coding(coding, packed).decoded(limit=1_000_000)
    assert (body.data, body.notes.limited) == (b"\0" * 1_000_000, True)
    twice = with_coding(f"{coding}, gzip", gzip.compress(packed)).decoded(limit=1_000_000)
    assert len(twice.data) == 1_000_000


def test_a_spool_is_read_in_pieces() -> None:
    body = random.Random(3).randbytes(3_000_000)
    packed = gzip.compress(body)
    framed = chunked(packed, 50_000)
    with Spool(HEAD + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n" + framed) as spool:
        pieces = list(Message(spool).decoded_pieces(Notes()))
        assert b"".join(pieces) == body
        assert max(map(len, pieces)) <= 1 << 20
        assert Message(spool).entity().data == packed


@given(st.binary(max_size=300), st.integers(1, 50), st.booleans())
def test_any_body_comes_back_from_its_chunks(body: bytes, size: int, on_disk: bool) -> None:
    block = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body, size)
    with Spool(block, threshold=0 if on_disk else 1 << 20) as spool:
        assert Message(spool).entity().data == Message(block).entity().data == body


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "x"]))
def test_nothing_raises(junk: bytes, coding: str) -> None:
    for head in (
        b"",
        HEAD,
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Encoding: " + coding.encode() + b"\r\n\r\n",
    ):
        message = Message(head + junk)
        message.decoded()
        assert (head + junk).startswith(message.head.raw)
