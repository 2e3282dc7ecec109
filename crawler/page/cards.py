"""Related cards: other stories as a page shows them, below its own or beside it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.items import Card, Picture
from crawler.page.boxes import Boxes
from crawler.page.captions import is_credit, whose
from crawler.page.marks import LEAD, any_of, marks_of
from crawler.page.outline import Element, Outline
from crawler.page.pictures import picture_of
from crawler.page.texts import UNSEEN, text_of, tidy

_SENTENCE = frozenset({"p", "blockquote", "figcaption", "h1"})
_WHOLE = frozenset({"section", "main", "body", "html", "ul", "ol", "nav", "aside", "table", "tbody"})
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_CREDIT = any_of("credits?", "copyright", "photographer", "(?:image|photo)-?(?:source|credit)")
_BYLINE = any_of("by", "by-?lines?", "authors?", "writers?")
_UNSAID = frozenset({"script", "style", "noscript", "template", "svg", "button", "picture", "img", "time", "iframe"})
_TOLD = frozenset({"address", "footer", "p"})
"""Elements by which their texts are known."""
_BYLINE_LENGTH = 80
_SUMMARY_LENGTH = 40
"""Bytes from which on a text is a summary by its length alone."""
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "።", "؟")
_HEADING_LENGTH = 80
_PROSE = 150
"""Characters of a paragraph; a card has no two of them."""
_UP = 3

Judge = Callable[[str], str | None]
"""The normalised URL of an article that a link's href leads to; None for other links."""


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of a page."""

    heading: str = ""
    """What stands above the first list of them."""
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class _Segment:
    text: str
    marks: str
    tag: str


def find_cards(outline: Outline, boxes: Boxes, judge: Judge, anchor: Element | None) -> dict[str, Element]:
    """Where the cards are of the page whose headline is *anchor*, by the story's URL, in the page's order.

    A card is the largest element that leads to one story alone.
    """
    links = list(_links(outline, boxes, judge))
    found: dict[str, Element] = {}
    for link, url in links:
        if url not in found:
            found[url] = _card(link, url, links, anchor)
    return found


def read_cards(found: Mapping[str, Element], judge: Judge, base: str, credits: Iterable[str]) -> Cards:
    """What the cards say; *credits* are what the page's pictures are credited with: on a card it is one, too."""
    known = set(credits)
    cards = []
    for url, element in found.items():
        picture = picture_of(element, base)
        if picture is not None and picture.credit:
            known.add(picture.credit)
        cards.append(_read(element, url, judge, picture, known))
    return Cards(_heading(next(iter(found.values()))) if found else "", tuple(cards))


def _links(outline: Outline, boxes: Boxes, judge: Judge) -> Iterator[tuple[Element, str]]:
    """The links that stand for a whole story: in the content, and no part of a sentence."""
    for link in outline.body.inner("a") if outline.body is not None else ():
        url = judge((link.get("href") or "").strip())
        if url is None or boxes.of(link).is_frame:
            continue
        sentence = link.closest(_SENTENCE)
        if sentence is None or tidy(sentence.text) == tidy(link.text):
            yield link, url


def _card(link: Element, url: str, links: Sequence[tuple[Element, str]], anchor: Element | None) -> Element:
    """The largest element around a link that leads to its story alone and is no list or section of the page."""
    card = link
    while (outer := card.parent) is not None and outer.tag not in _WHOLE:
        if (anchor is not None and outer.holds(anchor)) or _leads_elsewhere(outer, url, links) or _is_prose(outer):
            break
        card = outer
        if outer.tag in ("article", "li"):
            break
    return card


def _leads_elsewhere(element: Element, url: str, links: Sequence[tuple[Element, str]]) -> bool:
    """Whether one of the page's links, which are given in its order, is in an element and leads to another story."""
    first = bisect_left(links, element.at, key=lambda one: one[0].at)
    for at in range(first, len(links)):
        link, other = links[at]
        if link.at >= element.end:
            return False
        if other != url:
            return True
    return False


def _is_prose(element: Element) -> bool:
    """Whether an element says more than a card does."""
    if len(element.text) < 2 * _PROSE:
        return False
    long = (one for one in element.inner("p") if len(tidy(one.text)) >= _PROSE)
    return sum(1 for _ in long) > 1 or len(tidy(element.text)) > 10 * _PROSE


