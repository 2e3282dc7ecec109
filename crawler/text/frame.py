"""The page's own frame: its header, nav and footer, told from those of the story that it frames."""

from __future__ import annotations

import re
from functools import cached_property
from operator import attrgetter

from crawler.page.outline import Element, Outline
from crawler.text.headline import find_headline, links_home
from crawler.text.story import SENTENCE, Story, role, section_around, size

VERSION = 3
"""Of the rule: the texts that two versions of it make can differ."""

_NAMES = frozenset({"header", "footer", "nav"})
_ROLES = {"banner": "header", "contentinfo": "footer", "navigation": "nav"}
_COPYRIGHT = re.compile(r"©|\(c\) *\d{4}|copyright", re.IGNORECASE)
_PROSE = 600
"""Bytes of paragraphs: more than a footer says of its site."""


def page_frame(outline: Outline) -> list[Element]:
    """The elements that are the page's own header, nav and footer; what is in one of them need not be named.

    HTML gives a header or footer to the nearest sectioning element around it (HTML-AAM 1.0, ``header``, ``footer``).
    What is the page's by that, but speaks for the story, stays: text of the story lost is worse than frame kept.
    """
    parts = _parts(outline)
    frame: list[_Part] = []
    for one in parts:
        if one.kind != "footer" and not (frame and one.is_in(frame[-1])) and _OWN[one.kind](one):
            frame.append(one)
    frame += _own_footers([one for one in parts if one.kind == "footer" and _may_be_own_footer(one)])
    return [one.element for one in frame]


def _is_own_nav(nav: _Part) -> bool:
    """It comes before the story, or holds no cards."""
    return not (nav.follows_headline and nav.has_cards)


def _is_own_header(header: _Part) -> bool:
    """It leads home or through the site, or comes before the story and says nothing of it."""
    if header.is_in_story or header.has_headline or header.has_caption:
        return False
    if header.follows_headline or header.is_late:
        return header.is_signed and not (header.has_heading or header.has_picture)
    return header.is_signed or (header.is_of_page and not header.has_picture)


def _may_be_own_footer(footer: _Part) -> bool:
    """It says whose the page is, or comes after the story and holds no cards."""
    if footer.is_in_story or footer.has_headline or footer.is_in_own_section:
        return False
    if footer.precedes_story:
        return footer.is_signed
    return footer.has_copyright or (not footer.is_early and not footer.shows_stories)


def _own_footers(footers: list[_Part]) -> list[_Part]:
    """Those that say so; where none does, the last one of the page.

    A footer that says nothing can be the story's (its credit) even where it stands as the page's would.
    """
    signed = [one for one in footers if one.has_copyright or one.is_signed]
    return signed or [one for one in footers[-1:] if one.is_of_page and one.is_beside_story]


_OWN = {"nav": _is_own_nav, "header": _is_own_header}


