"""The wire cases, as data: what a server sends, byte for byte, and how the capture is to end."""

from __future__ import annotations

import gzip

import brotli
import zstandard

from tests.download.torture import (
    Case,
    Close,
    CloseIfReused,
    Drip,
    Hold,
    Interim,
    Reset,
    Step,
    Surplus,
    Wait,
)

PAGE = "<!doctype html><title>옛 항구</title><p>ዜና, habari, ìròyìn</p>".encode()
BIG = bytes(range(256)) * (30 * 1024 * 4)


def answer(status: str, *fields: bytes, body: bytes = PAGE) -> bytes:
    """A message with Content-Length."""
    head = (f"HTTP/1.1 {status}".encode(), *fields, b"Content-Length: %d" % len(body))
    return b"\r\n".join((*head, b"", body))


def chunked(*chunks: bytes, fields: bytes = b"", trailer: bytes = b"") -> bytes:
    """A chunked message."""
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    head = b"HTTP/1.1 200 OK\r\n" + fields + b"Transfer-Encoding: chunked\r\n\r\n"
    return head + framed + b"0\r\n" + trailer + b"\r\n"


def coded(coding: str, body: bytes) -> bytes:
    return answer("200 OK", b"Content-Encoding: " + coding.encode(), body=body)


GZIP = gzip.compress(PAGE, mtime=0)

