"""What the site itself says in each of its editions: credits, headings, notices, names of topics."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SITE_NAME = "Ninefold News"

EDITIONS = ("en", "sw", "ko", "sv", "yo", "am", "ar", "ja", "fil")
"""Codes in URLs, each the BCP 47 tag of its language too."""

RIGHT_TO_LEFT = frozenset({"ar"})

TAGS = (
    "sea",
    "energy",
    "rail",
    "schools",
    "health",
    "farming",
    "science",
    "heritage",
    "weather",
    "markets",
    "sport",
    "cities",
)
"""The topics that a story can have, in the order of the navigation."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one edition's pages; ``cookie_text`` marks with ``[ ]`` what links to the privacy note."""

    language: str
    credit: str
    byline: str
    related: str
    cookie_title: str
    cookie_text: str
    cookie_refusal: str
    front: str
    read_also: str
    most_read: str
    topics: str
    older: str
    newer: str
    about: str
    about_text: str
    privacy: str
    privacy_text: str
    tags: Mapping[str, str]


@cache
def labels() -> Mapping[str, Labels]:
    """The labels of every edition, by its code."""
    tables = tomllib.loads(Path(__file__).with_name("labels.toml").read_text("utf-8"))
    return {edition: Labels(**tables[edition]) for edition in EDITIONS}


def direction(edition: str) -> str:
    """The value of HTML's ``dir`` for an edition."""
    return "rtl" if edition in RIGHT_TO_LEFT else "ltr"
