"""Pages that lead on by themselves, by a ``meta`` element."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.http import Response

_LOOKED_AT = 4 * 4096
"""Bytes: Scrapy looks at 4,096 characters, of four bytes at most."""


class RefreshMiddleware(MetaRefreshMiddleware):
    """Scrapy's own, but that it does not decode all of a page to find that nothing in it says ``refresh``."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """The request for where the page leads on to, or the page."""
        return super().process_response(request, response) if _may_refresh(response.body) else response


def _may_refresh(body: bytes) -> bool:
    """Whether the word is there, or could be: in references to characters, or in UTF-16."""
    head = body[:_LOOKED_AT].lower()
    return b"refresh" in head or b"&#" in head or b"\0" in head
