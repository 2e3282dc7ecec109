"""The Scrapy extension that keeps what a crawl brings: archive, corpus, frontier, and the report of the crawl."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.task import LoopingCall

from archive.record import WarcInfo
from crawler.collection.folder import Collection
from crawler.crawls.parts import hand_out, leave_report
from crawler.crawls.past import past_crawls
from crawler.crawls.report import crawl_id, now, report
from crawler.errors import CollectionError, EditionsError
from crawler.frontier.unsaved import Unsaved
from crawler.keeping.keeper import Keeper, Scope
from crawler.limits import MEGABYTE, DiskGuard

logger = logging.getLogger(__name__)

DISK_INTERVAL = 2.0
"""Seconds between two looks at how much disk is free."""

SETTLE_INTERVAL = 0.25
"""Seconds between two commits of corpus and frontier: what a kill may make a crawl look up in its archive again."""


class Keeping:
    """Opens the collection before the crawl and closes it, whole, when the spider is closed.

    Settings: ``EDITIONS_COLLECTION``, the collection's folder; ``EDITIONS_CRAWL_ID``, the crawl's name;
    ``EDITIONS_MAX_PAGES``; ``EDITIONS_FRESH``. The crawler gets the attributes ``recorder``, ``assembly``,
    ``frontier``, ``unsaved``, ``run``, ``collection`` and ``tally``, by which handlers, scheduler, middlewares,
    pipeline and progress find them, and at the end ``report`` (what the crawl did) and ``failure`` (what could not
    be kept).
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.get("EDITIONS_COLLECTION"):
            raise NotConfigured("EDITIONS_COLLECTION names no folder")
        _time_by_a_clock_that_never_jumps()
        self._crawler = crawler
        self._collection = Collection(Path(crawler.settings["EDITIONS_COLLECTION"]))
        self._started = now()
        self._stopping: EditionsError | None = None
        self._awake = False
        self._id = crawler.settings.get("EDITIONS_CRAWL_ID") or crawl_id(self._started)
        self._keeper = self._open()
        self._settling = LoopingCall(self._keeper.settle)
        self._disk = DiskGuard(self._collection.folder, crawler.settings.getint("EDITIONS_LEAST_FREE_MB") * MEGABYTE)
        self._watching = LoopingCall(self._watch_disk)
        self._unsaved = Unsaved(crawler.settings.getint("CONCURRENT_REQUESTS"), on_room=self._ask_on)
        self._hand_out()
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the collection of this crawl."""
        return cls(crawler)

    def _hand_out(self) -> None:
        keeper = self._keeper
        hand_out(
            self._crawler,
            recorder=keeper,
            assembly=keeper.assembly,
            frontier=keeper.frontier,
            unsaved=self._unsaved,
            run=keeper.run,
            collection=self._collection,
            tally=keeper.tally,
            keeping=self,
            report=None,
            failure=None,
        )

    def _open(self) -> Keeper:
        settings, spider = self._crawler.settings, self._crawler.spider
        scope = Scope(
            profile=spider.profile,  # type: ignore[union-attr]
            seeds=spider.seeds,  # type: ignore[union-attr]
            editions=spider.editions,  # type: ignore[union-attr]
            max_pages=None if settings["EDITIONS_MAX_PAGES"] is None else settings.getint("EDITIONS_MAX_PAGES"),
            fresh=settings.getbool("EDITIONS_FRESH"),
            max_depth=spider.max_depth,  # type: ignore[union-attr]
            starts=spider.starts,  # type: ignore[union-attr]
            given=bool(spider.given),  # type: ignore[union-attr]
        )
        return Keeper(
            self._collection,
            scope,
            _info(self._crawler, scope.profile.name),
            wake=self._wake,
            stop=self._stop,
            crawl=self._id,
        )

    def _wake(self) -> None:
        """Runs in the writer's thread; many captures become durable at once, and wake the reactor once."""
        from twisted.internet import reactor

        if not self._awake:
            self._awake = True
            reactor.callFromThread(self._durable)

    def _durable(self) -> None:
        self._awake = False
        self._unsaved.settle()
        self._keeper.assembly.settle()

    def _ask_on(self) -> None:
        """The scheduler held requests back: Scrapy would ask it again when an answer comes, or after 5 seconds."""
        engine = self._crawler.engine
        if engine is not None and engine._slot is not None:
            engine._slot.nextcall.schedule()

    def _stop(self, failure: EditionsError) -> None:
        logger.critical("Stopping the crawl: %s", failure)
        self._stopping = failure
        assert self._crawler.engine is not None
        deferred_from_coro(self._crawler.engine.close_spider_async(reason="collection_write_failed"))

    def _opened(self, spider: Spider) -> None:
        self._settling.start(SETTLE_INTERVAL, now=False)
        self._watching.start(DISK_INTERVAL)

    def _watch_disk(self) -> None:
        low = self._disk.low()
        if low is not None and not self._stopping:
            self._stop(CollectionError(low))

    def _closed(self, spider: Spider, reason: str) -> None:
        self.close(reason)

    def close(self, reason: str) -> None:
        """Close the collection and write the report; does nothing the second time."""
        if self._crawler.report is not None:  # type: ignore[attr-defined]
            return
        for loop in (self._settling, self._watching):
            if loop.running:
                loop.stop()
        finished = self._keeper.finish(finished=reason == "finished")
        self._report("finished" if finished else reason)
        self._keeper.close()
        hand_out(self._crawler, failure=self._keeper.failure or self._stopping)

    def _report(self, reason: str) -> None:
        site = self._crawler.spider.profile.name  # type: ignore[union-attr]
        past = [one.fill for one in past_crawls(self._collection.crawls)]
        done = report(
            self._keeper.run, self._id, site, self._started, reason, self._keeper.tally, past, self._keeper.stale
        )
        for one in done.drift:
            logger.warning("The pages have changed: %s", one.told())
        leave_report(self._crawler, done, self._collection.crawls, self._keeper.ended())


def _time_by_a_clock_that_never_jumps() -> None:
    """Twisted times by the wall clock: set back by an hour, it would hold up every timer for an hour."""
    from twisted.internet import reactor

    reactor.seconds = time.monotonic  # type: ignore[method-assign, misc]


def _info(crawler: Crawler, site: str) -> WarcInfo:
    settings = crawler.settings
    return WarcInfo(
        software=settings["USER_AGENT"].partition(" ")[0],
        operator=settings["EDITIONS_CONTACT"],
        user_agent=settings["USER_AGENT"],
        robots="obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        is_part_of=site,
    )
