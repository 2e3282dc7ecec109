"""The command line: ``editions COMMAND …``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from io import TextIOWrapper

from archive.errors import ArchiveError
from crawler.commands.parser import FAILED, SUMMARIES, WRONG_CALL, add_parser, refuse
from crawler.errors import CallError, CrawlError, EditionsError, ProfileError, SeedsError

COMMANDS = tuple(SUMMARIES)
"""Modules of ``crawler.commands``, in the order of the help."""


class _Version(argparse.Action):
    """Prints the version, which takes a twentieth of a second to find."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"editions {version('editions')}")
        parser.exit()


def main(args: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 all well, 1 something asked for did not hold, 2 a wrong call."""
    _print_anything()
    try:
        return _call(sys.argv[1:] if args is None else args)
    except KeyboardInterrupt:
        return refuse(
            CrawlError("stopped by Ctrl-C; what was whole is kept, and the same command can be given again"), FAILED
        )


def _print_anything() -> None:
    """Let what a terminal's coding lacks be printed as ``\\u2026``: no command fails of a name that it shows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _call(args: Sequence[str]) -> int:
    try:
        options = _parser(_named(args)).parse_args(args)
    except SystemExit as stop:  # argparse has said what is wrong, or printed the help
        return stop.code if isinstance(stop.code, int) else WRONG_CALL
    try:
        code: int = options.command(options)
        sys.stdout.flush()
    except (CallError, ProfileError, SeedsError) as error:
        return refuse(error, WRONG_CALL)
    except (EditionsError, ArchiveError) as error:
        return refuse(error, FAILED)
    except BrokenPipeError:
        # Whoever read our output (head, less) has enough; Python must not complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:  # a disk that is full, or may not be written, where no one had more to say
        where = f"{error.filename}: " if error.filename else ""
        return refuse(CrawlError(f"{where}{error.strerror or error}; see that there is space and permission"), FAILED)
    return code


def _named(args: Sequence[str]) -> Sequence[str]:
    """The command that is called, if any: what no one calls is not loaded, for it may take a second."""
    return [one for one in args if one in COMMANDS][:1]


def _parser(names: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    description = "Crawls every language edition of a news site into an archive and a corpus that proves itself."
    parser = argparse.ArgumentParser(prog="editions", description=description)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in COMMANDS:
        if name in names:
            import_module(f"crawler.commands.{name}").add(commands)
        else:
            add_parser(commands, name, SUMMARIES[name])
    return parser
