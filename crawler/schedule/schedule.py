"""The values of scheduled crawls: a schedule, and a run of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from crawler.schedule.rhythm import Rhythm

Cause = Literal["due", "caught up", "by hand"]
"""Why a run was begun."""

State = Literal["waiting", "running", "retrying", "done", "failed", "busy", "removed"]
"""How a run stands, or how it ended: ``busy`` where another process held the collection all along, ``removed`` where
the schedule was taken away before it began."""

GOING_ON: tuple[State, ...] = ("waiting", "running", "retrying")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which spans the pace of an adaptive schedule may move."""

    least: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True)
class Job:
    """What is crawled, and where."""

    profile: str
    """A known site's name, or the absolute path of a profile."""
    folder: Path
    """Where the command is run: seeds are looked for there. Absolute."""
    collection: Path
    """Absolute, without symbolic links."""
    hosts: tuple[str, ...]
    """The site's, without ports."""
    editions: tuple[str, ...] = ()
    max_pages: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A site's recurring crawl."""

    site: str
    job: Job
    rhythm: Rhythm
    zone: str
    """In which its times are shown: an IANA name."""
    jitter: timedelta
    due: datetime
    """The next time by the rhythm; like all times UTC."""
    next: datetime
    """When the next run is to be begun: *due* with jitter."""
    bounds: Bounds | None = None
    """Of an adaptive schedule."""
    last: datetime | None = None
    """The time by the rhythm for which a run was last begun."""
    paused: str | None = None
    """Why it is."""
    failures: int = 0
    """Runs that failed since the last that did not."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a schedule: a row of the history."""

    id: int
    site: str
    cause: Cause
    state: State
    due: datetime | None
    asked: datetime
    """When it was put into the history."""
    started: datetime | None = None
    ended: datetime | None = None
    attempts: int = 0
    cuts: int = 0
    """How often it was cut off, by a kill or a stop of the daemon, and gone on with."""
    refused: int = 0
    """Runs of the same site that were due, or asked for, while it went on."""
    pages: int = 0
    """Articles that came."""
    new: int = 0
    changed: int = 0
    """Documents."""
    bytes: int = 0
    """By which the archive grew."""
    known: int = 0
    """Documents that the corpus had when it began."""
    crawls: tuple[str, ...] = ()
    """The names of its crawls: ``crawls/ID.json`` and ``ID.log`` in the collection."""
    collection: str = ""
    why: str = ""
    """What went wrong."""

    @property
    def going_on(self) -> bool:
        """Whether it has not ended."""
        return self.state in GOING_ON

    @property
    def seconds(self) -> float | None:
        """From its start to its end."""
        return (self.ended - self.started).total_seconds() if self.started and self.ended else None
