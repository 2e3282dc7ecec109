"""The download handler of a crawl that goes on: what it captured before it was cut off is not fetched again."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from archive.entry import Entry
from archive.errors import ArchiveError
from archive.index import Index
from archive.reader import StoredResponse, read, resolve, warc_files
from crawler.collection.folder import Collection
from crawler.download.failures import KNOWN, SENT_AGAIN, failure
from crawler.download.stored import body_of
from crawler.download.wire import WireDownloadHandler
from crawler.flags import capture_flag
from crawler.frontier.patience import BUSY, CAPTURED


class ResumingDownloadHandler(WireDownloadHandler):
    """Answers from the archive what this crawl's earlier runs captured, once each; all else from the wire.

    A page that was tried again is, with the answers and errors of then, so that its tries count; only what was given
    up half-way is asked for anew. Of a robots.txt, which is asked for in each run, the newest answer that says
    something counts.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        run = getattr(crawler, "run", None)
        self._after: str | None = run.after if run is not None and run.resumed else None
        self._given: Counter[str] = Counter()
        if self._after is not None:
            self._collection: Collection = crawler.collection  # type: ignore[attr-defined]
            self._index = Index(self._collection.index)
            self._newest = max((path.name for path in warc_files(self._collection.archive)), default="")

    async def download_request(self, request: Request) -> Response:
        """The answer to *request*."""
        return self._stored(request) or await super().download_request(request)

    def _stored(self, request: Request) -> Response | None:
        entry = self._captured(request)
        if entry is None:
            return None
        self._given[request.url] += 1
        try:
            response = answer(self._collection, self._index, entry)
        except ArchiveError:
            return None
        request.meta[CAPTURED] = entry.when.timestamp()
        return response

    def _captured(self, request: Request) -> Entry | None:
        """The next of the answers that earlier runs were given, in the order of files, which no clock changes."""
        if self._after is None:
            return None
        found = (e for e in self._index.find(request.url, errors=True) if self._after < e.file <= self._newest)
        entries = sorted(filter(_ended, found), key=lambda entry: (entry.file, entry.offset))
        if "kind" not in request.meta:
            entries = [entry for entry in entries if _says_something(entry)][-1:]
        return next(iter(entries[self._given[request.url] :]), None)


def _ended(entry: Entry) -> bool:
    """Whether an exchange came to its end: not given up with the crawl that made it, not sent again by the wire."""
    return entry.truncated != "unspecified" if entry.error is None else entry.error.kind in KNOWN - SENT_AGAIN


def _says_something(entry: Entry) -> bool:
    """Whether an answer need not be asked for again: it is whole, and no server's trouble."""
    return entry.status is not None and not entry.truncated and entry.status not in BUSY and entry.status < 500


def answer(collection: Collection, index: Index, entry: Entry) -> Response:
    """The response that the record of *entry* holds, as it came from the wire.

    Raises:
        ArchiveError: the record cannot be read.
        Exception: what the wire raised in the place of a response.
    """
    with closing(read(collection.archive, entry.location)) as stored:
        wrong = failure(stored, entry.error)
        if wrong is not None:
            raise wrong
        not_modified = stored.status == 304
        with closing(stored if not_modified else resolve(collection.archive, index, stored)) as original:
            return _response(entry, stored, original)


def _response(entry: Entry, stored: StoredResponse, original: StoredResponse) -> Response:
    headers = Headers()
    for name, value in stored.head.fields:
        headers.appendlist(name, value)
    body, flags = body_of(original.message)
    kind = responsetypes.from_args(headers=headers, url=entry.url, body=body)
    return kind(
        url=entry.url,
        status=stored.status or 0,
        headers=headers,
        body=body,
        flags=[*flags, capture_flag(entry.record_id)],
        protocol="HTTP/1.1",
    )
