"""Captures as a browser sees them: the answer that lies in the archive, leading to others there."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urljoin

from archive.entry import Entry, date_of_timestamp, parse_date, timestamp
from archive.errors import ArchiveError
from archive.index import Index
from archive.reader import StoredResponse, content_type_of, head_of, read, resolve
from crawler.errors import NotArchivedError
from crawler.regeneration.records import Records
from crawler.text.page import HTML_TYPES, media_type
from crawler.window.rewriting import page_in_window, style_in_window

CAPTURES = "/web/"
"""Below it: 14 digits of a time (or fewer, or ``-`` for the newest), a slash and an address, as pywb has it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the window says to a request."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = field(default=())


class Captures:
    """The captures of some records, by address and time."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._index = Index(records.index)

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def of(self, url: str) -> list[Entry]:
        """All captures of an address in time, fetches that failed among them."""
        return self._index.find(url, exact=False, errors=True)

    def nearest(self, url: str, stamp: str) -> Entry:
        """The capture nearest to a time. Raises NotArchivedError where there is none, ValueError for no time."""
        found = self.of(url)
        if not found:
            raise NotArchivedError(f"{url}: no capture of it is in the archive")
        if stamp == "-":
            return found[-1]
        when = parse_date(date_of_timestamp(stamp))
        return min(found, key=lambda entry: abs(entry.when - when))

    def answer(self, entry: Entry) -> Answer:
        """What came then. Raises ArchiveError where it cannot be read."""
        with closing(read(self._records.archive, entry.location)) as stored:
            if stored.error is not None:
                return told(HTTPStatus.BAD_GATEWAY, f"{stored.url}: {stored.error.kind}: {stored.error.message}")
            with closing(resolve(self._records.archive, self._index, stored)) as original:
                return _shown(stored, original)


def led(url: str, stamp: str = "-") -> str:
    """Where the capture of an address is shown."""
    return f"{CAPTURES}{stamp}/{url}"


def told(status: int, words: str) -> Answer:
    """An answer in plain words."""
    return Answer(words.encode("utf-8", "replace"), "text/plain; charset=utf-8", status)


def _shown(stored: StoredResponse, original: StoredResponse) -> Answer:
    """A capture: of a revisit, its original's body, and of a 304 its status too."""
    head, stamp = head_of(stored, original), timestamp(stored.date)
    status = original.status if stored.status in (304, None) else stored.status
    location = head.location
    headers: tuple[tuple[str, str], ...] = ()
    if location is not None and 300 <= (status or 0) < 400:
        headers = (("Location", led(urljoin(stored.url, location), stamp)),)
    content_type = content_type_of(stored, original)
    body = original.body().data
    kind = media_type(content_type)
    if kind in HTML_TYPES:
        page = page_in_window(body, content_type, stored.url, lambda url: led(url, stamp))
        return Answer(page, "text/html; charset=utf-8", status or 200, headers)
    if kind == "text/css":
        style = style_in_window(body.decode("utf-8", "replace"), stored.url, lambda url: led(url, stamp))
        return Answer(style.encode(), "text/css; charset=utf-8", status or 200, headers)
    return Answer(body, content_type or "application/octet-stream", status or 200, headers)


def capture_at(captures: Captures, target: str) -> Answer:
    """The answer to a path below `CAPTURES`."""
    stamp, _, url = target.removeprefix(CAPTURES).partition("/")
    try:
        return captures.answer(captures.nearest(url, stamp))
    except NotArchivedError as error:
        return told(HTTPStatus.NOT_FOUND, str(error))
    except ValueError as error:
        return told(HTTPStatus.BAD_REQUEST, str(error))
    except (ArchiveError, OSError) as error:
        return told(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error}; editions check says more")
