"""What all commands have in common: how they are added, their common options, their exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

OK, FAILED, WRONG_CALL = 0, 1, 2
"""All is well; something asked for did not hold; a wrong call."""


SUMMARIES = {
    "demo": "crawl the built-in news site on loopback and make its corpus again from the archive",
    "crawl": "crawl a site into an archive and a corpus",
    "regenerate": "make a collection's corpus again from its archive alone",
    "prove": "make documents again from their records and compare",
    "seeds": "fetch a site's seeds and say what has changed in the seed corpus",
    "replay": "browse a collection's archive and corpus in a browser",
    "history": "show a page's captures in time, with what changed in its text",
    "check": "prove collections, WARC, ARC, WACZ and CDXJ files, and corpora: every digest, length, offset, document",
    "index": "make a collection's index again from its WARC files",
    "export": "hand a collection over",
    "stories": "join the editions of each story, and show what is missing",
    "schedule": "crawl again and again: durable, never overlapping, with a history",
    "sites": "list the known sites, their editions and seeds",
}
"""What each command is for, in the order of the help."""


def add_parser(commands: Commands, name: str, summary: str) -> argparse.ArgumentParser:
    """Add a command without options."""
    return commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")


def add_command(
    commands: Commands, name: str, call: Callable[[argparse.Namespace], int], summary: str | None = None
) -> argparse.ArgumentParser:
    """Add a command with ``--quiet`` and ``--json``; *call* gets the parsed options and returns the exit code."""
    command = add_parser(commands, name, summary or SUMMARIES[name])
    command.add_argument("--quiet", action="store_true", help="no progress, no table: errors only")
    command.add_argument("--json", action="store_true", help="report as JSON on standard output")
    command.set_defaults(command=call)
    return command


MOST = 2**31 - 1
"""What every database takes for a whole number."""


def count(text: str) -> int:
    """An argument that is a whole number from 0 up."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 up")
    if len(text) > len(str(MOST)) or int(text) > MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is too large a number: {MOST} is the most")
    return int(text)


def positive(text: str) -> int:
    """An argument that is a whole number from 1 up."""
    if not text.isdecimal() or not text.strip("0"):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 up")
    return count(text)


def port(text: str) -> int:
    """An argument that is a TCP port; 0 takes a free one."""
    number = count(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; they go from 1 to 65535, and 0 takes a free one")
    return number


def refuse(error: Exception, code: int) -> int:
    """Say what is wrong on standard error; returns *code*."""
    print(f"editions: {error}", file=sys.stderr)
    return code
