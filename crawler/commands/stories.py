"""``editions stories``: which documents tell the same story, and what is missing or wrong among the editions."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.collection.folder import Collection
from crawler.collection.origin import site_of
from crawler.commands.parser import OK, add_command
from crawler.crawls.show import show_table
from crawler.stories.corpus import Stories, read_stories
from crawler.stories.late import with_lateness
from crawler.stories.overview import cells, overview

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "stories", run)
    command.add_argument("collection", metavar="COLLECTION", type=Path)
    command.add_argument("--list", action="store_true", help="each story: in which editions, translated or not")
    command.add_argument("--joins", action="store_true", help="each join of two documents, with its reason")
    command.add_argument("--problems", action="store_true", help="each alternate (hreflang) that is wrong")
    command.add_argument("--site", metavar="SITE", help="default: the site that the collection says it is of")


def run(options: argparse.Namespace) -> int:
    """Run it."""
    collection = Collection.existing(options.collection)
    profile, _ = site_of(collection, options.site)
    found = read_stories(collection.corpus, profile)
    found = replace(found, stories=tuple(with_lateness(found.stories, collection.index, collection.crawls)))
    if options.json:
        print(json.dumps(_fields(found), ensure_ascii=False, indent=1))
    elif not options.quiet:
        _show(found, options)
    return OK


def _fields(found: Stories) -> dict[str, object]:
    return {
        "editions": [asdict(one) for one in overview(found.stories)],
        "stories": [asdict(story) | {"confidence": story.confidence} for story in found.stories],
        "problems": [asdict(problem) for problem in found.problems],
    }


def _show(found: Stories, options: argparse.Namespace) -> None:
    editions = overview(found.stories)
    heads = ("edition", "stories", "translated", "untranslated", "unknown", "missing", "late")
    show_table("Editions and stories", heads, [tuple(asdict(one).values()) for one in editions])
    if options.list:
        codes = [one.edition for one in editions]
        rows = [(story.id, *cells(story, codes), story.told[0].title) for story in found.stories]
        show_table("Stories", ("story", *codes, "title"), rows)
    if options.joins:
        joins = [join for story in found.stories for join in story.joins]
        rows = [(f"{one.confidence:.2f}", one.reason, one.one, one.other, one.says) for one in joins]
        show_table("Joins", ("confidence", "reason", "document", "document", "says"), rows)
    if options.problems:
        problems = [(one.fault, one.url, one.alternate, one.says) for one in found.problems]
        show_table("Alternates that are wrong", ("fault", "page", "names", "which"), problems)
    print(_summary(found))


def _summary(found: Stories) -> str:
    several = sum(len(story.told) > 1 for story in found.stories)
    joins: Counter[str] = Counter(join.reason for story in found.stories for join in story.joins)
    faults: Counter[str] = Counter(one.fault for one in found.problems)
    words = [f"{len(found.stories)} stories, {several} in more than one edition"]
    words.append(f"joins: {_counts(joins)}")
    words.append(f"wrong alternates: {_counts(faults)}")
    return "; ".join(words)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
