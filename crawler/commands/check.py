"""``editions check``: every digest, length, offset, order and document proved."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from archive.check import report
from archive.repair import Repair, repair
from archive.report import repair_lines, report_json, report_lines
from crawler.collection.folder import Collection
from crawler.collection.lock import CollectionLock
from crawler.commands.parser import FAILED, OK, add_command
from crawler.errors import CallError, CollectionError
from crawler.regeneration.checking import check_corpus

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "check", check)
    command.add_argument("paths", metavar="PATH", nargs="+", type=Path)
    command.add_argument("--repair", action="store_true", help="mend what can be, keeping the originals, then check")
    command.add_argument("--verbose", action="store_true", help="show what is only worth knowing, too")


def check(options: argparse.Namespace) -> int:
    """Run it; 1 where damage is found."""
    repairs = [done for path in options.paths for done in _repair(path)] if options.repair else []
    found = report(options.paths, corpus_check=check_corpus)
    if options.json:
        print(report_json(found, repairs))
    elif not options.quiet:
        _print([*(repair_lines(repairs) if options.repair else ()), *report_lines(found, verbose=options.verbose)])
    return OK if found.sound else FAILED


def _repair(path: Path) -> list[Repair]:
    """A crawl that goes on closes files and adds to the index meanwhile: nothing is repaired under its hands."""
    folder = next((each for each in (path, path.absolute().parent.parent) if (each / "archive").is_dir()), None)
    try:
        with CollectionLock(Collection(folder), "editions check --repair") if folder else nullcontext():
            return list(repair(path))
    except FileNotFoundError as error:
        raise CallError(f"{error.filename}: no such file or folder") from error
    except OSError as error:
        raise CollectionError(
            f"{path}: cannot be repaired ({error}); see that it is there and may be written"
        ) from error


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
