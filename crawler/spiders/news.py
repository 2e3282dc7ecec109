"""The spider: from the seeds and front pages of each edition along related articles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler import seeds
from crawler.errors import CallError, StoppedError
from crawler.flags import capture_of
from crawler.frontier.endings import failed
from crawler.frontier.frontier import Frontier
from crawler.frontier.store import Found, Kind
from crawler.frontier.traps import BARREN, looks_like_trap
from crawler.items import Drop, Links, Page
from crawler.limits import first_links, too_long
from crawler.sites.profile import find
from crawler.sites.table import suggest
from crawler.text.article import FAULTS, NOT_MODIFIED, Body, read_body
from crawler.text.links import LinkReader
from crawler.text.page import PageReader, media_type
from crawler.urls import normalise

# Nearer pages first; at one distance seeds and related cards, then other articles, other editions, lists of
# articles, and what browsers need last of all.
_PER_DEPTH = 100
_RELATED, _ARTICLE, _ALTERNATE, _HUB = 40, 30, 20, 10
_REQUISITE = -1_000_000

ARGUMENTS = ("site", "editions", "start", "max_depth")
"""The spider's."""


class NewsSpider(Spider):
    """Crawls one site, in the editions chosen.

    Arguments, as ``editions crawl`` and ``scrapy crawl news -a …`` give them: *site* (a profile's name or path),
    *editions* and *start* (codes and URLs, separated by spaces or commas), *max_depth*.

    Raises:
        CallError, ProfileError, SeedsError: an argument with which nothing could be crawled.
    """

    name = "news"

    def __init__(
        self,
        site: str = "",
        *,
        editions: str | Iterable[str] = (),
        start: str | Iterable[str] = (),
        max_depth: int | str | None = None,
        **unknown: object,
    ) -> None:
        super().__init__()
        _refuse(site, unknown)
        self.profile = find(site)
        self.editions = tuple(_words(editions)) or tuple(self.profile.editions)
        self._fronts = self.profile.start_urls_for(self.editions)
        self.seeds = seeds.of(self.profile)
        self.given = [self._page(url) for url in _words(start)]
        self.max_depth = float("inf") if max_depth is None else _depth(max_depth)
        self._links = LinkReader(self.profile, self.editions)
        self._reader = PageReader(self.profile, self._links)

    def _page(self, url: str) -> str:
        if not self.profile.owns(url):
            hosts = ", ".join(self.profile.domains)
            raise CallError(f"start: {url} is not a page of {self.profile.name} ({hosts})")
        return normalise(url)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider, and the crawl as polite as its site's profile says."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawl = spider.profile.crawl
        for name, value in {
            "DOWNLOAD_DELAY": crawl.delay,
            "AUTOTHROTTLE_START_DELAY": crawl.delay,
            "AUTOTHROTTLE_ENABLED": crawl.delay > 0,
            "AUTOTHROTTLE_TARGET_CONCURRENCY": float(crawl.concurrency),
            "CONCURRENT_REQUESTS": crawl.concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": crawl.concurrency,
            "EDITIONS_ALLOW_PRIVATE_ADDRESSES": spider.profile.allow_private_addresses,
            "EDITIONS_COLLECTION": str(Path("collections", spider.profile.name)),
        }.items():
            crawler.settings.set(name, value, priority="spider")
        return spider

    @property
    def starts(self) -> tuple[str, ...]:
        """Where the crawl starts."""
        seeds = [seed.url for seed in self.seeds if seed.edition in self.editions]
        return tuple(self.given or [*seeds, *self._fronts])

    async def start(self) -> AsyncIterator[Request]:
        """The seeds and front pages of the editions, or the URLs given instead."""
        for url in self.starts:
            yield self.request(Found(url, self._kind(url), self.profile.edition_of(url), 0, _RELATED))

    def request(self, found: Found) -> Request:
        """The request for a URL that the frontier gives out."""
        return Request(
            found.url,
            callback=self.parse_requisite if found.kind == "requisite" else self._parse,
            errback=self.failed,
            priority=found.priority,
            headers={"Referer": found.via} if found.via else None,
            meta={
                "kind": found.kind,
                "edition": found.edition,
                "depth": found.depth,
                "via": found.via,
                "hops": found.hops,
                "barren": found.barren,
            },
        )

    def led(self, found: Found, url: str) -> Found:
        """What is at *url*, to which *found* was redirected: its kind and, if it names one, its edition its own."""
        if found.kind == "requisite":
            return replace(found, url=url)
        return replace(found, url=url, kind=self._kind(url), edition=self.profile.edition_of(url) or found.edition)

    def barred(self, url: str) -> str | None:
        """The rule by which *url*, found on a page or by a redirect, is not asked for; None where it may be."""
        return too_long(url, self.settings.getint("URLLENGTH_LIMIT")) or looks_like_trap(url)

    @property
    def _parse(self) -> Callable[..., Any]:
        """By what pages are read."""
        return self.parse if getattr(self.crawler, "page_processes", None) is None else self.parse_elsewhere

    def failed(self, failure: Failure) -> None:
        """A request gave no page to read; one that was not made has not ended."""
        if isinstance(failure.value, StoppedError):
            return
        self.crawler.frontier.ended(failed(failure), article=failure.request.meta["kind"] == "article")  # type: ignore[attr-defined]

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Page | Drop | Request]:
        """A page of the site: its links and, if it is an article, what it says."""
        return self._told(read_body(self._reader, _body(response)), response)

    async def parse_elsewhere(self, response: Response) -> AsyncIterator[Page | Drop | Request]:
        """The same, where the crawler has ``page_processes``: others read, and the crawl goes on meanwhile."""
        read = await self.crawler.page_processes.read(_body(response))  # type: ignore[attr-defined]
        for one in self._told(read, response):
            yield one

    def _told(self, read: Page | Drop, response: Response) -> Iterator[Page | Drop | Request]:
        if isinstance(read, Page):
            yield from self._follow(read.links, response)
        unchanged = response.status == NOT_MODIFIED  # its body is the archive's, and in the corpus already
        if not unchanged and (isinstance(read, Drop) or read.is_article):
            yield read

    def parse_requisite(self, response: Response) -> Iterator[Request]:
        """A part of a page: only stylesheets lead on, to fonts and pictures."""
        if media_type(_content_type(response)) == "text/css":
            css = response.body.decode("utf-8", "replace")
            yield from self._ask(self._links.stylesheet(css, response.url), "requisite", response, _REQUISITE)

    def _follow(self, links: Links, response: Response) -> Iterator[Request]:
        if response.meta.get("depth", 0) < self.max_depth:
            barren = self._barren(links, response)
            yield from self._ask(links.related, "article", response, _RELATED)
            yield from self._ask(links.articles, "article", response, _ARTICLE)
            yield from self._ask(links.alternates, "article", response, _ALTERNATE)
            yield from self._ask(links.hubs, "hub", response, _HUB, barren)
        yield from self._ask(self._needed(links, response), "requisite", response, _REQUISITE)

    def _barren(self, links: Links, response: Response) -> int:
        """How many lists in a row, this page the last of them, have led to no new article."""
        frontier: Frontier = self.crawler.frontier  # type: ignore[attr-defined]
        articles = chain(links.related, links.articles, links.alternates)
        if response.meta.get("kind") != "hub" or any(url not in frontier for url in articles):
            return 0
        return int(response.meta.get("barren", 0)) + 1

    def _needed(self, links: Links, response: Response) -> Sequence[str]:
        """What a browser needs; an unchanged page looks as it did, with what the archive has."""
        if response.status != NOT_MODIFIED:
            return links.requisites
        frontier: Frontier = self.crawler.frontier  # type: ignore[attr-defined]
        return [url for url in links.requisites if not frontier.has(url)]

    def _ask(
        self, urls: Sequence[str], kind: Kind, response: Response, priority: int, barren: int = 0
    ) -> Iterator[Request]:
        """Requests for the URLs that are not known yet: most are, and a request costs far more than a look-up."""
        depth = response.meta.get("depth", 0) + 1
        frontier: Frontier = self.crawler.frontier  # type: ignore[attr-defined]
        for url in first_links(urls, self.settings.getint("EDITIONS_MAX_LINKS")):
            if url in frontier:
                continue
            edition = None if kind == "requisite" else self.profile.edition_of(url)
            nearness = priority - _PER_DEPTH * depth
            found = Found(url, kind, edition, depth, nearness, response.url, barren=barren)
            if rule := self._is_barren(found) or self.barred(url):
                frontier.refuse(found, rule)
            else:
                yield self.request(found)

    def _is_barren(self, found: Found) -> str | None:
        """The rule by which a list is not asked for that follows too many without a new article."""
        most = self.settings.getint("EDITIONS_MAX_BARREN_LISTS")
        return BARREN if most and found.barren >= most else None

    def _kind(self, url: str) -> Kind:
        return "hub" if self.profile.article(url) is None else "article"


def _refuse(site: str, unknown: Iterable[str]) -> None:
    """Refuse a call that names no site, or an argument that there is none of."""
    for name in unknown:
        raise CallError(f"{name}: no such argument; {suggest(name, ARGUMENTS)}")
    if not site:
        raise CallError("site: is missing; give a profile's name or path (scrapy crawl news -a site=…)")


def _depth(value: int | str) -> int:
    if isinstance(value, str) and not value.isdecimal():
        raise CallError(f"max_depth: should be a whole number, 0 or more, not {value!r}")
    return int(value)


def _words(value: str | Iterable[str]) -> list[str]:
    return value.replace(",", " ").split() if isinstance(value, str) else list(value)


def _body(response: Response) -> Body:
    wrong = next(iter(FAULTS.intersection(response.flags)), "")
    return Body(response.body, response.url, _content_type(response), wrong, capture_of(response.flags))


def _content_type(response: Response) -> str | None:
    value = response.headers.get(b"Content-Type")
    return value.decode("latin-1") if value else None
