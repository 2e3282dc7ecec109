"""A recrawl asks whether a page has changed: If-None-Match and If-Modified-Since (RFC 9110, 13.1)."""

from __future__ import annotations

from contextlib import closing
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from archive.errors import ArchiveError
from archive.index import Index
from archive.reader import StoredResponse, head_of, read, resolve
from crawler.collection.folder import Collection
from crawler.crawls.assembly import Assembly
from crawler.download.stored import body_of
from crawler.text.article import NOT_MODIFIED

_VALIDATORS = ((b"If-None-Match", b"ETag"), (b"If-Modified-Since", b"Last-Modified"))
_OF_THE_BODY = (b"Content-Type", b"Content-Encoding")
"""Fields without which a body cannot be read; a 304 has none of them."""


class ConditionalMiddleware:
    """Puts the validators of the newest capture into a request for a page that an earlier crawl captured.

    A 304 comes with the body of that capture: it has the page's links, and the spider follows them. It stays a 304.
    """

    def __init__(self, collection: Collection, index: Index, assembly: Assembly) -> None:
        self._collection = collection
        self._index = index
        self._assembly = assembly

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Of a recrawl; a first crawl, and one that has forgotten those before, has nothing to compare with."""
        run = getattr(crawler, "run", None)
        if run is None or run.number == 1:
            raise NotConfigured("a first crawl")
        collection: Collection = crawler.collection  # type: ignore[attr-defined]
        return cls(collection, Index(collection.index), crawler.assembly)  # type: ignore[attr-defined]

    def process_request(self, request: Request) -> None:
        """Add the validators, if there are any. Not to robots.txt: a 304 has no rules to obey. Not for a page that
        repeats another's text: when that one changes, this one makes a document, though it has not changed itself.
        """
        if "kind" not in request.meta or self._assembly.repeats(request.url):
            return
        try:
            for name, value in self._validators(request.url):
                request.headers[name] = value
        except ArchiveError:
            return  # whose body is not to be had is asked for in full

    def process_response(self, request: Request, response: Response) -> Response:
        """The response; of a 304, with the body that it stands for."""
        if response.status != NOT_MODIFIED or "kind" not in request.meta:
            return response
        try:
            known = self._known(request.url, response)
        except ArchiveError:
            known = None
        if known is None:
            return response
        request.meta["handle_httpstatus_list"] = [NOT_MODIFIED]
        return known

    def _validators(self, url: str) -> list[tuple[bytes, bytes]]:
        stored = self._newest(url)
        if stored is None:
            return []
        with closing(stored), closing(resolve(self._collection.archive, self._index, stored)):
            return [(asked, value) for asked, name in _VALIDATORS if (value := stored.head.get(name))]

    def _known(self, url: str, response: Response) -> Response | None:
        stored = self._newest(url)
        if stored is None:
            return None
        with closing(stored), closing(resolve(self._collection.archive, self._index, stored)) as original:
            return _with_body(response, stored, original)

    def _newest(self, url: str) -> StoredResponse | None:
        """The newest capture of a page; None where there is none."""
        entries = [entry for entry in self._index.find(url) if entry.status == 200 and not entry.truncated]
        return read(self._collection.archive, entries[-1].location) if entries else None


def _with_body(response: Response, stored: StoredResponse, original: StoredResponse) -> Response:
    headers, head = response.headers.copy(), head_of(stored, original)
    for name in _OF_THE_BODY:
        headers.pop(name, None)
    for name, value in head.fields:
        if name.title() in _OF_THE_BODY:
            headers.appendlist(name, value)
    body, flags = body_of(original.message)
    kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
    return response.replace(headers=headers, body=body, flags=[*response.flags, *flags], cls=kind)
