"""One run of a site at a time, one crawl of a host at a time, one daemon: whoever comes second is told."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path

import pytest

from crawler.schedule.database import Database
from crawler.schedule.schedule import Run
from tests.command import editions
from tests.schedule.running import SECONDS, Place, fill, own, site_file, until
from tests.site import held, serve

CRAWLS = 3


def test_a_run_longer_than_its_interval_is_one_run_and_refusals_are_counted(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with serve({}) as site, held(site) as go:
        fill(site, 3)
        place.call("add", site_file(tmp_path, site.host), "--every", "1s", "--jitter", "0s")
        with place.running() as daemon:
            daemon.heard("refused and counted", 3)
            until(lambda: len(own(daemon)) == 1, "its crawl")
            until(lambda: place.runs()[0].state == "running", "its crawl is kept")
            run = place.runs()[0]
            code, _, err = place.tried("now", "site")
            assert (code, f"run {run.id} goes on" in err) == (1, True)
            place.call("pause", "site")
            until(lambda: len(place.runs()) == 1, "what was due before the pause is refused")
            go.set()
            daemon.ended()
            refused = len(daemon.heard("refused and counted"))
    [run] = place.runs()
    assert (run.state, run.attempts, len(run.crawls), run.pages) == ("done", 1, 1, 3)
    assert run.refused == refused + 1
    assert refused >= 3


def test_a_second_daemon_says_so_and_stops(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.call("add", site_file(tmp_path, "127.0.0.1:9"), "--cron", "0 0 1 1 *")
    with place.running() as daemon:
        daemon.heard("started")
        second = editions("schedule", "run", cwd=tmp_path)
        assert second.code == 1
        assert f"process {daemon.process.pid} runs these schedules already" in second.err
        assert "no daemon runs" not in place.call("list")
    assert "no daemon runs" in place.call("list")


def test_a_daemon_whose_lock_file_is_deleted_takes_it_again_or_stops(tmp_path: Path) -> None:
    place, collections = Place(tmp_path), tmp_path / "collections"
    place.call("add", site_file(tmp_path, "127.0.0.1:9"), "--cron", "0 0 1 1 *")
    daemon = place.began()
    try:
        daemon.heard("started")
        (collections / "schedule.db.lock").unlink()
        daemon.heard("taken again")
        daemon.process.send_signal(signal.SIGSTOP)
        (collections / "schedule.db.lock").unlink()
        other = Database.named(None, collections).lock()
        daemon.process.send_signal(signal.SIGCONT)
        assert daemon.process.wait(SECONDS) == 1
        other.release()
    finally:
        daemon.killed()
    assert "runs these schedules already" in (tmp_path / "daemon.err").read_text()


def test_a_daemon_whose_database_is_taken_away_stops(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.call("add", site_file(tmp_path, "127.0.0.1:9"), "--cron", "0 0 1 1 *")
    daemon = place.began()
    try:
        daemon.heard("started")
        (tmp_path / "collections/schedule.db").rename(tmp_path / "away.db")
        assert daemon.process.wait(SECONDS) == 1
    finally:
        daemon.killed()
    assert "is not the file that it was" in (tmp_path / "daemon.err").read_text()


@pytest.mark.long
def test_a_crawl_by_hand_and_a_scheduled_one_do_not_share_a_collection(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with serve({}) as site, held(site) as go:
        fill(site, 3)
        name = site_file(tmp_path, site.host)
        place.call("add", name, "--every", "6h")
        command = [sys.executable, "-W", "error", "-m", "crawler", "crawl", name, "--quiet"]
        with subprocess.Popen(command, cwd=tmp_path) as by_hand:
            until(lambda: site.requests, "the crawl by hand begins")
            with place.running("--retries", "0") as daemon:
                [busy] = daemon.ended()
                assert not own(daemon)
            go.set()
            assert by_hand.wait(240) == 0
        go.clear()
        site.requests.clear()
        place.call("now", "site")
        with place.running() as daemon:
            until(lambda: site.requests, "the scheduled crawl begins")
            second = editions("crawl", name, "--quiet", cwd=tmp_path)
            go.set()
            daemon.ended(2)
    assert busy["state"] == "busy"
    assert f"(process {by_hand.pid})" in busy["why"]
    assert place.schedules()["site"]["failures"] == 0
    assert second.code == 1
    assert "in use by crawl" in second.err


@pytest.mark.long
def test_ten_sites_on_five_hosts_crawl_side_by_side_and_each_host_one_at_a_time(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with ExitStack() as stack:
        for number in range(10):
            site = stack.enter_context(serve({}, f"127.0.0.{2 + number % 5}"))
            fill(site, 2)
            site.on_request = lambda path: time.sleep(0.3)
            place.call("add", site_file(tmp_path, site.host, f"site{number}", 1), "--every", "6h")
        with place.running("--crawls", str(CRAWLS)) as daemon:
            most = 0
            while len(place.runs()) < 10 or any(run.going_on for run in place.runs()):
                most = max(most, len({*own(daemon)} & {*own(daemon)}))  # all of them lived between the two looks
                time.sleep(0.1)
                assert daemon.process.poll() is None
    runs = place.runs()
    assert [run.state for run in runs] == ["done"] * 10
    assert {run.site for run in runs} == {f"site{number}" for number in range(10)}
    assert most == CRAWLS
    for one, other in combinations(runs, 2):
        if int(one.site[4:]) % 5 == int(other.site[4:]) % 5:
            assert apart(one, other), (one, other)


@pytest.mark.long
def test_a_site_that_has_moved_to_another_s_host_since_it_was_added_waits_for_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with serve({}) as site:
        fill(site, 2)
        site.on_request = lambda path: time.sleep(0.3)
        place.call("add", site_file(tmp_path, site.host, "site0", 1), "--every", "6h")
        place.call("add", site_file(tmp_path, "127.0.0.2:9", "site1", 1), "--every", "6h")
        site_file(tmp_path, site.host, "site1", 1)
        with place.running() as daemon:
            daemon.ended(2)
    one, other = place.runs()
    assert (one.state, other.state) == ("done", "done")
    assert apart(one, other), (one, other)


def apart(one: Run, other: Run) -> bool:
    assert one.started
    assert one.ended
    assert other.started
    assert other.ended
    return one.ended <= other.started or other.ended <= one.started
