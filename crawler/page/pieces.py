"""The texts of a page's blocks, in its order: what may be part of a story."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.items import BlockKind
from crawler.page.boxes import Box, Boxes
from crawler.page.outline import Element, Outline
from crawler.page.texts import paragraphs_of, said_by, stretches, tidy

_INNER = (
    "div p ul ol dl table section article aside h1 h2 h3 h4 figure form header footer nav input iframe picture img "
    "button script style svg blockquote"
).split()
_PIECES = "p h1 h2 h3 h4 h5 h6 li dt dd blockquote div section br".split()
_ITEMS = frozenset({"li", "dt", "dd"})
_LISTS = frozenset({"ul", "ol", "dl"})
_BOXES = _ITEMS | {"div", "section"}
"""Of these, those that say something themselves: there is no other block in them, nor anything that is no text."""
_MAIN = 1_000
"""Size of the paragraphs of a page's main part that is all there is to look at."""


@dataclass(slots=True)
class Piece:
    """A text that may be part of the story."""

    element: Element
    tag: str
    text: str
    box: Box
    """What it lies in."""
    bare: bool = False
    """Whether it stands in no paragraph of its own."""
    size: int = 0
    """How much it says."""
    good: bool = False
    """Whether it is prose."""
    kind: BlockKind | None = None
    """What it is in the story; None for what is no part of it."""
    _linked: float = -1.0

    def __post_init__(self) -> None:
        self.size = size(self.text)

    @property
    def linked(self) -> float:
        """The share of its text that links hold."""
        if self._linked < 0:
            self._linked = _linked(self.element, self.text)
        return self._linked


def size(text: str) -> int:
    """How much a text says, in letters; those of scripts that write a syllable or a word with one count more."""
    return len(text) if text.isascii() else max(len(text), len(text.encode("utf-8", "replace")) // 2)


def read_pieces(outline: Outline, boxes: Boxes, anchor: Element | None) -> list[Piece]:
    """The texts of the page's main part, if the headline is in one that says enough; else of all the page."""
    main = _main(anchor) if anchor is not None else None
    found = list(_pieces(outline, main, boxes)) if main is not None else []
    if sum(one.size for one in found if one.tag == "p") >= _MAIN or outline.body is None:
        return found
    return list(_pieces(outline, outline.body, boxes))


def _main(anchor: Element) -> Element | None:
    return next((one for one in anchor.outers() if one.tag == "main" or one.says("role", "main")), None)


def _pieces(outline: Outline, scope: Element, boxes: Boxes) -> Iterator[Piece]:
    """The texts of an element's blocks, in their order, but for those in navigation, pictures and the like."""
    own: set[Element] = set()
    runs: dict[Element, list[Element | str]] = {}
    for element in _blocks(outline, scope):
        parent = element.parent
        if parent is None or parent in own:
            continue
        box = boxes.of(parent)
        if element.tag == "br":
            if not box.apart and not any(outer.element in own for outer in box.outers()):
                yield from _around(element, box, own, runs)
            continue
        if element.tag in _ITEMS and element.has(_LISTS):
            if not box.apart:
                yield from _above_lists(element, box)
            continue
        own.add(element)
        if not box.apart:
            bare = element.tag in ("div", "section")
            yield from (Piece(element, element.tag, text, box, bare) for text in paragraphs_of(element))


def _blocks(outline: Outline, scope: Element) -> Iterator[Element]:
    """The elements in an element that are blocks of text."""
    inner = outline.places(*_INNER)
    for one in scope.inner(*_PIECES):
        if one.tag in _BOXES and not (one.tag in _ITEMS and one.has(_LISTS)):
            at = bisect_right(inner, one.at)
            if at < len(inner) and inner[at] < one.end:
                continue
        elif one.tag == "blockquote" and one.has({"p", "div"}):
            continue
        yield one


def _around(br: Element, box: Box, own: set[Element], runs: dict[Element, list[Element | str]]) -> Iterator[Piece]:
    """The texts around a line break that stands in no paragraph; *runs* are known by the line breaks in them."""
    if br not in runs:
        for run in stretches(box.element):
            runs.update((one, run) for one in run if isinstance(one, Element) and one.tag == "br")
    run = runs[br]
    if br not in own:
        own.update(one for one in run if isinstance(one, Element) and (one is run[0] or one.tag == "br"))
        yield from (Piece(br, "div", text, box, True) for text in said_by(run))


def _above_lists(item: Element, box: Box) -> Iterator[Piece]:
    """What an item of a list says itself, beside the lists in it."""
    for run in stretches(item):
        links = [one for one in run if isinstance(one, Element) and (one.tag == "a" or one.has({"a"}))]
        inside = sum(len(tidy(one.text)) for one in links)
        for text in said_by(run):
            yield Piece(item, item.tag, text, box, _linked=inside / max(1, len(text)))


def _linked(element: Element, text: str) -> float:
    inside = sum(len(tidy(one.text)) for one in element.inner("a")) if not element.is_leaf else 0
    return inside / max(1, len(text))
