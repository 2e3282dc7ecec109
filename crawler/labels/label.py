"""A label: words that an edition puts on its pages, and how sure it is that they are its own."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal, get_args

Kind = Literal["credit", "byline", "related", "cookie_title", "cookie_text", "cookie_refusal"]

KINDS: tuple[Kind, ...] = get_args(Kind)

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Label:
    """Words of one edition's pages."""

    kind: Kind
    text: str
    pages: int
    """On how many of the pages looked at it stands."""
    of: int
    """How many pages were looked at."""
    confidence: float
    """That it is a label of this kind, from 0 to 1: what the pages show at least, as :func:`surely`."""
    named: bool = False
    """Whether the profile names it."""


def surely(hits: int, of: int) -> float:
    """The least share that *hits* of *of* speak for: the lower end of Wilson's 95 % interval (1927).

    One of one is 0.21, ten of ten 0.72, a hundred of a hundred 0.96.
    """
    if of == 0:
        return 0.0
    share, square = hits / of, _Z * _Z
    middle = share + square / (2 * of)
    spread = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return round(max(0.0, (middle - spread) / (1 + square / of)), 3)
