"""When a story was published and changed: as the page says, and where it says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

from crawler.items import Dated
from crawler.page.linked import Linked, strings
from crawler.page.meta import Meta
from crawler.page.outline import Outline

_PUBLISHED = (
    "article:published_time og:article:published_time og:published_time datepublished article:published publishdate "
    "publish-date publish_date publication_date published_time pubdate parsely-pub-date sailthru.date "
    "cxenseparse:recs:publishtime dc.date.issued dcterms.issued dc.date.created dcterms.created dc.date dcterms.date "
    "date"
).split()
_MODIFIED = (
    "article:modified_time og:article:modified_time og:updated_time datemodified article:modified lastmod "
    "last-modified dcterms.modified dc.date.modified last_updated_date"
).split()
_JAVA = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d:\d\d:\d\d) ([A-Z]{2,5}) (\d{4})")
_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?"
)
_SLASHED = re.compile(r"(\d{4})[/.](\d\d?)[/.](\d\d?)(?:[T ]+(\d\d?:\d\d(?::\d\d)?))?")
_OFFSETS = {"CET": "+0100", "CEST": "+0200", "GMT": "+0000", "UTC": "+0000", "BST": "+0100", "EET": "+0200"}
_OFFSETS |= {"EEST": "+0300", "EST": "-0500", "EDT": "-0400", "PST": "-0800", "PDT": "-0700", "MSK": "+0300"}
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script\s*>", re.IGNORECASE)
_PROSE = re.compile(r"<p\b[^<>]*+>[^<\d]{60,}+</p>", re.IGNORECASE)
"""Paragraphs in which there is no date, for they have no digit: htmldate's cost grows with the text."""
_MAIN = frozenset({"article", "main"})
_EARLIEST = 1990
_FIRST, _LAST = "1990-01-01", "2099-12-31"


def published(outline: Outline, linked: Linked, meta: Meta, html: str | None = None) -> Dated | None:
    """When the story came out: by JSON-LD, else by meta elements, microdata, a time element; else by htmldate.

    *html* is the page's characters, for htmldate; without them it is not asked.
    """
    said = (
        _first(_linked(linked, "datePublished"), "json-ld"),
        _first(meta.all(_PUBLISHED), "meta"),
        _first(_microdata(outline, "datePublished"), "microdata"),
        _first(_times(outline), "time"),
    )
    return next((one for one in said if one), None) or (_guessed(html) if html else None)


def modified(outline: Outline, linked: Linked, meta: Meta) -> Dated | None:
    """When the story was last changed."""
    return (
        _first(_linked(linked, "dateModified"), "json-ld")
        or _first(meta.all(_MODIFIED), "meta")
        or _first(_microdata(outline, "dateModified"), "microdata")
    )


def iso(text: str) -> str | None:
    """A date as ISO 8601 writes it, with the offset where there is one; None for what is no date."""
    text = text.strip()
    parsed = _parse_iso(text) or _parse_slashed(text) or _parse_java(text) or _parse_mail(text)
    return parsed if parsed and int(parsed[:4]) >= _EARLIEST else None


def _first(raws: Iterable[str], source: str) -> Dated | None:
    return next((Dated(value, raw, source) for raw in raws if (value := iso(raw))), None)


def _linked(linked: Linked, key: str) -> Iterator[str]:
    yield from strings(linked.article.get(key))
    if not linked.article:
        for thing in linked.things:
            yield from strings(thing.get(key))


def _microdata(outline: Outline, name: str) -> Iterator[str]:
    for element in outline.having("itemprop"):
        if element.lists("itemprop", name.lower()):
            yield element.get("content") or element.get("datetime") or element.text


def _times(outline: Outline) -> Iterator[str]:
    """The time elements beside the headline: one that says it is the date, or the first of the story."""
    for one in outline.all("time"):
        if one.gives("pubdate") or (one.gives("datetime") and one.closest(_MAIN)):
            yield one.get("datetime") or one.text
            return


def _guessed(html: str) -> Dated | None:
    """What htmldate finds in the markup: not in scripts, nor in prose, where dates are of other things."""
    from htmldate import find_date  # costs a tenth of a second to import, and few pages need it

    plain = _PROSE.sub("", _without_scripts(html))
    try:
        # Without a last day it takes today's, and a page would say something else tomorrow.
        found = find_date(plain, extensive_search=False, original_date=True, min_date=_FIRST, max_date=_LAST)
    except (ValueError, RecursionError, AttributeError, TypeError):
        return None
    return Dated(found, found, "htmldate") if found else None


def _without_scripts(html: str) -> str:
    """What is between the scripts; one without an end is none."""
    kept, at = [], 0
    for script in _SCRIPT.finditer(html):
        if script.start() < at:
            continue  # words of the script before
        end = _SCRIPT_END.search(html, script.end())
        if end is None:
            break
        kept.append(html[at : script.start()])
        at = end.end()
    return "".join([*kept, html[at:]])


def _parse_iso(text: str) -> str | None:
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, offset = match.groups()
    whole = f"{year}-{month}-{day}"
    if hour is not None:
        offset = "+00:00" if offset in ("Z", "UTC") else offset or ""
        whole += f"T{hour:0>2}:{minute}:{second or '00'}{_with_colon(offset)}"
    return whole if _is_date(whole) else None


def _with_colon(offset: str) -> str:
    return f"{offset[:3]}:{offset[3:]}" if len(offset) == 5 else offset


def _parse_slashed(text: str) -> str | None:
    match = _SLASHED.match(text)
    if match is None:
        return None
    year, month, day, time = match.groups()
    return _parse_iso(f"{year}-{month:0>2}-{day:0>2}" + (f"T{time}" if time else ""))


def _parse_mail(text: str) -> str | None:
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _parse_java(text: str) -> str | None:
    match = _JAVA.match(text)
    if match is None:
        return None
    month, day, time, zone, year = match.groups()
    return _parse_mail(f"{day} {month} {year} {time} {_OFFSETS.get(zone, '')}".strip())


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
