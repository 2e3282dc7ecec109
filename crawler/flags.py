"""What a response's flags say of the capture that it was made from: handlers write them, the spider reads them."""

from __future__ import annotations

from collections.abc import Iterable

_CAPTURE = "capture:"


def capture_flag(capture: str) -> str:
    """The flag that names a *capture*: by its record's id or place, or what else tells it from all others."""
    return _CAPTURE + capture


def capture_of(flags: Iterable[str]) -> str | None:
    """The capture that *flags* name, if they name one."""
    return next((flag.removeprefix(_CAPTURE) for flag in flags if flag.startswith(_CAPTURE)), None)
