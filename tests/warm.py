"""Commands in processes of their own, forked from one that has loaded the program: to start each anew costs a second.

Two such processes are forked from in turn, so that what one command wrote is read by one that hashes otherwise.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from runpy import run_path
from typing import IO, Any

from scrapy.cmdline import execute

from crawler.cli import COMMANDS
from crawler.cli import main as editions
from crawler.languages import identifier
from crawler.page.fallback import body_by_trafilatura

ROOT = Path(__file__).parents[1]
PYTHON = (sys.executable, "-W", "error", "-m")
MOST = 1 << 17
"""Bytes of a call: its arguments and its environment."""

LOADED = """
crawler.cli crawler.run crawler.crawls.assembly crawler.spiders.news crawler.pipelines crawler.keeping.extension
crawler.crawls.progress crawler.keeping.keeper crawler.download.resume crawler.download.decoding
crawler.download.refresh crawler.download.robots crawler.frontier.scheduler crawler.download.conditional
crawler.frontier.endings crawler.frontier.patience crawler.from_archive.settings crawler.collection.source
scrapy.downloadermiddlewares.httpauth scrapy.downloadermiddlewares.httpproxy scrapy.downloadermiddlewares.offsite
scrapy.downloadermiddlewares.redirect scrapy.downloadermiddlewares.retry scrapy.downloadermiddlewares.stats
scrapy.downloadermiddlewares.useragent scrapy.extensions.corestats scrapy.extensions.feedexport
scrapy.extensions.throttle scrapy.spidermiddlewares.referer htmldate
"""
"""Besides the commands; not the settings, which are read from the environment."""


class Fork:
    """A command that was begun; like ``subprocess.Popen``, as far as tests need it. Killed when its block ends."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.pid = int(line.recv(32))
        self.returncode: int | None = None

    def __enter__(self) -> Fork:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()
        self._line.close()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative where a signal ended it.

        Raises:
            subprocess.TimeoutExpired: it took longer.
        """
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = int(self._line.recv(32))
            except TimeoutError:
                raise subprocess.TimeoutExpired("editions", timeout or 0) from None
            finally:
                self._line.settimeout(None)  # which poll would wait for too
        return self.returncode

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        with suppress(BlockingIOError):
            if self.returncode is None:
                self.returncode = int(self._line.recv(32, socket.MSG_DONTWAIT))
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, if it has not ended."""
        self.send_signal(signal.SIGKILL)


def begin(
    *args: object, cwd: Path, out: IO[Any] | None = None, err: IO[Any] | None = None, **environment: str
) -> Fork | subprocess.Popen[bytes]:
    """Begin ``editions ARGS`` in the folder *cwd*, with these files for what it prints; *environment* is added.

    Where that names SCRAPY_SETTINGS_MODULE it is ``scrapy ARGS``.
    """
    words, variables = list(map(str, args)), os.environ | environment
    program = "scrapy" if "SCRAPY_SETTINGS_MODULE" in environment else "crawler"
    with Path(os.devnull).open("wb") as nowhere:
        files = (out or nowhere).fileno(), (err or nowhere).fileno()
        if sys.platform != "linux":  # whose libraries alone bear to be forked
            command = [*PYTHON, program, *words]
            return subprocess.Popen(command, cwd=cwd, env=variables, stdout=files[0], stderr=files[1])
        call = {"program": program, "args": words, "cwd": str(cwd), "environment": variables}
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(_line(next(_turns) % 2), [json.dumps(call).encode()], [theirs.fileno(), *files])
    return Fork(ours)


_turns = count()


@cache
def _line(number: int) -> socket.socket:
    """To a process that is forked from; started when first asked for, it ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST)
    # One thread, for what has more cannot be forked.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [*PYTHON, "tests.warm", str(theirs.fileno())]
    with theirs:
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment)
    atexit.register(_end, process, ours)
    return ours


def _end(process: subprocess.Popen[bytes], line: socket.socket) -> None:
    line.close()
    process.wait()


def _load() -> None:
    """All that commands load sooner or later."""
    for name in [*(f"crawler.commands.{name}" for name in COMMANDS), *LOADED.split()]:
        import_module(name)
    # Half a second each: the language model, and trafilatura with its word lists.
    identifier._model = cache(identifier._model)
    identifier._model()
    body_by_trafilatura("<p>one</p>")
    if "twisted.internet.reactor" in sys.modules or len(list(Path("/proc/self/task").iterdir())) > 1:
        raise AssertionError("a process with a reactor or with threads cannot be forked")
    gc.collect()
    gc.freeze()


def main() -> int:
    """Answer calls with forks, until the other end is closed; in a fork, run its command."""
    _load()
    line = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks are buried without more
    while True:
        call, files, _, _ = socket.recv_fds(line, MOST, 3)
        if not call:
            os._exit(0)
        if os.fork() == 0:
            line.close()
            return _watched(json.loads(call), *files)
        for file in files:
            os.close(file)


def _watched(call: Mapping[str, Any], answers: int, out: int, err: int) -> int:
    """Fork again and tell how the fork ended; returns in that fork alone, its command done."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    line = socket.socket(fileno=answers)
    if pid := os.fork():
        line.send(str(pid).encode())
        line.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
        os._exit(0)
    line.close()
    for file, place in ((out, 1), (err, 2)):
        os.dup2(file, place)
        os.close(file)
    return _run(call)


def _run(call: Mapping[str, Any]) -> int:
    os.chdir(call["cwd"])
    os.environ.clear()
    os.environ.update(call["environment"])
    time.tzset()
    sys.path[0] = call["cwd"]
    for path in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        if path not in sys.path and (own := Path(path, "sitecustomize.py")).exists():
            run_path(str(own))
    if call["program"] == "crawler":
        return editions(call["args"])
    execute(["scrapy", *call["args"]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
