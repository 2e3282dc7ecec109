from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.demo.server import RunningSite, serve
from crawler.demo.story import Story, load_stories

SAMPLES = Path(__file__).with_name("stories")


@pytest.fixture(scope="session")
def samples() -> tuple[Story, ...]:
    return load_stories(SAMPLES)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSite]:
    with serve(delay=0.3) as site:
        yield site


@pytest.fixture
def site(running: RunningSite) -> RunningSite:
    """The product's own site, in state 1, its log empty."""
    running.set_state(1)
    running.clear_log()
    return running
