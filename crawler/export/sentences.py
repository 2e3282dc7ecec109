"""Sentences of a text whose paragraph breaks are lost; one break too many does no harm: runs of them are aligned."""

from __future__ import annotations

import re
from itertools import pairwise

_ENDS = r"[.!?…][\"'”’»)\]]*\s+|[。！？]+[」』”）]*\s*|[።፧။।॥؟۔։]+[\"'”’»)\]]*\s*"
_END = re.compile(_ENDS)


def sentences(text: str) -> list[str]:
    """The sentences of *text*, each with the white space after it: joined, they are the text."""
    ends = [match.end() for match in _END.finditer(text)]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)]) if text[start:end]]
