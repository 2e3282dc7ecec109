"""Crawls measured side by side: each in a process of its own, measured whole, and each once in every round.

So a busy machine troubles all variants alike, and their ratio is taken round by round.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl, measured over its whole process."""

    pages: int
    seconds: float
    cpu: float
    """User and system, seconds."""
    memory: float
    """Peak resident set, MB."""

    @property
    def speed(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


def measure(module: str, variant: str, url: str, pages: int, folder: Path) -> Run:
    """A crawl by ``python -m MODULE --run VARIANT``, of which each page must come.

    It prints how many answers came, and its peak memory in MB, as a JSON list.
    """
    folder.mkdir()
    command = [sys.executable, "-m", module, "--run", variant, "--url", url, "--folder", str(folder)]
    with (folder / "out").open("wb") as out:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)  # it has been waited for
    came, memory = json.loads((folder / "out").read_text() or "[0, 0]")
    if child.returncode or came != pages + 1:
        raise SystemExit(f"{variant}: {came} of {pages + 1} answers came; see {folder}/log")
    return Run(pages, seconds, usage.ru_utime + usage.ru_stime, memory)


def in_rounds(variants: Iterable[str], rounds: int, run: Callable[[str, str], Run]) -> dict[str, list[Run]]:
    """The runs of each variant, one a round; *run* gets the variant and a name that no other run has."""
    runs: dict[str, list[Run]] = {variant: [] for variant in variants}
    for number in range(rounds):
        for variant, done in runs.items():
            done.append(run(variant, f"{variant}{number}"))
            print(f"  round {number + 1}: {variant} {done[-1].speed:.0f} pages/s", file=sys.stderr, flush=True)
    return runs


def medians(done: Sequence[Run]) -> str:
    """Pages a second, CPU and memory."""
    speed, cpu, memory = (
        statistics.median(getattr(run, name) for run in done) for name in ("speed", "cpu", "memory")
    )
    return f"{speed:5.0f} pages/s {cpu:6.1f} s of CPU {memory:5.0f} MB"


def against(ours: Sequence[Run], theirs: Sequence[Run]) -> tuple[float, str]:
    """The median ratio of the speeds, and the same in words, with each round's and the ratio by CPU."""
    speeds = [our.speed / their.speed for our, their in zip(ours, theirs, strict=True)]
    cpus = [their.cpu / our.cpu for our, their in zip(ours, theirs, strict=True)]
    ratio, each = statistics.median(speeds), " ".join(f"{one:.2f}" for one in speeds)
    return ratio, f"{ratio:.2f} of the speed (rounds: {each}), {statistics.median(cpus):.2f} by CPU"
