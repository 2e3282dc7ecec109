"""The notice about cookies that a page lays over itself."""

from __future__ import annotations

import re

from crawler.page.marks import marks_of
from crawler.page.outline import Element, Outline
from crawler.page.texts import paragraphs_of, tidy

_MARK = re.compile(r"cookie|consent", re.IGNORECASE)
_HIDDEN = frozenset({"html", "body", "script", "style", "link", "meta"})
_COOKIES = re.compile(r"cookie|consent|gdpr", re.IGNORECASE)
_SILENT = frozenset({"script", "style", "noscript", "template", "svg"})
_FRAME = frozenset({"header", "footer", "nav", "main", "article"})
_FRAME_ROLES = frozenset({"banner", "contentinfo", "navigation", "main"})
_STORY = frozenset({"main", "article", "h1", "footer", "nav"})
_STORY_ROLES = ("main", "contentinfo", "navigation")
_NEVER = frozenset({"main", "article", "h1"})
_TYPED = ("text", "email", "password")
_LEAST, _MOST = 40, 3_000
"""Characters of a notice."""
_LINES = 12


def read_notice(outline: Outline) -> tuple[str, ...]:
    """The lines of the cookie notice, its choices last; empty where there is none.

    It is what is marked as such, or a dialog that speaks of cookies; else what stands apart behind all else on the
    page, and no more than a few lines: a notice in a language that is not known is told by its place.
    """
    for element in filter(_may_be_notice, outline.tagged("cookie", "consent", "dialog")):
        said = _COOKIES.search(marks_of(element)) or _COOKIES.search(element.text)
        if said and (lines := _lines(element)):
            return lines
    last = _last(outline)
    return _lines(last) if last is not None else ()


def _may_be_notice(element: Element) -> bool:
    """Whether it is marked as one, or is a dialog."""
    if element.tag in _HIDDEN:
        return False
    if element.tag == "dialog" or element.says("role", "dialog", "alertdialog"):
        return True
    return any(_MARK.search(element.get(name) or "") for name in ("class", "id"))


def _lines(element: Element) -> tuple[str, ...]:
    length = len(tidy(element.text))
    if not _LEAST <= length <= _MOST or element.has(_NEVER) or element.closest({"form"}):
        return ()
    if any(one.says("type", *_TYPED) for one in element.inner("input")):
        return ()
    lines = tuple(dict.fromkeys(paragraphs_of(element, buttons=True)))
    return lines if 2 <= len(lines) <= _LINES else ()


def _last(outline: Outline) -> Element | None:
    """The last element of the page that says something, if it stands behind the page's own footer or main part."""
    children = list(outline.body.children) if outline.body is not None else []
    for one in reversed(children):
        if one.tag not in _SILENT and (text := one.text.strip()):
            return one if len(text) <= _MOST and _is_apart(one) else None
    return None


def _is_apart(element: Element) -> bool:
    if element.tag in _FRAME or element.get("role") in _FRAME_ROLES:
        return False
    if element.has(_STORY) or any(one.says("role", *_STORY_ROLES) for one in element.all) or "©" in element.text:
        return False
    lines = paragraphs_of(element, buttons=True)
    return (
        bool(element.befores)
        and not element.has({"form", "input"})
        and 2 <= len(lines) <= 6
        and max(map(len, lines)) >= 40
    )
