"""Files written so that they are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def replace_file(path: Path, parts: Iterable[str]) -> None:
    """Write a file so that it is either the old one or the new one, whole, whatever becomes of process or machine."""
    temporary = _beside(path)
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(parts)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def put_file(path: Path, data: bytes) -> None:
    """The same, whatever kills the process meanwhile: the disk is not waited for."""
    temporary = _beside(path)
    with temporary.open("wb") as stream:
        stream.write(data)
    temporary.replace(path)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")
