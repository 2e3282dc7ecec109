"""Moments as pages write them, for machines or for readers, told as ISO 8601 writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import import_module
from types import MappingProxyType

_MONTHS = "january february march april may june july august september october november december".split()
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
"""Seconds or milliseconds since 1970."""
_MAIL = re.compile(r"(?:[A-Z][a-z]{2}, *)?\d\d? [A-Z][a-z]{2} \d{4} +\d\d?:\d\d")
_JAVA = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d:\d\d:\d\d) ([A-Z]{2,5}) (\d{4})")
_ISO = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_SEPARATED = re.compile(r"(\d{4})[/.-](\d\d?)[/.-](\d\d?)(?!\d)")
_SIGNED = re.compile(r"(\d{4})\s*[年년]\s*(\d\d?)\s*[月월]\s*(\d\d?)\s*[日일]")
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<day>\d\d?)(?:\.|st|nd|rd|th|er|[ºª°])?\s+(?:d[eio]\s+)?(?P<month>[^\s\d.,/-]+)\.?,?\s+(?:del?\s+)?(?P<year>\d{4})"
)
_MONTH_FIRST = re.compile(r"(?P<month>[^\s\d.,/-]+)\.?\s+(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})")
_TIME = re.compile(
    r"(?:T|[\s,|]*(?:[a-zà.]{1,5}\s+){0,2})(\d\d?)[:.h](\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?!\d)\s*(.*)", re.DOTALL
)
"""What stands behind a date, after a word such as "at" or none."""
_HALVED = re.compile(r"(?<!\d)(\d\d?)([:.]\d\d(?::\d\d)?)\s*([ap])\.?m\b\.?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-](?:0\d|1[0-4]))(?::?(\d\d))?(?!\d)")
_ZONE = re.compile(r"[A-Za-z]++(?!\s*[+-])")
_OFFSETS = {"CET": "+0100", "CEST": "+0200", "GMT": "+0000", "UTC": "+0000", "BST": "+0100", "EET": "+0200"}
_OFFSETS |= {"EEST": "+0300", "EST": "-0500", "EDT": "-0400", "PST": "-0800", "PDT": "-0700", "MSK": "+0300"}
_OFFSETS |= {"Z": "+0000"}
_NOON = 12
_EARLIEST, _LATEST = 1990, 2099


def iso(text: str, language: str = "") -> str | None:
    """A moment as ISO 8601 writes it, with the offset where there is one; None for what is no date.

    Names of months are read in English and in *language* (BCP 47). A time whose zone or half of the day is told in
    words that are not known is left out.
    """
    text = _in_24_hours(_plain(text.strip()))
    parsed = _epoch(text) or _numbered(text) or _mail(text) or _java(text) or _worded(text, language)
    return parsed if parsed and _EARLIEST <= int(parsed[:4]) <= _LATEST else None


def _plain(text: str) -> str:
    """A text with the digits of other scripts as European ones."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)


def _in_24_hours(text: str) -> str:
    return _HALVED.sub(lambda match: f"{_hour(int(match[1]), match[3])}{match[2]}", text)


def _hour(hour: int, half: str) -> int:
    if hour > _NOON:
        return hour
    return hour % _NOON + (_NOON if half in "pP" else 0)


def _epoch(text: str) -> str | None:
    if _EPOCH.fullmatch(text) is None:
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC).isoformat()


def _numbered(text: str) -> str | None:
    """A date in numbers, the year first."""
    match = _ISO.match(text) or _SEPARATED.match(text) or _SIGNED.search(text)
    if match is None:
        return None
    year, month, day = match.groups()
    return _told(year, month, day, text[match.end() :])


def _worded(text: str, language: str) -> str | None:
    """A date whose month has its name, wherever it stands in a text."""
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        for match in pattern.finditer(text):
            if month := _month(match["month"].casefold(), language):
                return _told(match["year"], month, match["day"], text[match.end() :])
    return None


def _month(name: str, language: str) -> str | None:
    return _named(language.partition("-")[0].lower()).get(name) or _named("en").get(name)


@cache
def _named(language: str) -> Mapping[str, str]:
    """The numbers of the months by their names in a language; none where the language is not known."""
    if not language.isalpha():
        return MappingProxyType({})
    try:
        info = import_module(f"dateparser.data.date_translation_data.{language}").info
    except ImportError:
        return MappingProxyType({})
    names = {name.casefold(): str(at) for at, month in enumerate(_MONTHS, 1) for name in info[month]}
    return MappingProxyType(names)


def _told(year: str, month: str, day: str, rest: str) -> str | None:
    """A date, with the time that stands behind it where all of that is understood."""
    date = f"{year}-{month:0>2}-{day:0>2}"
    if not _is_date(date):
        return None
    match = _TIME.match(rest)
    if match is None:
        return date
    hour, minute, second, behind = match.groups()
    offset = _offset(behind)
    if offset is None:
        return date
    whole = f"{date}T{hour:0>2}:{minute}:{second or '00'}{offset}"
    return whole if _is_date(whole) else None


def _offset(behind: str) -> str | None:
    """The offset that stands behind a time; empty where there is none, None where it is not understood."""
    if match := _OFFSET.match(behind):
        return f"{match[1]}:{match[2] or '00'}"
    if match := _ZONE.match(behind):
        known = _OFFSETS.get(match[0].upper())
        return f"{known[:3]}:{known[3:]}" if known else None
    return None if behind[:1].isalpha() or behind[:1] in ("+", "-") else ""


def _mail(text: str) -> str | None:
    """A date as mails have it (RFC 5322)."""
    if _MAIL.match(text) is None:
        return None
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _java(text: str) -> str | None:
    match = _JAVA.match(text)
    if match is None:
        return None
    month, day, time, zone, year = match.groups()
    return _mail(f"{day} {month} {year} {time} {_OFFSETS.get(zone, '')}".strip())


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
