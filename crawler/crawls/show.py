"""What commands print: tables on a terminal, plain lines elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from crawler.collection.folder import Collection
from crawler.crawls.report import CrawlReport

MOST_DRIFT = 12
"""Warnings of a changed site that are shown."""


def show_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows: a table on a terminal, tab-separated lines elsewhere."""
    if not sys.stdout.isatty():
        for row in (heads, *rows):
            print("\t".join(map(str, row)))
        return
    print(title)
    table = Table()
    for number, head in enumerate(heads):
        table.add_column(head, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*map(str, row))
    Console().print(table)


def show_report(report: CrawlReport, collection: Collection) -> None:
    """Print what a crawl did and where it lies."""
    rows: list[tuple[object, ...]] = [(code, one.pages, one.documents) for code, one in report.editions.items()]
    rows.append(("all", report.pages, report.documents))
    show_table(f"Crawl {report.id} of {report.site}", ("edition", "pages", "documents"), rows)
    print(
        f"{report.captures} captures, {_size(report.bytes)}, in {report.seconds:.1f} s; "
        f"documents: {_counts({name: n for name, n in report.outcomes.items() if name != 'dropped'})}"
    )
    if report.drops:
        print(f"no documents: {_counts(report.drops)}")
    if report.failures:
        print(f"failed: {_counts(report.failures)}")
    show_drift(report)
    if report.stale:
        print(
            f"warning: the corpus is not what its archive gives now ({report.stale}); "
            f"editions regenerate {collection.folder} makes it again",
            file=sys.stderr,
        )
    print(
        f"archive  {collection.archive}\ncorpus   {collection.corpus}\nlog      {collection.crawls}/{report.id}.log"
    )


def show_drift(report: CrawlReport) -> None:
    """Print what the pages say less often than before, if anything, on standard error."""
    if report.drift:
        print("warning: the site's pages have changed; is what they say still read right?", file=sys.stderr)
    for one in report.drift[:MOST_DRIFT]:
        print(f"  {one.told()}", file=sys.stderr)
    if len(report.drift) > MOST_DRIFT:
        print(f"  … and {len(report.drift) - MOST_DRIFT} more, in the log", file=sys.stderr)


def show_endings(report: CrawlReport, collection: Collection) -> None:
    """Print how the crawl's URLs ended: counts by edition, then each URL."""
    outcomes = sorted({outcome for counts in report.endings.values() for outcome in counts})
    rows = [(edition or "-", *(counts.get(one, 0) for one in outcomes)) for edition, counts in report.endings.items()]
    show_table("How URLs ended", ("edition", *outcomes), rows)
    for url in listed(report, collection):
        print(url["outcome"], url["attempts"], url["url"], url["reason"], sep="\t")


def listed(report: CrawlReport, collection: Collection) -> list[dict[str, object]]:
    """How each URL of the crawl ended, as its report says; empty where none could be written."""
    path = collection.crawls / f"{report.id}.json"
    if not path.exists():
        return []
    urls: list[dict[str, object]] = json.loads(path.read_text("utf-8"))["urls"]
    return urls


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count} bytes"
