"""A page's elements and texts as two flat lists, taken from its tree in one go."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from heapq import merge
from itertools import accumulate

from resiliparse.parse.html import ElementNodeList, HTMLTree

_VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split()
)
_RAW = frozenset("script style iframe noembed noframes plaintext xmp".split())
"""Elements whose text is written as it is (HTML, 13.3)."""
_NO_NAME = re.compile(r"[^\w-]")
"""What names in selectors do not hold, but XML's names do."""
_FEW = 50
"""Elements that are looked through faster than looked up."""


class Outline:
    """A page's elements and texts, each in the page's order.

    A look at a node of a parser's tree costs two microseconds and a selector ten, and the rules that read a page look
    at most of its nodes, many times. So the tree is written out as HTML, in which everything is said and everything
    is closed (HTML, 13.3), and that is taken apart once: an element is then a range of the lists, and what is in it
    a slice of them.
    """

    def __init__(self, tree: HTMLTree) -> None:
        self.elements: list[Element] = []
        self.texts: list[str] = []
        """A comment is an empty one."""
        self.depth = 0
        """How many elements lie within one another."""
        self.title = tree.title or ""
        self._document = tree.document
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        """Of the elements of each tag."""
        if self._document is not None:
            self._take_apart(self._document.html)
        self.body = self.first("body")

    def let_go(self) -> None:
        """Let go of the parser's tree, once all is read: nothing is selected or marked any more.

        Outline and elements know each other, so that the garbage collector takes them, in whichever thread it runs;
        a node of the tree can be dropped in its own alone.
        """
        self._document = None

    def all(self, *tags: str) -> list[Element]:
        """The elements of these tags."""
        return self.within(0, len(self.elements), tags)

    def first(self, tag: str) -> Element | None:
        """The first element of a tag."""
        places = self._places.get(tag)
        return self.elements[places[0]] if places else None

    def having(self, attribute: str) -> list[Element]:
        """The elements that have an attribute."""
        return self.tagged(f' {attribute}="')

    def tagged(self, *words: str) -> list[Element]:
        """The elements whose tags hold one of these words, in lower case."""
        found = {at for word in words for at in self._tagged(word)}
        return [self.elements[at] for at in sorted(found)]

    def _tagged(self, word: str) -> Iterator[int]:
        tags, starts = self._tags
        start = tags.find(word)
        while start >= 0:
            at = bisect_right(starts, start)
            yield at
            start = tags.find(word, starts[at]) if at < len(starts) else -1

    @cached_property
    def _tags(self) -> tuple[str, list[int]]:
        """All tags in lower case, and where each but the first begins: one look through it costs a fiftieth of one
        through all elements.
        """
        tags = [one.said.lower() for one in self.elements]
        return "\n".join(tags), list(accumulate(len(tag) + 1 for tag in tags[:-1]))

    def selected(self, selector: str) -> Element | None:
        """The first element that a CSS selector selects."""
        node = self._document.query_selector(selector) if self._document is not None else None
        if node is None:
            return None
        tag = node.tag or ""
        return self.all(tag)[list(self._nodes([tag]).values()).index(node)]

    def mark(self, elements: Sequence[Element], attribute: str) -> None:
        """Give elements an attribute in the tree, too."""
        tags = list({one.tag for one in elements})
        if not tags:
            return
        nodes, places = self._nodes(tags), self.places(*tags)
        for one in elements:
            node = nodes.item(bisect_left(places, one.at))
            if node is not None:
                node.set_attribute(attribute, "")

    def _nodes(self, tags: Iterable[str]) -> ElementNodeList:
        """The nodes of the elements of these tags, in the page's order."""
        assert self._document is not None
        return self._document.query_selector_all(", ".join(_NO_NAME.sub(r"\\\g<0>", tag) for tag in tags))

    def places(self, *tags: str) -> list[int]:
        """Where the elements of these tags are."""
        return sorted(at for places in self._of(tags) for at in places)

    def within(self, start: int, end: int, tags: Iterable[str]) -> list[Element]:
        """The elements of these tags in a range."""
        found = [places[bisect_left(places, start) : bisect_left(places, end)] for places in self._of(tags)]
        return [self.elements[at] for at in (found[0] if len(found) == 1 else merge(*found))]

    def has_within(self, start: int, end: int, tags: Iterable[str]) -> bool:
        """Whether there is any."""
        nexts = ((places, bisect_left(places, start)) for places in self._of(tags))
        return any(at < len(places) and places[at] < end for places, at in nexts)

    def _of(self, tags: Iterable[str]) -> list[list[int]]:
        return [self._places[tag] for tag in tags if tag in self._places]

    def _take_apart(self, html: str) -> None:
        """Fill the lists. What looks like a tag is one: elsewhere ``<`` and ``>`` are escaped."""
        elements, texts, places = self.elements, self.texts, self._places
        inner: Element | None = None
        depth = deepest = 0
        pieces = iter(html.split("<"))
        next(pieces)
        for piece in pieces:
            head, ended, text = piece.partition(">")
            if not ended:  # a comment can hold what looks like the beginning of a tag, and so can a name
                head, text = _upto(">", piece, pieces)
            if head[0] == "/":
                if inner is not None and head[1:] == inner.tag:
                    inner.end, inner.close = len(elements), len(texts)
                    if inner.tag == "template":
                        self._empty(inner)
                    inner = inner.parent
                    depth -= 1
            elif head[0] in "!?":
                texts.append("")
                if head.startswith("!--"):
                    text = _upto("-->", f"{head}>{text}", pieces)[1]
            else:
                tag = head.partition(" ")[0]
                one = Element(self, tag, head, inner, len(elements), len(texts))
                places[tag].append(one.at)
                elements.append(one)
                if depth == deepest:
                    deepest += 1
                if tag in _RAW:
                    raw, text = _raw(tag, text, pieces)
                    texts.append(raw)
                    one.close += 1
                elif tag not in _VOID:
                    inner = one
                    depth += 1
            if text:
                texts.append(_plain(text) if "&" in text else text)
        self.depth = deepest

    def _empty(self, template: Element) -> None:
        """Leave out what is in a template: it is no part of the page."""
        for places in self._places.values():
            del places[bisect_right(places, template.at) :]
        template.end, template.close = template.at + 1, template.begin
        del self.elements[template.end :], self.texts[template.close :]


