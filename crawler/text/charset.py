"""From a page's bytes to its characters, whatever it says of its own encoding."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import chardet
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
)

DETECTION_SAMPLE = 64 * 1024
"""Bytes shown to the detector: it costs milliseconds a page, and only undeclared or misdeclared pages need it."""

_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{2,}")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_CHARSET = re.compile(
    r"ascii|utf-(?:8|16|32)|iso8859|cp\d|koi8|mac-|gb|hz|big5|euc_|iso2022|shift_jis|johab|tis-620|kz1048|ptcp154"
)
"""How Python's codecs of written languages are called."""
_WESTERN = {"cp1252", "iso8859-1", "iso8859-15", "ascii"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's characters, and the Python codec that gave them."""

    text: str
    encoding: str


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """The characters of *body*, an HTML page; never fails.

    In this order: byte order mark; UTF-16 by its zero bytes, ISO-2022-JP by its escapes; UTF-8 where the bytes are
    that and no ASCII (a misdeclared UTF-8 page is common, bytes that are UTF-8 by chance are not), or where it is
    declared and most of them are; the charset of the Content-Type header; the page's own declaration, by the
    WHATWG's table of names; detection; Windows-1252. A declaration that does not fit the bytes is passed over.
    """
    encoding, mark = read_bom(body)
    if encoding is not None and mark is not None:
        return _lenient(body[len(mark) :], encoding)
    if encoding := _utf16(body) or _iso2022(body):
        return _lenient(body, encoding)
    ascii_only = body.isascii()
    if not ascii_only and (text := _as_utf8(body, content_type)) is not None:
        return Decoded(text, "utf-8")
    found = _declared(body, content_type) or _detected(body)
    return _lenient(body, found or ("utf-8" if ascii_only else "cp1252"))


def _lenient(body: bytes, encoding: str) -> Decoded:
    return Decoded(body.decode(encoding, "replace"), codecs.lookup(encoding).name)


def _utf16(body: bytes) -> str | None:
    head = body[:1024]
    if len(head) < 16:
        return None
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    return "utf-16-be" if head[0::2].count(0) > len(head) // 4 else None


def _iso2022(body: bytes) -> str | None:
    """ISO-2022-JP shifts by escape sequences, so that its bytes are all ASCII and fit every declaration."""
    # One byte is found ten times as fast as two.
    escaped = b"\x1b" in body and b"\x1b$" in body
    return "iso2022_jp" if escaped and body.isascii() and _fits(body, "iso2022_jp") else None


def _as_utf8(body: bytes, content_type: str | None) -> str | None:
    """The characters that UTF-8 makes of bytes; None where it does not fit them.

    A page that says it is UTF-8 is, as long as no more is wrong than right: a description cut in the middle of a
    character, say, on a page with few others beyond ASCII.
    """
    try:
        return body.decode()
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    if _is_stray(wrong, body):
        return text
    is_declared = any(_charset(name) == "utf-8" for name in _names(body, content_type))
    return text if is_declared and len(_BEYOND_ASCII.findall(text)) >= 2 * wrong else None


def _fits(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return _is_stray(body.decode(encoding, "replace").count("\ufffd"), body)
    return True


def _is_stray(wrong: int, body: bytes) -> bool:
    """Whether at most one in a hundred of the bytes beyond ASCII is wrong: real pages have stray bytes."""
    return wrong * 100 <= len(_HIGH.findall(body))


def _declared(body: bytes, content_type: str | None) -> str | None:
    for name in _names(body, content_type):
        encoding = _charset(name)
        if encoding and not encoding.startswith("utf-16") and _fits(body, encoding) and _likely(body, encoding):
            return encoding
    return None


def _names(body: bytes, content_type: str | None) -> tuple[str | None, str | None]:
    """How header and page name the encoding."""
    return http_content_type_encoding(content_type), html_body_declared_encoding(body)


def _charset(name: str | None) -> str | None:
    """The codec of that name, if it is one of characters: Python has others (``hex``, ``unicode-escape``)."""
    encoding = resolve_encoding(name) if name else None
    return encoding if encoding and _CHARSET.match(codecs.lookup(encoding).name) else None


def _likely(body: bytes, encoding: str) -> bool:
    """Whether a Western encoding suits: every byte is a letter in it, so that any other fits it too.

    In Western text, letters beyond ASCII stand alone; in Arabic, Greek, Cyrillic or CJK they come in runs.
    """
    if codecs.lookup(encoding).name not in _WESTERN:
        return True
    high = len(_HIGH.findall(body))
    in_runs = sum(len(run) for run in _HIGH_RUN.findall(body))
    return in_runs * 2 <= high


def _detected(body: bytes) -> str | None:
    if body.isascii():
        return None
    encoding = _charset(chardet.detect(body[:DETECTION_SAMPLE])["encoding"])
    return encoding if encoding and _fits(body, encoding) else None
