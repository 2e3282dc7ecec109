"""The machine's clock set by days, and jumping: what is due once is begun once."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.crawl.test_clock import Clock, library
from tests.schedule.running import Place, fill, site_file
from tests.site import serve

__all__ = ["library"]  # a fixture

DAYS = 86_400


FAKED = Path(__file__).with_name("faked")


class SetClock(Clock):
    """A clock that is set by a test."""

    def __init__(self, library: Path, file: Path) -> None:
        super().__init__(library, file)
        paths = (str(FAKED), str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))
        self.environment = {**self.environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))}

    def set(self, seconds: int) -> None:
        """To so much from the true time."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}")
        new.replace(self._file)


@pytest.mark.long
def test_a_clock_set_by_days_makes_no_storm_of_runs(tmp_path: Path, library: Path) -> None:
    clock = SetClock(library, tmp_path / "clock")
    clock.set(0)
    place = Place(tmp_path, clock.environment)
    with serve({}) as site, serve({}, "127.0.0.2") as other:
        for one in (site, other):
            fill(one, 1)
        place.call("add", site_file(tmp_path, site.host, "elapsed"), "--every", "6h", "--jitter", "0s")
        minute = (datetime.now() + timedelta(hours=2)).minute
        cron = (f"{minute} * * * *", "--jitter", "0s")
        place.call("add", site_file(tmp_path, other.host, "clock"), "--cron", *cron)
        with place.running() as daemon:
            daemon.ended(1)
            assert [run.site for run in place.runs()] == ["elapsed"]
            clock.set(3 * DAYS)  # set forward: cron is caught up once, elapsed time has not passed
            daemon.ended(2)
            for jump in (0, 1, -1, 2, -3, 5, 0):  # set back, and to and fro
                clock.set(jump * DAYS)
                time.sleep(0.7)
            assert [run.site for run in place.runs()] == ["elapsed", "clock"]
        clock.set(10 * DAYS)  # no daemon ran for ten days: each is caught up once
        with place.running() as daemon:
            caught = daemon.ended(4)[2:]
            time.sleep(1.5)
    runs = place.runs()
    assert {run["site"] for run in caught} == {"elapsed", "clock"}
    assert {run["cause"] for run in caught} == {"caught up"}
    assert [run.state for run in runs] == ["done"] * 4
