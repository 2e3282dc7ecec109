"""A child process that answers one question after another, and the threads that wait for several of them."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from crawler.errors import CorpusError
from crawler.regeneration.packing import packed


class Processes:
    """Several children that run *module* with the same *task*; each is led by one thread at a time.

    The module's ``__main__`` calls :func:`serve`.
    """

    def __init__(self, module: str, task: object, count: int) -> None:
        self._threads = ThreadPoolExecutor(count)
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        self._processes = [_Process(module, task) for _ in range(count)]
        for process in self._processes:
            self._idle.put(process)

    def ask(self, question: object) -> Future[Any]:
        """What the first child that is free answers; CorpusError where that ended before it did."""
        return self._threads.submit(self._ask, question)

    def _ask(self, question: object) -> Any:
        process = self._idle.get()
        try:
            return process.ask(question)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """Let all end; whatever has not been answered is not answered any more."""
        for process in self._processes:
            process.end()
        self._threads.shutdown(cancel_futures=True)


class _Process:
    """A child that reads questions from its standard input; it ends when that does, or its parent."""

    def __init__(self, module: str, task: object) -> None:
        command = [sys.executable, "-m", module]
        # In a group of its own: a terminal's Ctrl-C is its parent's to hear, which then ends it.
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
        self._send(task)

    def ask(self, question: object) -> Any:
        self._send(question)
        assert self._child.stdout is not None
        try:
            return pickle.load(self._child.stdout)
        except (EOFError, pickle.UnpicklingError) as error:
            raise self._ended() from error

    def end(self) -> None:
        self._child.kill()
        for stream in (self._child.stdin, self._child.stdout):
            assert stream is not None
            with suppress(OSError, ValueError):  # it held what the child did not take, or is being read
                stream.close()
        self._child.wait()

    def _send(self, value: object) -> None:
        assert self._child.stdin is not None
        try:
            pickle.dump(value, self._child.stdin)
            self._child.stdin.flush()
        except OSError as error:
            raise self._ended() from error

    def _ended(self) -> CorpusError:
        return CorpusError(f"a reading process ended before its time (exit code {self._child.wait()})")


def serve(ready: Callable[[Any], Callable[[Any], object]]) -> None:
    """In the child: *ready* is given the task, and what it returns each question."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it ends its children
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError, BrokenPipeError):
        answer = ready(pickle.load(questions))
        while True:
            answers.write(packed(answer(pickle.load(questions))))
            answers.flush()
    os._exit(0)  # a parent that went away has left a pipe that cannot be flushed