STATUS_LINES = (
    Case("plain", (answer("200 OK"),)),
    Case("reason-absent", (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi",)),
    Case("reason-empty", (b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi",)),
    Case("reason-long", (answer("200 " + "Very  well   indeed " * 20),)),
    Case("reason-not-utf8", (b"HTTP/1.1 200 D'acc\xf4rd \xff\r\nContent-Length: 2\r\n\r\nhi",)),
    Case("reason-spaces-at-end", (b"HTTP/1.1 200 OK   \r\nContent-Length: 2\r\n\r\nhi",)),
    Case("status-999", (answer("999 Request denied"),)),
    *(Case(f"status-{code}", (answer(f"{code} Said so"),)) for code in (201, 206, 400, 401, 403, 404, 410)),
    Case("status-429", (answer("429 Too Many Requests", b"Retry-After: 120"),)),
    Case("status-500", (answer("500 Internal Server Error"),)),
    Case("status-503", (answer("503 Service Unavailable", b"Retry-After: Fri, 31 Dec 1999 23:59:59 GMT"),)),
    Case("redirect", (answer("301 Moved", b"Location: /plain", body=b""),)),
    Case("redirect-with-body", (answer("302 Found", b"LOCATION: /plain", body=b"over there"),)),
    Case("http-1.0", (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", Close())),
)

FIELDS = (
    Case("order-and-case", (answer("200 OK", b"zebra: 1", b"ALPHA: 2", b"x-MiXeD: 3", b"alpha: 4"),)),
    Case("repeated", (answer("200 OK", b"Via: a", b"Via: b", b"Server: x", b"Via: a"),)),
    Case("cookies-many", (answer("200 OK", *(b"Set-Cookie: c%d=%d; Path=/" % (n, n) for n in range(60))),)),
    Case("not-utf8", (answer("200 OK", b"X-Name: \xe9t\xe9 \xff\xfe\x80"),)),
    Case("folded", (b"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\n\tthree\r\nContent-Length: 2\r\n\r\nhi",)),
    Case(
        "spaces-around",
        (b"HTTP/1.1 200 OK\r\nX-A  :   b   \r\nX-C:d\r\nContent-Length\t: 2\r\n\r\nhi",),
        forgiven=True,
    ),
    Case("no-colon", (b"HTTP/1.1 200 OK\r\nthis is no field\r\nContent-Length: 2\r\n\r\nhi",)),
    Case("empty-value", (answer("200 OK", b"X-Empty:", b"X-Blank:   "),)),
    Case("empty-name", (answer("200 OK", b": nameless"),), forgiven=True),
    Case("odd-names", (answer("200 OK", b"X Y: 1", b"(Z): 2", b"\xe9: 3", b"<p>: 4"),), forgiven=True),
    Case("folded-at-once", (b"HTTP/1.1 200 OK\r\n X-A: b\r\nContent-Length: 2\r\n\r\nhi",), forgiven=True),
    Case("long-field", (answer("200 OK", b"X-Long: " + b"y" * 15_000),)),
    Case("longer-field", (answer("200 OK", b"X-Long: " + b"y" * 60_000),), forgiven=True),
    Case("longest-field", (answer("200 OK", b"X-Long: " + b"y" * 261_000),), forgiven=True),
    Case("many-fields", (answer("200 OK", *(b"X-%d: %d" % (n, n) for n in range(500))),)),
    Case("lf-only", (b"HTTP/1.1 200 OK\nX-A: b\nContent-Length: 2\n\nhi",)),
    Case("lf-and-crlf", (b"HTTP/1.1 200 OK\r\nX-A: b\nContent-Length: 2\r\n\nhi",)),
    Case("nul-and-control", (answer("200 OK", b"X-Odd: a\x00b\x01c\x7f"),)),
    Case("length-twice", (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",)),
    Case("etag-and-dates", (answer("200 OK", b'ETag: W/"\xe2\x82\xac"', b"Date: yesterday"),)),
)

BODIES = (
    Case("empty-body", (answer("200 OK", body=b""),)),
    Case("chunked", (chunked(PAGE[:7], PAGE[7:]),)),
    Case("chunked-empty", (chunked(),)),
    Case(
        "chunk-upper-case",
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n000A\r\n0123456789\r\n00\r\n\r\n",),
    ),
    Case(
        "chunk-extensions",
        (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b;c="d e"\r\nhi\r\n0;z\r\n\r\n',),
    ),
    Case("trailers", (chunked(b"hi", fields=b"Trailer: Digest\r\n", trailer=b"Digest: x\r\nX-More: \xff\r\n"),)),
    Case("chunked-and-length", (chunked(b"hi", fields=b"Content-Length: 2\r\n"),)),
    Case("chunked-gzip", (chunked(GZIP[:5], GZIP[5:30], GZIP[30:], fields=b"Content-Encoding: gzip\r\n"),)),
    Case("chunked-in-pieces", (chunked(PAGE)[:60], Wait(0.05), chunked(PAGE)[60:70], Wait(0.05), chunked(PAGE)[70:])),
    Case("gzip", (coded("gzip", GZIP),)),
    Case("brotli", (coded("br", brotli.compress(PAGE)),)),
    Case("zstd", (coded("zstd", zstandard.compress(PAGE)),)),
    Case("gzip-broken", (coded("x-none", GZIP[:20]),)),
    Case("close-delimited", (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", PAGE, Close())),
    Case("no-length", (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", PAGE, Close())),
    Case("close-delimited-1.0", (b"HTTP/1.0 200 OK\r\n\r\n", PAGE, Close())),
    Case("big", (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BIG), BIG), timeout=60),
    Case("drip", (Drip(chunked(PAGE, PAGE)),)),
    Case("head-in-pieces", (b"HTTP/1.1 200 OK\r\nContent-Le", Wait(0.05), b"ngth: 2\r\n\r", Wait(0.05), b"\nhi")),
    Case("surplus", (Surplus(answer("200 OK"), b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),)),
    Case("surplus-in-one", (Drip(answer("200 OK")[:-1]), Surplus(answer("200 OK")[-1:], b"\r\n\r\n"))),
    Case("surplus-after-chunks", (Surplus(chunked(PAGE), b"more"),)),
)

BODILESS = (
    Case("head", (b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n",), method="HEAD"),
    Case("head-chunked", (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",), method="HEAD"),
    Case("head-with-body", (Surplus(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"wrong"),), method="HEAD"),
    Case("status-204-with-body", (Surplus(b"HTTP/1.1 204 No Content\r\n\r\n", b"wrong"),)),
    Case("status-204", (b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n",)),
    Case("status-304", (b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 999\r\n\r\n',)),
)

REQUESTS = (
    Case("post", (answer("200 OK"),), method="POST", body=PAGE),
    Case("post-empty", (answer("200 OK"),), method="POST"),
    Case("put-large", (answer("200 OK"),), method="PUT", body=b"0123456789" * 30_000),
    Case("request-not-utf8", (answer("200 OK"),), headers=(("X-Name", b"\xe9\xff"), ("Cookie", "a=1; b=2"))),
    Case("asked-conditionally", (b"HTTP/1.1 304 NM\r\n\r\n",), headers=(("If-None-Match", '"a"'),)),
)

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"

INTERIMS = (
    Case("continue-100", (Interim(b"HTTP/1.1 100 Continue\r\n\r\n"), answer("200 OK"))),
    Case("processing-102", (Interim(b"HTTP/1.1 102\r\n\r\n"), Wait(0.05), answer("200 OK"))),
    Case("early-hints-103", (Interim(EARLY), answer("200 OK"))),
    Case("interim-lf-only", (Interim(b"HTTP/1.1 100 Go on\nX-A: b\n\n"), answer("200 OK"))),
    Case("interim-several", (Interim(EARLY), Interim(b"HTTP/1.1 100 \r\n\r\n"), Interim(EARLY), chunked(PAGE))),
    Case("interim-then-304", (Interim(EARLY), b"HTTP/1.1 304 Not Modified\r\n\r\n")),
    Case("interim-then-nothing", (Interim(EARLY), Close()), answered=False),
)

CUT = (
    Case("cut-in-status", (b"HTTP/1.1 20", Close()), truncated="disconnect"),
    Case("cut-in-head", (b"HTTP/1.1 200 OK\r\nX-A: b\r\nX-", Close()), truncated="disconnect"),
    Case("cut-before-body", (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", Close()), truncated="disconnect"),
    Case("cut-in-body", (answer("200 OK")[:-9], Close()), truncated="disconnect"),
    Case("cut-in-chunk", (chunked(PAGE)[:-20], Close()), truncated="disconnect"),
    Case("cut-before-last-chunk", (chunked(PAGE)[:-5], Close()), truncated="disconnect"),
    Case("cut-in-interim", (b"HTTP/1.1 103 Early\r\nLink", Close()), truncated="disconnect"),
    Case("reset-in-head", (b"HTTP/1.1 200 OK\r\nX-A", Reset()), truncated="disconnect"),
    Case("reset-in-body", (answer("200 OK")[:-9], Reset()), truncated="disconnect"),
    Case("reset-as-end", (b"HTTP/1.1 200 OK\r\n\r\n", PAGE, Reset()), truncated="disconnect"),
    Case("reset-at-once", (Reset(),), answered=False),
    Case("empty-answer", (Close(),), answered=False),
    Case("late-head", (Hold(),), timeout=3, answered=False),
    Case("late-in-head", (b"HTTP/1.1 200 OK\r\nX-", Hold()), timeout=3, truncated="time"),
    Case("late-in-body", (answer("200 OK")[:-9], Hold()), timeout=3, truncated="time"),
    Case("late-in-chunk", (chunked(PAGE)[:-20], Hold()), timeout=3, truncated="time"),
    Case("late-after-interim", (Interim(EARLY), Hold()), timeout=3, answered=False),
    Case("too-long-declared", (answer("200 OK", body=b"x" * 500_000), Hold()), maxsize=10_000, truncated="length"),
    Case(
        "too-long-undeclared",
        (b"HTTP/1.1 200 OK\r\n\r\n", *([b"x" * 9_000] * 20), Hold()),
        maxsize=10_000,
        truncated="length",
    ),
    Case("too-long-chunked", (chunked(*[b"x" * 9_000] * 20)[:-5], Hold()), maxsize=10_000, truncated="length"),
    Case("junk", (b"SSH-2.0-OpenSSH_9.6\r\n", Hold()), truncated="unspecified"),
    Case("junk-status", (b"HTTP/1.1 two hundred\r\n\r\n", Hold()), truncated="unspecified"),
    Case("http-0.9", (b"<html>no head at all</html>\n", Close()), truncated="unspecified"),
    Case(
        "chunk-size-junk",
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n", Hold()),
        truncated="unspecified",
    ),
    Case("length-junk", (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhi", Hold()), truncated="unspecified"),
    Case(
        "coding-unknown", (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi", Hold()), truncated="unspecified"
    ),
    Case(
        "field-too-long",
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 300_000, Hold()),
        truncated="length",
        forgiven=True,
    ),
    Case(
        "head-too-long", (b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 40_000, Hold()), truncated="length", forgiven=True
    ),
    Case(
        "whole-head-too-long",
        (answer("200 OK", *[b"X-A: b" * 1_000] * 50),),
        truncated="length",
        forgiven=True,
    ),
)

CASES = (*STATUS_LINES, *FIELDS, *BODIES, *BODILESS, *REQUESTS, *INTERIMS, *CUT)

KEPT_ALIVE = tuple(Case(f"turn-{n}", (chunked(b"%d" % n) if n % 2 else answer("200 OK"),)) for n in range(6))
STALE = (Case("fresh", (answer("200 OK"),)), Case("stale", (CloseIfReused(), answer("200 OK", b"X-A: b"))))

__all__ = ["BIG", "CASES", "KEPT_ALIVE", "PAGE", "STALE", "Case", "Step"]
