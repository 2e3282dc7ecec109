"""robots.txt as RFC 9309 reads it: its rules; all is allowed where there is none, nothing where it cannot be had."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from crawler.download.throttle import slow_down
from crawler.errors import StoppedError
from crawler.limits import RobotsUnreachableError
from crawler.text.article import TOO_LARGE

logger = logging.getLogger(__name__)

LONGEST = 512 * 1024
"""Bytes of a robots.txt that are read; RFC 9309, 2.5 asks for 500 KiB at least."""

TOO_MANY_REQUESTS = 429
PRIORITY = 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt allows."""

    parser: RobotParser | None = None
    """None where there are no rules."""
    unreachable: str = ""
    """Why the file could not be had: then nothing is allowed (RFC 9309, 2.3.1.4)."""


class RobotsMiddleware:
    """In the place of Scrapy's RobotsTxtMiddleware, with its settings ROBOTSTXT_OBEY and ROBOTSTXT_USER_AGENT.

    Without the latter, the rules are those for the product that USER_AGENT begins with.

    Each host is asked once. A status of 4xx means no rules (2.3.1.3), so does a redirect that leads nowhere; 429,
    5xx and no answer mean that the host may not be asked at all now: its URLs fail with RobotsUnreachableError,
    and a later crawl asks again. Crawl-delay, of which RFC 9309 says nothing, is obeyed as far as ``slow_down`` does.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"] or product(crawler.settings["USER_AGENT"])
        self._rules: dict[str, asyncio.Future[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Of a crawl that obeys."""
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured("ROBOTSTXT_OBEY is off")
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let pass what is allowed.

        Raises:
            IgnoreRequest: the rules forbid it.
            RobotsUnreachableError: there may be rules, but they could not be had.
            StoppedError: the crawl was stopped before they came.
        """
        if request.meta.get("dont_obey_robotstxt"):
            return
        parts = urlsplit(request.url)
        rules = await self._rules_of(f"{parts.scheme}://{parts.netloc}/robots.txt")
        if rules.unreachable:
            raise RobotsUnreachableError(rules.unreachable)
        if rules.parser is not None and not rules.parser.allowed(request.url, self._agent):
            raise IgnoreRequest("Forbidden by robots.txt")

    async def _rules_of(self, url: str) -> Rules:
        if url not in self._rules:
            self._rules[url] = asyncio.ensure_future(self._fetch(url))
        return await asyncio.shield(self._rules[url])

    async def _fetch(self, url: str) -> Rules:
        meta = {"dont_obey_robotstxt": True}
        request = Request(url, callback=NO_CALLBACK, priority=PRIORITY, meta=meta)
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except StoppedError:
            raise
        except IgnoreRequest as error:
            logger.warning("%s: %s; taken for none", url, error)
            return Rules()
        except Exception as error:  # noqa: BLE001 - whatever it is, there may be rules that are not known
            logger.warning("%s: %s; nothing there is asked for", url, error)
            return Rules(unreachable=f"{url}: {error}")
        rules = self._read(url, response)
        if rules.parser is not None and (delay := rules.parser.crawl_delay(self._agent)):
            slow_down(self._crawler, url, delay)
        return rules

    def _read(self, url: str, response: Response) -> Rules:
        status = response.status
        if status == TOO_MANY_REQUESTS or status >= 500:
            logger.warning("%s: status %d; nothing there is asked for", url, status)
            return Rules(unreachable=f"{url}: status {status}")
        if not 200 <= status < 300:
            return Rules()
        if TOO_LARGE in response.flags:
            logger.warning("%s: larger than any page; nothing there is asked for", url)
            return Rules(unreachable=f"{url}: larger than any page")
        return Rules(ProtegoRobotParser.from_crawler(self._crawler, response.body[:LONGEST]))


def product(agent: str) -> str:
    """The product token of a User-Agent, by which groups of rules name a crawler (RFC 9309, 2.2.1).

    Not all of it: a parser that looks for a group's name anywhere finds ``news`` or ``bot`` in what follows.
    """
    return agent.partition("/")[0].partition(" ")[0]
