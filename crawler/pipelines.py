"""Item pipelines: pages are normalised, then taken into the corpus, each text once."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any, Self

from itemadapter import ItemAdapter
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archive.errors import ArchiveError
from crawler.errors import EditionsError
from crawler.items import Drop, Page
from crawler.page.item import item_of
from crawler.text.normal import normalised


class NormalisePipeline:
    """Brings a page's text into the seed text format's normal form."""

    def process_item(self, item: Any) -> Any:
        """Pages come back normalised; other items as they are."""
        return normalised(item) if isinstance(item, Page) else item


class CorpusPipeline:
    """Hands each page to the crawl's corpus, which folds them in archive order, and drops what it drops.

    What goes on to feeds and further pipelines is the page's item.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The corpus is found at the crawler's attribute ``assembly``, once it is open."""
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """The page's item, if it is in the corpus now; other items as they are."""
        assembly = getattr(self._crawler, "assembly", None)
        record_id = ItemAdapter(item).get("record_id")
        pending = assembly.resolve(record_id, item) if assembly and record_id else None
        outcome = await _outcome(pending) if pending else None
        if isinstance(item, Drop):
            raise DropItem(f"{item.url}: {item.reason}", log_level="DEBUG")
        if outcome == "dropped":
            raise DropItem(f"{item.url}: its text is in the corpus already, or it has none", log_level="DEBUG")
        return item_of(item) if isinstance(item, Page) else item


async def _outcome(pending: Future[str]) -> str:
    """What became of a page. A failure of disk stops the crawl elsewhere, and is told once, not once a page."""
    try:
        return await asyncio.wrap_future(pending)
    except (ArchiveError, EditionsError) as error:
        raise DropItem(str(error), log_level="DEBUG") from error
