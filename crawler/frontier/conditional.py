"""A recrawl asks whether a page has changed: If-None-Match and If-Modified-Since (RFC 9110, 13.1)."""

from __future__ import annotations

from contextlib import closing
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from archive.errors import ArchiveError
from archive.index import Index
from archive.reader import read
from crawler.collection.folder import Collection


class ConditionalMiddleware:
    """Puts the validators of the newest capture into a request for a page that an earlier crawl captured."""

    def __init__(self, collection: Collection, index: Index) -> None:
        self._collection = collection
        self._index = index

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Of a recrawl; a first crawl has nothing to compare with."""
        run = getattr(crawler, "run", None)
        if run is None or run.number == 1:
            raise NotConfigured("a first crawl")
        collection: Collection = crawler.collection  # type: ignore[attr-defined]
        return cls(collection, Index(collection.index))

    def process_request(self, request: Request) -> None:
        """Add the validators, if there are any. Not to robots.txt: a 304 has no rules to obey."""
        if "kind" not in request.meta:
            return
        for name, value in self._validators(request.url):
            request.headers[name] = value

    def _validators(self, url: str) -> list[tuple[bytes, bytes]]:
        entries = [entry for entry in self._index.find(url) if entry.status == 200 and not entry.truncated]
        if not entries:
            return []
        try:
            with closing(read(self._collection.archive, entries[-1].location)) as stored:
                found = ((b"If-None-Match", b"ETag"), (b"If-Modified-Since", b"Last-Modified"))
                return [(asked, value) for asked, name in found if (value := stored.head.get(name))]
        except ArchiveError:
            return []
