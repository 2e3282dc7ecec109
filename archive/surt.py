"""The key a URL has in an index: SURT, as pywb and the Internet Archive's tools make it.

``http://www.Example.com:80/B/?b=2&a=1#x`` becomes ``com,example)/b?a=1&b=2``: host reversed, ``www.``, user,
default port and fragment gone, path and query unescaped, escaped once and lower-case, query sorted.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes

_URL = re.compile(rb"(?s)([a-zA-Z][a-zA-Z0-9+.-]*):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?")
_SCHEME = re.compile(rb"[a-zA-Z][a-zA-Z0-9+.-]*:")
_SCHEMES = re.compile(rb"(https?://)+")
_WWW = re.compile(rb"www\d*\.")
_NUMBERS = re.compile(rb"(?:[1-9][0-9]*|0[0-7]*)(?:\.[0-9]+){0,3}")
_DEFAULT_PORTS = {b"http": b"80", b"https": b"443"}
_ESCAPED_AGAIN = re.compile(rb"%(?:25)+")
_SAFE = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_ASP_SESSIONS = (
    re.compile(rb"(?is)(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)"),
    re.compile(rb"(?is)(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)"),
)
_QUERY_SESSIONS = tuple(
    re.compile(rb"(?is)(.*)" + name + rb"(?:&(.*))?")
    for name in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)


@lru_cache(maxsize=256)
def ascii_url(url: str) -> str:
    """*url* with each byte that a WARC-Target-URI cannot hold (space, control, not ASCII) percent-encoded."""
    if url.isascii() and url.isprintable() and not set(url) & {" ", "<", ">"}:
        return url
    return quote_from_bytes(_encoded(url), safe=_SAFE.translate({60: "", 62: ""}) + "#%")


def url_key(url: str) -> str:
    """The SURT key of *url*; never raises."""
    raw = re.sub(rb"[\r\n\t]", b"", _encoded(url).strip())
    if not raw:
        return "-"
    if raw.startswith(b"filedesc"):
        return raw.decode("ascii", "replace")
    if not _SCHEME.match(raw):
        raw = b"http://" + raw
    match = _URL.match(_SCHEMES.sub(lambda schemes: schemes[1], raw, count=1))
    assert match is not None  # whatever begins with a scheme matches
    scheme, authority, path, query = match.groups(b"")
    if not authority and scheme.startswith(b"http"):
        authority, _, path = path.lstrip(b"/").partition(b"/")
        path = b"/" + path
    if not authority:
        return _ascii(scheme + b":" + _path(path, rooted=False) + _query(query))
    return _ascii(_host(scheme, authority) + b")" + _path(path, rooted=True) + _query(query))


def _encoded(url: str) -> bytes:
    """The bytes of *url*; a surrogate that stands for no byte, as JSON can write one, as UTF-8 would write it."""
    try:
        return url.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return url.encode("utf-8", "surrogatepass")


def _ascii(key: bytes) -> str:
    return key.decode("ascii", "replace")


def _unescape(data: bytes) -> bytes:
    """Percent-encoding undone until there is none."""
    # A percent sign escaped ten thousand times over would take as many passes.
    while b"%" in data and (once := unquote_to_bytes(_ESCAPED_AGAIN.sub(b"%", data))) != data:
        data = once
    return data


def _escape(data: bytes) -> bytes:
    return quote_from_bytes(data, safe=_SAFE).encode("ascii")


def _host(scheme: bytes, authority: bytes) -> bytes:
    host, colon, port = authority.rpartition(b"@")[2].partition(b":")
    if authority.rpartition(b"@")[2].startswith(b"["):
        host, _, port = authority.rpartition(b"@")[2].partition(b"]")
        host, colon, port = host[1:], port[:1], port[1:]
    host = _escape(_numeric(_to_ascii(_unescape(host)).replace(b"..", b".").strip(b".").lower()))
    host = host.lower().removeprefix(found[0] if (found := _WWW.match(host)) else b"")
    reversed_host = b",".join(reversed(host.split(b".")))
    port = port.lstrip(b"0") if port.isdigit() else b""  # as digits: no number is too large for these
    if not (colon and port) or port == _DEFAULT_PORTS.get(scheme.lower()):
        return reversed_host
    return reversed_host + b":" + port


def _to_ascii(host: bytes) -> bytes:
    """Punycode for a host that is not ASCII, where it can be had."""
    if host.isascii():
        return host
    try:
        return host.decode("utf-8", "ignore").encode("idna")
    except ValueError:
        return host


def _numeric(host: bytes) -> bytes:
    """An IPv4 address in any of its spellings as four decimal numbers."""
    if host.isdigit():
        return socket.inet_ntoa((int(host[:40]) & 0xFFFFFFFF).to_bytes(4, "big")).encode()
    if not _NUMBERS.fullmatch(host):
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host.decode())).encode()
    except OSError:
        return host


def _path(path: bytes, *, rooted: bool) -> bytes:
    path = _unescape(path)
    path = _escape(_normal(path) if rooted else path).lower()
    for session in _ASP_SESSIONS:
        if match := session.fullmatch(path):
            path = match[1] + match[2]
    return path[:-1] if path.endswith(b"/") and len(path) > 1 else path


def _normal(path: bytes) -> bytes:
    """Without ``.``, ``..`` and empty segments; a slash at the end stays."""
    kept: list[bytes] = []
    for segment in path.split(b"/")[1:]:
        if segment == b".." and kept:
            kept.pop()
        elif segment != b".":
            kept.append(segment)
    if not kept:
        return b"/"
    return b"/" + b"".join(segment + b"/" for segment in kept[:-1] if segment) + kept[-1]


def _query(query: bytes) -> bytes:
    query = _escape(_unescape(query))
    for session in _QUERY_SESSIONS:
        if match := session.fullmatch(query):
            query = match[1] + (match[2] or b"")
    query = query.lower()
    if len(query) > 1:
        query = b"&".join(b"=".join(pair) for pair in sorted(part.split(b"=", 1) for part in query.split(b"&")))
    return b"?" + query if query else b""
