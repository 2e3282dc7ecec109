"""The keys of a profile, and where each belongs: TOML puts a key under the last [table] above it."""

from __future__ import annotations

from crawler.labels.label import KINDS

TOP = (
    "name",
    "domains",
    "article_url",
    "start_urls",
    "default_edition",
    "allow_private_addresses",
    "editions",
    "text",
    "page",
    "crawl",
    "labels",
)
TEXT = ("skip",)
PAGE = ("body", "lead")
CRAWL = ("delay", "concurrency", "requisites")
LABELS = KINDS

PLACES = (
    dict.fromkeys(TOP, "above the first [table] of the file")
    | dict.fromkeys(TEXT, "in [text]")
    | dict.fromkeys(PAGE, "in [page]")
    | dict.fromkeys(CRAWL, "in [crawl]")
    | dict.fromkeys(LABELS, "in [labels.EDITION]")
)
