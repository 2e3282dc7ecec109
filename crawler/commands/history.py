"""``editions history``: a page's captures in time, and what changed in it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.collection.folder import Collection
from crawler.collection.origin import site_of
from crawler.coloured import show_differences
from crawler.commands.parser import FAILED, OK, add_command, refuse
from crawler.crawls.show import show_table
from crawler.errors import CollectionError
from crawler.history import Historian, Moment
from crawler.regeneration.records import records_of

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "history", run)
    command.add_argument("collection", metavar="COLLECTION", type=Path)
    command.add_argument("url", metavar="URL")
    command.add_argument("--all-editions", action="store_true", help="the story in all editions, side by side")
    command.add_argument("--site", metavar="SITE", help="default: the site that the collection says it is of")


def run(options: argparse.Namespace) -> int:
    """Run it; 1 where the URL was never asked for."""
    collection = Collection.existing(options.collection)
    profile, _ = site_of(collection, options.site)
    with records_of(collection) as records:
        historian = Historian(collection, records, profile)
        if options.all_editions:
            histories = historian.all_editions(options.url)
        else:
            histories = {options.url: historian.history(options.url)}
    if not any(histories.values()):
        return refuse(CollectionError(f"{options.url}: is in no capture of {collection.folder}"), FAILED)
    if options.json:
        moments = [asdict(one) for moments in histories.values() for one in moments]
        print(json.dumps(moments, ensure_ascii=False, indent=1))
    elif not options.quiet:
        (_show_side_by_side if options.all_editions else _show)(histories)
    return OK


def _show(histories: Mapping[str, Iterable[Moment]]) -> None:
    for moments in histories.values():
        for one in moments:
            chars = f"{one.chars} characters" if one.chars is not None else ""
            words = (one.date, one.status or "-", one.change, f"{one.length} bytes", chars, one.reason)
            print("  ".join(str(word) for word in words if word))
            show_differences(one.operations)


def _show_side_by_side(histories: Mapping[str, list[Moment]]) -> None:
    """A row for each moment, a column for each edition; below it each page's changes."""
    heads = [next((one.edition for one in moments if one.edition), None) or url for url, moments in histories.items()]
    every = sorted(
        ((one, url) for url, moments in histories.items() for one in moments), key=lambda pair: pair[0].date
    )
    rows = [(one.date, *(_cell(one) if of == url else "" for of in histories)) for one, url in every]
    show_table("In time", ("captured", *heads), rows)
    for one, url in every:
        if one.operations:
            print(f"{one.date}  {url}")
            show_differences(one.operations)


def _cell(one: Moment) -> str:
    return (
        f"{one.change} {one.status}" if one.change in ("gone", "redirected", "failed") and one.status else one.change
    )
