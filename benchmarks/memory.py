"""The most memory that this process has held."""

from __future__ import annotations

import re
import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak() -> float:
    """Peak resident set of this process, in MB.

    Linux's ru_maxrss of a process counts what the one that started it held before exec; VmHWM does not.
    """
    if _STATUS.exists() and (found := re.search(r"^VmHWM:\s*(\d+) kB", _STATUS.read_text(), re.MULTILINE)):
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
