"""Pages that lead on by themselves, by a ``meta`` element."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.http import Response

from crawler.urls import resolve

_LOOKED_AT = 4 * 4096
"""Bytes: Scrapy looks at 4,096 characters, of four bytes at most."""


class RefreshMiddleware(MetaRefreshMiddleware):
    """Scrapy's own, but that only what the frontier gave out leads on, and that no page leads to itself.

    A front page that shows itself anew each minute is a page, and a robots.txt is no page. Settings: those of
    Scrapy's, of which METAREFRESH_MAXDELAY tells a page that leads on from one that is read first. Not all of a page
    is decoded to find that nothing in it says ``refresh``.
    """

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """The request for where the page leads on to, or the page."""
        if "kind" not in request.meta or not _may_refresh(response.body):
            return response
        led = super().process_response(request, response)
        return response if isinstance(led, Request) and _same(led.url, request.url) else led


def _same(url: str, page: str) -> bool:
    """Whether *url* is the address of the *page* in whatever spelling."""
    return resolve(page, url) == resolve(page, page)


def _may_refresh(body: bytes) -> bool:
    """Whether the word is there, or could be: in references to characters, or in UTF-16."""
    head = body[:_LOOKED_AT].lower()
    return b"refresh" in head or b"&#" in head or b"\0" in head