class Element:
    """An element of a page: its place in the lists, and that of what is in it."""

    __slots__ = ("_outline", "at", "begin", "close", "end", "parent", "said", "tag")

    def __init__(self, outline: Outline, tag: str, said: str, parent: Element | None, at: int, begin: int) -> None:
        self._outline = outline
        self.tag = tag
        self.said = said
        """Its tag, as written."""
        self.parent = parent
        self.at = at
        """Its place among the page's elements; those in it follow, before the place *end*."""
        self.end = at + 1
        self.begin = begin
        """Where its texts begin among the page's; they are those before the place *close*."""
        self.close = begin

    def get(self, attribute: str) -> str | None:
        """What an attribute says; None where there is none of that name."""
        start = f' {attribute}="'  # no value holds that: in values quotation marks are escaped
        at = self.said.find(start)
        if at < 0:
            return None
        at += len(start)
        return _plain(self.said[at : self.said.index('"', at)])

    def gives(self, attribute: str) -> bool:
        """Whether it has an attribute of that name."""
        return f' {attribute}="' in self.said

    def says(self, attribute: str, *values: str) -> bool:
        """Whether an attribute is one of these values, in lower case."""
        said = self.get(attribute)
        return said is not None and said.lower() in values

    def lists(self, attribute: str, value: str) -> bool:
        """Whether a value, in lower case, is among those that an attribute lists."""
        return value in (self.get(attribute) or "").lower().split()

    @property
    def text(self) -> str:
        """All text in it, that of scripts and styles too."""
        return "".join(self._outline.texts[self.begin : self.close])

    @property
    def is_leaf(self) -> bool:
        """Whether there is no element in it."""
        return self.end == self.at + 1

    @property
    def has_one_child(self) -> bool:
        """Whether one element is directly in it."""
        return not self.is_leaf and self._outline.elements[self.at + 1].end == self.end

    @property
    def all(self) -> list[Element]:
        """The elements in it."""
        return self._outline.elements[self.at + 1 : self.end]

    def tagged(self, *words: str) -> list[Element]:
        """Those of them whose tag holds one of these words, in lower case."""
        return [one for one in self._outline.tagged(*words) if self.at < one.at < self.end]

    @property
    def children(self) -> Iterator[Element]:
        """The elements directly in it."""
        elements, at = self._outline.elements, self.at + 1
        while at < self.end:
            yield (child := elements[at])
            at = child.end

    @property
    def nodes(self) -> Iterator[Element | str]:
        """The elements and texts directly in it."""
        texts, begin = self._outline.texts, self.begin
        for child in self.children:
            yield from texts[begin : child.begin]
            yield child
            begin = child.close
        yield from texts[begin : self.close]

    @property
    def befores(self) -> list[Element]:
        """The elements before it in the same parent, the nearest first."""
        siblings = self.parent.children if self.parent is not None else iter(())
        return [one for one in siblings if one.at < self.at][::-1]

    def outers(self) -> Iterator[Element]:
        """It and all around it, from inside."""
        one: Element | None = self
        while one is not None:
            yield one
            one = one.parent

    def closest(self, tags: Collection[str]) -> Element | None:
        """The nearest of these tags: it, or what is around it."""
        return next((one for one in self.outers() if one.tag in tags), None)

    def holds(self, other: Element) -> bool:
        """Whether it is that element, or that is in it."""
        return self.at <= other.at < self.end and self._outline is other._outline

    def inner(self, *tags: str) -> list[Element]:
        """The elements of these tags in it, in the page's order."""
        if self.end - self.at <= _FEW:
            return [one for one in self.all if one.tag in tags]
        return self._outline.within(self.at + 1, self.end, tags)

    def first(self, *tags: str) -> Element | None:
        """The first of them."""
        return next(iter(self.inner(*tags)), None)

    def has(self, tags: Collection[str]) -> bool:
        """Whether an element of one of these tags is in it."""
        if self.end - self.at <= _FEW:
            return any(one.tag in tags for one in self.all)
        return self._outline.has_within(self.at + 1, self.end, tags)


def _plain(text: str) -> str:
    """A text as it is, without its escapes (HTML, 13.3)."""
    if "&" not in text:
        return text
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&nbsp;", "\xa0")
    return text.replace("&amp;", "&")


def _upto(mark: str, piece: str, pieces: Iterator[str]) -> tuple[str, str]:
    """What stands before a mark, and what behind it, in this piece or one of the next."""
    parts = []
    while mark not in piece and (more := next(pieces, None)) is not None:
        parts.append(piece)
        piece = more
    before, _, behind = piece.partition(mark)
    return "<".join((*parts, before)), behind


def _raw(tag: str, piece: str, pieces: Iterator[str]) -> tuple[str, str]:
    """What an element holds as it is, and what stands behind it.

    The end tag of a script is not its own in a comment in which another script begins (HTML, 13.2.5.29).
    """
    end, parts = f"/{tag}>", [piece]
    in_comment = in_other = False
    for more in pieces:
        if more.startswith(end) and not in_other:
            return "<".join(parts), more[len(end) :]
        parts.append(more)
        in_comment = (in_comment or (tag == "script" and more.startswith("!--"))) and "-->" not in more
        in_other = in_comment and (more.startswith("script") or (in_other and not more.startswith("/script")))
    return "<".join(parts), ""
