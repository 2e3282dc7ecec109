"""Spans of time as people write them: ``6h``, ``90m``, ``1d 12h``."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(w(?:eeks?)?|d(?:ays?)?|h(?:ours?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\s*")
_MOST = 366 * 86_400


def parse_span(text: str) -> timedelta:
    """The span that a text names; ``0s`` is one.

    Raises:
        ValueError: it names none, or one of more than a year.
    """
    parts = _PART.findall(text.strip().lower())
    if not parts or _PART.sub("", text.strip().lower()):
        raise ValueError(f"{text!r} is no span of time; write it as 6h, 90m, 1d or 1h30m")
    seconds = sum(float(number) * _UNITS[unit[0]] for number, unit in parts)
    if seconds > _MOST:
        raise ValueError(f"{text!r} is more than a year")
    return timedelta(seconds=seconds)


def show_span(span: timedelta) -> str:
    """The same in the fewest units: ``6h``, ``1h30m``, ``2.5s``."""
    left, parts = span.total_seconds(), []
    for unit, size in _UNITS.items():
        if unit != "s" and left >= size:
            parts.append(f"{int(left // size)}{unit}")
            left %= size
    if left or not parts:
        parts.append(f"{round(left, 3):g}s")
    return "".join(parts)
