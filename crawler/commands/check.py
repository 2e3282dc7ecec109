"""``editions check``: every digest, length, offset, order and document proved."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from archive.check import report
from archive.errors import ArchiveError
from archive.repair import Repair, repair
from archive.report import repair_lines, report_json, report_lines
from crawler.collection.folder import Collection
from crawler.collection.lock import CollectionLock
from crawler.commands.parser import FAILED, OK, add_command, refuse
from crawler.errors import CallError, CollectionError, EditionsError
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
    repairs, code = _repair_all(options.paths) if options.repair else ([], OK)
    found = report(options.paths, corpus_check=check_corpus)
    if options.json:
        print(report_json(found, repairs))
    elif not options.quiet:
        _print([*(repair_lines(repairs) if options.repair else ()), *report_lines(found, verbose=options.verbose)])
    return code if found.sound else FAILED


def _repair_all(paths: list[Path]) -> tuple[list[Repair], int]:
    """What was done to all *paths*, and the exit code: one that cannot be repaired does not stop the others."""
    for path in paths:
        if not path.exists():
            raise CallError(f"{path}: no such file or folder")
    done, code = [], OK
    for path in paths:
        try:
            done += _repair(path)
        except (EditionsError, ArchiveError) as error:
            code = refuse(error, FAILED)
    return done, code


def _repair(path: Path) -> list[Repair]:
    """A crawl that goes on closes files and adds to the index meanwhile: nothing is repaired under its hands."""
    folder = next((each for each in (path, path.absolute().parent.parent) if (each / "archive").is_dir()), None)
    try:
        with CollectionLock(Collection(folder), "editions check --repair") if folder else nullcontext():
            return list(repair(path))
    except OSError as error:
        raise CollectionError(
            f"{path}: cannot be repaired ({error}); see that it is there and may be written"
        ) from error


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
