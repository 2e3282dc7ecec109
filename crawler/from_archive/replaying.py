"""The Scrapy extension of a replay, in the place of Keeping: nothing is archived, the corpus comes at the end."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider

from crawler.collection.folder import Collection
from crawler.crawls.parts import hand_out, leave_report
from crawler.crawls.report import crawl_id, now, report
from crawler.from_archive.choice import Choice
from crawler.from_archive.reading import PageProcesses, processes_worth
from crawler.from_archive.replay import Replay, Scope
from crawler.frontier.store import Found

logger = logging.getLogger(__name__)


class Replaying:
    """Opens the archive before the spider starts, and makes the corpus when it is closed.

    Settings: ``EDITIONS_FROM_ARCHIVE``, the archive; ``EDITIONS_AS_OF`` (ISO 8601) and ``EDITIONS_CAPTURES`` (see
    :class:`Choice`); ``EDITIONS_UNLINKED``, whether articles of the archive to which nothing led are replayed at
    the end; ``EDITIONS_COLLECTION``, ``EDITIONS_CRAWL_ID`` and ``EDITIONS_MAX_PAGES`` as in a crawl. The crawler
    gets the same attributes as from Keeping, but no ``recorder``, and ``replay``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._started = now()
        settings = crawler.settings
        self._collection = Collection(Path(settings["EDITIONS_COLLECTION"]))
        self._id = settings.get("EDITIONS_CRAWL_ID") or crawl_id(self._started)
        self._unlinked = settings.getbool("EDITIONS_UNLINKED", True)
        self._replay = Replay(_choice(crawler), self._collection, _scope(crawler), self._id)
        self._processes = self._page_processes()
        hand_out(
            crawler,
            replay=self._replay,
            assembly=self._replay.readings,
            frontier=self._replay.frontier,
            run=self._replay.run,
            collection=self._collection,
            tally=self._replay.tally,
            keeping=self,
            page_processes=self._processes,
            report=None,
            failure=None,
        )
        crawler.signals.connect(self._idle, signals.spider_idle)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the archive of this replay."""
        return cls(crawler)

    def _page_processes(self) -> PageProcesses | None:
        """Processes that read the pages, where these are many."""
        count = processes_worth(self._replay.source.archive)
        scope = _scope(self._crawler)
        return PageProcesses(scope.profile, scope.editions, count) if count else None

    def _idle(self, spider: Spider) -> None:
        """All that links lead to has been read: now the articles that the archive holds beside."""
        if not self._unlinked:
            return
        self._unlinked = False
        engine, frontier = self._crawler.engine, self._replay.frontier
        assert engine is not None
        more = 0
        for url in self._replay.articles():
            if url not in frontier:
                edition = spider.profile.edition_of(url)  # type: ignore[attr-defined]
                engine.crawl(spider.request(Found(url, "article", edition)))  # type: ignore[attr-defined]
                more += 1
        if more:
            logger.info("%d articles of the archive to which no link led", more)
            raise DontCloseSpider

    def _closed(self, spider: Spider, reason: str) -> None:
        self.close(reason)

    def close(self, reason: str) -> None:
        """Make the corpus and write the report; does nothing the second time."""
        if self._crawler.report is not None:  # type: ignore[attr-defined]
            return
        if self._processes is not None:
            self._processes.close()
        replay = self._replay
        replay.finish(finished=reason == "finished")
        site = self._crawler.spider.profile.name  # type: ignore[union-attr]
        done = report(replay.run, self._id, site, self._started, reason, replay.tally)
        leave_report(self._crawler, done, self._collection.crawls, replay.ended())
        replay.close()
        hand_out(self._crawler, failure=replay.failure)


def _choice(crawler: Crawler) -> Choice:
    settings = crawler.settings
    as_of = settings.get("EDITIONS_AS_OF")
    return Choice(
        source=Path(settings["EDITIONS_FROM_ARCHIVE"]),
        which=settings.get("EDITIONS_CAPTURES") or "all",
        as_of=datetime.fromisoformat(as_of) if as_of else None,
    )


def _scope(crawler: Crawler) -> Scope:
    spider, most = crawler.spider, crawler.settings["EDITIONS_MAX_PAGES"]
    return Scope(
        profile=spider.profile,  # type: ignore[union-attr]
        seeds=spider.seeds,  # type: ignore[union-attr]
        editions=spider.editions,  # type: ignore[union-attr]
        max_pages=None if most is None else int(most),
    )
