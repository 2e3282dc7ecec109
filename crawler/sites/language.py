"""Languages as BCP 47 tags: which are real, and which one was probably meant."""

from __future__ import annotations

import re
from functools import cache

from langcodes import Language, standardize_tag, tag_is_valid
from langcodes.language_lists import CLDR_LANGUAGES
from langcodes.tag_parser import LanguageTagError

_NO_LANGUAGE = frozenset({None, "und", "mul", "zxx", "mis"})
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_SHORT_TAG = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?", re.IGNORECASE)


def read_language(tag: str) -> str:
    """A language's tag in its standard form (``pt-br`` becomes ``pt-BR``, ``eng`` becomes ``en``).

    Raises:
        ValueError: it is not a tag of BCP 47 whose parts are registered, or it stands for no one language; the
            text says what was wrong.
    """
    if not _TAG.fullmatch(tag):
        raise ValueError("is not written as a BCP 47 language tag")
    try:
        if tag_is_valid(tag) and Language.get(tag).language not in _NO_LANGUAGE:
            return standardize_tag(tag)
    except LanguageTagError:
        pass
    raise ValueError("is no language registered for BCP 47")


@cache
def names_language(segment: str) -> bool:
    """Whether a part of a URL looks like a language's code: two letters of one, perhaps with a region.

    Three letters are not enough: ``new``, ``tag`` and ``pro`` are codes of languages too.
    """
    return bool(_SHORT_TAG.fullmatch(segment)) and tag_is_valid(segment)


def known_languages() -> list[str]:
    """Tags to suggest from: the languages of the Unicode locale data."""
    return sorted(CLDR_LANGUAGES)
