"""Where a page was found, and what is known of its site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crawler.sites.options import PageOptions


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page was found, as far as reading it needs."""

    base: str
    """What its relative links resolve against."""
    judge: Callable[[str], str | None]
    """The normalised URL of the other article that an href leads to; None for what leads to none."""
    hints: PageOptions = field(default_factory=PageOptions)
    """What the site's profile says of its pages."""
    credits: tuple[str, ...] = ()
    """What, by the profile, this edition credits pictures with."""
