from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.judges import collections, pywb
from tests.judges.collections import Judged


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The collections, made once for all judges."""
    return collections.make(tmp_path_factory.mktemp("judged"))


@pytest.fixture(scope="session")
def tools() -> pywb.Tools:
    """pywb's programs; tests skip, saying why, where they cannot be had."""
    try:
        return pywb.installed()
    except pywb.NotInstalledError as error:
        pytest.skip(f"pywb cannot judge here: {error}")


@pytest.fixture(scope="session")
def wayback(judged: Judged, tools: pywb.Tools) -> Iterator[pywb.Wayback]:
    """pywb serving the collections as they lie."""
    with pywb.serve(tools, judged.root) as running:
        yield running
