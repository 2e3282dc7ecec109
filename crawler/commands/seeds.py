"""``editions seeds``: the seed corpus made again, and what has changed in it."""

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from archive.index import Index
from crawler import seeds as lists
from crawler.collection.folder import Collection
from crawler.collection.source import Source
from crawler.coloured import show_differences
from crawler.commands.parser import FAILED, OK, add_command
from crawler.errors import CallError
from crawler.seedcorpus import Found, SeedResult, add_seed, compare, endings, fetch_seeds, find_seeds
from crawler.sites.profile import Profile, find

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "seeds", run)
    command.add_argument("site", metavar="SITE", help="a known site's name, or the path of a profile")
    help_ = "fetch into this one (default: collections/NAME-seeds); with --add, whose corpus it is (collections/NAME)"
    command.add_argument("--collection", metavar="DIR", type=Path, help=help_)
    help_ = "take them from a collection, a folder of WARC files, a WARC or a WACZ; no network"
    command.add_argument("--from-archive", metavar="ARCHIVE", type=Path, help=help_)
    help_ = "where the seed corpus is written; default: seeds/NAME"
    command.add_argument("--out", metavar="DIR", type=Path, help=help_)
    command.add_argument(
        "--add", metavar="URL", help="add a document of the collection's corpus to the seeds instead"
    )


def run(options: argparse.Namespace) -> int:
    """Run it; 1 where not all are identical."""
    profile = find(options.site)
    if options.add is not None:
        return _add(options, profile)
    seeds = lists.of(profile)
    if not seeds:
        raise CallError(f"{profile.name}: has no seeds; write seeds/{profile.name}.toml, or add some with --add")
    out = _out(options, profile)
    results = [compare(found, out) for found in _found(options, profile, seeds)]
    if options.json:
        print(json.dumps([asdict(one) for one in results], ensure_ascii=False, indent=1))
    elif not options.quiet:
        _show(results, out)
    return OK if all(one.verdict in ("identical", "new") for one in results) else FAILED


def _out(options: argparse.Namespace, profile: Profile) -> Path:
    """The folder of the seed corpus."""
    return options.out or Path("seeds", profile.name)


def _add(options: argparse.Namespace, profile: Profile) -> int:
    collection = Collection(options.collection or Path("collections", profile.name))
    path, seed = add_seed(profile, collection, options.add, _out(options, profile))
    if options.json:
        print(json.dumps(asdict(seed) | {"list": str(path)}, ensure_ascii=False))
    elif not options.quiet:
        print(f"{path}: {seed.file}  {seed.url}")
    return OK


def _found(options: argparse.Namespace, profile: Profile, seeds: tuple[lists.Seed, ...]) -> list[Found]:
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if options.from_archive is not None:
            with closing(Source(options.from_archive, scratch)) as source:
                return find_seeds(source.archive, source.index, profile, seeds, scratch / "corpus", {})
        collection = Collection(options.collection or Path("collections", f"{profile.name}-seeds"))
        progress = not options.quiet and not options.json
        report = fetch_seeds(profile, seeds, collection, progress=progress)
        ended = endings(collection, report)
        with Index(collection.index) as index:
            return find_seeds(collection.archive, index, profile, seeds, scratch / "corpus", ended)


def _show(results: list[SeedResult], out: Path) -> None:
    for one in results:
        note = f" ({one.reason})" if one.reason else ""
        if one.verdict == "changed" and one.since_last != "changed":
            note = " from what is recorded" + ("; the same as made last" if one.since_last else "")
        print(f"{one.file}  {one.edition or '-':4} {one.verdict}{note}  {one.url}")
        show_differences(one.operations)
    same = sum(one.verdict == "identical" for one in results)
    where = f"seed corpus in {out}" if out.is_dir() else f"no seed corpus in {out}: none was made"
    print(f"{same} of {len(results)} identical; {where}")
