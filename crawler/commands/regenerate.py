"""``editions regenerate``: the corpus from the archive alone, in batch."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from archive.reader import holds_responses
from crawler.collection.folder import Collection
from crawler.collection.origin import site_of
from crawler.commands.parser import FAILED, OK, add_command, count, refuse
from crawler.errors import CollectionError
from crawler.regeneration.again import cores
from crawler.regeneration.batch import Job, Regenerated, regenerate
from crawler.regeneration.headway import showing
from crawler.sites.profile import Profile

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "regenerate", run)
    command.add_argument("collection", metavar="COLLECTION", type=Path)
    command.add_argument("--out", metavar="DIR", type=Path, help="write here; default: the collection's own corpus")
    command.add_argument("--workers", metavar="N", type=count, help="processes that read; default: one per core")
    command.add_argument("--all", action="store_true", help="make again what has not changed, too")
    command.add_argument("--site", metavar="SITE", help="default: the site that the collection says it is of")


def run(options: argparse.Namespace) -> int:
    """Run it; 1 where the archive is damaged, or holds no article."""
    collection = Collection.existing(options.collection)
    profile, seeds = site_of(collection, options.site)
    workers = options.workers or cores()
    job = Job(collection, profile, seeds, options.out, workers, all=options.all)
    with showing(quiet=options.quiet or options.json) as on_headway:
        done = regenerate(job, on_headway)
    if options.json:
        print(json.dumps(asdict(done) | {"corpus": str(done.corpus)}, ensure_ascii=False))
    elif not options.quiet:
        _show(done)
    if done.damaged:
        return refuse(CollectionError(_damage(collection, done)), FAILED)
    if done.captures or done.documents or done.drops or not holds_responses(collection.archive):
        return OK
    return refuse(CollectionError(_why_nothing(collection, profile)), FAILED)


def _why_nothing(collection: Collection, profile: Profile) -> str:
    return (
        f"{profile.name}: {collection.archive} holds responses, but of no article. See that the profile's domains "
        "and article_url are those of the archive"
    )


def _damage(collection: Collection, done: Regenerated) -> str:
    told = "\n  ".join(done.problems)
    return f"{collection.archive}: damage found: {done.damaged} captures make no document\n  {told}"


def _show(done: Regenerated) -> None:
    outcomes = ", ".join(f"{number} {name}" for name, number in done.outcomes.items()) or "nothing new"
    why = f"all documents made again ({done.why}); " if done.why else ""
    print(f"{why}{done.captures} captures of articles read in {done.seconds:.1f} s: {outcomes}")
    if done.mended:
        print(f"mended   {', '.join(done.mended)}")
    if done.unread:
        print("\n         ".join(("unread   bytes that are no record:", *done.unread)))
    print(f"corpus   {done.corpus}: {done.documents} documents")
