"""What a crawl has done so far, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.capture import Capture
from crawler.drift.fill import FillTally
from crawler.items import Drop, Page
from crawler.text.article import DAMAGED
from crawler.text.corpus import Outcome

MOST_PROBLEMS = 20
"""Failures told in full; the log has them all."""


@dataclass(slots=True)
class Tally:
    """Counts of one crawl; changed as it goes on."""

    captures: int = 0
    """Requests made, with or without an answer."""
    bytes: int = 0
    """Of all responses, as they crossed the wire."""
    failures: Counter[str] = field(default_factory=Counter)
    """Requests without a whole answer, by error; records that are damaged."""
    statuses: Counter[int] = field(default_factory=Counter)
    """Responses by HTTP status."""
    pages: Counter[str] = field(default_factory=Counter)
    """Articles captured and read, by edition."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """What became of articles' captures: new, changed, unchanged, dropped."""
    documents: Counter[str] = field(default_factory=Counter)
    """New and changed documents, by edition."""
    fill: dict[str, FillTally] = field(default_factory=dict)
    """What the articles that were read say, by edition."""
    drops: Counter[str] = field(default_factory=Counter)
    """Why articles make no document, as the corpus stands at the end."""

    answered: int = 0
    """Articles answered with a page, or with 304."""
    endings: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """How URLs ended, as the frontier stands at the end."""
    problems: list[str] = field(default_factory=list)
    """The first failures, with their URLs."""

    def capture(self, capture: Capture, status: int | None) -> None:
        """Count a capture of any kind."""
        self.captures += 1
        self.bytes += capture.response.size if capture.response is not None else 0
        if status is not None:
            self.statuses[status] += 1
        if capture.error is not None or capture.truncated is not None:
            self._failure(capture)

    def _failure(self, capture: Capture) -> None:
        error = capture.error
        self.failures[f"truncated-{capture.truncated}" if capture.truncated else error.kind if error else ""] += 1
        problem = f"{capture.url}: {error.message if error else 'cut short'}"
        if len(self.problems) < MOST_PROBLEMS and problem not in self.problems:
            self.problems.append(problem)

    def damage(self, why: str) -> None:
        """Count a damaged record, and tell of it."""
        self.failures[DAMAGED] += 1
        if len(self.problems) < MOST_PROBLEMS and why not in self.problems:
            self.problems.append(why)

    def count(self, reading: Page | Drop, outcome: Outcome) -> None:
        """Count an article's capture."""
        self.outcomes[outcome] += 1
        if isinstance(reading, Drop) and reading.reason == DAMAGED:
            self.damage(reading.why)
        if isinstance(reading, Page):
            self.pages[reading.edition or ""] += 1
            self.documents[reading.edition or ""] += outcome in ("new", "changed")
            if reading.is_article:
                self.fill.setdefault(reading.edition or "", FillTally()).count(reading)
