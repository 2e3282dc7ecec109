"""Numbers in a text of any language and script, in one spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import partial

_WRITTEN = (
    (re.compile(r"(\d+(?:,\d{3})*)(?:\.(\d{1,3}))?[千천](?: ?(\d{3})(?!\d))?"), 3),
    (re.compile(r"(\d+(?:,\d{3})*)(?:\.(\d{1,4}))?[万萬만](?: ?(\d{3,4})(?!\d))?"), 4),
    (re.compile(r"(\d+(?:,\d{3})*)(?:\.(\d{1,8}))?[億亿억](?: ?(\d{5,8})(?!\d))?"), 8),
)
"""Letters that East Asian scripts write behind figures, with the power of ten that each means: 1万9500 is 19500."""

_GAP = "[,.'’\u00a0\u202f\u066c\u060c ]"
_NUMBER = re.compile(rf"(?<![\d.,])(\d{{1,3}}({_GAP})\d{{3}}(?:\2\d{{3}})*(?!\d)|\d+)(?:[.,\u066b](\d+))?")
_FIGURES_ENOUGH = 3


def numbers(text: str) -> Iterator[str]:
    """The numbers of *text* that have two figures or more, each as plain figures: ``640,000``, ``640 000``,
    ``٦٤٠٬٠٠٠`` and ``64만`` are ``640000``; ``10.8`` and ``10,8`` are ``10.8``.
    """
    for match in _NUMBER.finditer(_in_figures(text)):
        whole = re.sub(r"\D", "", match[1]).lstrip("0")
        number = f"{whole}.{match[3]}" if match[3] else whole
        if len(number) > 1:
            yield number


def figures(number: str) -> str:
    """The significant figures of a number from :func:`numbers`; empty where they say little.

    They are the same whatever word multiplies the number: ``3.51`` million and 351万 are both ``351``.
    """
    found = number.replace(".", "").strip("0")
    return found if len(found) >= _FIGURES_ENOUGH and ("." in number or len(number) > _FIGURES_ENOUGH + 1) else ""


def _in_figures(text: str) -> str:
    """The text with every script's digits as 0 to 9, and myriads written out."""
    if text.isascii():
        return text
    text = "".join(map(_digit, text))
    for pattern, power in _WRITTEN:
        text = pattern.sub(partial(_written_out, power), text)
    return text


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _written_out(power: int, match: re.Match[str]) -> str:
    whole, part, behind = match[1].replace(",", ""), match[2] or "", match[3] or "0"
    return str(int(whole + part) * 10 ** (power - len(part)) + int(behind))
