"""The optional tables of a profile: what the text leaves out, how the site is crawled, what its pages always say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from resiliparse.parse.html import HTMLTree

from crawler.labels.label import KINDS, Kind
from crawler.sites import keys
from crawler.sites.table import Table, suggest


@dataclass(frozen=True, slots=True)
class TextOptions:
    """What the text of this site's pages leaves out."""

    skip: tuple[str, ...] = ()
    """CSS selectors."""

    @classmethod
    def read(cls, table: Table) -> TextOptions:
        """From ``[text]``; raises the table's error."""
        table.allow(keys.TEXT, keys.PLACES)
        skip = table.texts("skip", cls().skip)
        for selector in skip:
            _check_selector(table, "skip", selector)
        return cls(skip)


@dataclass(frozen=True, slots=True)
class PageOptions:
    """Where the pieces of this site's stories are, for what is not found alone."""

    body: str = ""
    """CSS selector of the element around the paragraphs."""
    lead: str = ""
    """CSS selector of the summary above them."""

    @classmethod
    def read(cls, table: Table) -> PageOptions:
        """From ``[page]``; raises the table's error."""
        table.allow(keys.PAGE, keys.PLACES)
        given = {key: table.text(key) for key in keys.PAGE if key in table.values}
        for key, selector in given.items():
            _check_selector(table, key, selector)
        return cls(**given)


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """How this site is crawled."""

    delay: float = 1.0
    """Seconds between requests to one host."""
    concurrency: int = 8
    requisites: bool = True
    """Whether styles, images, fonts and scripts are fetched too, for replay in a browser."""

    @classmethod
    def read(cls, table: Table) -> CrawlOptions:
        """From ``[crawl]``; raises the table's error."""
        table.allow(keys.CRAWL, keys.PLACES)
        default = cls()
        return cls(
            delay=table.seconds("delay", default.delay),
            concurrency=table.whole("concurrency", default.concurrency, least=1),
            requisites=table.flag("requisites", default.requisites),
        )


def read_labels(table: Table, editions: Collection[str]) -> dict[str, dict[Kind, tuple[str, ...]]]:
    """From ``[labels.EDITION]``: labels by edition, then kind; raises the table's error."""
    for code in table.values:
        if code not in editions:
            raise table.refusal(code, f"is no edition; {suggest(code, editions)}")
    return {code: _labels(table.table(code), f"[labels.{code}]") for code in table.values}


def _labels(table: Table, name: str) -> dict[Kind, tuple[str, ...]]:
    table = replace(table, name=name)
    table.allow(keys.LABELS, keys.PLACES)
    return {kind: table.texts(kind) for kind in KINDS if kind in table.values}


def _check_selector(table: Table, key: str, selector: str) -> None:
    """Refuse what Resiliparse, which will use the selector, cannot read."""
    document = HTMLTree.parse("<p>").document
    try:
        if document is not None:
            document.query_selector(selector)
    except ValueError as error:
        raise table.refusal(key, f"{selector!r} is no CSS selector: {_one_line(error)}") from None


def _one_line(error: ValueError) -> str:
    return " ".join(str(error).removeprefix("CSS parser error: ").split())
