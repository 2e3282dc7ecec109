"""The page's own frame: its header, nav and footer, told from those of the story that it frames."""

from __future__ import annotations

from collections.abc import Callable

from crawler.page.outline import Element, Outline
from crawler.text.part import Part, parts

VERSION = 4
"""Of the rule: the texts that two versions of it make can differ."""


def page_frame(outline: Outline) -> list[Element]:
    """The elements that are the page's own header, nav and footer; what is in one of them need not be named.

    HTML gives a header or footer to the nearest sectioning element around it (HTML-AAM 1.0, ``header``, ``footer``).
    What is the page's by that, but speaks for the story, stays: text of the story lost is worse than frame kept.
    """
    found = parts(outline)
    headers, footers = ([one for one in found if one.kind == kind] for kind in ("header", "footer"))
    own = {*_own_headers(headers), *(one for one in found if one.kind == "nav" and _is_own_nav(one))}
    frame: list[Part] = []
    for one in found:
        if one in own and not (frame and one.is_in(frame[-1])):
            frame.append(one)
    return [one.element for one in (*frame, *_own_footers(footers))]


def _is_own_nav(nav: Part) -> bool:
    """It comes before the story, or holds no cards."""
    return not (nav.follows_headline and nav.has_cards)


def _own_headers(headers: list[Part]) -> list[Part]:
    """Those that lead home or through the site, or come before the story and say nothing of it."""
    told = [one for one in headers if not (one.is_in_story or one.has_headline or one.has_caption)]
    early, late = _parted(told, lambda one: not (one.follows_headline or one.is_late))
    signed, plain = _parted(early, lambda one: one.is_signed)
    own_late = [one for one in late if _is_own_late_header(one, signed)]
    return [*signed, *own_late, *(one for one in plain if _is_own_plain_header(one, signed))]


def _parted(parts: list[Part], is_first: Callable[[Part], bool]) -> tuple[list[Part], list[Part]]:
    """Those of which something holds, and the others."""
    first = {one: is_first(one) for one in parts}
    return [one for one in parts if first[one]], [one for one in parts if not first[one]]


def _is_own_late_header(header: Part, signed: list[Part]) -> bool:
    """It leads through the site, and is no part of the story: where the page has another outside, what is beside the
    story's text is the story's.
    """
    if not header.has_ways or header.has_heading or header.has_picture:
        return False
    return not (header.is_within_story and any(not one.is_within_story for one in signed))


def _is_own_plain_header(header: Part, signed: list[Part]) -> bool:
    """It shows nothing, and no header of the page's that leads home stands before it elsewhere."""
    if header.has_picture or not (header.is_of_page or header.fills_its_section):
        return False
    return not any(one.is_before(header) and not one.is_beside(header) for one in signed)


def _own_footers(footers: list[Part]) -> list[Part]:
    """Those that say so, or stand beside ``main``; where none does, the last one of the page.

    A footer that says nothing can be the story's (its credit) even where it stands as the page's would.
    """
    outside = [one for one in footers if one.says_whose and not (one.is_in_story or one.is_within_story)]
    told = [one for one in footers if _may_be_own_footer(one, outside)]
    sure = [one for one in told if one.says_whose or one.is_beside_main]
    return sure or [one for one in told if one.is_of_page and one.is_beside_story][-1:]


def _may_be_own_footer(footer: Part, outside: list[Part]) -> bool:
    """It says whose the page is, or comes after the story and holds no cards; what is in the story is the story's,
    where the page has another footer outside.
    """
    if footer.is_in_story or footer.has_headline:
        return False
    if footer.is_in_own_section and not (footer.fills_its_section and footer.says_whose):
        return False
    if footer.precedes_story:
        return footer.says_whose
    if footer.is_within_story and outside:
        return False
    if footer.is_early:
        return footer.has_copyright
    return footer.has_copyright or footer.is_declared or not footer.shows_stories
