"""What the state of a corpus says of how it was made, read without a change to it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crawler.regeneration.marks import Marks
from crawler.regeneration.rebuild import Place
from crawler.state import read_only


@dataclass(frozen=True, slots=True)
class Left:
    """What was left beside a corpus; all of it None where nothing was, or it cannot be read."""

    marks: Marks | None = None
    """By what it was made."""
    saved: Place | None = None
    """The last capture that its lists tell of."""
    folded: Place | None = None
    """The last capture that was taken into account: a later one, where a crawl goes on or was killed."""

    @classmethod
    def of(cls, state: Path) -> Left:
        """What the file *state* says."""
        if not state.is_file():
            return cls()
        try:
            with closing(read_only(state)) as db:
                made = db.execute("SELECT by, files, whole FROM made").fetchone()
                marks = Marks(json.loads(made[0]), json.loads(made[1]), bool(made[2])) if made else None
                folded = db.execute("SELECT file, offset FROM folded").fetchone()
                return cls(marks, db.execute("SELECT file, offset FROM saved").fetchone(), folded)
        except (sqlite3.Error, ValueError):
            return cls()

    @property
    def behind(self) -> bool:
        """Whether documents were written that the lists do not tell of."""
        return self.saved != self.folded

    def fits(self, marks: Marks) -> bool:
        """Whether the corpus was made with what *marks* name, as far as is known; its files may have become more."""
        return self.marks is None or self.marks.by == marks.by
