"""``editions replay``: a collection in a browser."""

from __future__ import annotations

import argparse
import json
import signal
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.collection.folder import Collection
from crawler.commands.parser import OK, add_command, port
from crawler.errors import CollectionError
from crawler.regeneration.records import Records, records_of
from crawler.window.server import WindowServer
from crawler.window.window import Window

if TYPE_CHECKING:
    from crawler.commands.parser import Commands

PORT = 8080


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "replay", replay)
    command.add_argument("collection", metavar="COLLECTION", type=Path)
    help_ = "on loopback; 0 takes a free one (default: %(default)s)"
    command.add_argument("--port", metavar="N", type=port, default=PORT, help=help_)


def replay(options: argparse.Namespace) -> int:
    """Run it, until Ctrl-C or SIGTERM."""
    collection = Collection.existing(options.collection)
    with (
        records_of(collection) as records,
        closing(_window(collection, records)) as window,
        WindowServer(window, options.port) as server,
        suppress(KeyboardInterrupt),
    ):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.default_int_handler)
        _announce(collection, server.url, options)
        server.serve_forever()
    return OK


def _announce(collection: Collection, url: str, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({"collection": str(collection.folder), "url": url}), flush=True)
    elif not options.quiet:
        print(f"{collection.folder} is shown at {url} until Ctrl-C", flush=True)


def _window(collection: Collection, records: Records) -> Window:
    if not records.index.is_file():
        raise CollectionError(f"{records.index}: is not there; make it with `editions index`")
    return Window(collection, records)
