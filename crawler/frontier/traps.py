"""Addresses that a site makes without end: paths that repeat, calendars, session ids. Conservative; no Scrapy."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

MOST_SEGMENTS = 30
MOST_PARAMETERS = 24
MOST_OF_ONE = 4
"""How often one word may stand as a segment of a path."""

_RUN = re.compile(r"((?:/[^/]+){1,6}?)\1{2}(?=/|$)")
"""One to six segments three times in a row: links relative to a page that answers under any path."""

_ESCAPED_AGAIN = re.compile(r"%25(?:25){2}")
_NESTED = re.compile(r"https?:/", re.IGNORECASE)
_SESSION = re.compile(
    r"""[;?&/](?:jsessionid|phpsessid|aspsessionid[a-z]*|cfid|cftoken|oscsid|zenid)=[\w.!-]{6,}
      | [;?&](?:sid|s|session|sessionid|session_id)=(?:[0-9a-f]{32}|[0-9a-f]{40})(?![0-9a-z])
      | /\((?:[A-Z]\([\w-]{20,}\))+\)/""",  # ASP.NET without cookies
    re.IGNORECASE | re.VERBOSE,
)

_DATED_PATH = re.compile(r"/(\d{4})(?:/(?:0[1-9]|1[0-2])|-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)(?=/|$)")
_DATED_QUERY = re.compile(
    r"[?&](?:y|yr|year|jahr|annee|ano|anno|date|day|week|month|from|to|start|end|cal|calendar)=(\d{4})(?=$|[&/-])",
    re.IGNORECASE,
)

BARREN = "nothing-new"
"""A list after too many in a row that led to no new article: such as pages of a list that has long ended."""

EARLIEST, AHEAD = 1600, 2
"""The years of which a news site can have pages: from its archive's oldest to what it announces."""

_ERAS = (543, -579, -621, 3760)
"""Years to add to Gregorian ones: Thai, Islamic (as of now), Iranian, Hebrew dates stand in addresses too."""

_ERAS_BACK = 150
"""Years back to which addresses in such eras are believed, lest they cover all that is to come in ours."""


def looks_like_trap(url: str, *, year: int | None = None) -> str | None:
    """Why *url*, normalised, looks like one of endlessly many that lead to nothing new; None where it does not.

    *year* is the present one. The reasons: ``repeated-path``, ``deep-path``, ``many-parameters``,
    ``escaped-again``, ``nested-address``, ``session-id``, ``far-date``.
    """
    path, _, query = url.partition("://")[2].partition("?")
    path = path[path.find("/") :] if "/" in path else "/"
    return _path_trap(path) or _query_trap(query) or _anywhere(url, path, query, year or datetime.now(UTC).year)


def _path_trap(path: str) -> str | None:
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > MOST_SEGMENTS:
        return "deep-path"
    if len(segments) > len(set(segments)) and _repeats(segments, path):
        return "repeated-path"
    return None


def _repeats(segments: list[str], path: str) -> bool:
    """Whether words repeat; numbers may, as in the date 2011/11/11/11."""
    words = Counter(segment for segment in segments if not segment.isdecimal())
    if words and max(words.values()) > MOST_OF_ONE:
        return True
    run = _RUN.search(path)
    return run is not None and not run[1].replace("/", "").isdecimal()


def _query_trap(query: str) -> str | None:
    return "many-parameters" if query.count("&") >= MOST_PARAMETERS else None


def _anywhere(url: str, path: str, query: str, year: int) -> str | None:
    if _ESCAPED_AGAIN.search(url):
        return "escaped-again"
    if len(_NESTED.findall(path)) > 1:
        return "nested-address"
    if _SESSION.search(url):
        return "session-id"
    return "far-date" if any(_far(int(found), year) for found in _years(path, query)) else None


def _years(path: str, query: str) -> list[str]:
    return _DATED_PATH.findall(path) + _DATED_QUERY.findall(f"?{query}" if query else "")


def _far(found: int, year: int) -> bool:
    if EARLIEST <= found <= year + AHEAD:
        return False
    return not any(year - _ERAS_BACK <= found - era <= year + AHEAD for era in _ERAS)
