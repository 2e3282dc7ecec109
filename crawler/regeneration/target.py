"""Where a corpus is made again: built beside the old one, and put in its place as a whole."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crawler.collection.folder import Collection
from crawler.copies.clusters import TABLES as CLUSTER_TABLES
from crawler.errors import CallError, CollectionError
from crawler.regeneration.marks import Marks
from crawler.state import State
from crawler.text.corpus import COPIES, DROPPED, ITEMS, MANIFEST
from crawler.text.ledger import Ledger

_LISTS = (MANIFEST, ITEMS, COPIES, DROPPED)
_OURS = re.compile("|".join([r"\..*", r"\d{3,}_[0-9a-f]{16}\.txt", *map(re.escape, _LISTS)]))


@dataclass(frozen=True, slots=True)
class Target:
    """The folders and files that a regeneration writes."""

    corpus: Path
    """What is made."""
    state: Path
    """The ledger of the corpus: which captures it has seen, and by what it was made."""
    work: Path
    """Where it is built; on the same disk as the corpus."""
    lock: Path
    """The folder that is locked meanwhile."""

    @classmethod
    def of(cls, collection: Collection, out: Path | None) -> Target:
        """The collection's own corpus, or one in the folder *out*.

        Raises:
            CallError: *out* holds something that is no corpus.
        """
        if out is None or out.resolve() == collection.corpus.resolve():
            return cls(collection.corpus, collection.state, collection.folder / ".regenerate", collection.folder)
        out = out.resolve()
        if out.exists() and not (out.is_dir() and (_is_corpus(out) or not any(out.iterdir()))):
            raise CallError(f"--out {out}: holds something that is no corpus; name a new or an empty folder")
        state = state_of(collection, out)
        return cls(out, state, state.parent, state.parent)

    @property
    def staging(self) -> Path:
        """The corpus while it is built."""
        return self.work / "corpus"

    @property
    def building(self) -> Path:
        """Its ledger meanwhile."""
        return self.work / "building.db"

    @property
    def index(self) -> Path:
        """An index of the archive, where it has none that is whole."""
        return self.work / "index.cdxj"

    @property
    def _old(self) -> Path:
        return self.work / "old"

    def prepare(self) -> None:
        """Make the folder that is locked.

        Raises CollectionError: it cannot be made.
        """
        try:
            self.lock.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CollectionError(
                f"{self.lock}: cannot be written ({error.strerror}); see that {self.lock.parent} "
                "may be written, or choose another folder with --out"
            ) from error

    def install(self) -> None:
        """Put a corpus that was built to its end in place, with its ledger; goes on where a kill cut it off.

        Does nothing where there is none. Raises OSError, sqlite3.Error.
        """
        if not self.building.exists() or not _is_whole(self.building):
            return
        if self.staging.exists():
            if self.corpus.exists():
                shutil.rmtree(self._old, ignore_errors=True)  # of one killed here: the corpus was made anew since
                self.corpus.rename(self._old)
            self.staging.rename(self.corpus)
        _copy_ledger(self.building, self.state)
        self.clear()

    def keep_foreign(self) -> None:
        """Copy what others laid into the old corpus into the new one, so that it is there after `install`."""
        for path in _foreign(self.corpus):
            copy = shutil.copytree if path.is_dir() else shutil.copy2
            copy(path, self.staging / path.name)

    def clear(self) -> None:
        """Forget what is being built. What says that it is whole goes last."""
        for folder in (self._old, self.staging):
            shutil.rmtree(folder, ignore_errors=True)
        self.index.unlink(missing_ok=True)
        for suffix in ("-wal", "-shm", ""):
            self.building.with_name(self.building.name + suffix).unlink(missing_ok=True)
        if self.work not in (self.lock, self.state.parent) and self.work.is_dir() and not any(self.work.iterdir()):
            self.work.rmdir()


def state_of(collection: Collection, corpus: Path) -> Path:
    """Where the ledger of a corpus lies: in its collection, or beside one that was made elsewhere."""
    if corpus.resolve() == collection.corpus.resolve():
        return collection.state
    corpus = corpus.resolve()
    return corpus.with_name(f".{corpus.name}.regenerate") / "state.db"


def _is_corpus(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def _is_whole(path: Path) -> bool:
    with closing(State(path)) as state:
        marks = Marks.read(state)
    return marks is not None and marks.whole


def _copy_ledger(source: Path, path: Path) -> None:
    """All of a ledger in place of what another has, in one transaction."""
    with closing(State(path)) as state:
        Ledger(state)
        Marks.table(state)
        state.db.execute("ATTACH ? AS new", (str(source),))
        state.begin()
        for table in ("documents", "items", "drops", "folded", "saved", "made", *CLUSTER_TABLES):
            state.db.execute(f"DELETE FROM main.{table}")
            state.db.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")


def _foreign(corpus: Path) -> Iterator[Path]:
    """What lies in a corpus and is no part of it."""
    if not corpus.is_dir():
        return
    listed = set(_listed(corpus / MANIFEST))
    yield from (path for path in corpus.iterdir() if path.name not in listed and not _OURS.fullmatch(path.name))


def _listed(manifest: Path) -> Iterator[str]:
    """The file names in a manifest, which may be damaged."""
    if not manifest.is_file():
        return
    with manifest.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                yield str(json.loads(line)["file"])
            except (ValueError, KeyError, TypeError):
                continue
