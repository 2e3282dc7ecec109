"""How far a long run over an archive is, and when it will be done: one line, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.text import Text

ELSEWHERE = 10.0
"""Seconds between two lines where there is no terminal."""


@dataclass(frozen=True, slots=True)
class Headway:
    """How far a run is."""

    done: int
    """Bytes of WARC read."""
    all: int
    """Bytes of WARC to be read."""
    captures: int
    """Articles' captures read."""
    seconds: float

    def line(self) -> str:
        """Share, captures, rate and time left."""
        share = self.done / self.all if self.all else 1.0
        rate = self.captures / self.seconds if self.seconds else 0.0
        left = self.seconds / share - self.seconds if share else 0.0
        minutes, seconds = divmod(round(left), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{share:.0%}, {self.captures} captures, {rate:.0f}/s, {hours}:{minutes:02}:{seconds:02} left"


OnHeadway = Callable[[Headway], object]


@contextmanager
def showing(*, quiet: bool) -> Iterator[OnHeadway]:
    """What to call as the run goes on: one line that moves on a terminal, a plain line now and then elsewhere."""
    console = Console(stderr=True)
    if quiet:
        yield lambda _: None
    elif console.is_terminal:
        with Live(console=console, transient=True) as live:
            yield lambda headway: live.update(Text(headway.line(), overflow="ellipsis", no_wrap=True))
    else:
        yield _Lines().show


class _Lines:
    """A line now and then; a run that is over soon needs none."""

    def __init__(self) -> None:
        self._next = time.monotonic() + ELSEWHERE

    def show(self, headway: Headway) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + ELSEWHERE
            print(headway.line(), file=sys.stderr, flush=True)
