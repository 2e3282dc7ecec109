"""Ctrl-C is told in words, and ends a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path


def test_a_command_that_is_stopped_says_so(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    path = tmp_path / "corpus" / "manifest.jsonl"
    os.mkfifo(path)
    command = [sys.executable, "-m", "crawler", "seeds", "allthe.news", "--add", "https://allthe.news/en/articles/a"]
    command += ["--collection", str(tmp_path)]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process,
        path.open("wb"),  # from here on the command waits for what it never gets
    ):
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert (process.returncode, told.startswith("editions: stopped by Ctrl-C")) == (1, True), told
