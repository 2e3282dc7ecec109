"""Which captures are articles, and what each becomes: the same for a running crawl and for an archive."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from crawler.items import Drop, Page
from crawler.sites.profile import Profile
from crawler.text.page import PageReader, has_markup, is_html
from crawler.urls import resolve

logger = logging.getLogger(__name__)

DECODED_LIMIT = 64 * 1024 * 1024
"""Bytes of a page, as sent or with content coding undone: beyond it is no article, but a bomb."""

NOT_MODIFIED = 304
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Those that are followed, as browsers do."""
UNDECODABLE, TOO_LARGE = "undecodable", "too-large"
ORIGINAL_MISSING = "original-missing"
"""A revisit whose response is not in the archive: nowhere is it known what it says."""
DAMAGED = "damaged"
"""What lies in the archive is not what was written there."""
UNREADABLE = "unreadable"
FAULTS = frozenset({UNDECODABLE, TOO_LARGE})


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a capture before its body is read."""

    url: str
    """The URL asked for."""
    status: int | None
    """None where no response came."""
    location: str | None = None
    """The Location header of a redirect."""
    truncated: str = ""
    """Why the response is cut short; empty for a whole one."""
    error: str = ""
    """The dotted class name of what kept a response from coming."""


def verdict(profile: Profile, answer: Answer) -> bool | Drop:
    """Whether a capture must be read (True) or says nothing of an article (False), or why it makes no document."""
    if answer.status == NOT_MODIFIED or profile.article(answer.url) is None:
        return False
    if answer.status is None:
        return Drop(answer.url, f"failed-{answer.error.rpartition('.')[2]}" if answer.error else "failed")
    if answer.truncated:
        return Drop(answer.url, f"truncated-{answer.truncated}")
    to = resolve(answer.url, answer.location) if answer.status in _REDIRECTS and answer.location else None
    if to is not None:
        return Drop(answer.url, "redirected", to)
    return True if 200 <= answer.status < 300 else Drop(answer.url, f"status-{answer.status}")


def fault(*, undecoded: bool, limited: bool) -> str:
    """Why a body with content codings cannot be read; empty where it can."""
    return TOO_LARGE if limited else UNDECODABLE if undecoded else ""


@dataclass(frozen=True, slots=True)
class Body:
    """A body to be read."""

    data: bytes
    url: str
    content_type: str | None
    wrong: str
    """Its :func:`fault`; empty where it has none."""
    record_id: str | None


def read_body(reader: PageReader, body: Body) -> Page | Drop:
    """What a body says; see :func:`read_article`."""
    return read_article(reader, body.data, body.url, body.content_type, wrong=body.wrong, record_id=body.record_id)


def read_article(
    reader: PageReader,
    body: bytes,
    url: str,
    content_type: str | None,
    *,
    wrong: str = "",
    record_id: str | None = None,
) -> Page | Drop:
    """What a body says: a page, or the reason why it is none; *wrong* is its :func:`fault`, if it has one.

    Never fails: a page that the reader was not made for is ``unreadable``, and told in the log.
    """
    # A server that names a coding and sends the page plain is common; a reader sees the page all the same.
    if wrong and not (wrong == UNDECODABLE and has_markup(body)):
        return Drop(url, wrong, record_id=record_id)
    if not is_html(body, content_type):
        return Drop(url, "not-html" if body else "empty", record_id=record_id)
    try:
        page = reader.read(body, url, content_type, record_id)
        return reader.described(page) if isinstance(page, Page) else page
    except Exception:
        logger.exception("%s: cannot be read: it makes no document; its capture is kept", url)
        return Drop(url, UNREADABLE, record_id=record_id)
