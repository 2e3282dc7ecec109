"""The hostile cases, as data: what the server sends, and how the URL is to end."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import brotli
import zstandard

from tests.download.cases import EARLY, GZIP, answer, chunked
from tests.download.torture import Close, CloseIfReused, Endless, Hold, Reset, Surplus, Wait
from tests.hostile.server import Hostile, Script

HTML = b"Content-Type: text/html; charset=utf-8"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
WORDS = " ".join(f"word{n}" for n in range(60))


def story(title: str, more: str = "") -> bytes:
    """An ordinary article."""
    text = f"<article><h1>{title}</h1><p>{title}. {WORDS}</p></article>"
    return f"<!doctype html><html lang=en><title>{title}</title>{text}{more}</html>".encode()


def page(title: str, *fields: bytes, more: str = "") -> bytes:
    return answer("200 OK", HTML, *fields, body=story(title, more))


def sent(body: bytes, *fields: bytes) -> Script:
    return (answer("200 OK", HTML, *fields, body=body),)


def coded(coding: bytes, body: bytes) -> Script:
    return sent(body, b"Content-Encoding: " + coding)


def moved(location: bytes, status: str = "302 Found") -> Script:
    return (answer(status, b"Location: " + location, body=b""),)


def refresh(location: str, title: str = "Refreshed") -> Script:
    return sent(story(title, f'<meta http-equiv="refresh" content="0; url={location}">'))


def busy(status: str, *fields: bytes) -> Script:
    return (answer(status, *fields, body=b"busy"),)


def next_of(path: str) -> str:
    """The path after this one in an endless row: ``…/name``, ``…/name~1``, ``…/name~2``."""
    name, _, number = path.partition("~")
    return f"{name}~{int(number or 0) + 1}"


def there_and_back(path: str) -> str:
    return path.partition("~")[0] if "~" in path else f"{path}~1"


def chain(step: Callable[[str], str], how: Callable[[str], Script]) -> Callable[[str], Script]:
    return lambda path: how(step(path))


def moved_to(path: str) -> Script:
    return moved(path.encode())


ZEROS = bytes(1 << 20)
LARGE = 200


def gzip_bomb(level: int = 9) -> bytes:
    """200 MB of zeros in 200 kB."""
    compressor = zlib.compressobj(level, wbits=31)
    return b"".join(compressor.compress(ZEROS) for _ in range(LARGE)) + compressor.flush()


def brotli_bomb() -> bytes:
    compressor = brotli.Compressor(quality=5)
    return b"".join(compressor.process(ZEROS) for _ in range(LARGE)) + bytes(compressor.finish())


def zstd_bomb() -> bytes:
    compressor = zstandard.ZstdCompressor().compressobj()
    return b"".join(compressor.compress(ZEROS) for _ in range(LARGE)) + compressor.flush()


CUT = "DownloadFailedError"
LOST = "ResponseDataLossError"
LARGER = "DownloadCancelledError"
HEAD = "TooLargeError"
SLOW = "TooSlowError"
SILENT = "DownloadTimeoutError"

BROKEN_OFF = (
    Hostile("close-at-once", (Close(),), reason=CUT),
    Hostile("close-in-status", (b"HTTP/1.1 2", Close()), reason=CUT),
    Hostile("close-in-head", (OK + b"X-A", Close()), reason=CUT),
    Hostile("close-in-body", (page("Cut")[:-30], Close()), reason=LOST),
    Hostile("close-in-chunk", (chunked(story("Cut"), fields=HTML + b"\r\n")[:-30], Close()), reason=LOST),
    Hostile("reset-at-once", (Reset(),), reason=CUT),
    Hostile("reset-in-head", (OK, Reset()), reason=CUT),
    Hostile("reset-in-body", (page("Cut")[:-30], Reset()), reason=LOST),
    Hostile("reset-as-end", (OK + b"\r\n", story("Cut"), Reset()), "captured"),
    Hostile("stale", (CloseIfReused(), page("Stale")), "captured", text="Stale"),
)

SLOWLY = (
    Hostile("silent", (Hold(),), reason=SILENT),
    Hostile("silent-in-head", (OK, Hold()), reason=SILENT),
    Hostile("silent-in-body", (page("Silent")[:-9], Hold()), reason=SILENT),
    Hostile("drip-status", (Endless(b"H", 0.2),), reason=SLOW),
    Hostile("drip-head", (OK, Endless(b"X-A: b\r\n", 0.2)), reason=SLOW),
    Hostile("drip-body", (OK + b"Content-Length: 100000\r\n\r\n", Endless(b"x", 0.2)), reason=SLOW),
    Hostile("drip-no-length", (OK + b"\r\n", Endless(b"x", 0.2)), reason=SLOW),
    Hostile("drip-chunks", (CHUNKED, Endless(b"1\r\nx\r\n", 0.2)), reason=SLOW),
    Hostile("drip-interim", (Endless(b"HTTP/1.1 100 \r\n\r\n", 0.4),), reason=SLOW),
    Hostile("steady-for-ever", (OK + b"\r\n", Endless(b"x" * 500, 0.05)), reason=SILENT),
    Hostile("slow-but-sure", (Wait(1.2), page("Slow but sure")), "captured", text="Slow but sure"),
)

BOMBS = (
    Hostile("bomb-gzip", coded(b"gzip", gzip_bomb()), "captured"),
    Hostile("bomb-deflate", coded(b"deflate", zlib.compress(ZEROS * LARGE)), "captured"),
    Hostile("bomb-br", coded(b"br", brotli_bomb()), "captured"),
    Hostile("bomb-zstd", coded(b"zstd", zstd_bomb()), "captured"),
    Hostile("bomb-in-gzip", coded(b"gzip, gzip", gzip.compress(gzip_bomb())), "captured"),
    Hostile("bomb-in-br", coded(b"gzip, br", brotli.compress(gzip_bomb())), "captured"),
    Hostile("bomb-chunked", (chunked(gzip_bomb(), fields=HTML + b"\r\nContent-Encoding: gzip\r\n"),), "captured"),
    Hostile("codings-by-thousands", coded(b", ".join([b"gzip"] * 1_000), GZIP), "captured"),
)

ENDLESS = (
    Hostile("endless-head", (OK, Endless(b"X-A: b\r\n" * 500)), reason=HEAD),
    Hostile("endless-field", (OK, b"X-A: ", Endless(b"b" * 5_000)), reason=HEAD),
    Hostile("endless-fold", (OK, b"X-A: b\r\n", Endless(b" b\r\n" * 500)), reason=HEAD),
    Hostile("endless-status", (b"HTTP/1.1 200 ", Endless(b"O" * 5_000)), reason=HEAD),
    Hostile("endless-interim", (Endless(EARLY * 50),), reason=HEAD),
    Hostile("endless-cookies", (OK, Endless(b"Set-Cookie: a=%d; Path=/\r\n" % 7 * 200)), reason=HEAD),
    Hostile("endless-body", (OK + b"\r\n", Endless(b"<p>more</p>" * 5_000)), reason=LARGER),
    Hostile(
        "endless-chunks", (CHUNKED, Endless(b"400\r\n" + b"x" * 1024 + b"\r\n")),
        reason=LARGER,
    ),
    Hostile("endless-chunk", (CHUNKED + b"FFFFFFFFFF\r\n", Endless(ZEROS)), reason=LARGER),
    Hostile(
        "endless-chunk-size", (CHUNKED, Endless(b"0" * 5_000)), reason=LOST
    ),
    Hostile(
        "endless-trailer", (CHUNKED + b"0\r\n", Endless(b"X-A: b\r\n" * 500)), reason=LOST
    ),
    Hostile("length-huge", (OK + b"Content-Length: 1000000000000000\r\n\r\n", Endless(ZEROS)), reason=LARGER),
)  # fmt: skip

REDIRECTS = (
    Hostile("to-itself", lambda path: moved(path.encode()), "redirected"),
    Hostile("there-and-back", chain(there_and_back, moved_to), "redirected"),
    Hostile("to-file", moved(b"file:///etc/passwd"), "status", "302"),
    Hostile("to-data", moved(b"data:text/html,<p>x"), "status", "302"),
    Hostile("to-ftp", moved(b"ftp://127.0.0.1/x"), "status", "302"),
    Hostile("to-script", moved(b"javascript:alert(1)"), "failed"),
    Hostile("to-broken", moved(b"http://[::1"), "failed"),
    Hostile("to-other-host", moved(b"http://nowhere.invalid/en/articles/x"), "redirected"),
    Hostile("to-metadata", moved(b"http://169.254.169.254/latest/meta-data/"), "redirected"),
    Hostile("to-nowhere", (answer("302 Found", body=b""),), "status", "302"),
    Hostile("to-empty", moved(b""), "redirected"),
    Hostile("chain", chain(next_of, moved_to), "redirected", most=11),
    Hostile("refresh-chain", chain(next_of, refresh), "redirected", most=11),
    Hostile("to-gone", lambda path: moved(b"/en/gone"), "redirected"),
    Hostile("refresh-itself", lambda path: refresh(f"{path}?utm_source=x#top", "Itself"), "captured", text="Itself"),
    Hostile("refresh-back", chain(there_and_back, refresh), "redirected"),
    Hostile("refresh-file", refresh("file:///etc/passwd"), "captured", text="Refreshed"),
)

LENGTHS = (
    Hostile("length-too-long", (OK + b"Content-Length: 99999\r\n\r\n" + story("Long"), Close()), reason=LOST),
    Hostile("length-too-short", (Surplus(page("Short"), b" and more" * 99),), "captured", text="Short"),
    Hostile("length-negative", (OK + b"Content-Length: -5\r\n\r\nhello", Close()), reason=CUT),
    Hostile("length-junk", (OK + b"Content-Length: some\r\n\r\nhello", Close()), reason=CUT),
    Hostile("length-twice", (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", Close()), reason=CUT),
    Hostile("length-beyond", (OK + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\nhello", Close()), reason=CUT),
    Hostile("chunk-junk", (CHUNKED + b"zz\r\nhello", Close()), reason=LOST),
    Hostile("chunk-negative", (CHUNKED + b"-5\r\nhello", Close()), reason=LOST),
    Hostile("transfer-unknown", (OK + b"Transfer-Encoding: rot13\r\n\r\nhello", Close()), reason=CUT),
)

STATUSES = (
    Hostile("junk", (b"SSH-2.0-OpenSSH_9.6\r\n", Hold()), reason=CUT),
    Hostile("junk-binary", (bytes(range(256)) * 40, Close()), reason=CUT),
    Hostile("status-words", (b"HTTP/1.1 two hundred\r\n\r\n", Hold()), reason=CUT),
    Hostile("status-none", (b"HTTP/1.1\r\n\r\nhello", Close()), reason=CUT),
    Hostile("status-minus", (b"HTTP/1.1 -200 OK\r\nContent-Length: 2\r\n\r\nhi",), "status", "-200"),
    Hostile("status-zero", (b"HTTP/1.1 000 Odd\r\nContent-Length: 2\r\n\r\nhi",), "status", "0"),
    Hostile("status-1000", (b"HTTP/1.1 1000 Odd\r\nContent-Length: 2\r\n\r\nhi",), "status", "1000"),
    Hostile("version-junk", (b"HTTP/x.y 200 OK\r\nContent-Length: 2\r\n\r\nhi",), reason=CUT),
    Hostile("version-0.9", (story("Ancient"), Close()), reason=CUT),
    Hostile("switching", (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Hold()), reason=SILENT),
    Hostile("partial-unasked", (answer("206 Partial Content", HTML, body=story("Part")),), "captured", text="Part"),
    Hostile("empty-200", sent(b""), "captured"),
    Hostile("none-204", (Surplus(b"HTTP/1.1 204 No Content\r\n\r\n", story("204")),), "captured"),
    Hostile("unasked-304", (b"HTTP/1.1 304 Not Modified\r\n\r\n",), "not-modified"),
    Hostile("error-404", (answer("404 Not Found", HTML, body=story("404")),), "status", "404"),
    Hostile("error-500", (answer("500 Error", HTML, body=story("500")),), "status", "500"),
)

BUSY = (
    Hostile("busy-seconds", busy("429 Too Many", b"Retry-After: 1"), "status", "429"),
    Hostile("busy-date", busy("503 Busy", b"Retry-After: Fri, 31 Dec 2100 23:59:59 GMT"), "status", "503"),
    Hostile("busy-past", busy("503 Busy", b"Retry-After: Fri, 31 Dec 1999 23:59:59 GMT"), "status", "503"),
    Hostile("busy-huge", busy("429 Too Many", b"Retry-After: 999999999"), "status", "429"),
    Hostile("busy-beyond", busy("429 Too Many", b"Retry-After: " + b"9" * 5_000), "status", "429"),
    Hostile("busy-negative", busy("429 Too Many", b"Retry-After: -60"), "status", "429"),
    Hostile("busy-junk", busy("503 Busy", b"Retry-After: \xff soon, or Feb 31 99999"), "status", "503"),
    Hostile("busy-zone", busy("503 Busy", b"Retry-After: Fri, 31 Dec 1999 23:59:59 +9999"), "status", "503"),
    Hostile("busy-silent", busy("429 Too Many"), "status", "429"),
)

PAGES = (
    Hostile("cookies", (page("Cookies", *(b"Set-Cookie: c%d=%s" % (n, b"x" * 50) for n in range(2_000))),),
            "captured", text="Cookies"),
    Hostile("odd-head", (page("Odd head", b"X-Odd\t: y", b": v", b"no colon", b"X-L: " + b"y" * 60_000),),
            "captured", text="Odd head"),
    Hostile("gzip-lie", coded(b"gzip", story("Plain after all")), "captured", text="Plain after all"),
    Hostile("br-lie", coded(b"br", story("Not Brotli")), "captured", text="Not Brotli"),
    Hostile("coding-unknown", coded(b"rot13", story("Unknown coding")), "captured", text="Unknown coding"),
    Hostile("coding-untold", sent(gzip.compress(story("Untold"))), "captured"),
    Hostile("gzip-cut", coded(b"gzip", gzip.compress(story("Half") * 40)[:-20]), "captured", text="Half"),
    Hostile("charset-unknown", (answer("200 OK", b"Content-Type: text/html; charset=klingon", body=story("qapla")),),
            "captured", text="qapla"),
    Hostile("charset-utf7", (answer("200 OK", b"Content-Type: text/html; charset=utf-7", body=story("Seven")),),
            "captured", text="Seven"),
    Hostile("charset-lie", (answer("200 OK", b"Content-Type: text/html; charset=utf-16", body=story("Sixteen")),),
            "captured", text="Sixteen"),
    Hostile("not-utf8", sent(story("Bytes").replace(b"word7", b"\xff\xfe\x80")), "captured", text="Bytes"),
    Hostile("type-junk", (answer("200 OK", b"Content-Type: \xff; =;;", body=story("Typeless")),), "captured"),
    Hostile("nul-bytes", sent(story("Nul").replace(b"word9", b"wo\0rd")), "captured", text="Nul"),
    Hostile("unclosed", sent(b"<html><body><div><p>Unclosed <b>text <a href='/en'><i>" + b"<div><p><b>" * 400),
            "captured", text="Unclosed"),
    Hostile("deep", sent(b"<div>" * 20_000 + b"<p>Deep</p>"), "captured"),
    Hostile("deep-links", sent(b"<div><a href='/en/articles/deep-links'>x" * 20_000), "captured"),
    Hostile("deep-in-header", sent(b"<header>" * 1_500 + b"<p>Header</p>" * 2_000), "captured"),
    Hostile("cut-in-tag", sent(story("Cut tag") + b"<p class='"), "captured", text="Cut tag"),
    Hostile("attribute-huge", sent(b"<p title='" + b"x" * 800_000 + b"'>Attribute</p>" + story("Huge")), "captured",
            text="Attribute"),
    Hostile("entities", sent(story("Entities", "<p>" + "&amp;" * 100_000 + "&#0;&#x110000;&#xD800;")), "captured",
            text="Entities"),
    Hostile("links-odd", (page("Links odd", more="".join(f"<a href='{link}'>x</a>" for link in (
        "file:///etc/passwd", "data:text/html,<p>", "javascript:0", "mailto:a@b", "http://[", "http://a@127.0.0.1/",
        "//", "http://", "gopher://x/", "/en/articles/" + "a" * 9_000, "\x00", "http://127.0.0.1:99999/en/articles/x",
        "http://169.254.169.254/en/articles/x"))),), "captured", text="Links odd"),
)  # fmt: skip

THIS_YEAR = datetime.now(UTC).year


def going_on(link: str) -> Script:
    """A page that leads to *link*."""
    return (page(f"Going on {link}", more=f"<a href='{link}'>on</a>"),)


def next_month(path: str) -> Script:
    """A calendar: each month leads to the next."""
    found = re.search(r"(\d{4})/(\d\d)$", path)
    year, month = map(int, found.groups()) if found else (THIS_YEAR, 1)
    year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return going_on(f"/en/articles/calendar~/tags/{year}/{month:02}")


def new_session(path: str) -> Script:
    return going_on(f"/en/articles/session~{path.count('.')}.;jsessionid=0A1B2C3D4E5F{len(path)}")


def many_links(path: str) -> Script:
    links = "" if "~" in path else "".join(f"<a href='{path}~{n}'>{n}</a>" for n in range(20_000))
    return (page(f"Many {path}", more=links),) if links else busy("410 Gone")


MAZES = (
    Hostile("again", lambda path: going_on(f"{path}{'' if '~' in path else '~/tags'}/again"), "captured",
            text="Going on", most=6),
    Hostile("calendar", next_month, "captured", text="Going on", most=40),
    Hostile("session", new_session, "captured", text="Going on"),
    Hostile("links-many", many_links, "captured", text="Many", most=401),
)  # fmt: skip

CASES = (
    *BROKEN_OFF,
    *SLOWLY,
    *BOMBS,
    *ENDLESS,
    *REDIRECTS,
    *LENGTHS,
    *STATUSES,
    *BUSY,
    *PAGES,
    *MAZES,
)
