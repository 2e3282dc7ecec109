"""A header, footer or nav of a page: where it is, seen from the story, and what it says of itself."""

from __future__ import annotations

import re
from functools import cached_property

from crawler.page.headline import find_headline
from crawler.page.home import Home
from crawler.page.outline import Element, Outline
from crawler.text.story import SENTENCE, Story, role, role_among, size

_NAMES = frozenset({"header", "footer", "nav"})
ROLES = {"banner": "header", "contentinfo": "footer", "navigation": "nav"}
_COPYRIGHT = re.compile(
    r"[©ⓒⒸ]|\(c\) *\d{4}|copyright|all rights reserved|저작권|版权所有|版權所有|無断転載", re.IGNORECASE
)
_PROSE = 600
"""Bytes of paragraphs: more than a footer says of its site."""


def parts(outline: Outline) -> list[Part]:
    """All of a page, in its order."""
    story, home = Story(outline, find_headline(outline)), Home(outline)
    marked = {*outline.all(*_NAMES), *(one for one in outline.having("role") if role_among(one, ROLES))}
    inorder = sorted(marked, key=lambda one: one.at)
    return [Part(kind, one, story, home) for one in inorder if (kind := _kind(one))]


def _kind(element: Element) -> str | None:
    """``header``, ``footer`` or ``nav``, by the role before the name; None for what is none of them."""
    if element.tag in ("p", "h1"):
        return None
    said = role_among(element, ROLES)
    return ROLES[said] if said else (element.tag if element.tag in _NAMES else None)


class Part:
    """A header, footer or nav: where it is, seen from the story, and what it says of itself."""

    def __init__(self, kind: str, element: Element, story: Story, home: Home) -> None:
        self.kind = kind
        self.element = element
        self._story = story
        self._home = home

    def is_before(self, other: Part) -> bool:
        """Whether it comes before another part."""
        return self.element.at < other.element.at

    def is_beside(self, other: Part) -> bool:
        """Whether the two are in one element."""
        return self.element.parent is other.element.parent

    def is_in(self, other: Part) -> bool:
        """Whether it is a part of another part."""
        return other.element.holds(self.element)

    @cached_property
    def _section(self) -> Element | None:
        return self._story.sections.around(self.element.parent)

    @property
    def is_in_story(self) -> bool:
        """Whether it is in an article, aside or dialog: what is in them is not the page's, but for a menu's."""
        if self._section is None or (of := role(self._section)) in ("main", "section"):
            return False
        return of == "article" or not (self.precedes_story and self.leads_through_site)

    @property
    def is_within_story(self) -> bool:
        """Whether it is in what holds the story and little else, or in ``main``."""
        if self.element.parent is None or self.element.parent.tag == "body":
            return False
        core = self._story.core
        around = [*self._story.mains, *([core] if core is not None else [])]
        return any(one is not self.element and one.holds(self.element) for one in around)

    @property
    def is_of_page(self) -> bool:
        """Whether there is no section around it, or one that wraps the story's."""
        own = self._section
        if own is None:
            return True
        story = self._story.section
        return story is not None and own is not story and own.holds(story)

    @property
    def fills_its_section(self) -> bool:
        """Whether there is nothing else in the section around it."""
        around = self.element.parent
        while around is not None and around.has_one_child and around is not self._section:
            around = around.parent
        return around is not None and around is self._section and around.has_one_child

    @property
    def is_beside_main(self) -> bool:
        """Whether it is the body's own child, and the story in ``main`` or an article beside it."""
        around, story = self.element.parent, self._story.section
        if around is None or around.tag != "body" or story is None:
            return False
        return role(story) in ("main", "article")

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
        """Whether it comes after the headline; where there is none, nothing does."""
        return self._story.headline_at < self.element.at

    @property
    def precedes_story(self) -> bool:
        """Whether headline and text come after it."""
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
        """Whether the headline is in it."""
        headline = self._story.headline
        return headline is not None and self.element.holds(headline)

    @property
    def has_heading(self) -> bool:
        """Whether a heading is in it."""
        return self.element.has({"h1", "h2", "h3", "h4"})

    @property
    def has_caption(self) -> bool:
        """Whether it says what is on a picture."""
        return any(self._sizes("figcaption"))

    @property
    def has_picture(self) -> bool:
        """Whether it shows a picture and says what is on it: of a logo there is but a name to say."""
        return self.has_caption or any(size(one.get("alt")) >= SENTENCE for one in self.element.inner("img"))

    @property
    def has_cards(self) -> bool:
        """Whether it shows stories: pictures, prose, or links of a sentence's length under a heading or with more."""
        if self._tells_stories:
            return True
        return self._names_stories and (self.has_heading or 2 * sum(self._links) < size(self.element.text))

    @property
    def shows_stories(self) -> bool:
        """Whether it has cards; headlines beside the site's menu, such as the most read, are none."""
        return self._tells_stories or (self._names_stories and not self._has_menu)

    @property
    def _tells_stories(self) -> bool:
        return self.has_picture or (size(self.element.text) >= _PROSE and sum(self._sizes("p")) >= _PROSE)

    @property
    def _names_stories(self) -> bool:
        links = zip(self.element.inner("a"), self._links, strict=True)
        return sum(said >= SENTENCE and not _leads_on(one) for one, said in links) > 1

    @cached_property
    def has_copyright(self) -> bool:
        """Whether it says whose the rights are."""
        return _COPYRIGHT.search(self.element.text) is not None

    @property
    def says_whose(self) -> bool:
        """Whether it says that it is the page's."""
        return self.is_signed or self.has_copyright

    @property
    def is_declared(self) -> bool:
        """Whether its role says so."""
        return role_among(self.element, ROLES) is not None

    @property
    def is_signed(self) -> bool:
        """Whether it says so by its role, or by navigation, a link home or a list of links."""
        return self.is_declared or self.has_ways

    @cached_property
    def has_ways(self) -> bool:
        """Whether it leads home or through the site, or lists links."""
        if self.leads_through_site:
            return True
        links = self._links
        is_list = len(links) > 4 and sum(links) < SENTENCE / 2 * len(links)
        return is_list or (len(links) > 2 and 2 * sum(links) > size(self.element.text))

    @property
    def _has_menu(self) -> bool:
        """Whether it holds the site's navigation, or a list of links too short for headlines."""
        return self.leads_through_site or sum(one < SENTENCE / 2 for one in self._links) > 4

    @cached_property
    def leads_through_site(self) -> bool:
        """Whether it is or holds navigation, or a link home."""
        if self.kind == "nav" or self.element.has({"nav"}) or self._home.is_linked_by(self.element):
            return True
        return any(role_among(one, ("navigation",)) for one in self.element.tagged("role="))

    @cached_property
    def _links(self) -> list[int]:
        return self._sizes("a")

    def _sizes(self, tag: str) -> list[int]:
        return [size(one.text) for one in self.element.inner(tag)]


def _leads_on(link: Element) -> bool:
    """Whether a link leads but to another place on the page, or to the story before or after."""
    return (link.get("href") or "").startswith("#") or any(link.lists("rel", way) for way in ("prev", "next"))
