"""System calls that fail, or take long: what a broken disk or an unlucky moment does, in a real process."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def strace(folder: Path, *words: str) -> list[str]:
    """What comes before a command, so that strace tampers with its calls as *words* say; it logs into *folder*."""
    if shutil.which("strace") is None or subprocess.run(["strace", "-o", "/dev/null", "true"]).returncode:
        pytest.skip("strace is absent, or not allowed: it makes system calls fail, and slow")
    return ["strace", "-f", "-qq", "-o", str(folder / "calls"), *words]
