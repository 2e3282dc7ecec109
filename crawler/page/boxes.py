"""The elements around what a page says: what each is, by its tag, its role and the words it is marked with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.page.marks import BESIDE, BODY, marks_of
from crawler.page.outline import Element

_APART = frozenset("nav footer button figure figcaption dialog select noscript template picture video iframe".split())
_FRAME = frozenset({"nav", "header", "footer", "dialog"})
_APART_ROLES = frozenset(
    "navigation contentinfo banner dialog alertdialog search menu menubar figure tablist".split()
)
_SIDE_TAGS = frozenset("aside form label table header".split())
_SIDE_ROLES = frozenset({"complementary", "note"})
_NUMBER = re.compile(r"\d+")
_WHOLE = frozenset({"html", "body", "main", "article"})


class Box:
    """An element around text, seen with what is around it in its turn."""

    __slots__ = (
        "_body",
        "_marked",
        "_marks",
        "apart",
        "depth",
        "element",
        "outer",
        "score",
        "tag",
        "total",
        "weighed",
    )

    def __init__(self, element: Element, outer: Box | None) -> None:
        self.element = element
        self.outer = outer
        self.tag = element.tag
        self.depth: int = outer.depth + 1 if outer else 0
        self.apart: bool = (
            (outer is not None and outer.apart) or self.tag in _APART or element.get("role") in _APART_ROLES
        )
        self.weighed = 0.0
        self.total = 0
        self.score = 0.0
        self._marks: str | None = None
        self._marked: bool | None = None
        self._body: bool | None = None

    @property
    def is_frame(self) -> bool:
        """Whether it lies in the page's navigation, header, footer or a dialog."""
        return any(one.tag in _FRAME or one.element.get("role") in _APART_ROLES for one in self.outers())

    @property
    def marks(self) -> str:
        """What it is marked with, for machines and styles."""
        if self._marks is None:
            self._marks = marks_of(self.element)
        return self._marks

    @property
    def marked(self) -> bool:
        """Whether it is marked as something beside a story: a signal, and no more."""
        if self._marked is None:
            self._marked = self.tag in _SIDE_TAGS or _is_side(self.element) or self._is_marked_beside()
        return self._marked

    def _is_marked_beside(self) -> bool:
        if self.tag in _WHOLE or not self.marks:
            return False
        return BESIDE(self.marks) and not self.is_body

    @property
    def is_body(self) -> bool:
        """Whether it is marked as a story's body."""
        if self._body is None:
            self._body = bool(self.marks) and BODY(self.marks)
        return self._body

    def outers(self, until: Box | None = None) -> Iterator[Box]:
        """It and all around it, from inside, as far as *until*."""
        box: Box | None = self
        while box is not None and box is not until:
            yield box
            box = box.outer

    def likes(self, other: Box) -> bool:
        """Whether two elements are made alike: the same tag, and the same first mark but for its numbers."""
        return self.tag == other.tag and self._first_mark() == other._first_mark()

    def _first_mark(self) -> str:
        return _NUMBER.sub("", (self.element.get("class") or "").partition(" ")[0])

    def within(self, outer: Box) -> bool:
        """Whether it is that box, or in it."""
        box: Box | None = self
        while box is not None and box.depth > outer.depth:
            box = box.outer
        return box is outer


class Boxes:
    """The boxes of one page, each made when it is first asked for."""

    def __init__(self) -> None:
        self._known: dict[Element, Box] = {}

    def of(self, element: Element) -> Box:
        """The box that an element is."""
        known = self._known.get(element)
        if known is not None:
            return known
        way: list[Element] = []
        node: Element | None = element
        box: Box | None = None
        while node is not None:
            box = self._known.get(node)
            if box is not None:
                break
            way.append(node)
            node = node.parent
        for one in reversed(way):
            box = Box(one, box)
            self._known[one] = box
        assert box is not None
        return box


def _is_side(element: Element) -> bool:
    return element.get("role") in _SIDE_ROLES or element.get("aria-hidden") == "true" or element.gives("hidden")
