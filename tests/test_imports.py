"""What a command loads: Scrapy costs a second of starting, and is for those alone that crawl."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli import COMMANDS

ROOT = Path(__file__).parents[1]
CRAWLING = {"demo", "crawl", "seeds"}
SHOW = """
import sys
from crawler.cli import main
code = main([{name!r}, "--help"])
print(*(name for name in ("scrapy", "twisted") if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in CRAWLING])
def test_commands_that_fetch_nothing_do_without_scrapy(name: str) -> None:
    assert loaded(name) == []


def test_what_is_loaded_is_seen() -> None:
    assert loaded("crawl") == ["scrapy", "twisted"]


def loaded(name: str) -> list[str]:
    command = [sys.executable, "-c", SHOW.format(name=name)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr.split()
