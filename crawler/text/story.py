"""Where on a page its story is."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from crawler.page.outline import Element, Outline

SENTENCE = 60
"""A short one's size, in bytes of UTF-8: Korean has half the letters of English, but about as many bytes."""

_SECTIONS = frozenset({"article", "aside", "dialog", "main", "section"})
_ROLES = frozenset({"article", "alertdialog", "dialog", "main"})
_MUCH = 0.3


@dataclass(frozen=True, slots=True)
class _Paragraph:
    element: Element
    size: int


class Story:
    """A page's story, and how much of it lies before and after one of the page's elements.

    What hangs on the paragraphs is found out when it is asked for: on most pages the frame can be told without, and
    to look at all paragraphs costs more than to parse the page.
    """

    def __init__(self, outline: Outline, headline: Element | None) -> None:
        self.headline = headline
        self.headline_at = headline.at if headline is not None else len(outline.elements)
        self.sections = Sections()
        self._outline = outline

    @cached_property
    def section(self) -> Element | None:
        """The nearest sectioning element around its paragraphs: the first to hold much of the page's text.

        Its cards, which follow, can hold more.
        """
        if not self._sentences:
            return self.sections.around(self.headline)
        much = _MUCH * sum(one.size for one in self._sentences)
        sizes: Counter[Element | None] = Counter()
        for one in self._sentences:
            section = self.sections.around(one.element.parent)
            sizes[section] += one.size
            if sizes[section] > much:
                return section
        return None

    @cached_property
    def core(self) -> Element | None:
        """The smallest element that holds its headline (or first sentence) and most of the page's text."""
        first = self.headline or (self._sentences[0].element if self._sentences else None)
        places = [one.element.at for one in self._sentences]
        sizes = [0, *accumulate(one.size for one in self._sentences)]
        outers = first.outers() if first is not None else ()
        inner = ((one, sizes[bisect_left(places, one.end)] - sizes[bisect_left(places, one.at)]) for one in outers)
        return next((one for one, held in inner if 2 * held > sizes[-1]), None)

    @cached_property
    def mains(self) -> list[Element]:
        """The elements that are the page's main part, by their name or role."""
        named = self._outline.all("main")
        return named + [one for one in self._outline.having("role") if one.says("role", "main")]

    @property
    def anchor(self) -> Element | None:
        """An element that is surely the story's, if any is."""
        return self.headline or (self._paragraphs[0].element if self._paragraphs else None)

    def size_before(self, element: Element) -> int:
        """Of its text before an element, in bytes of UTF-8."""
        if not self._outline.has_within(0, element.at, ("p",)):
            return 0
        return self._size_upto(element.at)

    def size_after(self, element: Element) -> int:
        """Of its text after an element; what is in it is not after it."""
        if not self._outline.has_within(element.end, len(self._outline.elements), ("p",)):
            return 0
        return self._sizes[-1] - self._size_upto(element.end)

    def _size_upto(self, place: int) -> int:
        return self._sizes[bisect_left(self._paragraphs, place, key=lambda one: one.element.at)]

    @cached_property
    def _sentences(self) -> list[_Paragraph]:
        """The page's paragraphs, but for short ones."""
        found = (_Paragraph(one, size(one.text)) for one in self._outline.all("p"))
        return [one for one in found if one.size >= SENTENCE]

    @cached_property
    def _paragraphs(self) -> list[_Paragraph]:
        """The story's: those in its section; all where there is none."""
        section = self.section
        return [one for one in self._sentences if section is None or section.holds(one.element)]

    @cached_property
    def _sizes(self) -> list[int]:
        """Of the story's text before each paragraph, and of all of it."""
        return [0, *accumulate(one.size for one in self._paragraphs)]


class Sections:
    """Finds the sectioning elements around others; what it has passed on the way it need not pass again."""

    def __init__(self) -> None:
        self._around: dict[Element | None, Element | None] = {None: None}

    def around(self, element: Element | None) -> Element | None:
        """The nearest sectioning element around, or the element itself."""
        passed: list[Element] = []
        while element is not None and element not in self._around:
            passed.append(element)
            if element.tag in _SECTIONS or role_among(element, _ROLES):
                self._around[element] = element
            else:
                element = element.parent
        found = self._around[element]
        self._around.update(dict.fromkeys(passed, found))
        return found


def role(section: Element) -> str:
    """What a sectioning element is, by its role before its name."""
    return role_among(section, _ROLES) or section.tag


def role_among(element: Element, roles: Collection[str]) -> str | None:
    """The first of the roles that an element lists which is one of these (WAI-ARIA 1.2, 8.1)."""
    said = element.get("role")
    return None if said is None else next((one for one in said.lower().split() if one in roles), None)


def size(text: str | None) -> int:
    """Bytes of UTF-8, white space counted once."""
    return len(" ".join((text or "").split()).encode("utf-8", "replace"))
