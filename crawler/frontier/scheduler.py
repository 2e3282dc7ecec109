"""The Scrapy scheduler over the durable frontier."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Protocol, Self, cast

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from crawler.frontier.frontier import Frontier
from crawler.frontier.store import Ending, Found
from crawler.frontier.unsaved import Unsaved
from crawler.limits import HostBudget
from crawler.sites.profile import Profile
from crawler.urls import normalise


class FrontierSpider(Protocol):
    """What the scheduler asks of the spider."""

    profile: Profile
    editions: tuple[str, ...]

    def request(self, found: Found) -> Request:
        """The request for a URL that the frontier gives out."""

    def led(self, found: Found, url: str) -> Found:
        """What is at *url*, to which *found* was redirected."""

    def barred(self, url: str) -> str | None:
        """The rule by which *url* is not asked for, if there is one."""


class FrontierScheduler(BaseScheduler):
    """Requests go into the frontier as URLs, and come out of it, after a kill too, as requests of the spider.

    The frontier is the crawler's attribute ``frontier``; the spider makes a request of what it gives out and has the
    last word on what belongs to the site. None comes out while the crawler's ``unsaved``, if it has one, leaves no
    room.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._again: deque[Request] = deque()
        self._most_hops = crawler.settings.getint("REDIRECT_MAX_TIMES")
        most = crawler.settings.getint("EDITIONS_MAX_PAGES_PER_HOST")
        self._budget = HostBudget(most, self._frontier.asked() if most else ())

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The scheduler of this crawl."""
        return cls(crawler)

    @property
    def _frontier(self) -> Frontier:
        return self._crawler.frontier  # type: ignore[attr-defined, no-any-return]

    @property
    def _spider(self) -> FrontierSpider:
        return cast("FrontierSpider", self._crawler.spider)

    def __len__(self) -> int:
        return len(self._again) + len(self._frontier)

    def has_pending_requests(self) -> bool:
        """Whether anything waits."""
        return len(self) > 0

    def enqueue_request(self, request: Request) -> bool:
        """Take a request of the spider, a redirect or a retry; False for a URL that is known or elsewhere."""
        if request.dont_filter:  # a retry: the URL is in flight already
            self._again.append(request)
            return True
        if request.meta.get("redirect_urls"):
            return self._redirected(request)
        return self._offer(_found(request))

    def next_request(self) -> Request | None:
        """The request whose turn it is; none while a kill would already cost as many as run at once."""
        if not self._leaves_room():
            return None
        if self._again:
            return self._again.popleft()
        while (found := self._frontier.next()) is not None:
            spent = self._budget.spend(found.url) if found.kind != "requisite" else None
            if spent is None:
                return self._spider.request(found)
            self._frontier.ended(Ending(found.url, "filtered", spent, attempts=0), article=found.kind == "article")
        return None

    def _leaves_room(self) -> bool:
        unsaved: Unsaved | None = getattr(self._crawler, "unsaved", None)
        if unsaved is None:
            return True
        assert self._crawler.engine is not None
        return unsaved.leaves_room(len(self._crawler.engine.downloader.active))

    def _redirected(self, request: Request) -> bool:
        """What was redirected is done; where it leads is a URL like any other, up to a number of hops."""
        found = replace(_found(request), hops=request.meta.get("hops", 0) + 1)
        origin, article = request.meta["redirect_urls"][-1], found.kind == "article"
        if found.hops > self._most_hops:
            reason = f"more than {self._most_hops} redirects, the last to {request.url}"
            self._frontier.ended(Ending(origin, "filtered", reason), article=article)
            return False
        self._frontier.ended(Ending(origin, "redirected", request.url), article=article)
        return self._lead(found, self._spider.led(found, _normal(request.url)))

    def _lead(self, origin: Found, found: Found) -> bool:
        """Follow a redirect as a link would be: not to other editions than those chosen, nor past a limit."""
        if found.edition not in (origin.edition, *self._spider.editions):
            self._frontier.refuse(found, "not of an edition asked for", outcome="out-of-scope")
        elif rule := self._spider.barred(found.url):
            self._frontier.refuse(found, rule)
        else:
            return self._offer(found)
        return False

    def _offer(self, found: Found) -> bool:
        if self._spider.profile.owns(found.url):
            return self._frontier.offer(found)
        self._frontier.refuse(found, "not a host of the site", outcome="out-of-scope")
        return False


def _normal(url: str) -> str:
    """The one spelling of *url*; as it is written, where it is no web address, and so no URL of the site."""
    try:
        return normalise(url)
    except ValueError:
        return url


def _found(request: Request) -> Found:
    meta = request.meta
    return Found(
        url=request.url,
        kind=meta.get("kind", "article"),
        edition=meta.get("edition"),
        depth=meta.get("depth", 0),
        priority=request.priority,
        via=meta.get("via"),
        barren=meta.get("barren", 0),
    )
