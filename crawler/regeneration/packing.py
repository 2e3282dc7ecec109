"""Readings as bytes, for another process or for later: several times as fast as pickle alone."""

from __future__ import annotations

import io
import pickle
from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, cast


def packed(value: object) -> bytes:
    """*value*, with the frozen dataclasses in it, as bytes; `pickle.loads` gives it back."""
    out = io.BytesIO()
    _Packer(out, pickle.HIGHEST_PROTOCOL).dump(value)
    return out.getvalue()


class _Packer(pickle.Pickler):
    """Dataclasses with slots are pickled by Python code that looks their fields up each time: here, once a class."""

    def reducer_override(self, value: Any) -> Any:
        names = _names(cast(Hashable, type(value)))
        return (type(value), tuple([getattr(value, name) for name in names])) if names is not None else NotImplemented


@lru_cache(256)
def _names(of: Any) -> tuple[str, ...] | None:
    """The arguments of a class that can be made again from its fields; None for others."""
    if not is_dataclass(of) or not all(field.init for field in fields(of)):
        return None
    return tuple(field.name for field in fields(of))
