"""Captures written to WARC files by one thread: in call order, each with an index line, on disk when it says so."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from archive.capture import Capture, Location
from archive.errors import ArchiveWriteError
from archive.record import WarcInfo
from archive.spool import THRESHOLD
from archive.store import Store

COMMIT_INTERVAL = 0.1
"""Seconds that a capture waits for its fsync while others keep coming; where none waits, it is committed at once."""

MAX_BACKLOG = 256 * 1024 * 1024
"""Bytes waiting in memory at which `ArchiveWriter.write` blocks; from half of it the writer is congested."""


@dataclass(frozen=True, slots=True)
class _Job:
    capture: Capture
    future: Future[Location]
    weight: int


class ArchiveWriter:
    """Writes captures into *folder* and their lines into *index* (None: no index, no revisits across files).

    Files that a killed run left ``.open`` are recovered first. A file is closed at *max_size* bytes (between
    captures), and by `close`; then its lines are merged into the index and it takes its final name. With *revisits*,
    a payload already kept from the same URL is not kept twice, and a 304 refers to the response it stands for.
    With *mask_credentials* (off by default: the archive then holds what was sent), the values of Authorization,
    Proxy-Authorization and Cookie in requests are starred out.

    Raises ArchiveWriteError where the folder cannot be written or recovered.
    """

    def __init__(
        self,
        folder: Path,
        index: Path | None,
        *,
        prefix: str,
        info: WarcInfo,
        max_size: int = 1_000_000_000,
        revisits: bool = True,
        mask_credentials: bool = False,
        commit_interval: float = COMMIT_INTERVAL,
        max_backlog: int = MAX_BACKLOG,
    ) -> None:
        if not prefix or "/" in prefix or max_size < 1:
            raise ValueError(f"wanted a prefix without '/' and max_size above 0, got {prefix!r}, {max_size}")
        self._store = Store(folder, index, prefix, info, max_size, revisits, mask_credentials)
        self._interval = commit_interval
        self._max_backlog = max_backlog
        self._backlog = 0
        self._room = threading.Condition()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._store.prepare()
        self._thread = threading.Thread(target=self._run, name="archive-writer", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """Bytes handed over and not yet on disk, of those that are held in memory."""
        return self._backlog

    @property
    def congested(self) -> bool:
        """Whether a caller should pause: more waits than half of what makes `write` block."""
        return self._backlog > self._max_backlog // 2

    def write(self, capture: Capture) -> Future[Location]:
        """Hand *capture* over; the future resolves when its records are on disk (fsync), or with ArchiveWriteError.

        Costs the caller a queue's put; blocks only while the backlog is over its limit. The writer takes the
        capture's spool: it reads and closes it. Raises ValueError for a date without a zone, or neither response
        nor error, and ArchiveWriteError after `close`.
        """
        if capture.date.tzinfo is None or (capture.response is None and capture.error is None):
            raise ValueError(f"wanted an aware date, and a response or an error, got {capture!r}")
        job = _Job(capture, Future(), _weight(capture))
        job.future.set_running_or_notify_cancel()
        with self._room:
            self._room.wait_for(lambda: self._backlog <= self._max_backlog or self._closed)
            if self._closed:
                raise ArchiveWriteError(f"{self._store.folder}: the archive is closed for writing")
            self._backlog += job.weight
            self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """Write what waits, close the file, merge the index; raises ArchiveWriteError if that fails.

        What was committed is safe then too: the next writer in the folder finishes the work.
        """
        with self._room:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
                self._room.notify_all()
        self._thread.join()
        if self._store.seal_error is not None:
            raise self._store.seal_error

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _run(self) -> None:
        while self._write_burst(self._jobs.get()):
            pass
        self._store.finish()

    def _write_burst(self, job: _Job | None) -> bool:
        """Write *job* and what waits behind it, for as long as the interval, and commit all; False at the end."""
        waiting: list[tuple[_Job, Location]] = []
        deadline = time.monotonic() + self._interval
        while job is not None:
            if (location := self._put(job)) is not None:
                waiting.append((job, location))
            if self._store.full:
                self._commit(waiting)
                waiting = []
                self._store.finish()
            if self._jobs.empty() or time.monotonic() >= deadline:
                break
            job = self._jobs.get()
        self._commit(waiting)
        return job is not None

    def _put(self, job: _Job) -> Location | None:
        try:
            return self._store.put(job.capture)
        except Exception as error:  # noqa: BLE001 - the thread must live on; the caller gets the error
            self._release([job])
            job.future.set_exception(error)
            return None

    def _commit(self, waiting: list[tuple[_Job, Location]]) -> None:
        failure: ArchiveWriteError | None = None
        try:
            if waiting:
                self._store.commit()
        except ArchiveWriteError as error:
            failure = error
        self._release([job for job, _ in waiting])
        for job, location in waiting:
            if failure is None or location.offset < self._store.committed:
                job.future.set_result(location)
            else:
                job.future.set_exception(failure)

    def _release(self, jobs: list[_Job]) -> None:
        """Give back the room that *jobs* took."""
        for job in jobs:
            if job.capture.response is not None:
                job.capture.response.close()
        with self._room:
            self._backlog -= sum(job.weight for job in jobs)
            self._room.notify_all()


def _weight(capture: Capture) -> int:
    body = capture.response.size if capture.response is not None else 0
    return len(capture.request) + (body if body <= THRESHOLD else 0) + 1000
