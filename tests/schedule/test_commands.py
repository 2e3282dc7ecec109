"""The commands as a user calls them: what is refused, in words, and what they show."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.collection.folder import Collection
from crawler.demo.run import profile_of
from crawler.demo.server import serve as serve_demo
from crawler.schedule.database import Database
from crawler.schedule.metrics import ScheduleMetrics
from crawler.schedule.store import Store
from tests.command import editions
from tests.schedule.running import SECONDS, Place, fill, site_file, until
from tests.site import held, serve

REFUSED = {
    "an unknown site": ("nosuch --every 6h", "no site is known as 'nosuch'"),
    "a missing profile": ("gone.toml --every 6h", "gone.toml"),
    "a profile that is none": ("broken.toml --every 6h", "broken.toml"),
    "an unknown edition": ("site.toml --every 6h --edition xx", "no edition 'xx'"),
    "too few fields": ("site.toml --cron '0 6'", "has not five fields"),
    "an hour 25": ("site.toml --cron '0 25 * * *'", "bad hour"),
    "a day that never comes": ("site.toml --cron '0 0 31 2 *'", "is no cron expression"),
    "no span": ("site.toml --every often", "is no span of time"),
    "no time between": ("site.toml --every 0s", "at least 1s"),
    "no rhythm": ("site.toml", "--every --cron"),
    "two rhythms": ("site.toml --every 6h --cron '0 6 * * *'", "not allowed with"),
    "an unknown time zone": ("site.toml --cron '0 6 * * *' --zone Mars/Olympus", "no time zone"),
    "a jitter past the interval": ("site.toml --every 1m --jitter 2m", "shorter than the interval"),
    "cron that adapts": ("site.toml --cron '0 6 * * *' --adaptive 1h 1d", "only with --every"),
    "bounds the wrong way": ("site.toml --every 6h --adaptive 1d 1h", "no longer than the second"),
    "a collection under a file": ("site.toml --every 6h --collection broken.toml/here", "cannot be written"),
    "collections under a file": ("site.toml --every 6h --collections broken.toml/here", "cannot be written"),
    "a database elsewhere": ("site.toml --every 6h --database mysql://host/name", "sqlite and postgresql"),
    "a database without a file": ("site.toml --every 6h --database sqlite://", "names no file"),
    "a database in memory": ("site.toml --every 6h --database sqlite:///:memory:", "names no file"),
    "a port that is no number": (
        "site.toml --every 6h --database postgresql://u:hidden@host:port/x",
        "no database URL",
    ),
    "a number past all bounds": ("site.toml --every 6h --max-pages 99999999999999999999", "too large a number"),
    "a folder that no text names": ("site.toml --every 6h --collection /x\udcff", "is no text in UTF-8"),
    "another site's collection": ("site.toml --every 6h --collection others", "is the collection of other"),
    "a database that is a file of text": ("site.toml --every 6h --database sqlite:///broken.toml", "cannot be used"),
    "a server that is not there": (
        "site.toml --every 6h --database postgresql://u:hidden@127.0.0.1:9/x",
        "postgresql+psycopg://u:***@127.0.0.1:9/x: cannot be used",
    ),
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    site_file(tmp_path, "127.0.0.1:9")
    (tmp_path / "broken.toml").write_text("this is no TOML\n" * 100)
    (tmp_path / "others").mkdir()
    site_file(tmp_path / "others", "127.0.0.1:9", "other")
    (tmp_path / "others/other.toml").rename(tmp_path / "others/site.toml")
    return Place(tmp_path)


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_not_run_is_refused_when_it_is_added(place: Place, case: str) -> None:
    line, words = REFUSED[case]
    code, out, err = place.tried("add", *shlex.split(line))
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
    assert "hidden" not in err
    assert place.schedules() == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user, whom a folder is closed to")
@pytest.mark.parametrize(
    ("paths", "collection", "told"),
    [
        (["locked"], "locked/inside", "inside/archive: cannot be written (Permission denied)"),
        (["open/crawls"], "open", "open/crawls: cannot be written"),
        ([], "open", "open/state.db: cannot be written"),
    ],
)
def test_a_folder_that_one_may_not_write_is_refused(paths: list[str], collection: str, told: str) -> None:
    become = (
        "import os, sys, crawler.schedule.calls; from crawler.cli import main; os.setgid(65534); os.setuid(65534)"
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        Collection(folder / "open").make()
        (folder / "open/state.db").touch(0o444)
        for one in (folder, folder / "open", *folder.glob("open/*/")):
            one.chmod(0o777)
        for path in paths:
            (folder / path).mkdir(exist_ok=True)
            (folder / path).chmod(0o555)
        words = ["schedule", "add", "allthe.news", "--every", "6h", "--collection", collection]
        command = [sys.executable, "-c", f"{become}; sys.exit(main(sys.argv[1:]))", *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 2, done.stderr
    assert f"{told}; choose another folder" in done.stderr


def test_a_site_is_scheduled_once(place: Place) -> None:
    place.call("add", "site.toml", "--every", "6h")
    code, _, err = place.tried("add", "site.toml", "--every", "1h")
    assert code == 2
    assert "site is scheduled already" in err
    assert place.schedules()["site"]["rhythm"] == "every 6h"


@pytest.mark.parametrize("name", ["remove", "pause", "resume", "now"])
def test_what_is_not_scheduled_is_told(place: Place, name: str) -> None:
    place.call("add", "site.toml", "--every", "6h")
    code, _, err = place.tried(name, "sote")
    assert code == 2
    assert "sote: is not scheduled; scheduled are: site" in err


def test_unknown_runs_and_sites_are_told(place: Place) -> None:
    assert place.tried("show", "7")[0] == 1
    assert place.tried("show", "99999999999999999999")[0] == 2
    assert "there is no run 7" in place.tried("show", "7")[2]
    assert "has no schedule and no history" in place.tried("history", "nosuch")[2]
    assert place.tried("export", "cron")[0] == 2


def test_times_are_shown_in_the_schedules_zone(place: Place) -> None:
    place.call("add", "site.toml", "--cron", "30 6 * * *", "--zone", "Asia/Kathmandu", "--jitter", "0s")
    assert " 06:30:00+0545" in place.call("list").replace("\t", " ")
    assert place.schedules()["site"]["next"].endswith("T00:45:00.000+00:00")


def test_pause_resume_now_and_remove(place: Place) -> None:
    place.call("add", "site.toml", "--every", "6h")
    place.call("pause", "site", "--why", "the site is being moved")
    assert "paused: the site is being moved" in place.call("list")
    place.call("resume", "site")
    assert place.schedules()["site"]["paused"] is None
    assert "no daemon runs" in place.call("now", "site")
    code, _, err = place.tried("now", "site")
    assert code == 1
    assert "run 1 goes on; a second is refused" in err
    [run] = place.history()
    assert (run["cause"], run["state"], run["refused"]) == ("by hand", "waiting", 1)
    place.call("remove", "site")
    assert place.schedules() == {}
    assert len(place.history()) == 1


def test_the_words_are_said_where_the_packages_are_missing(tmp_path: Path) -> None:
    script = """
