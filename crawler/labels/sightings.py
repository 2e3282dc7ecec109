"""Where the lines of an edition's pages are seen, counted over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from crawler.labels.sheet import Sheet

FEWEST = 3
"""Pages whose likeness says something; of fewer, what recurs within one page does."""

SHORT = 120
"""A label's size at most, in bytes of UTF-8: Korean has half the letters of English, but about as many bytes."""


class Sightings:
    """The lines of one edition's pages."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self.sheets = sheets
        self.least = max(FEWEST, len(sheets) // 2 + 1) if len(sheets) >= FEWEST else len(sheets)
        """Pages on which a label stands at the least: more than half."""
        self.pages: Counter[str] = Counter()
        """On how many pages each line stands."""
        for sheet in sheets:
            self.pages.update(sheet.counts.keys())
        self.under_pictures = self._under_pictures()
        self.at_headline = self._at_headline()

    def recurs(self, text: str) -> bool:
        """Whether a line stands on most pages."""
        return self.pages[text] >= self.least

    def repeats(self, text: str) -> bool:
        """Whether a short line recurs: over the pages, or where these are too few, within one of them."""
        if not self.recurs(text) or len(text.encode()) > SHORT:
            return False
        return len(self.sheets) >= FEWEST or any(sheet.times(text) > 1 for sheet in self.sheets)

    def times(self, text: str) -> int:
        """How often a line stands on the pages, alone or beside another label."""
        return sum(sheet.times(text) for sheet in self.sheets)

    def on(self, text: str) -> int:
        """On how many pages a line stands, alone or beside another label."""
        return sum(sheet.times(text) > 0 for sheet in self.sheets)

    def _under_pictures(self) -> Counter[str]:
        """On how many pages each line stands under a picture, whose alt text is another each time."""
        fixed = self.recurs if len(self.sheets) >= FEWEST else lambda text: False
        found: Counter[str] = Counter()
        for sheet in self.sheets:
            lines = pairwise(sheet.lines)
            found.update({line.text for above, line in lines if line.ends_picture and not fixed(above.text)})
        return found

    def _at_headline(self) -> Counter[str]:
        """On how many pages each line stands next to the headline."""
        found: Counter[str] = Counter()
        for sheet in self.sheets:
            if (at := sheet.headline_at) is not None:
                around = (*sheet.lines[max(0, at - 1) : at], *sheet.lines[at + 1 : at + 2])
                found.update({line.text for line in around if line.alone})
        return found
