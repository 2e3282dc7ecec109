"""``scrapy crawl``, which tells what is wrong with a call before anything begins."""

from __future__ import annotations

import argparse

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from crawler.errors import EditionsError
from crawler.spiders.news import NewsSpider


class Command(crawl.Command):
    """Scrapy's own, but that a spider's arguments are checked first: inside a crawl they end in a traceback."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take the options; raises UsageError, which ends with exit code 2, where the spider cannot be made."""
        super().process_options(args, opts)
        if args != [NewsSpider.name]:
            return
        try:
            NewsSpider(**opts.spargs)
        except EditionsError as error:
            raise UsageError(str(error)) from error
