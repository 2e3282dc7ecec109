"""Replays as a user runs them, in a process that ends when it reaches for the network."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.command import Ran, editions

SILENCE = Path(__file__).parent / "silence"
CAUGHT = 99


def silent(*args: object, cwd: Path) -> Ran:
    """Run ``editions ARGS`` in the folder *cwd*; exit code 99 where it reached for the network."""
    paths = [str(SILENCE), str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return editions(*args, cwd=cwd, PYTHONPATH=os.pathsep.join(filter(None, paths)))


def files(folder: Path) -> dict[str, bytes]:
    """The files of a folder by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def report(collection: Path) -> dict[str, Any]:
    """The newest report of a collection's crawls."""
    newest = max((collection / "crawls").glob("*.json"))
    return dict(json.loads(newest.read_text("utf-8")))


def endings(collection: Path) -> dict[str, tuple[str, str]]:
    """How the pages of the newest crawl ended: outcome and reason by URL."""
    urls = report(collection)["urls"]
    return {one["url"]: (one["outcome"], one["reason"]) for one in urls if one["kind"] != "requisite"}
