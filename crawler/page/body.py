"""The body of a story and its lead: which of a page's texts are its own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from crawler.items import Block, BlockKind
from crawler.page.boxes import Box, Boxes
from crawler.page.marks import ABOUT, LEAD, marks_of
from crawler.page.outline import Element, Outline
from crawler.page.pieces import Piece, read_pieces, size
from crawler.page.texts import text_of, tidy
from crawler.sites.options import PageOptions

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_STORY = frozenset({"article", "main"})
_NUMBER = re.compile(r"\d+")
_ITEMS = frozenset({"li", "dt", "dd"})
_GROUPS = {"list": ("ul", "ol", "dl"), "quote": ("blockquote",)}
_LEAST = 25
_LEAST_BARE = 60
"""Size of a text that counts as prose: in a paragraph of its own, and elsewhere."""
_LINKED = 0.5
"""Share of links from which on a text leads elsewhere."""
_SHORT = 50
_NOTE = 80
_STOPS = (".", "!", "?", "…", "。", "।", "።", "؟")
_ENDED = tuple(".!?…。！？؟።।:\"”»“'’)")
_TOLD = 200
"""Size of a body told to machines that can be the whole of it."""
_FADING = 0.8
_GAIN = 0.1
"""Share of more text of the same kind for which an element further out is taken."""


@dataclass(frozen=True, slots=True)
class Body:
    """A story's text, and where it lies."""

    blocks: tuple[Block, ...] = ()
    lead: str = ""
    box: Box | None = None
    """The element around its paragraphs."""
    pieces: tuple[Piece, ...] = field(default=(), repr=False)
    """All texts of the page, in its order."""

    def notes(self, root: Box) -> frozenset[str]:
        """Short lines in an element that are no sentences, such as credits; no bylines, captions or links."""
        short = (one for one in self.pieces if len(one.text) <= _NOTE and one.tag not in _HEADINGS)
        plain = (one for one in short if not one.text.endswith(_STOPS) and one.box.within(root))
        return frozenset(one.text for one in plain if not _is_named(one) and not _is_linked(one, root))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a page before its body is looked for."""

    headline: Element | None = None
    title: str = ""
    description: str = ""
    """What it says of itself to machines."""
    cards: frozenset[Element] = frozenset()
    """Where it shows other stories."""
    hints: PageOptions = field(default_factory=PageOptions)
    """What the site's profile says of its pages."""


def read_body(outline: Outline, boxes: Boxes, known: Known, said: str = "") -> Body:
    """The body of a page's story.

    *said* is the body as the page gives it to machines: it counts where the page shows much less.
    """
    shown = _shown(outline, boxes, known)
    told = [Block("paragraph", text) for line in re.split(r"[\r\n]+", said) if (text := tidy(line))]
    if 2 * _length(shown.blocks) < _length(told) and _length(told) >= _TOLD:
        return replace(shown, blocks=tuple(told))
    return shown


def _length(blocks: Sequence[Block]) -> int:
    return sum(size(block.text) for block in blocks)


def _shown(outline: Outline, boxes: Boxes, known: Known) -> Body:
    found = _without(read_pieces(outline, boxes, known.headline), known.cards)
    for one in found:
        least = _LEAST_BARE if one.bare else _LEAST
        prose = one.tag in ("p", "div", "section") and one.size >= least and one.linked < _LINKED
        one.good = prose and not _is_title(one.text, known.title)
    box = _container([one for one in found if one.good], boxes.of(known.headline) if known.headline else None)
    hinted = _hinted(outline, known.hints.body)
    box = boxes.of(hinted) if hinted is not None else box
    if box is None:
        return _short(found, known)
    inside = _inside(found, box, known)
    lead = _lead(found, inside, known.headline, known.description)
    summary = _hinted(outline, known.hints.lead)
    said = text_of(summary) if summary is not None else lead.text if lead else ""
    blocks = _blocks([one for one in inside if one.text != said])
    return Body(tuple(blocks), said, box, tuple(found))


def _short(found: Sequence[Piece], known: Known) -> Body:
    """A story of a few words: the sentences in paragraphs beside the headline in its article."""
    story = known.headline.closest(_STORY) if known.headline is not None else None
    if story is None:
        return Body(pieces=tuple(found))
    inside = [one for one in found if one.tag == "p" and story.holds(one.element) and one.text.endswith(_ENDED)]
    own = [one for one in inside if not one.box.marked and not ABOUT(marks_of(one.element)) and one.linked < _LINKED]
    lead = next((one.text for one in own if LEAD(marks_of(one.element))), "")
    blocks = tuple(Block("paragraph", one.text) for one in own if one.text not in (lead, known.title))
    return Body(blocks, lead, pieces=tuple(found))


