"""The same on a real PostgreSQL: a run cut off by a kill, and one daemon."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from crawler.errors import TakenError
from crawler.schedule.database import Database
from tests.command import editions
from tests.ports import free_port
from tests.schedule.running import SECONDS, Place, fill, site_file, until
from tests.site import held, serve


def binaries() -> Path | None:
    """The folder of the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    return Path(path).resolve().parent if (path := shutil.which("initdb")) else None


def user() -> list[str]:
    """What comes before a command, for PostgreSQL refuses to be run by root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


@dataclass(slots=True)
class Server:
    """An own server on a loopback port."""

    url: str
    command: list[str]
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(self.command, cwd=self.folder, stdout=quiet, stderr=quiet)
        until(lambda: answers(self.url), "the server answers")

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)  # a fast shutdown: connections are ended
        self.process.wait(240)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server on a free loopback port. Installed where that is possible."""
    if binaries() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "-y", "-q", "postgresql"]
        subprocess.run(command, capture_output=True, timeout=240, check=False)
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is absent: on Debian or Ubuntu, `apt-get install -y postgresql`")
    port = free_port()
    with TemporaryDirectory() as name:
        data = Path(name, "data")
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            for path in (Path(name), data):
                os.chown(path, pwd.getpwnam("postgres").pw_uid, pwd.getpwnam("postgres").pw_gid)
        words = ["-D", str(data), "-U", "editions", "-A", "trust", "--no-sync"]
        subprocess.run([*user(), str(programs / "initdb"), *words], cwd=name, capture_output=True, check=True)
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={name}", "-c", "fsync=off"]
        command = [*user(), str(programs / "postgres"), "-D", str(data), "-p", str(port), *options]
        url = f"postgresql://editions@127.0.0.1:{port}/postgres"
        running = Server(url, command, Path(name))
        running.start()
        try:
            yield running
        finally:
            running.stop()


def answers(url: str) -> bool:
    """Whether it takes connections, which it does some time after its port is open."""
    try:
        psycopg.connect(url, connect_timeout=9).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.long
def test_a_run_cut_off_goes_on_and_a_second_daemon_stops(tmp_path: Path, server: Server) -> None:
    place = Place(tmp_path, database=server.url)
    with serve({}) as site:
        fill(site, 20)
        place.call("add", site_file(tmp_path, site.host), "--every", "6h")
        daemon = place.began()
        with held(site, after=10):
            until(lambda: len(site.requests) > 5, "requests")
            daemon.killed()
        with place.running() as daemon:
            daemon.heard("started", 2)
            second = editions("schedule", "run", "--database", server.url, cwd=tmp_path)
            [run] = daemon.ended()
    assert (run["state"], run["cuts"], run["pages"], run["new"]) == ("done", 1, 20, 20)
    assert second.code == 1
    assert "another daemon runs these schedules already" in second.err
    assert not list((tmp_path / "collections").glob("*.db"))
    assert [row["id"] for row in place.history()] == [run["id"]]


@pytest.mark.long
def test_a_lock_lost_with_a_server_that_restarts_is_taken_again_or_the_daemon_stops(
    tmp_path: Path, server: Server
) -> None:
    place, database = Place(tmp_path, database=server.url), Database.named(server.url, tmp_path)
    daemon = place.began()
    try:
        daemon.heard("started")
        server.stop()
        daemon.heard("trying on")
        server.start()
        daemon.heard("taken again")
        with pytest.raises(TakenError):
            database.lock()
        daemon.process.send_signal(signal.SIGSTOP)
        server.stop()
        server.start()
        other = database.lock()
        daemon.process.send_signal(signal.SIGCONT)
        assert daemon.process.wait(SECONDS) == 1
        other.release()
    finally:
        daemon.killed()
    assert "another daemon runs these schedules already" in (tmp_path / "daemon.err").read_text()


ENGINE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from crawler.errors import ScheduleError
from crawler.schedule.child import Children
from crawler.schedule.database import Database
from crawler.schedule.engine import Engine
from crawler.schedule.daemon import leave
from crawler.schedule.jobs import Jobs
from crawler.schedule.policy import Policy
from crawler.schedule.store import Store

database = Database.named(sys.argv[1], Path())
engine = Engine(database, Jobs(Store(database), Policy(), Children(), print))
print("ready", flush=True)
input()
for ask in (lambda: engine.forget(datetime.now(UTC)), engine.revive):
    try:
        ask()
    except ScheduleError as error:
        print(error, flush=True)
leave(0)
"""


@pytest.mark.long
def test_the_engine_says_that_its_server_is_away_and_waits_for_nothing(tmp_path: Path, server: Server) -> None:
    command = [sys.executable, "-c", ENGINE, server.url]
    with (tmp_path / "err").open("wb") as err:
        asked = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, text=True)
    assert asked.stdout is not None
    assert asked.stdout.readline() == "ready\n"
    server.stop()
    try:
        said, _ = asked.communicate("go on\n", timeout=SECONDS)  # without its server, which stays away
    finally:
        asked.kill()
        asked.wait()
        server.start()
    assert said.count("cannot be used") == 2


@pytest.mark.long
def test_a_daemon_whose_server_is_away_says_so_sparingly_and_can_be_stopped(tmp_path: Path, server: Server) -> None:
    daemon = Place(tmp_path, database=server.url).began()
    try:
        daemon.heard("started")
        server.stop()
        daemon.heard("trying on", 3)
        assert daemon.stopped() == 0
    finally:
        daemon.killed()
        server.start()
    assert len((tmp_path / "daemon.err").read_text().splitlines()) < 20
