"""``editions crawl``: a site into an archive and a corpus."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from crawler import seeds
from crawler.collection.folder import Collection
from crawler.commands.parser import FAILED, OK, add_command, count, port, positive, refuse
from crawler.crawls.report import CrawlReport
from crawler.crawls.show import listed, show_endings, show_report
from crawler.errors import CallError, CrawlError
from crawler.from_archive.choice import Choice, Which, last_moment
from crawler.run import CrawlOptions, run
from crawler.sites.profile import Profile, find
from crawler.text.article import DAMAGED
from crawler.urls import is_web

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "crawl", crawl)
    command.add_argument("site", metavar="SITE", help="a known site's name, or the path of a profile")
    command.add_argument("--collection", metavar="DIR", type=Path, help="default: collections/NAME")
    command.add_argument(
        "--edition", metavar="CODE", action="append", default=[], help="only this one; may be repeated"
    )
    command.add_argument(
        "--start", metavar="URL", action="append", default=[], help="start here, not at seeds and front pages"
    )
    command.add_argument("--max-pages", metavar="N", type=positive, help="ask for at most N articles")
    command.add_argument(
        "--fresh", action="store_true", help="forget what is known and begin anew; the archive is not touched"
    )
    command.add_argument("--report", action="store_true", help="list how every URL ended")
    _add_replay(command)
    command.add_argument("--metrics", metavar="FILE", type=Path, help="leave metrics for Prometheus in a text file")
    help_ = "serve metrics on loopback meanwhile; 0 takes a free port"
    command.add_argument("--metrics-port", metavar="N", type=port, help=help_)
    command.add_argument("--max-depth", metavar="N", type=count, help="follow links at most N pages deep; 0: none")


def _add_replay(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--from-archive",
        metavar="ARCHIVE",
        type=Path,
        help="ask an archive, not the network: a collection, a folder of WARC or ARC files, one such file or a WACZ; "
        "the corpus goes into --collection (default: collections/NAME-replay)",
    )
    command.add_argument(
        "--captures", choices=get_args(Which), help="with --from-archive: which of each URL's (default: all)"
    )
    command.add_argument(
        "--as-of",
        metavar="DATE",
        type=_date,
        help="with --from-archive: those not after it, such as 2026-01-31 (UTC)",
    )


def crawl(options: argparse.Namespace) -> int:
    """Run it, and print what it did."""
    profile = find(options.site)
    choice = _choice(options)
    name = profile.name if choice is None else f"{profile.name}-replay"
    collection = Collection(options.collection or Path("collections", name))
    report = run(_options(options, profile, collection, choice))
    if options.json:
        urls = {"urls": listed(report, collection)} if options.report else {}
        print(json.dumps(report.fields() | urls, ensure_ascii=False, indent=1))
    elif not options.quiet:
        show_report(report, collection)
    if options.report and not options.json:
        show_endings(report, collection)
    wrong = _wrong(report, choice, options.max_depth)
    return refuse(CrawlError(wrong), FAILED) if wrong else OK


def _wrong(report: CrawlReport, choice: Choice | None, max_depth: int | None) -> str:
    """What did not hold: the crawl was stopped, the archive asked is damaged, or not one article came (or, where no
    link was to be followed, not one page); empty where all is well.
    """
    if report.stopped:
        again = "goes on with it" if choice is None else "begins anew"
        return f"stopped with {report.left} URLs left; the same command {again}"
    if choice is not None and (number := report.failures.get(DAMAGED)):
        return _damage(report, choice, number)
    nothing = report.captured_no_page if max_depth == 0 else report.captured_nothing
    return _why_nothing(report, choice) if nothing else ""


def _damage(report: CrawlReport, choice: Choice, number: int) -> str:
    told = "\n  ".join(report.problems)
    return f"{choice.source}: damage found: {number} records cannot be used\n  {told}"


def _why_nothing(report: CrawlReport, choice: Choice | None) -> str:
    if choice is None or report.statuses:
        return report.why_nothing()
    return (
        f"{report.site}: {choice.source} has none of the pages asked for. See that the profile's start_urls and "
        "article_url are those of the archive, or name a page that it holds with --start"
    )


def _options(
    options: argparse.Namespace, profile: Profile, collection: Collection, choice: Choice | None
) -> CrawlOptions:
    """The crawl asked for; what is wrong with it is told before anything is fetched."""
    profile.start_urls_for(options.edition or profile.editions)
    seeds.of(profile)
    for url in options.start:
        if not is_web(url) or not profile.owns(url):
            raise CallError(f"--start {url}: not a page of {profile.name} ({', '.join(profile.domains)})")
    return CrawlOptions(
        profile=profile,
        collection=collection,
        editions=tuple(options.edition),
        start=tuple(options.start),
        max_pages=options.max_pages,
        max_depth=options.max_depth,
        fresh=options.fresh,
        progress=not options.quiet and not options.json,
        archive=choice,
        metrics=options.metrics,
        metrics_port=options.metrics_port,
    )


def _choice(options: argparse.Namespace) -> Choice | None:
    """The archive to be asked, if any."""
    if options.from_archive is not None:
        return Choice(options.from_archive, options.captures or "all", options.as_of)
    if options.captures or options.as_of:
        raise CallError(f"--{'captures' if options.captures else 'as-of'}: only with --from-archive")
    return None


def _date(text: str) -> datetime:
    try:
        return last_moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