def _inside(found: Sequence[Piece], box: Box, known: Known) -> list[Piece]:
    """The texts in an element that are the story's own."""
    inner = {one.box for one in found if one.box.within(box)}
    around = {outer for one in inner for outer in one.outers(box)}
    much = [one for one in around if 2 * one.total >= box.total]
    apart = _stories(around, box)
    own = {one for one in inner if apart.isdisjoint(one.outers(box)) and not _is_beside(one, box, much)}
    tags = {one: {outer.tag for outer in one.outers(box)} for one in own}
    texts = [one for one in found if one.box in own and not _is_title(one.text, known.title)]
    texts = [one for one in texts if not _is_headline(one, known.headline) and not ABOUT(marks_of(one.element))]
    for one in texts:
        one.kind = _kind(one, box, tags[one.box])
    return _trimmed([one for one in texts if one.kind])


def _stories(around: Collection[Box], box: Box) -> frozenset[Box]:
    """The articles in a story, where they are cards in it: the entries of a live ticker hold most of it."""
    articles = frozenset(one for one in around if one.tag == "article")
    return articles if 2 * sum(one.total for one in articles) < box.total else frozenset()


def _hinted(outline: Outline, selector: str) -> Element | None:
    return outline.selected(selector) if selector else None


def _without(pieces: list[Piece], cards: frozenset[Element]) -> list[Piece]:
    """The pieces that are in no card."""
    if not cards:
        return pieces
    within = {box: any(outer.element in cards for outer in box.outers()) for box in {one.box for one in pieces}}
    return [one for one in pieces if one.element not in cards and not within[one.box]]


def _is_title(text: str, title: str) -> bool:
    """Whether a text is the title, which may carry the site's name."""
    return 2 * len(text) > len(title) and title.startswith(text)


def _is_headline(one: Piece, headline: Element | None) -> bool:
    """Whether a text is the headline, or a heading around it."""
    if headline is None:
        return False
    return one.element is headline or (one.tag in _HEADINGS and one.element.holds(headline))


def _is_named(one: Piece) -> bool:
    """Whether a line is marked as a byline or a caption."""
    marks = marks_of(one.element)
    return "by" in marks.split() or any(name in f"{marks} {one.box.marks}" for name in ("byline", "caption"))


def _is_linked(one: Piece, root: Box) -> bool:
    return any(outer.tag == "a" for outer in one.box.outers(root))


def _container(good: Sequence[Piece], anchor: Box | None) -> Box | None:
    """The element that the story's paragraphs lie in."""
    direct: dict[Box, int] = defaultdict(int)
    for one in good:
        direct[one.box] += one.size
    if not direct:
        return None
    for inner, text in direct.items():
        for box in inner.outers():
            box.total += text
    boxes = list(dict.fromkeys(box for inner in direct for box in inner.outers()))
    whole = max(box.total for box in boxes)
    for inner, text in direct.items():
        weighed = score = text * _weight(inner, whole)
        for box in inner.outers():
            box.score += score
            box.weighed += weighed
            score *= _FADING
    story = next((box for box in anchor.outers() if box.tag == "article"), None) if anchor else None
    inside = story is not None and story.total * 5 > whole
    candidates = [box for box in boxes if not inside or (story is not None and box.within(story))]
    return _climbed(max(candidates, key=lambda box: box.score), boxes)


def _weight(box: Box, whole: int) -> float:
    """How likely text in an element is the story's: less in links, in lists, and beside the most of the text."""
    weight = 1.0
    for one in box.outers():
        if one.tag in ("a", "li"):
            return 0.2
        if one.is_body:
            return weight
        if one.total * 2 < whole and one.marked:
            weight = 0.2
    return weight


def _climbed(box: Box, boxes: Collection[Box]) -> Box:
    """The element around, as long as it has more of the same beside this one."""
    best = box
    while box.tag not in ("article", "main") and box.outer is not None and box.outer.tag not in ("body", "html"):
        children = [one for one in boxes if one.outer is box.outer]
        own = box.outer.weighed - sum(one.weighed for one in children)
        alike = sum(one.weighed for one in children if one is not box and one.likes(box))
        if alike + own > _GAIN * best.weighed:
            best = box.outer
        box = box.outer
    return best


def _is_beside(inner: Box, box: Box, much: Sequence[Box]) -> bool:
    """Whether an element lies in something that is marked as no part of the story and holds but little of it.

    What is made like something beside it that holds *much* is as much the story's.
    """
    around = takewhile(lambda outer: not outer.is_body, inner.outers(box))
    return any(outer.marked and outer not in much and not _has_twin(outer, much) for outer in around)


def _has_twin(box: Box, others: Sequence[Box]) -> bool:
    return any(box.outer is one.outer and box.likes(one) for one in others)


