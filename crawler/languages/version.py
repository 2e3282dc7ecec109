"""What languages depend on, beside the text."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

VERSION = 1
"""Of the rules by which paragraphs inherit."""


@cache
def languages_version() -> str:
    """In words; the same one tells the same languages of a text."""
    return f"languages {VERSION}, py3langid {version('py3langid')}"
