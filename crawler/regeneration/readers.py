"""Processes that read sections of an archive side by side; what they find comes back in archive order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from archive.capture import Location
from archive.errors import ArchiveReadError
from archive.index import Index
from crawler.crawls.assembly import Reading
from crawler.regeneration.process import Processes, serve
from crawler.regeneration.rebuild import Place, readings_of
from crawler.regeneration.sections import Section, captures
from crawler.sites.profile import Profile

AHEAD = 4
"""Sections a process that may be read before their turn: memory stays flat."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an article's capture says, and where and when it was captured."""

    reading: Reading
    place: Location
    date: str
    """WARC-Date."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the sections are read of and with; the same for all."""

    archive: Path
    index: Path
    profile: Profile
    after: Place | None = None
    """The place after which captures are wanted; None for all."""


@dataclass(frozen=True, slots=True)
class Read:
    """A section that has been read."""

    told: list[Told]
    lost: dict[int, str]
    """Where bytes lie that may have been articles' captures: what they are now, by offset."""


def read_section(task: Task, section: Section) -> Read:
    """What the articles' captures of a section say.

    Raises:
        ArchiveReadError: a response that a revisit refers to cannot be read.
    """
    lost: dict[int, str] = {}
    with Index(task.index) as index:
        stored_ones = captures(task.archive, section, lost)
        found = readings_of(stored_ones, task.archive, task.profile, after=task.after, index=index)
        told = [Told(reading, stored.location, stored.date) for reading, stored in found]
    for one in told:
        lost.pop(one.place.offset, None)
    return Read(told, lost)


def read_sections(task: Task, sections: Iterable[Section], workers: int) -> Iterator[tuple[Section, Read]]:
    """Each section with what it says, in the order given; read by *workers* processes, or by this one if that is 1.

    Raises:
        ArchiveReadError: a section cannot be read.
        CorpusError: a process ended before its work was done.
    """
    if workers <= 1:
        for section in sections:
            yield section, read_section(task, section)
        return
    with _Readers(task, workers) as readers:
        yield from readers.read(sections)


class _Readers:
    """The processes, asked for a few sections more than are wanted now."""

    def __init__(self, task: Task, workers: int) -> None:
        self._workers = workers
        self._processes = Processes("crawler.regeneration.readers", task, workers)

    def read(self, sections: Iterable[Section]) -> Iterator[tuple[Section, Read]]:
        waiting: deque[tuple[Section, Future[Read | ArchiveReadError]]] = deque()
        for section in sections:
            waiting.append((section, self._processes.ask(section)))
            if len(waiting) > AHEAD * self._workers:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._processes.close()


def _first(waiting: deque[tuple[Section, Future[Read | ArchiveReadError]]]) -> tuple[Section, Read]:
    section, future = waiting.popleft()
    answer = future.result()
    if isinstance(answer, ArchiveReadError):
        raise answer
    return section, answer


def main() -> None:
    """A reading process: a task and then sections on standard input, a `Read` for each on standard output."""
    serve(lambda task: partial(_answer, task))


def _answer(task: Task, section: Section) -> Read | ArchiveReadError:
    try:
        return read_section(task, section)
    except ArchiveReadError as error:
        return error
    except OSError as error:
        return ArchiveReadError(f"{task.archive / section.file}: cannot be read ({error.strerror})")


if __name__ == "__main__":
    # By its import name: pickle would look for `__main__`'s classes in the parent.
    from crawler.regeneration.readers import main as read

    read()