def _kind(one: Piece, box: Box, around: Collection[str]) -> BlockKind | None:
    """What a text is in the story, with these tags around it; None for what leads elsewhere, and for signs alone."""
    if not any(map(str.isalnum, one.text)):
        return None
    if one.tag in _HEADINGS:
        return "heading" if one.tag != "h1" and one.linked < _LINKED else None
    if "a" in around:
        return None
    if "dl" in around and not _lies_in(one.element, box.element):
        return None
    if one.tag in _ITEMS or not _ITEMS.isdisjoint(around):
        return "list" if one.linked < _LINKED else None
    if one.bare and not one.good and one.box is not box and not _is_set_off(one, box):
        return None
    if one.linked >= 0.8:
        return None
    return "quote" if one.tag == "blockquote" or "blockquote" in around else "paragraph"


def _is_set_off(one: Piece, box: Box) -> bool:
    """Whether a sentence alone fills an element beside the story's paragraphs."""
    alone = one.box.outer is box and one.box.element.has_one_child
    return alone and one.size >= _LEAST and one.text.endswith(_STOPS)


def _lies_in(element: Element, outer: Element) -> bool:
    """Whether the list of definitions that an element is of lies directly in another: elsewhere most are of data."""
    around = element.closest({"dl"})
    return around is not None and around.parent is outer


def _trimmed(inside: list[Piece]) -> list[Piece]:
    """Without what stands short and unended before the first prose or behind the last, and headings of nothing."""
    prose = [at for at, one in enumerate(inside) if one.good and (one.size >= _SHORT or one.text.endswith(_ENDED))]
    if not prose:
        return inside
    first, last = prose[0], prose[-1]
    likes = {_make(one) for one in inside[first : last + 1] if one.bare}
    kept = [
        one
        for at, one in enumerate(inside)
        if first <= at <= last or _stands_alone(one, before=at < first) or (at > last and _goes_on(one, likes))
    ]
    return [one for at, one in enumerate(kept) if one.tag not in _HEADINGS or _heads(one, kept[at + 1 : at + 2])]


def _stands_alone(one: Piece, *, before: bool) -> bool:
    if one.tag in _HEADINGS:
        return True
    return one.size >= _SHORT if before else one.size >= _SHORT or (one.text.endswith(_ENDED) and one.size >= 20)


def _goes_on(one: Piece, likes: Collection[tuple[str, str]]) -> bool:
    """Whether a sentence stands in an element of its own that is made like those of the prose before it."""
    return one.bare and one.text.endswith(_ENDED) and _make(one) in likes


def _make(one: Piece) -> tuple[str, str]:
    return one.tag, _NUMBER.sub("", one.element.get("class") or "")


def _heads(heading: Piece, rest: Sequence[Piece]) -> bool:
    """Whether something follows a heading, before the next one of its rank."""
    if not rest:
        return False
    return rest[0].tag not in _HEADINGS or rest[0].tag > heading.tag


def _lead(found: Sequence[Piece], inside: Sequence[Piece], anchor: Element | None, description: str) -> Piece | None:
    """The summary above the body: what is marked as such, says what the description says, or stands there alone."""
    start = next((at for at, one in enumerate(found) if _is_headline(one, anchor)), -1)
    body = next((one for one in inside if one.tag not in _HEADINGS), None)
    end = next((at for at, one in enumerate(found) if one is body), len(found))
    above = [one for one in found[start + 1 : end] if one.size >= 30 and one.linked < _LINKED] if start >= 0 else []
    firsts = [one for one in inside[:2] if one.tag not in _HEADINGS]
    words = set(description.casefold().split())
    for one in (*above, *firsts):
        if LEAD(marks_of(one.element)) or LEAD(one.box.marks):
            return one
    for one in above:
        said = set(one.text.casefold().split())
        if words and len(said & words) * 2 > min(len(words), len(said)):
            return one
    return next((one for one in above if one.size >= 80 and not one.box.marked and one.tag != "li"), None)


def _blocks(inside: Sequence[Piece]) -> Iterator[Block]:
    """The pieces as blocks; those of one list or quotation make one."""
    last: tuple[BlockKind, Element | None] | None = None
    lines: list[str] = []
    for one in inside:
        assert one.kind is not None
        group = (one.kind, _group(one))
        if lines and (last is None or group != last or group[1] is None):
            assert last is not None
            yield Block(last[0], "\n".join(lines))
            lines = []
        lines.append(one.text)
        last = group
    if lines and last is not None:
        yield Block(last[0], "\n".join(lines))


def _group(one: Piece) -> Element | None:
    """The outermost list or quotation that a piece is of."""
    tags = _GROUPS.get(one.kind or "", ())
    return next((outer for outer in reversed(list(one.element.outers())) if outer.tag in tags), None)
