"""Stories that scripts put on their page: HTML among the strings of the page's scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from resiliparse.parse.html import HTMLTree

from crawler.page.outline import Outline

_STRING = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_PARAGRAPH = re.compile(r"</p\s*>", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:<|\\u003c)\\*/p", re.IGNORECASE)
_LEAST = 400
"""Characters of a story in HTML."""
_PARAGRAPHS = 3
_DEPTH = 3
"""Strings within one another: a state is often itself a string of a call."""
_DEEP = 64
"""Elements within one another that no story is told in."""


def embedded_story(outline: Outline) -> Outline | None:
    """The longest text with paragraphs among the strings of a page's scripts; None where there is none.

    Pages are sent so whose scripts build what readers see; nothing is run.
    """
    scripts = (one.text for one in outline.all("script") if not one.gives("src"))
    longest = max((html for script in scripts for html in _stories(script, 0)), key=len, default="")
    found = Outline(HTMLTree.parse(longest)) if longest else None
    if found is None or found.depth < _DEEP:
        return found
    found.let_go()
    return None


def _stories(text: str, depth: int) -> Iterator[str]:
    if depth == _DEPTH or _ESCAPED.search(text) is None:
        return
    for match in _STRING.finditer(text):
        if len(match[1]) < _LEAST or _ESCAPED.search(match[1]) is None:
            continue
        said = _unescaped(match[1])
        if said.lstrip().startswith("<"):
            if len(_PARAGRAPH.findall(said)) >= _PARAGRAPHS:
                yield said
        else:
            yield from _stories(said, depth + 1)


def _unescaped(string: str) -> str:
    try:
        return str(json.loads(f'"{string}"', strict=False))
    except ValueError:
        return ""
