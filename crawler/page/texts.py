"""The text of an element as readers see it: one line, in NFC, white space as one blank."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from crawler.page.outline import Element

_BROKEN = frozenset("script style noscript template br svg button iframe div p li h2 h3 figure".split())
UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "button", "iframe", "select", "textarea"})
"""Elements whose text readers do not see."""
_BLOCKS = frozenset(
    "p div section article aside main header footer nav ul ol li dl dt dd h1 h2 h3 h4 h5 h6 table tbody tr td th "
    "figure figcaption blockquote hr pre form fieldset picture img video iframe center".split()
)
_GAP = re.compile("\0|\1\\s*\1")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")


def tidy(text: str | None) -> str:
    """One line in NFC; soft hyphens and characters without width, which readers do not see, are left out."""
    if not text:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return " ".join(text.split())


def text_of(element: Element) -> str:
    """What an element says, but for what is not shown and for its buttons."""
    if not element.has(_BROKEN):
        return tidy(element.text)
    return " ".join(paragraphs_of(element))


def paragraphs_of(element: Element, *, buttons: bool = False) -> list[str]:
    """The same, in pieces where a blank line or an element of its own parts them; its *buttons* too, if asked for."""
    if not element.has(_BROKEN):
        text = tidy(element.text)
        return [text] if text else []
    parts: list[str] = []
    _collect(element, parts, buttons)
    return split("".join(parts))


def stretches(outer: Element) -> Iterator[list[Element | str]]:
    """The nodes that lie directly in a block, in runs between the blocks in it."""
    run: list[Element | str] = []
    for node in outer.nodes:
        if not _is_block(node):
            run.append(node)
        elif run:
            yield run
            run = []
    yield run


def said_by(nodes: Iterable[Element | str]) -> list[str]:
    """The texts of nodes beside one another, in pieces where blank lines part them."""
    parts: list[str] = []
    for node in nodes:
        _add(node, parts)
    return split("".join(parts))


def split(marked: str) -> list[str]:
    """Pieces of a text in which blocks end with NUL and lines with SOH; one line break is but a blank."""
    return [piece for part in _GAP.split(marked) if (piece := tidy(part.replace("\1", " ")))]


def _is_block(node: Element | str) -> bool:
    return not isinstance(node, str) and node.tag in _BLOCKS


def _collect(element: Element, parts: list[str], buttons: bool = False) -> None:
    for node in element.nodes:
        _add(node, parts, buttons)


def _add(node: Element | str, parts: list[str], buttons: bool = False) -> None:
    if isinstance(node, str):
        parts.append(node)
    elif node.tag == "br":
        parts.append("\1")
    elif node.tag in _BLOCKS or (node.tag == "button" and buttons):
        parts.append("\0")
        _collect(node, parts, buttons)
        parts.append("\0")
    elif node.tag not in UNSEEN:
        _collect(node, parts, buttons)
