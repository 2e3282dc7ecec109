"""``editions schedule``: recurring crawls, and their history."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.commands.parser import SUMMARIES, add_command, add_parser, count, port, positive
from crawler.errors import CallError
from crawler.schedule.span import parse_span
from crawler.urls import is_web

if TYPE_CHECKING:
    from crawler.commands.parser import Commands

EXTRA = ("dbos", "prometheus_client", "sqlalchemy", "cronsim")
"""The packages of the extra ``schedule``."""


def add(commands: Commands) -> None:
    """Add the command and those under it."""
    command = add_parser(commands, "schedule", SUMMARIES["schedule"])
    parts = command.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_add(parts)
    _with_site(_add(parts, "remove", "take a schedule away; its history and its collection stay"))
    _with_site(_add(parts, "pause", "begin no more runs of a site; one that goes on is not stopped")).add_argument(
        "--why", metavar="WORD", default="by hand", help="shown in the list (default: %(default)s)"
    )
    _with_site(_add(parts, "resume", "begin runs of a site again"))
    _with_site(_add(parts, "now", "begin a run of a scheduled site as soon as the daemon can"))
    _add(parts, "list", "list the schedules: next run, last outcome")
    _add_run(parts)
    _add_history(parts)
    show = _add(parts, "show", "show a run, with its log")
    show.add_argument("run", metavar="RUN", type=count, help="its number in the history")
    show.add_argument("--lines", metavar="N", type=count, default=40, help="of each log (default: %(default)s)")
    _add_export(parts)


def _add_add(parts: Commands) -> None:
    command = _with_site(
        _add(parts, "add", "crawl a site again and again"), "a known site's name, or a profile's path"
    )
    rhythm = command.add_mutually_exclusive_group(required=True)
    rhythm.add_argument(
        "--every", metavar="SPAN", type=_span, help="such as 6h, 90m or 1d; the first run is begun at once"
    )
    rhythm.add_argument("--cron", metavar="EXPRESSION", help="five fields, such as '0 */6 * * *'")
    command.add_argument(
        "--zone", metavar="ZONE", default="UTC", help="time zone, such as Europe/Berlin (default: UTC)"
    )
    command.add_argument(
        "--edition", metavar="CODE", action="append", default=[], help="only this one; may be repeated"
    )
    command.add_argument("--max-pages", metavar="N", type=positive, help="ask for at most N articles in a run")
    command.add_argument(
        "--collection", metavar="DIR", type=Path, help="default: NAME in the folder of the collections"
    )
    help_ = "begin up to so much later, by site (default: a twentieth of the interval, 5m at most)"
    command.add_argument("--jitter", metavar="SPAN", type=_span, help=help_)
    help_ = "with --every: come more often where documents change, less often where not, within these bounds"
    command.add_argument("--adaptive", metavar=("LEAST", "MOST"), nargs=2, type=_span, help=help_)


def _add_run(parts: Commands) -> None:
    command = _add(parts, "run", "run the schedules, in the foreground, until SIGTERM or Ctrl-C")
    command.add_argument(
        "--crawls", metavar="N", type=count, default=4, help="at once, at most (default: %(default)s)"
    )
    help_ = "of a run that fails (default: %(default)s)"
    command.add_argument("--retries", metavar="N", type=count, default=3, help=help_)
    help_ = "before the first, twice as long before each next (default: 1m)"
    command.add_argument("--backoff", metavar="SPAN", type=_span, default=timedelta(minutes=1), help=help_)
    help_ = "but never longer (default: 1h)"
    command.add_argument("--backoff-cap", metavar="SPAN", type=_span, default=timedelta(hours=1), help=help_)
    help_ = "pause a site after N failed runs in a row; 0: never (default: %(default)s)"
    command.add_argument("--pause-after", metavar="N", type=count, default=5, help=help_)
    help_ = "for crawls to end cleanly when the daemon stops (default: 30s)"
    command.add_argument("--grace", metavar="SPAN", type=_span, default=timedelta(seconds=30), help=help_)
    help_ = "between two lines that say how all stands (default: 5m)"
    command.add_argument("--health", metavar="SPAN", type=_span, default=timedelta(minutes=5), help=help_)
    help_ = "serve metrics for Prometheus on loopback; 0 takes a free port"
    command.add_argument("--metrics-port", metavar="N", type=port, help=help_)
    help_ = "let each crawl leave its metrics here, as editions-SITE.prom"
    command.add_argument("--metrics", metavar="DIR", type=Path, help=help_)
    command.add_argument("--webhook", metavar="URL", type=_address, help="POST each failed run there, as JSON")


def _add_history(parts: Commands) -> None:
    command = _add(parts, "history", "list runs: start, end, outcome, pages, documents, bytes, why one failed")
    command.add_argument("site", metavar="SITE", nargs="?", help="only this one's")
    command.add_argument("--last", metavar="N", type=count, default=50, help="the newest N (default: %(default)s)")


def _add_export(parts: Commands) -> None:
    command = _add(parts, "export", "hand the schedules over to systemd, cron or Kubernetes")
    command.add_argument("to", choices=["systemd", "cron", "kubernetes"])
    command.add_argument("--out", metavar="DIR", type=Path, help="write files here; default: print them")
    command.add_argument(
        "--image", metavar="NAME", default="editions:latest", help="for kubernetes (default: %(default)s)"
    )
    command.add_argument(
        "--claim",
        metavar="NAME",
        default="editions",
        help="for kubernetes: the volume claim of the collections (default: %(default)s)",
    )


def _add(parts: Commands, name: str, summary: str) -> argparse.ArgumentParser:
    """A command that calls the function of its name in ``crawler.schedule.calls``."""
    command = add_command(parts, name, _calling(name), summary)
    help_ = "the folder of the collections, with schedule.db (default: %(default)s)"
    command.add_argument("--collections", metavar="DIR", type=Path, default=Path("collections"), help=help_)
    help_ = "keep schedules in PostgreSQL instead (or EDITIONS_SCHEDULE_DATABASE in the environment)"
    command.add_argument("--database", metavar="URL", help=help_)
    return command


def _with_site(command: argparse.ArgumentParser, words: str = "its name") -> argparse.ArgumentParser:
    command.add_argument("site", metavar="SITE", help=words)
    return command


def _calling(name: str) -> Callable[[argparse.Namespace], int]:
    def call(options: argparse.Namespace) -> int:
        if missing := [package for package in EXTRA if find_spec(package) is None]:
            raise CallError(f"schedules need more packages ({', '.join(missing)}): pip install 'editions[schedule]'")
        _check_text(options)
        return int(getattr(import_module("crawler.schedule.calls"), f"call_{name}")(options))

    return call


def _check_text(options: argparse.Namespace) -> None:
    """A database keeps text: names of files that are none, in UTF-8, cannot be scheduled."""
    for name, value in [*vars(options).items(), ("this folder", Path.cwd())]:
        try:
            str(value).encode()
        except UnicodeEncodeError as error:
            raise CallError(f"{name}: {str(value)!a} is no text in UTF-8") from error


def _span(text: str) -> timedelta:
    try:
        return parse_span(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _address(text: str) -> str:
    """A webhook's, which may hold a secret: what is wrong with it is told without it."""
    if not is_web(text):
        raise argparse.ArgumentTypeError("no web address; one begins with http:// or https://")
    try:
        parts = urlsplit(text)
        named = parts.hostname and parts.port != 0
    except ValueError:  # of a port past 65535, or half a pair of brackets
        named = None
    if not named:
        raise argparse.ArgumentTypeError("names no host, or a port that is none; write it as https://host:port/path")
    return text
