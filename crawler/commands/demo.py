"""``editions demo``: the main job, on the built-in news site."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.commands.parser import FAILED, OK, add_command
from crawler.demo.run import run_demo, show_demo

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "demo", demo)
    command.add_argument(
        "folder", metavar="DIR", nargs="?", type=Path, default=Path("collections/demo"), help="default: %(default)s"
    )


def demo(options: argparse.Namespace) -> int:
    """Run it; 1 where the archive does not give the corpus of the crawl."""
    outcome = run_demo(options.folder, progress=not options.quiet and not options.json)
    if options.json:
        print(json.dumps(outcome.fields(), ensure_ascii=False, indent=1))
    elif not options.quiet:
        show_demo(outcome)
    return OK if outcome.identical else FAILED