import sys
sys.modules["dbos"] = None
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "dbos" else found(name, *a)
from crawler.cli import main
sys.exit(main(["schedule", "list"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 2
    assert "pip install 'editions[schedule]'" in done.stderr


@pytest.mark.long
def test_three_commands(tmp_path: Path) -> None:
    """Those of the README, on the built-in site, with metrics left by the crawl."""
    place = Place(tmp_path)
    with serve_demo() as demo:
        profile_of(demo, tmp_path)
        words = ("--every", "6h", "--adaptive", "1h", "1d", "--edition", "en", "--max-pages", 8)
        added = editions("schedule", "add", "demo.toml", *words, cwd=tmp_path)
        assert added.code == 0, added.err
        with place.running("--metrics", "metrics", "--metrics-port", "0") as daemon:
            [run] = daemon.ended()
            [served] = daemon.heard("metrics at")
            [health] = daemon.heard("health: ")
            metrics = scraped(served["event"].split()[-1])
        shown = editions("schedule", "history", cwd=tmp_path)
    assert (run["state"], run["cause"], run["pages"], run["changed"], run["refused"]) == ("done", "due", 8, 0, 0)
    assert 0 < run["new"] <= 8
    assert "1 schedules; runs: 0 running, 1 waiting, 0 retrying; next demo at " in health["event"]
    assert place.schedules()["demo"]["rhythm"] == "every 3h"  # documents were found: sooner
    heads, row = (line.split("\t") for line in shown.out.splitlines())
    assert dict(zip(heads, row, strict=True))["outcome"] == "done"
    [report] = (tmp_path / "collections/demo/crawls").glob("*.json")
    assert (report.stem,) == tuple(run["crawls"])
    said = place.call("show", run["id"])
    assert "Spider closed (finished)" in said
    assert metrics['editions_schedule_last_run_success{site="demo"}'] == 1
    assert metrics['editions_schedule_last_run_pages{site="demo"}'] == 8
    assert metrics['editions_schedule_runs_total{site="demo",state="done"}'] == 1
    assert metrics['editions_schedule_next_run_timestamp_seconds{site="demo"}'] > 1.7e9
    left = parsed((tmp_path / "metrics/editions-demo.prom").read_text())
    told = json.loads(report.read_text())
    assert left['editions_crawl_captures_total{site="demo"}'] == told["captures"]
    assert left['editions_crawl_pages_total{edition="en",site="demo"}'] == 8
    assert left['editions_crawl_scrapy_stat{site="demo",stat="response_received_count"}'] > 8
    assert any('reason="finished"' in name for name in left)


def scraped(url: str) -> dict[str, float]:
    with urllib.request.urlopen(url, timeout=240) as answer:
        return parsed(answer.read().decode())


def parsed(text: str) -> dict[str, float]:
    """Prometheus's text format: value by name with labels."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    labels = [",".join(f'{name}="{value}"' for name, value in sorted(one.labels.items())) for one in samples]
    return {f"{one.name}{{{of}}}": one.value for one, of in zip(samples, labels, strict=True)}


def test_a_crawl_by_hand_serves_metrics_while_it_goes_on(tmp_path: Path) -> None:
    with serve({}) as site:
        fill(site, 20)
        words = ["crawl", site_file(tmp_path, site.host, concurrency=1), "--metrics-port", "0"]
        command = [sys.executable, "-W", "error", "-m", "crawler", *words]
        with (
            held(site, after=12),
            subprocess.Popen(
                command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            ) as crawl,
        ):
            assert crawl.stderr is not None
            url = crawl.stderr.readline().split()[-1]
            page = until(lambda: scraped(url).get('editions_crawl_pages_total{edition="en",site="site"}'), "a page")
            assert crawl.poll() is None
            crawl.terminate()
            crawl.stderr.read()
    assert 1 <= page < 20


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with serve({}) as site:
        name, taken = site_file(tmp_path, site.host), site.host.partition(":")[2]
        done = editions("crawl", name, "--quiet", "--metrics-port", taken, cwd=tmp_path)
    assert done.code == 2
    assert f"--metrics-port {taken}: cannot be had" in done.err
    done = editions("crawl", name, "--metrics-port", 65536, cwd=tmp_path)
    assert (done.code, "'65536' is no port" in done.err) == (2, True)


@pytest.mark.parametrize("url", ["example.org/hook", "http://", "http://[::1", "http://h:99999/", "http://h:x/"])
def test_a_webhook_that_is_no_address_is_refused(place: Place, url: str) -> None:
    code, _, err = place.tried("run", "--webhook", url)
    assert (code, "--webhook: n" in err) == (2, True)


def test_a_collection_is_one_site_s(place: Place) -> None:
    for name in ("second", "site"):
        site_file(place.folder, "127.0.0.1:9", name)
    (place.folder / "link").symlink_to("collections")
    place.call("add", "site.toml", "--every", "6h", "--collection", "collections/both")
    code, _, err = place.tried("add", "second.toml", "--every", "6h", "--collection", "link/both")
    assert (code, "is where site is crawled" in err) == (2, True)
    assert place.schedules().keys() == {"site"}


def test_a_folder_of_any_name_holds_the_schedules(tmp_path: Path) -> None:
    place = Place(tmp_path / "what? 100%41")
    place.folder.mkdir()
    place.call("add", site_file(place.folder, "127.0.0.1:9"), "--cron", "0 0 1 1 *")
    with place.running() as daemon:
        daemon.heard("health: 1 schedules")
    names = {path.name for path in (place.folder / "collections").iterdir()}
    assert {"schedule.db", "schedule.engine.db"} <= names


def test_a_damaged_file_of_the_engine_s_is_named(place: Place) -> None:
    place.call("add", "site.toml", "--every", "6h")
    (place.folder / "collections/schedule.engine.db").write_bytes(b"no database" * 500)
    done = editions("schedule", "run", cwd=place.folder)
    assert done.code == 1
    assert "schedule.engine.db: cannot be used" in done.err
    assert "move it away" in done.err


def test_only_runs_that_have_ended_are_in_a_counter(place: Place) -> None:
    place.call("add", "site.toml", "--every", "6h")
    place.call("now", "site")
    with closing(Store(Database.named(None, place.folder / "collections"))) as store:
        samples = [one for metric in ScheduleMetrics(store).collect() for one in metric.samples]
    runs = [(one.name, one.labels["state"], one.value) for one in samples if "state" in one.labels]
    assert runs == [("editions_schedule_runs_going_on", "waiting", 1)]


def test_the_history_is_an_sqlite_file_that_others_can_read(place: Place) -> None:
    place.call("add", "site.toml", "--every", "6h")
    place.call("now", "site")
    with sqlite3.connect(place.folder / "collections/schedule.db") as db:
        assert db.execute("SELECT site, state FROM editions_runs").fetchall() == [("site", "waiting")]
    db.close()


def test_who_only_reads_makes_no_file(place: Place) -> None:
    assert "nothing is scheduled" in place.call("list")
    assert place.call("history", "--json").strip() == "[]"
    assert not (place.folder / "collections").exists()
    place.call("add", "site.toml", "--every", "6h")
    place.call("now", "site")
    before = sorted((place.folder / "collections").rglob("*"))
    assert "no daemon runs" in place.call("list")
    assert "waiting" in place.call("show", "1")
    place.call("export", "cron")
    assert sorted((place.folder / "collections").rglob("*")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user, who may read and not write")
def test_who_may_only_read_reads() -> None:
    become = (
        "import os, sys, crawler.schedule.calls; from crawler.cli import main; os.setgid(65534); os.setuid(65534)"
    )
    with TemporaryDirectory() as name:
        place = Place(Path(name))
        place.folder.chmod(0o755)
        place.call("add", site_file(place.folder, "127.0.0.1:9"), "--every", "6h")
        command = [sys.executable, "-c", f"{become}; sys.exit(main(sys.argv[1:]))", "schedule", "list"]
        done = subprocess.run(command, cwd=name, capture_output=True, text=True, timeout=240, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "every 6h" in done.stdout


@pytest.mark.long
def test_a_database_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://reader:secret@127.0.0.1:{silent.getsockname()[1]}/schedules"
        began = time.monotonic()
        code, _, err = Place(tmp_path, database=url).tried("list")
    assert time.monotonic() - began < 60
    assert code == 1
    assert re.search(r"postgresql\+psycopg://reader:\*\*\*@127.0.0.1:\d+/schedules: cannot be used", err)
    assert "secret" not in err


STORM = """
import os, signal, threading
from crawler.schedule.daemon import _Stop
stop = _Stop()
signal.signal(signal.SIGUSR1, lambda number, frame: stop.set())
over = threading.Event()

def storm():
    for _ in range(200_000):
        os.kill(os.getpid(), signal.SIGUSR1)
    over.set()

threading.Thread(target=storm).start()
while not over.is_set():
    stop.asked = False
    stop.wait(0)
print("over")
"""


def test_a_signal_that_comes_at_any_moment_of_a_wait_is_heard() -> None:
    done = subprocess.run([sys.executable, "-c", STORM], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("over\n", "")


STARTING = """
from datetime import timedelta
from pathlib import Path
from crawler.schedule.daemon import Daemon, Telling
from crawler.schedule.database import Database
from crawler.schedule.policy import Policy

def what_takes_long(store):
    print("starting", flush=True)
    input()

Daemon(Database.named(None, Path()), Policy(), Telling(), timedelta(seconds=1)).run(what_takes_long)
"""


def test_a_daemon_whose_start_takes_for_ever_can_be_stopped(tmp_path: Path) -> None:
    """As where its server goes away while the engine looks for what was begun."""
    command = [sys.executable, "-c", STARTING]
    with subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    ) as daemon:  # fmt: skip
        try:
            assert daemon.stdout is not None
            assert daemon.stdout.readline() == "starting\n"
            daemon.terminate()
            assert daemon.wait(SECONDS) == 0
        finally:
            daemon.kill()
