"""robots.txt in a replay: each capture is judged by the rules that were known when it was made."""

from __future__ import annotations

import asyncio
from datetime import datetime
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from archive.entry import Entry
from crawler.download.replay import AS_OF
from crawler.download.robots import PRIORITY, RobotsMiddleware, Rules
from crawler.errors import NotArchivedError
from crawler.from_archive.captures import Captures, at


class ReplayRobotsMiddleware(RobotsMiddleware):
    """In the place of RobotsMiddleware: a robots.txt that was never captured forbids nothing."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._captures: Captures = crawler.replay.captures  # type: ignore[attr-defined]
        self._files: dict[str, list[Entry]] = {}
        self._read_at: dict[tuple[str, str], asyncio.Future[Rules]] = {}
        self._when: datetime | None = None

    async def process_request(self, request: Request) -> None:
        """Let pass what was allowed; raises what RobotsMiddleware does."""
        if not request.meta.get("dont_obey_robotstxt"):
            entry = self._captures.current(request.url)
            # Read by _rules_of before anything else can run: nothing is waited for until then.
            self._when = entry.when if entry is not None else None
        await super().process_request(request)

    async def _rules_of(self, url: str) -> Rules:
        if url not in self._files:
            self._files[url] = self._captures.of(url)
        entry = at(self._files[url], self._when)
        if entry is None:
            return Rules()
        key = (url, entry.date)
        if key not in self._read_at:
            self._read_at[key] = asyncio.ensure_future(self._fetch_at(url, entry.when))
        return await asyncio.shield(self._read_at[key])

    async def _fetch_at(self, url: str, when: datetime) -> Rules:
        meta = {"dont_obey_robotstxt": True, AS_OF: when, "download_slot": urlsplit(url).netloc}
        request = Request(url, callback=NO_CALLBACK, priority=PRIORITY, meta=meta)
        assert self._crawler.engine is not None
        try:
            return self._read(url, await self._crawler.engine.download_async(request))
        except (IgnoreRequest, NotArchivedError):
            return Rules()
        except Exception as error:  # noqa: BLE001 - as it failed then, and nothing was asked for
            return Rules(unreachable=f"{url}: {error}")
