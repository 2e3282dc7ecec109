"""A daemon in a process of its own, as a user runs it, and what may be asked of it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from crawler.cli import main
from crawler.schedule.database import Database
from crawler.schedule.schedule import Run
from crawler.schedule.store import Store
from tests.command import profile
from tests.site import Answer, Site

SECONDS = 240.0
"""For anything that is waited for."""

QUICK = ("--backoff", "0.2s", "--health", "1h")


def until(holds: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """Wait until something holds; what it returns then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass(slots=True)
class Place:
    """A folder with schedules, used by the command alone."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    database: str | None = None

    def call(self, name: str, *args: object) -> str:
        """``editions schedule NAME ARGS``, which must be all right; what it printed."""
        code, out, err = self.tried(name, *args)
        assert code == 0, err
        return out

    def tried(self, name: str, *args: object) -> tuple[int, str, str]:
        """The same: exit code, standard output and standard error. In this process, for that is quicker."""
        database = ("--database", self.database) if self.database else ()
        out, err = StringIO(), StringIO()
        with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
            code = main(["schedule", name, *map(str, (*args, *database))])
        return code, out.getvalue(), err.getvalue()

    def history(self) -> list[dict[str, Any]]:
        """The runs, oldest first."""
        return list(reversed(json.loads(self.call("history", "--json"))))

    def runs(self) -> list[Run]:
        """The same, read without the command: quicker."""
        database = Database.named(self.database, self.folder / "collections")
        with closing(Store(database)) as store:
            return list(reversed(store.runs()))

    def schedules(self) -> dict[str, dict[str, Any]]:
        """By site."""
        return {one["site"]: one for one in json.loads(self.call("list", "--json"))}

    def began(self, *args: str) -> Daemon:
        """A daemon that has been started."""
        database = ("--database", self.database) if self.database else ()
        command = [
            sys.executable,
            "-W",
            "error",
            "-m",
            "crawler",
            "schedule",
            "run",
            "--json",
            *QUICK,
            *args,
            *database,
        ]
        log = self.folder / "daemon.log"
        with log.open("ab") as out, (self.folder / "daemon.err").open("ab") as err:
            process = subprocess.Popen(
                command, cwd=self.folder, env={**os.environ, **self.environment}, stdout=out, stderr=err
            )
        return Daemon(process, log)

    @contextmanager
    def running(self, *args: str, complaints: bool = False) -> Iterator[Daemon]:
        """A daemon, stopped when the block ends; it must end well, without *complaints* on standard error."""
        daemon = self.began(*args)
        try:
            yield daemon
            assert daemon.stopped() == 0, (self.folder / "daemon.err").read_text()
        finally:
            daemon.process.kill()
            daemon.process.wait()
        assert complaints or (self.folder / "daemon.err").read_text() == ""


@dataclass(slots=True)
class Daemon:
    """A running one."""

    process: subprocess.Popen[bytes]
    log: Path

    def events(self) -> list[dict[str, Any]]:
        """What all daemons in this place have said so far."""
        text = self.log.read_text("utf-8")
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]  # one may be half written

    def heard(self, text: str, times: int = 1) -> list[dict[str, Any]]:
        """Wait until it has said something so often; those events."""

        def found() -> list[dict[str, Any]] | None:
            events = [one for one in self.events() if text in one["event"]]
            return events if len(events) >= times else None

        return list(until(found, f"{text!r} × {times}; see {self.log}"))

    def ended(self, times: int = 1) -> list[dict[str, Any]]:
        """Wait until so many runs have ended; those, in the order in which they did."""

        def found() -> list[dict[str, Any]] | None:
            told = [one for one in self.events() if "run" in one]
            runs = [one["run"] for one in told if one["event"].startswith(f"{one['run']['state']}: ")]
            return runs if len(runs) >= times else None

        return list(until(found, f"{times} runs ended; see {self.log}"))

    def stopped(self) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def killed(self) -> None:
        """Kill it, and nothing else."""
        self.process.kill()
        self.process.wait()


def crawls() -> dict[int, int]:
    """Process numbers of scheduled crawls, with that of their parent."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                state = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if b"crawler.schedule.child" in words and state[0] != "Z":
                found[int(entry.name)] = int(state[1])
    return found


def own(daemon: Daemon) -> list[int]:
    """The crawls that a daemon has begun and that go on."""
    return [crawl for crawl, parent in crawls().items() if parent == daemon.process.pid]


def pending(place: Place) -> int:
    """How much the engine knows of that is not over."""
    query = "SELECT count(*) FROM workflow_status WHERE status NOT IN ('SUCCESS', 'ERROR', 'CANCELLED')"
    with closing(sqlite3.connect(place.folder / "collections/schedule.engine.db", timeout=30)) as db:
        return int(db.execute(query).fetchone()[0])


def story(number: int, count: int) -> Answer:
    """A page that leads to others; all are reached in a few steps."""
    links = "".join(f'<a href="/en/articles/{(number * 3 + step * 7) % count}">{step}</a>' for step in range(1, 6))
    words = " ".join(f"word{number * 7 + n}" for n in range(100))
    return Answer(
        f"<!doctype html><title>{number}</title><article><h1>{number}</h1><p>{words}</p></article>{links}".encode()
    )


def fill(site: Site, count: int) -> None:
    """A front page and *count* articles."""
    site.answers["/en"] = Answer("".join(f'<a href="/en/articles/{n}">{n}</a>' for n in range(0, count, 5)).encode())
    for number in range(count):
        site.answers[f"/en/articles/{number}"] = story(number, count)


def site_file(folder: Path, host: str, name: str = "site", concurrency: int = 8) -> str:
    """Write a site's profile into a folder; its name there."""
    path = profile(folder, host)
    text = (
        path.read_text()
        .replace('name = "site"', f'name = "{name}"')
        .replace("delay = 0\n", f"delay = 0\nconcurrency = {concurrency}\n")
    )
    path.unlink()
    (folder / f"{name}.toml").write_text(text, "utf-8")
    return f"{name}.toml"
