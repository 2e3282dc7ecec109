"""A collection: one folder with a site's archive, index, corpus and frontier."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crawler.errors import CallError, CollectionError


@dataclass(frozen=True, slots=True)
class Collection:
    """Where the parts of a collection lie; ``archive/`` and ``indexes/index.cdxj`` are where pywb looks."""

    folder: Path

    @classmethod
    def existing(cls, folder: Path) -> Collection:
        """The collection in *folder*.

        Raises:
            CallError: there is none.
        """
        if not (folder / "archive").is_dir():
            raise CallError(f"{folder}: no collection: it has no folder archive/")
        return cls(folder)

    @property
    def archive(self) -> Path:
        """The WARC files."""
        return self.folder / "archive"

    @property
    def index(self) -> Path:
        """Where each capture lies, as CDXJ."""
        return self.folder / "indexes" / "index.cdxj"

    @property
    def corpus(self) -> Path:
        """Documents, manifest and dropped list."""
        return self.folder / "corpus"

    @property
    def crawls(self) -> Path:
        """What each crawl did: ``ID.json`` and ``ID.log``."""
        return self.folder / "crawls"

    @property
    def site(self) -> Path:
        """The profile that the newest crawl used: what the archive must be read with."""
        return self.folder / "site.toml"

    @property
    def seeds(self) -> Path:
        """The seeds that the newest crawl used; absent where the site has none."""
        return self.folder / "seeds.toml"

    @property
    def source(self) -> Path:
        """In a replay's collection: which archive it is a replay of."""
        return self.folder / "source.json"

    @property
    def state(self) -> Path:
        """SQLite: what is rebuilt from the archive when it is lost."""
        return self.folder / "state.db"

    def make(self) -> None:
        """Create the folders.

        Raises:
            CollectionError: the folder cannot be written.
        """
        for folder in (self.archive, self.index.parent, self.corpus, self.crawls):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CollectionError(
                    f"{folder}: cannot be written ({error.strerror}); choose another folder with --collection"
                ) from error
