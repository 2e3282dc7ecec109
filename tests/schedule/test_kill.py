"""The daemon, its crawls, or both killed at any moment: the crawl goes on, nothing is lost, the history is right."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import editions
from tests.crawl.test_kill import records, texts
from tests.schedule.running import Daemon, Place, crawls, fill, own, site_file, until
from tests.site import Site, held, serve

PAGES = 80
MORE = 8
"""Pages after which a kill comes; at twice as many the site stands still until then."""
PACE = 0.1
CONCURRENCY = 2


def slow(site: Site) -> None:
    """Pages that take their time."""
    fill(site, PAGES)
    site.on_request = lambda path: time.sleep(PACE)


@contextmanager
def midway(site: Site) -> Iterator[None]:
    """The block is run when the site was asked for some pages more, and before the crawl can end."""
    begun = len(site.requests)
    with held(site, after=begun + 2 * MORE):
        until(lambda: len(site.requests) >= begun + MORE, f"{MORE} requests more")
        yield


def gone(pids: list[int]) -> None:
    until(lambda: not set(pids) & crawls().keys(), f"the crawls {pids} end")


def kill_daemon(daemon: Daemon) -> None:
    daemon.killed()


def kill_both(daemon: Daemon) -> None:
    daemon.process.send_signal(signal.SIGSTOP)  # so that it does not see how its crawl ends
    for pid in own(daemon):
        os.kill(pid, signal.SIGKILL)
    daemon.killed()


KILLS = (kill_daemon, kill_both, kill_daemon, kill_daemon)


@pytest.mark.long
def test_the_daemon_is_killed_four_times_in_the_middle_of_a_crawl_once_with_the_crawl(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with serve({}) as site:
        slow(site)
        place.call("add", site_file(place.folder, site.host, concurrency=CONCURRENCY), "--every", "6h")
        for number, kill in enumerate(KILLS):
            daemon = place.began()
            with midway(site):
                pids = own(daemon)
                assert len(pids) == 1
                kill(daemon)
                gone(pids)
            [run] = place.runs()
            assert (run.state, run.cuts, len(run.crawls)) == ("running", number, number + 1)
        with place.running() as daemon:
            [run] = daemon.ended()
        requests = Counter(site.requests)
    assert (run["state"], run["pages"], run["new"], run["changed"]) == ("done", PAGES, PAGES, 0)
    assert (run["cuts"], run["attempts"], len(run["crawls"]), run["why"]) == (len(KILLS), 1, len(KILLS) + 1, "")
    ours = place.folder / "collections/site"
    assert run["bytes"] == sum(path.stat().st_size for path in (ours / "archive").glob("*.warc.gz"))
    urls = {f"{site.url}{path}" for path in ("/robots.txt", *site.answers)}
    assert {url for url, _ in records(ours)} == urls
    assert max(records(ours).values()) == 1
    assert texts(ours).keys() == {url for url in urls if "articles" in url}
    assert requests.total() - len(urls) <= len(KILLS) * 2 * CONCURRENCY  # what was in flight, or not on disk yet
    assert editions("check", ours, cwd=tmp_path).code == 0
    assert [row["id"] for row in place.history()] == [run["id"]]


@pytest.mark.long
def test_a_killed_crawl_is_tried_again_and_goes_on(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with serve({}) as site:
        slow(site)
        place.call("add", site_file(tmp_path, site.host, concurrency=CONCURRENCY), "--every", "6h")
        with place.running() as daemon:
            with midway(site):
                [pid] = own(daemon)
                os.kill(pid, signal.SIGKILL)
            [event] = daemon.heard("attempt 1 failed")
            [run] = daemon.ended()
    assert "killed by SIGKILL" in event["event"]
    assert (run["state"], run["attempts"], run["cuts"], run["pages"], run["new"]) == ("done", 2, 0, PAGES, PAGES)
    assert max(records(tmp_path / "collections/site").values()) == 1


@pytest.mark.long
def test_the_daemon_stops_cleanly_and_goes_on_at_the_next_start(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with serve({}) as site:
        slow(site)
        place.call("add", site_file(tmp_path, site.host, concurrency=CONCURRENCY), "--every", "6h")
        with place.running() as daemon:
            with midway(site):
                pids = own(daemon)
                daemon.process.terminate()
                daemon.heard("stopping: ")
                [run] = place.runs()
                until(lambda: "Received SIGTERM" in place.call("show", run.id, "--lines", "200"), "the crawl hears")
            assert daemon.process.wait(240) == 0
        assert len(pids) == 1
        gone(pids)
        [waiting] = place.runs()
        assert waiting.state == "running"
        with place.running() as daemon:
            [run] = daemon.ended()
    assert (run["state"], run["cuts"], run["pages"], len(run["crawls"])) == ("done", 1, PAGES, 2)
    reasons = [
        place.call("show", run["id"], "--lines", "200").count(f"Spider closed ({reason})")
        for reason in ("shutdown", "finished")
    ]
    assert reasons == [1, 1]


@pytest.mark.long
def test_a_daemon_killed_while_a_run_waits_to_try_again_tries_again(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with serve({}) as site:
        place.call("add", site_file(tmp_path, site.host), "--every", "6h")
        daemon = place.began("--backoff", "1h")
        daemon.heard("attempt 1 failed")
        daemon.killed()
        fill(site, 5)
        with place.running("--backoff", "0.2s") as daemon:
            [run] = daemon.ended()
    assert (run["state"], run["attempts"], run["pages"]) == ("done", 2, 5)
