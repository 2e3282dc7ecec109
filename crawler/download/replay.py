"""The download handler of a replay: every answer comes from the archive, and nothing from the network."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from archive.entry import Entry
from archive.errors import ArchiveReadError
from archive.message import Head
from archive.reader import StoredResponse, content_type_of, head_of, read, resolve
from crawler.download.failures import failure
from crawler.download.stored import body_of
from crawler.errors import NotArchivedError
from crawler.flags import capture_flag
from crawler.text.article import DAMAGED, ORIGINAL_MISSING

if TYPE_CHECKING:
    from crawler.from_archive.replay import Replay

AS_OF = "as_of"
"""In a request's meta: the time at which the capture wanted was the newest one."""

NOT_MODIFIED = 304

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A field's name (RFC 9110, 5.1); others are not handed on."""

_OF_THE_CONNECTION = frozenset(
    b"content-length connection keep-alive te trailers transfer-encoding upgrade proxy-connection".split()
)


class ReplayDownloadHandler(BaseDownloadHandler):
    """Named for ``http`` and ``https`` in DOWNLOAD_HANDLERS; ``crawler.replay`` holds the archive.

    Behaves towards Scrapy as the wire did: redirects, 4xx and 5xx come as they were, failed fetches and answers that
    were cut short raise what was raised then. Revisits come with the body of the response that they stand for;
    so does a 304, to a request that has no validators.

    Raises in place of a response, beside that: NotArchivedError for a URL without a capture or with a damaged one,
    ArchiveError for one that cannot be read.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._replay: Replay = crawler.replay  # type: ignore[attr-defined]

    async def download_request(self, request: Request) -> Response:
        """The answer to *request*, as it came."""
        entry = self._entry(request)
        if entry is None:
            raise NotArchivedError(f"{request.url}: no capture in the archive")
        with closing(read(self._replay.source.archive, entry.location)) as stored:
            if stored.status == NOT_MODIFIED and not _conditional(request):
                return self._page(request, entry, stored)
            return self._answer(entry, stored)

    def _entry(self, request: Request) -> Entry | None:
        captures = self._replay.captures
        if AS_OF in request.meta:
            return captures.at(request.url, request.meta[AS_OF])
        return captures.current(urldefrag(request.url).url)

    def _page(self, request: Request, entry: Entry, stored: StoredResponse) -> Response:
        """The page that a 304 stands for, as it was then; the 304 itself where that is not to be had."""
        source = self._replay.source
        try:
            if stored.location.type == "revisit":
                with closing(resolve(source.archive, source.index, stored)) as original:
                    return self._answer(entry, original)
        except ArchiveReadError:
            pass  # its reference leads nowhere: the newest page before it will do
        pages = [e for e in self._replay.captures.of(request.url) if e.status == 200 and e.when <= entry.when]
        if not pages:
            return self._answer(entry, stored)
        with closing(read(source.archive, pages[-1].location)) as page:
            return self._answer(pages[-1], page)

    def _answer(self, entry: Entry, stored: StoredResponse) -> Response:
        source = self._replay.source
        self._refuse_damaged(stored, stored)
        told = entry.error if entry.location.place == stored.location.place else None
        wrong = failure(stored, told)
        if wrong is not None or stored.status == NOT_MODIFIED:
            self._replay.seen(stored, stored, told)
            if wrong is not None:
                raise wrong
            return self._response(stored, stored)
        try:
            original = resolve(source.archive, source.index, stored)
        except ArchiveReadError as error:
            if stored.status is None or 200 <= stored.status < 300:
                self._replay.missing(stored)
                raise NotArchivedError(f"{ORIGINAL_MISSING}: {error}", ORIGINAL_MISSING) from error
            original = stored  # a redirect, say: its own head tells all that it is for
        with closing(original):
            if original is not stored:
                self._refuse_damaged(stored, original)
            self._replay.seen(stored, original)
            return self._response(stored, original)

    def _refuse_damaged(self, stored: StoredResponse, original: StoredResponse) -> None:
        if why := self._replay.damaged(stored, original):
            raise NotArchivedError(f"{DAMAGED}: {why}", DAMAGED)

    def _response(self, stored: StoredResponse, original: StoredResponse) -> Response:
        head = head_of(stored, original)
        headers, (body, flags) = _headers(head, content_type_of(stored, original)), body_of(original.message)
        kind = responsetypes.from_args(headers=headers, url=stored.url, body=body)
        return kind(
            url=stored.url,
            status=head.status or original.status or 0,
            headers=headers,
            body=body,
            flags=[*flags, capture_flag(stored.id)],
            protocol=head.start.partition(b" ")[0].decode("latin-1") or None,
        )


def _headers(head: Head, content_type: str | None) -> Headers:
    """What the wire hands on of the fields of *head*: none that are about the connection (RFC 9110, 7.6.1)."""
    headers = Headers()
    for name, value in head.fields:
        if name.lower() not in _OF_THE_CONNECTION and _NAME.fullmatch(name):
            headers.appendlist(name, value)
    if head.status in (204, NOT_MODIFIED):
        headers[b"Content-Length"] = b"0"
    elif head.get(b"Transfer-Encoding") is None and (length := head.get(b"Content-Length")) is not None:
        headers[b"Content-Length"] = length
    if content_type is not None and b"Content-Type" not in headers:
        headers[b"Content-Type"] = content_type
    return headers


def _conditional(request: Request) -> bool:
    return b"If-None-Match" in request.headers or b"If-Modified-Since" in request.headers
