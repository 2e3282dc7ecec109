"""Limits that keep a hostile or broken site from taking a crawl's time, memory and disk."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from crawler.errors import EditionsError

MEGABYTE = 1024 * 1024

LEAST_FREE = 200 * MEGABYTE
"""Bytes of disk that a crawl leaves free: enough to close its files, and for others to go on."""

MOST_LINKS = 5_000
"""Links of one kind followed from one page."""

LONGEST_URL = 2_083
"""Characters; browsers once stopped there, and so do many servers and sitemaps."""


class LimitError(EditionsError):
    """An answer that was given up because it went past a limit; asking again would bring the same."""


class TooLargeError(LimitError):
    """An answer of too many bytes."""


class TooSlowError(LimitError):
    """An answer that comes, but at a rate at which it never ends."""


class RobotsUnreachableError(EditionsError):
    """A URL that may not be asked for now, as its host's robots.txt could not be had."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost; beside it Scrapy's own DOWNLOAD_MAXSIZE and DOWNLOAD_TIMEOUT hold."""

    head: int = 256 * 1024
    """EDITIONS_HEAD_MAXSIZE: bytes of its head, 1xx messages included; 0 for any number."""
    rate: float = 100.0
    """EDITIONS_MIN_RATE: bytes a second that it must bring on average; 0 for any rate."""
    patience: float = 30.0
    """EDITIONS_MIN_RATE_PATIENCE: seconds before the rate is looked at, and over which it is averaged."""

    @classmethod
    def of(cls, settings: BaseSettings) -> Self:
        """The limits that *settings* name."""
        return cls(
            head=settings.getint("EDITIONS_HEAD_MAXSIZE", cls().head),
            rate=settings.getfloat("EDITIONS_MIN_RATE", cls().rate),
            patience=settings.getfloat("EDITIONS_MIN_RATE_PATIENCE", cls().patience),
        )


def first_links(urls: Sequence[str], most: int = MOST_LINKS) -> Sequence[str]:
    """The links of a page that are followed: the first *most*; ``len(urls)`` tells how many were left."""
    return urls[:most]


def too_long(url: str, most: int = LONGEST_URL) -> str | None:
    """Why *url* is too long to be asked for; None where it is not."""
    return f"URL of {len(url):,} characters, more than {most:,}" if len(url) > most else None


class HostBudget:
    """How many pages each host may still be asked for: *most*, or any number where that is 0.

    *asked*: the pages that were asked for before.
    """

    def __init__(self, most: int = 0, asked: Iterable[str] = ()) -> None:
        self._most = most
        self._asked = Counter(urlsplit(url).netloc for url in asked)

    def spend(self, url: str) -> str | None:
        """Count a page about to be asked for; why it may not be, where its host has had its share."""
        host = urlsplit(url).netloc
        if self._most and self._asked[host] >= self._most:
            return f"{self._most:,} pages of {host} already"
        self._asked[host] += 1
        return None


class DiskGuard:
    """Tells when the disk that holds *path* is nearly full."""

    def __init__(self, path: Path, least: int = LEAST_FREE) -> None:
        self._path = path
        self._least = least

    def low(self) -> str | None:
        """Why the crawl should stop: the bytes that are free are fewer than *least*. None where they are not.

        The folder must exist. A disk that cannot be asked is not low.
        """
        try:
            free = shutil.disk_usage(self._path).free
        except OSError:
            return None
        if free >= self._least:
            return None
        return (
            f"{self._path}: {free // MEGABYTE:,} MB free on this disk, less than the {self._least // MEGABYTE:,} MB "
            "that a crawl leaves"
        )
