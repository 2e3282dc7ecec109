"""The pages of a large replay, read by processes of their own, as in batch: reading is most of what a replay does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archive.reader import warc_files
from crawler.crawls.assembly import Reading
from crawler.regeneration.again import cores
from crawler.regeneration.process import Processes, serve
from crawler.sites.profile import Profile
from crawler.text.article import Body, read_body
from crawler.text.links import LinkReader
from crawler.text.page import PageReader

_WORTH = 4_000_000
"""Bytes of WARC for each process: what it takes to start one is a second's reading."""


@dataclass(frozen=True, slots=True)
class Task:
    """What pages are read with."""

    profile: Profile
    editions: tuple[str, ...]


class PageProcesses:
    """Reads pages in *count* processes, with their links."""

    def __init__(self, profile: Profile, editions: tuple[str, ...], count: int) -> None:
        self._processes = Processes("crawler.from_archive.reading", Task(profile, editions), count)

    async def read(self, body: Body) -> Reading:
        """What a body says: a function of the body alone. Raises CorpusError where a process died."""
        read: Reading = await asyncio.wrap_future(self._processes.ask(body))
        return read

    def close(self) -> None:
        """Let the processes end."""
        self._processes.close()


def processes_worth(archive: Path) -> int:
    """How many processes are to read the pages of the WARC files in a folder; 0: they are as soon read without."""
    size = sum(path.stat().st_size for path in warc_files(archive))
    count = min(cores(), size // _WORTH)
    return count if count > 1 else 0


def main() -> None:
    """A reading process: a task and then bodies on standard input, what each says on standard output."""
    serve(_reader)


def _reader(task: Task) -> Callable[[Body], Reading]:
    reader = PageReader(task.profile, LinkReader(task.profile, task.editions))
    return lambda body: read_body(reader, body)


if __name__ == "__main__":
    # By its import name: pickle would look for `__main__`'s classes in the parent.
    from crawler.from_archive.reading import main as read

    read()
