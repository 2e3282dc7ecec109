"""Labels of an edition, learnt from its pages: words that recur over them, each time in the same part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from crawler.labels.label import Kind, Label, surely
from crawler.labels.notice import Notice, find_notice
from crawler.labels.sheet import Sheet, is_part
from crawler.labels.sightings import FEWEST, SHORT, Sightings

_CARDS_APART = 2
"""Lines between the headline and the heading of the related cards, at the least."""


_SOME = 3
"""A credit stands under a picture on one in three of its pages: some have none and show it under the headline."""


def learn(sheets: Sequence[Sheet]) -> tuple[Label, ...]:
    """The labels of one edition, from pages of it; by kind, those on most pages first.

    Words are a label if they stand on more than half of the pages, and

    - credit: under a picture, whose alt text is another each time;
    - byline: beside a credit on one line, or on lines of their own several times a page or next to the headline;
    - related: once a page, before the run of cards, which repeats credits and bylines;
    - cookie notice: in the lines with which the pages end (or begin), of which the longest is its text.

    Of one or two pages the parts are told in the same way by what recurs within a page; the confidence says how
    little that is.
    """
    if not sheets:
        return ()
    seen = Sightings(sheets)
    notice = find_notice(_ends(sheets), seen.least)
    found: dict[Kind, Collection[str]] = {}
    taken = {notice.title, notice.text, *notice.refusals} if notice else set()
    found["credit"] = _credits(seen, taken)
    found["byline"] = _bylines(seen, taken, found["credit"])
    if not found["credit"]:
        found["credit"] = _under_the_headline(seen, found["byline"])
        found["byline"] = [text for text in found["byline"] if text not in found["credit"]]
    found["related"] = _related(seen, taken, [*found["credit"], *found["byline"]])
    return tuple(_told(seen, found | _words(notice)))


def _words(notice: Notice | None) -> dict[Kind, Collection[str]]:
    if notice is None:
        return {}
    title = [notice.title] if notice.title else []
    return {"cookie_title": title, "cookie_text": [notice.text], "cookie_refusal": notice.refusals}


def _told(seen: Sightings, found: Mapping[Kind, Iterable[str]]) -> Iterator[Label]:
    of = len(seen.sheets)
    for kind, texts in found.items():
        counted = sorted((-seen.on(text), text) for text in texts)
        yield from (Label(kind, text, -pages, of, surely(-pages, of)) for pages, text in counted)


def _ends(sheets: Sequence[Sheet]) -> Sequence[Sheet]:
    """Of a single page, all of which is the same on all pages: its last three lines, if two are one block."""
    if len(sheets) > 1:
        return sheets
    last = sheets[0].lines[-3:]
    return [Sheet("", last if last and not last[-1].alone else ())]


def _credits(seen: Sightings, taken: Collection[str]) -> list[str]:
    found = [text for text, pages in seen.under_pictures.items() if _SOME * pages >= seen.pages[text]]
    return [text for text in found if text not in taken and seen.repeats(text)]


def _bylines(seen: Sightings, taken: Collection[str], credits: Collection[str]) -> list[str]:
    beside = {rest for line in seen.pages for credit in credits if (rest := _beside(line, credit))}
    found = {text for text in beside if seen.on(text) >= seen.least}
    found |= {text for text in seen.pages if seen.repeats(text) and _is_byline(seen, text)}
    found -= {*taken, *credits, *(sheet.title for sheet in seen.sheets)}
    return [text for text in found if not any(text != one and is_part(one, text) for one in (*found, *credits))]


def _beside(line: str, credit: str) -> str:
    """What stands on a line beside a credit."""
    if line == credit or len(line.encode()) > SHORT or not is_part(credit, line):
        return ""
    return line.removesuffix(f" {credit}") if line.endswith(credit) else line.removeprefix(f"{credit} ")


def _is_byline(seen: Sightings, text: str) -> bool:
    return seen.times(text) >= 2 * seen.pages[text] or seen.at_headline[text] >= seen.least


def _under_the_headline(seen: Sightings, bylines: Iterable[str]) -> list[str]:
    """Where pictures have nothing under them, the credit can stand under the headline, and the picture before it."""

    def is_credit(text: str) -> bool:
        return seen.least <= sum(_has_picture_above(sheet, text) for sheet in seen.sheets)

    return [text for text in bylines if is_credit(text)]


def _has_picture_above(sheet: Sheet, text: str) -> bool:
    at = sheet.headline_at
    return at is not None and at > 0 and [line.text for line in sheet.lines[at + 1 : at + 2]] == [text]


def _related(seen: Sightings, taken: Collection[str], of_cards: Collection[str]) -> list[str]:
    """The line with most labels of cards behind it, among those that stand once a page and behind the headline."""
    signs: Counter[str] = Counter()
    for sheet in seen.sheets:
        behind = 0
        for line in reversed(sheet.lines[(sheet.headline_at or 0) + _CARDS_APART :]):
            behind += any(is_part(label, line.text) for label in of_cards)
            if line.alone and sheet.counts[line.text] == 1 and line.text not in taken:
                signs[line.text] += behind
    heads = [text for text in signs if signs[text] and seen.recurs(text) and len(text.encode()) <= SHORT]
    if len(seen.sheets) < FEWEST:
        heads = [text for text in heads if _is_before_a_picture(seen.sheets, text, of_cards)]
    return sorted(heads, key=lambda text: (-signs[text], text))[:1]


def _is_before_a_picture(sheets: Iterable[Sheet], text: str, of_cards: Collection[str]) -> bool:
    """Whether a line stands right before an alt text with its credit."""
    for sheet in sheets:
        for line, _, under in zip(sheet.lines, sheet.lines[1:], sheet.lines[2:], strict=False):
            if line.text == text and under.ends_picture and under.text in of_cards:
                return True
    return False
