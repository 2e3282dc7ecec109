"""Where the records lie that a corpus was made of: in its collection, or in the archive that it is a replay of."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError
from archive.reader import warc_files
from crawler.collection.folder import Collection
from crawler.collection.source import Source
from crawler.errors import CollectionError, EditionsError
from crawler.files import replace_file


@dataclass(frozen=True, slots=True)
class Records:
    """A folder of WARC files, and their index."""

    archive: Path
    index: Path


def remember_source(collection: Collection, source: Path) -> None:
    """Keep in a replay's collection which archive it is of, by a path from there: both can be moved together."""
    try:
        path = os.path.relpath(source.resolve(), collection.folder.resolve())
    except ValueError:  # on another drive
        path = str(source.resolve())
    replace_file(collection.source, [json.dumps({"archive": Path(path).as_posix()}), "\n"])


def source_of(collection: Collection) -> Path | None:
    """The archive that a collection is a replay of; None where it has one of its own.

    Raises:
        CollectionError: it is a replay, and does not say of what.
    """
    if not collection.source.is_file() or (collection.archive.is_dir() and warc_files(collection.archive)):
        return None
    try:
        path = json.loads(collection.source.read_text("utf-8"))["archive"]
        return Path(os.path.normpath(collection.folder / path))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CollectionError(f"{collection.source}: cannot be read ({error!r}); replay again") from error


@contextmanager
def records_of(collection: Collection) -> Iterator[Records]:
    """The records of a collection's corpus; what must be made to read them is gone at the end.

    Raises:
        CollectionError: it is a replay of an archive that is not where it was.
    """
    path = source_of(collection)
    if path is None:
        yield Records(collection.archive, collection.index)
        return
    try:
        source = Source(path, Path(tempfile.gettempdir()))
    except (EditionsError, ArchiveError, OSError) as error:
        raise CollectionError(
            f"{collection.folder}: is a replay, and its records are not where they were: {error}; move the archive "
            "back, or replay it from where it is now with `editions crawl --from-archive`"
        ) from error
    with closing(source):
        yield Records(source.archive, source.index.path)
