"""A crawl in a process of its own, which dies with the process that began it.

``python -m crawler.schedule.child PARENT ARGUMENTS…`` is ``editions ARGUMENTS…`` for as long as PARENT lives.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1

_SAID = 64 * 1024
"""Bytes of what a child said last: enough for a line."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a child ended."""

    code: int
    """Negative: the signal that killed it."""
    said: str
    """The last line that it wrote to standard error."""

    @property
    def why(self) -> str:
        """What to tell of a child that did not do what it was to."""
        if self.code < 0:
            return f"the crawl was killed by {signal.Signals(-self.code).name}"
        return self.said or f"the crawl ended with exit code {self.code}"


@dataclass(slots=True)
class Children:
    """The crawls that go on in child processes."""

    stopping: threading.Event = field(default_factory=threading.Event)
    """Set once no more may begin."""
    _processes: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Exit | None:
        """Run ``editions ARGUMENTS…`` in *folder* to its end; None where no more may begin.

        The calling thread waits for it: a child dies with the *thread* that began it.
        """
        command = [sys.executable, "-m", "crawler.schedule.child", str(os.getpid()), *arguments]
        with tempfile.TemporaryFile() as said:
            with self._lock:
                if self.stopping.is_set():
                    return None
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env={**os.environ, **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    start_new_session=True,  # Ctrl-C is for the daemon, which stops its crawls once
                )
                self._processes.add(process)
            try:
                code = process.wait()
            finally:
                self._processes.discard(process)
            return Exit(code, _last_line(_end(said)))

    def stop(self, grace: float) -> None:
        """Stop all cleanly; kill those that have not ended after *grace* seconds. No more begin."""
        with self._lock:
            self.stopping.set()
            going_on = list(self._processes)
        for process in going_on:
            process.terminate()
        deadline = time.monotonic() + grace
        while self._processes and time.monotonic() < deadline:
            time.sleep(0.05)
        self.kill()

    def kill(self) -> None:
        """Kill all at once; what they captured is kept."""
        for process in list(self._processes):
            process.kill()


def _end(file: IO[bytes]) -> bytes:
    file.seek(max(0, file.seek(0, os.SEEK_END) - _SAID))
    return file.read()


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].removeprefix("editions: ") if lines else ""


def main(parent: int, arguments: Sequence[str]) -> int:
    """Run one command for as long as the process *parent* lives."""
    _die_with(parent)
    from crawler.cli import main as command

    return command(arguments)


def _die_with(parent: int) -> None:
    """Be killed as soon as the parent is gone: a crawl may be killed at any moment and loses nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it went before the kernel was told
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