def _read(card: Element, url: str, judge: Judge, picture: Picture | None, credits: set[str]) -> Card:
    segments: list[_Segment] = []
    _gather(card, marks_of(card), card.tag, segments)
    title = _title(card, judge)
    rest = [one for one in segments if one.text not in (title, picture.caption if picture else "")]
    credit = [one for one in rest if one.text in credits or _CREDIT(one.marks) or is_credit(one.text)]
    rest = [one for one in rest if one not in credit]
    summary = _summary(rest)
    byline = _byline([one for one in rest if one is not summary])
    line, ending = _split(byline, credits)
    named = whose(credit[0].text) if credit else ending
    if picture is not None and not picture.credit:
        picture = replace(picture, credit=named)
    said = picture.credit if picture is not None else named
    return Card(url, title, summary.text if summary else "", line, picture, said)


def _title(card: Element, judge: Judge) -> str:
    """What the card calls the story: its heading, else what its link is called, else the link's own words."""
    heading = card.first(*_HEADINGS)
    if heading is not None and (text := text_of(heading)):
        return text
    links = [card] if card.tag == "a" else card.inner("a")
    links = [one for one in links if judge((one.get("href") or "").strip())]
    for name in ("title", "aria-label"):
        for link in links:
            if text := tidy(link.get(name)):
                return text
    return next((text for link in links if not link.has({"p", "div"}) and (text := text_of(link))), "")


def _summary(rest: Sequence[_Segment]) -> _Segment | None:
    """What is marked as a summary; else the longest text, if it is long enough or a sentence in a paragraph."""
    marked = next((one for one in rest if LEAD(one.marks) and not _BYLINE(one.marks)), None)
    longest = max(rest, key=lambda one: len(one.text.encode()), default=None)
    if marked is not None or longest is None:
        return marked
    sentence = longest.tag == "p" and longest.text.endswith(_ENDS) and not _BYLINE(longest.marks)
    return longest if sentence or len(longest.text.encode()) >= _SUMMARY_LENGTH else None


def _byline(rest: Sequence[_Segment]) -> str:
    marked = next((one.text for one in rest if _BYLINE(one.marks) or one.tag in ("address", "footer")), "")
    short = (one.text for one in rest if len(one.text) <= _BYLINE_LENGTH and any(map(str.isalpha, one.text)))
    return marked or next(short, "")


def _split(byline: str, credits: set[str]) -> tuple[str, str]:
    """A byline without the credit at its end, and that."""
    for credit in sorted(credits, key=len, reverse=True):  # of one length no two can end it
        if credit and byline != credit and byline.endswith(credit):
            return byline.removesuffix(credit).rstrip(), credit
    return byline, ""


def _gather(element: Element, marks: str, tag: str, found: list[_Segment]) -> None:
    """The texts of a card, one for each element that holds one itself."""
    parts: list[str] = []

    def flush() -> None:
        if text := tidy("".join(parts)):
            found.append(_Segment(text, marks, tag))
        parts.clear()

    for child in element.nodes:
        if isinstance(child, Element):
            if child.tag not in _UNSAID:
                flush()
                inner = child.tag if child.tag in _TOLD else tag
                _gather(child, marks_of(child) or marks, inner, found)
        else:
            parts.append(child)
    flush()


def _heading(first: Element) -> str:
    """The short text before the first card, beside it or beside what it lies in."""
    node: Element | None = first
    for _ in range(_UP):
        if node is None or node.tag in ("main", "body"):
            return ""
        before = next((one for one in node.befores if one.tag not in _UNSAID), None)
        if before is not None:
            text = "" if _says_much(before) else text_of(before)
            return text if 0 < len(text) <= _HEADING_LENGTH else ""
        node = node.parent
    return ""


def _says_much(element: Element) -> bool:
    """Whether a paragraph in an element says more than a heading: most often the first does."""
    seen = (one for one in element.inner("p") if one.is_leaf and one.closest(UNSEEN) is None)
    return any(len(tidy(one.text)) > _HEADING_LENGTH for one in seen)
