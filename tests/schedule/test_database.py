"""A database that cannot be used for a while, the engine's or one's own: runs wait for it, and none is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from crawler.schedule.database import Database
from crawler.schedule.store import Store
from tests.schedule.running import Place, crawls, fill, own, pending, site_file, until
from tests.site import held, serve

HEALTH = "health: "

LOOKING = ("--health", "0.3s")
"""At this pace the daemon looks for what the engine lost."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def changed(place: Place, file: str, query: str) -> None:
    with closing(sqlite3.connect(place.folder / "collections" / file, timeout=30)) as db, db:
        db.execute(query)


@contextmanager
def without(place: Place, file: str, table: str) -> Iterator[None]:
    """Each use of the table fails while the block runs."""
    changed(place, file, f"ALTER TABLE {table} RENAME TO away")
    try:
        yield
    finally:
        changed(place, file, f"ALTER TABLE away RENAME TO {table}")


@pytest.mark.long
def test_a_run_that_ends_while_the_history_cannot_be_written_is_kept_when_it_can(place: Place) -> None:
    with serve({}) as site, held(site) as go:
        fill(site, 3)
        place.call("add", site_file(place.folder, site.host), "--every", "6h")
        with place.running() as daemon:
            daemon.heard("begins")
            [pid] = until(lambda: own(daemon), "the crawl begins")
            with without(place, "schedule.db", "editions_runs"):
                go.set()
                until(lambda: pid not in crawls(), "the crawl ends")
                daemon.heard("trying on")
            [run] = daemon.ended()
    assert (run["state"], run["why"], run["pages"]) == ("done", "", 3)
    assert (run["attempts"], run["cuts"], len(run["crawls"])) == (1, 0, 1)


@pytest.mark.long
def test_a_run_of_which_the_engine_could_not_keep_how_it_stands_goes_on(place: Place) -> None:
    with serve({}) as site, held(site) as go:
        fill(site, 3)
        place.call("add", site_file(place.folder, site.host), "--every", "6h")
        with place.running(*LOOKING, complaints=True) as daemon:
            daemon.heard("begins")
            with without(place, "schedule.engine.db", "workflow_status"):
                go.set()
                daemon.ended()
                daemon.heard("trying on")
            until(lambda: pending(place) == 0, "the engine knows that all is over")
            place.call("now", "site")
            second = daemon.ended(2)[1]
    assert [run.state for run in place.runs()] == ["done", "done"]
    assert second["id"] == 2


@pytest.mark.long
def test_a_run_that_the_engine_gives_up_is_not_over_before_its_crawl(place: Place) -> None:
    with serve({}) as site, held(site) as go:
        fill(site, 3)
        place.call("add", site_file(place.folder, site.host), "--every", "6h")
        with place.running(*LOOKING, complaints=True) as daemon:
            daemon.heard("begins")
            given_up = "UPDATE workflow_status SET status = 'CANCELLED' WHERE workflow_uuid = 'run-1-1'"
            changed(place, "schedule.engine.db", given_up)
            daemon.heard(HEALTH, len(daemon.heard(HEALTH)) + 4)
            [run] = place.runs()
            assert run.state == "running"
            go.set()
            [ended] = daemon.ended()
    assert (ended["state"], ended["pages"]) == ("done", 3)


def test_who_reads_does_not_wait_for_who_writes(place: Place) -> None:
    place.call("add", site_file(place.folder, "127.0.0.1:9"), "--every", "6h")
    file = place.folder / "collections/schedule.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with closing(Store(Database.named(None, file.parent))) as store:
            assert [one.site for one in store.schedules()] == ["site"]
            assert (store.runs(), store.going_on(), store.unhanded()) == ([], [], [])
