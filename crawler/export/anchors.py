"""Anchors: what a translation keeps as it is (numbers, names in the same letters, questions, quotations)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_NUMBER = re.compile(r"\d+(?:[.,٫٬'’\u00a0\u202f ]\d{3}(?!\d)|[.,٫:]\d+)*")
_WORD = re.compile(r"[^\W\d_][\w'’-]+")
_MARKS = {"?": "?", "？": "?", "؟": "?", "፧": "?", "%": "%", "％": "%", "٪": "%", "!": "!", "！": "!"}
_MARKS |= dict.fromkeys('"“”„«»「」『』', '"')


def anchors(text: str) -> frozenset[str]:
    """The anchors of *text*: numbers by their digits alone, capitalised words, marks in their ASCII form."""
    return frozenset((*numbers(text), *_names(text), *(_MARKS[mark] for mark in _MARKS.keys() & set(text))))


def says_something(anchor: str) -> bool:
    """Whether an anchor is a number of more than one digit: seldom the same by chance."""
    return len(anchor) > 1 and anchor.isdigit()


def numbers(text: str) -> Iterator[str]:
    """The numbers of *text*, by their digits alone.

    ``640,000``, ``640 000`` and ``٦٤٠٬٠٠٠`` are one number; so are ``10.8`` and ``10,8``.
    """
    for match in _NUMBER.finditer(text):
        yield "".join(str(unicodedata.decimal(mark)) for mark in match[0] if mark.isdecimal())


def _names(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        if match[0][0].isupper():
            yield match[0].casefold()
