"""Where the data lies that others gave for developing and testing; it is no part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("EDITIONS_SHARED", Path(__file__).parents[2] / "shared"))


def need(*parts: str) -> Path:
    """The path of shared data, or a skip that says what is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared test data is absent: {'/'.join(parts)} (set EDITIONS_SHARED to its folder)")
    return path
