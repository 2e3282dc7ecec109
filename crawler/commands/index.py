"""``editions index``: where each capture lies, made again from the WARC files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from archive.indexing import build
from crawler.collection.folder import Collection
from crawler.collection.lock import CollectionLock
from crawler.commands.parser import OK, add_command
from crawler.errors import CollectionError

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "index", index)
    command.add_argument("collection", metavar="COLLECTION", type=Path)


def index(options: argparse.Namespace) -> int:
    """Run it."""
    collection = Collection.existing(options.collection)
    with CollectionLock(collection, "editions index"):  # a crawl adds the lines of each file that it closes
        try:
            lines = build(collection.archive, collection.index)
        except OSError as error:
            raise CollectionError(f"{collection.index}: cannot be made ({error}); the old one stays") from error
    if options.json:
        print(json.dumps({"index": str(collection.index), "lines": lines}))
    elif not options.quiet:
        print(f"{collection.index}: {lines} captures")
    return OK
