"""What is long over is forgotten by the engine and stays in the history: a daemon runs for years."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.schedule.engine import KEPT
from tests.schedule.running import Place, site_file, until


def known(engine: Path) -> set[str]:
    """The workflows that any table of the engine's has a row of."""
    with closing(sqlite3.connect(engine, timeout=30)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [
            one for one in names if "workflow_uuid" in {row[1] for row in db.execute(f"PRAGMA table_info({one})")}
        ]
        return {id_ for one in tables for (id_,) in db.execute(f"SELECT workflow_uuid FROM {one}")}


@pytest.mark.long
def test_what_is_long_over_is_forgotten_and_stays_in_the_history(tmp_path: Path) -> None:
    place, engine = Place(tmp_path), tmp_path / "collections/schedule.engine.db"
    name = site_file(tmp_path, "127.0.0.1:9")
    place.call("add", name, "--every", "6h")
    (tmp_path / name).write_text("name = 7")  # a run that ends at once, by failing
    with place.running() as daemon:
        daemon.ended()
        place.call("now", "site")
        daemon.ended(2)
    assert known(engine) == {"run-1", "run-1-1", "run-2", "run-2-1"}
    long_ago = (KEPT + timedelta(hours=1)) / timedelta(milliseconds=1)
    with closing(sqlite3.connect(engine)) as db, db:
        old = "UPDATE workflow_status SET completed_at = completed_at - ? WHERE workflow_uuid LIKE 'run-1%'"
        assert db.execute(old, (int(long_ago),)).rowcount == 2
    with place.running():
        until(lambda: known(engine) == {"run-2", "run-2-1"}, "the first run is forgotten")
    assert [(run["id"], run["state"]) for run in place.history()] == [(1, "failed"), (2, "failed")]
