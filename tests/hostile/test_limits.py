from __future__ import annotations

import shutil
from pathlib import Path

from scrapy.settings import Settings

from crawler.limits import LONGEST_URL, MEGABYTE, DiskGuard, HostBudget, Limits, first_links, too_long


def test_a_disk_with_less_than_the_least_is_low_and_said_so(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    low = DiskGuard(tmp_path, least=2 * free).low()
    assert low is not None
    assert low.startswith(f"{tmp_path}: ")
    assert f"less than the {2 * free // MEGABYTE:,} MB" in low
    assert DiskGuard(tmp_path, least=1).low() is None
    assert DiskGuard(tmp_path, least=0).low() is None


def test_a_disk_that_cannot_be_asked_is_not_low(tmp_path: Path) -> None:
    assert DiskGuard(tmp_path / "gone", least=1 << 60).low() is None


def test_a_url_may_be_so_long() -> None:
    url = "https://news.example/".ljust(LONGEST_URL, "a")
    assert too_long(url) is None
    assert too_long(f"{url}a") == "URL of 2,084 characters, more than 2,083"


def test_so_many_links_of_a_page_are_followed() -> None:
    links = tuple(map(str, range(6_000)))
    assert first_links(links) == links[:5_000]
    assert first_links(links, 3) == ("0", "1", "2")


def test_the_settings_name_the_limits_and_need_not() -> None:
    assert Limits.of(Settings()) == Limits(head=262_144, rate=100.0, patience=30.0)
    settings = Settings({"EDITIONS_HEAD_MAXSIZE": "9", "EDITIONS_MIN_RATE": "0", "EDITIONS_MIN_RATE_PATIENCE": 2})
    assert Limits.of(settings) == Limits(head=9, rate=0.0, patience=2.0)


def test_a_host_has_so_many_pages() -> None:
    budget = HostBudget(2, ["http://a.example/0"])
    assert budget.spend("https://a.example/1") is None
    assert budget.spend("https://a.example/2") == "2 pages of a.example already"
    assert budget.spend("https://b.example/1") is None
    unlimited = HostBudget()
    assert [unlimited.spend(f"https://a.example/{n}") for n in range(9)] == [None] * 9
