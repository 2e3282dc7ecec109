"""The notice that opens or ends every page: its title, its text, and the words that refuse it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from crawler.labels.sheet import Line, Sheet

SENTENCE = 60
"""A short one's size, in bytes of UTF-8."""

_LONGEST = 12
"""Lines of a notice: what goes on for longer is no notice, but a site whose pages are all alike."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Its lines; what it does not have is empty."""

    title: str
    text: str
    refusals: tuple[str, ...]


def find_notice(sheets: Sequence[Sheet], least: int) -> Notice | None:
    """The notice that ends, or else opens, at least *least* of the pages in the same words."""
    end, start = common_end(sheets, least), common_start(sheets, least)
    # Cards that most pages share can stand before a notice at the end; a headline never recurs.
    return _notice(end, _last_sentence(end)) or _notice(start, _longest(start))


def common_end(sheets: Sequence[Sheet], least: int) -> list[Line]:
    """The last lines of most pages, in their order: each once on its page, and the same on *least* or more."""
    return _common(sheets, least, lambda sheet, step: sheet.lines[-1 - step])[::-1]


def common_start(sheets: Sequence[Sheet], least: int) -> list[Line]:
    """The first lines of most pages, likewise."""
    return _common(sheets, least, lambda sheet, step: sheet.lines[step])


def _common(sheets: Sequence[Sheet], least: int, at: Callable[[Sheet, int], Line]) -> list[Line]:
    run: list[Line] = []
    while len(run) < _LONGEST:
        sheets = [sheet for sheet in sheets if len(run) < len(sheet.lines)]
        here = [at(sheet, len(run)) for sheet in sheets]
        once = Counter(line.text for sheet, line in zip(sheets, here, strict=True) if sheet.counts[line.text] == 1)
        text, pages = next(iter(once.most_common(1)), ("", 0))
        if pages < least:
            break
        same = [(sheet, line) for sheet, line in zip(sheets, here, strict=True) if line.text == text]
        run.append(same[0][1])
        sheets = [sheet for sheet, _ in same]
    return run


def _last_sentence(run: Sequence[Line]) -> int:
    return max((at for at, line in enumerate(run) if _size(line.text) >= SENTENCE), default=0)


def _longest(run: Sequence[Line]) -> int:
    return max(range(len(run)), key=lambda at: _size(run[at].text), default=0)


def _notice(run: Sequence[Line], text: int) -> Notice | None:
    """The notice in a run of lines whose text is the one at *text*, if that is a sentence."""
    if not run or _size(run[text].text) < SENTENCE:
        return None
    title = run[text - 1].text if text > 0 else ""
    return Notice(title, run[text].text, tuple(_choices(run[text + 1 :])))


def _choices(lines: Sequence[Line]) -> Iterator[str]:
    """What can be clicked: the short lines that follow."""
    for line in lines:
        if _size(line.text) >= SENTENCE:
            return
        yield line.text


def _size(text: str) -> int:
    return len(text.encode())
