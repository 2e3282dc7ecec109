"""By what a corpus was made, and of which files: kept beside its ledger, to tell what must be made again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from archive.reader import warc_files
from crawler.seeds import Seed
from crawler.sites.profile import Profile
from crawler.state import State
from crawler.text.ledger import Ledger, tools
from crawler.text.seedtext import extractor

_TABLE = "CREATE TABLE IF NOT EXISTS made (by TEXT NOT NULL, files TEXT NOT NULL, whole INTEGER NOT NULL)"


@dataclass(frozen=True, slots=True)
class Marks:
    """By what a corpus was made."""

    by: dict[str, object]
    """``extractor``, ``tools``, ``profile``, ``seeds``: all that decides what a capture says and under which name."""
    files: dict[str, int]
    """The archive's files and their sizes, in bytes."""
    whole: bool = False
    """Whether it has been made to its end."""

    @classmethod
    def of(cls, archive: Path, profile: Profile, seeds: Sequence[Seed]) -> Marks:
        """The marks of a corpus that would be made now."""
        rules = {
            "domains": profile.domains,
            "article_url": profile.article_url,
            "start_urls": profile.start_urls,
            "default_edition": profile.default_edition,
            "editions": dict(profile.editions),
        }
        by = {
            "extractor": asdict(extractor(profile.text.skip, profile.page)),
            "tools": tools(),
            "profile": rules,
            "seeds": [(seed.file, seed.url) for seed in seeds],
        }
        plain: dict[str, object] = json.loads(json.dumps(by))
        return cls(plain, {path.name: path.stat().st_size for path in warc_files(archive)})

    @staticmethod
    def table(state: State) -> None:
        """Make the table where there is none."""
        state.db.execute(_TABLE)

    @classmethod
    def read(cls, state: State) -> Marks | None:
        """The marks in a state; None where no corpus was begun in it."""
        cls.table(state)
        row = state.db.execute("SELECT by, files, whole FROM made").fetchone()
        return cls(json.loads(row[0]), json.loads(row[1]), bool(row[2])) if row else None

    def write(self, state: State, *, whole: bool) -> None:
        """Put these marks into a state, in place of others."""
        self.table(state)
        state.db.execute("DELETE FROM made")
        state.db.execute("INSERT INTO made VALUES (?, ?, ?)", (json.dumps(self.by), json.dumps(self.files), whole))

    def joined(self, made: Marks, newest: str) -> Marks:
        """The marks of a corpus that was *made* so, as far as the file *newest*, and goes on with these.

        What is not the same in both is left out, and so differs from whatever it is compared with; older files that
        came late, too: their captures are not read.
        """
        by = {name: value for name, value in self.by.items() if made.by.get(name) == value}
        return Marks(by, {name: size for name, size in self.files.items() if name >= newest} | made.files)

    def differs(self, made: Marks, newest: str) -> str:
        """Why what was made with other marks, as far as the file *newest*, must be made again; empty where it need
        not.
        """
        changed = [name for name, value in self.by.items() if made.by.get(name) != value]
        if changed:
            return f"{' and '.join(changed)} changed"
        gone = [name for name, size in made.files.items() if self.files.get(name) != size]
        if gone:
            return f"{gone[0]} is gone or changed"
        late = [name for name in self.files if name < newest and name not in made.files]
        return f"{late[0]} came after files that it stands before" if late else ""


def why_again(state: State, marks: Marks) -> str:
    """Why the corpus of a state must be made anew; empty where it need only go on with what is new.

    Raises sqlite3.Error.
    """
    folded = Ledger(state).folded
    if folded is None:
        return "no corpus was made yet"
    made = Marks.read(state)
    return marks.differs(made, folded[0]) if made is not None else "it does not say by what it was made"


def leave_marks(state: State, marks: Marks, newest: str | None) -> None:
    """Put the marks of a crawl into its state; where its corpus was begun before, as far as the file *newest*, what
    both have in common.

    Raises sqlite3.Error.
    """
    made = Marks.read(state) if newest is not None else marks
    if made is not None:
        marks.joined(made, newest or "").write(state, whole=False)