class _Part:
    """A header, footer or nav: where it is, seen from the story, and what it says of itself."""

    def __init__(self, kind: str, element: Element, story: Story) -> None:
        self.kind = kind
        self.element = element
        self._story = story

    def is_in(self, other: _Part) -> bool:
        """Whether it is a part of another part."""
        return other.element.holds(self.element)

    @cached_property
    def _section(self) -> Element | None:
        return section_around(self.element.parent)

    @property
    def is_in_story(self) -> bool:
        """Whether it is in an article, aside or dialog: what is in them is not the page's."""
        return self._section is not None and role(self._section) not in ("main", "section")

    @property
    def is_of_page(self) -> bool:
        """Whether there is no section around it, or one that wraps the story's."""
        own = self._section
        if own is None:
            return True
        story = self._story.section
        return story is not None and own is not story and own.holds(story)

    @property
    def is_in_own_section(self) -> bool:
        """Whether it is in a section that is but a part of the page; ``main`` can be all of it."""
        return self._section is not None and role(self._section) == "section" and not self.is_of_page

    @property
    def is_beside_story(self) -> bool:
        """Whether the story is in the nearest element that holds more than this part."""
        around, anchor = self.element.parent, self._story.anchor
        while around is not None and around.has_one_child:
            around = around.parent
        return around is None or anchor is None or around.holds(anchor)

    @property
    def follows_headline(self) -> bool:
        return self._story.headline_at < self.element.at

    @property
    def precedes_story(self) -> bool:
        return self._story.headline is not None and not self.follows_headline and not self.before

    @cached_property
    def before(self) -> int:
        """The size of the story's text before it."""
        return self._story.size_before(self.element)

    @property
    def is_late(self) -> bool:
        """Whether more of the story's text is before it than after."""
        return self.before > 0 and self.before > self._after

    @property
    def is_early(self) -> bool:
        """Whether more of the story's text is after it than before."""
        return self._after > 0 and self._after > self.before

    @cached_property
    def _after(self) -> int:
        return self._story.size_after(self.element)

    @property
    def has_headline(self) -> bool:
        headline = self._story.headline
        return headline is not None and self.element.holds(headline)

    @property
    def has_heading(self) -> bool:
        return self.element.has({"h1", "h2", "h3", "h4"})

    @property
    def has_caption(self) -> bool:
        return any(self._sizes("figcaption"))

    @property
    def has_picture(self) -> bool:
        """Whether it shows a picture and says what is on it: of a logo there is but a name to say."""
        return self.has_caption or any(size(one.get("alt")) >= SENTENCE for one in self.element.inner("img"))

    @property
    def has_cards(self) -> bool:
        """Whether it shows stories: pictures, links of a sentence's length, or prose."""
        return self._tells_stories or self._names_stories

    @property
    def shows_stories(self) -> bool:
        """Whether it has cards; headlines beside the site's menu, such as the most read, are none."""
        return self._tells_stories or (self._names_stories and not self._has_menu)

    @property
    def _tells_stories(self) -> bool:
        return self.has_picture or (size(self.element.text) >= _PROSE and sum(self._sizes("p")) >= _PROSE)

    @property
    def _names_stories(self) -> bool:
        return sum(one >= SENTENCE for one in self._links) > 1

    @cached_property
    def has_copyright(self) -> bool:
        return _COPYRIGHT.search(self.element.text) is not None

    @cached_property
    def is_signed(self) -> bool:
        """Whether it says that it is the page's: by its role, or by navigation, a link home or a list of links."""
        if self._leads_through_site:
            return True
        links = self._links
        is_list = len(links) > 4 and sum(links) < SENTENCE / 2 * len(links)
        return is_list or (len(links) > 2 and 2 * sum(links) > size(self.element.text))

    @property
    def _has_menu(self) -> bool:
        """Whether it holds the site's navigation, or a list of links too short for headlines."""
        return self._leads_through_site or sum(one < SENTENCE / 2 for one in self._links) > 4

    @cached_property
    def _leads_through_site(self) -> bool:
        if (self.element.get("role") or "").strip().lower() in _ROLES:
            return True
        if self.element.has({"nav"}) or links_home(self.element):
            return True
        return any(one.says("role", "navigation") for one in self.element.tagged("role="))

    @cached_property
    def _links(self) -> list[int]:
        return self._sizes("a")

    def _sizes(self, tag: str) -> list[int]:
        return [size(one.text) for one in self.element.inner(tag)]


def _parts(outline: Outline) -> list[_Part]:
    story = Story(outline, find_headline(outline))
    marked = {*outline.all(*_NAMES), *(one for one in outline.having("role") if one.says("role", *_ROLES))}
    inorder = sorted(marked, key=attrgetter("at"))
    return [_Part(kind, one, story) for one in inorder if (kind := _kind(one))]


def _kind(element: Element) -> str | None:
    """``header``, ``footer`` or ``nav``, by the role before the name; None for what is none of them."""
    if element.tag in ("p", "h1"):
        return None
    said = (element.get("role") or "").strip().lower()
    return _ROLES.get(said) or (element.tag if element.tag in _NAMES else None)
