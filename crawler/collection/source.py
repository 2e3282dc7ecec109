"""An archive opened for a replay: a collection, a folder of WARC files, one of them, or a WACZ; whoever made it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from archive.check import sort_of
from archive.index import Index
from archive.indexing import build
from archive.reader import SUFFIXES, warc_files
from archive.wacz import Wacz
from crawler.errors import CallError


class Source:
    """Where the files of an archive lie, and its index; nothing in it is ever written.

    What must be made on the way (an index where there is none, the files of a WACZ) lies in a temporary folder
    within *scratch* until :meth:`close`.

    Raises:
        CallError: *path* holds no WARC or ARC file.
        ArchiveError, OSError: it cannot be read.
    """

    def __init__(self, path: Path, scratch: Path) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix=".source-", dir=scratch)
        self._own = Path(self._temporary.name)
        try:
            self.archive = self._files(path)
            self.index = Index(self._index(path))
        except BaseException:
            self._temporary.cleanup()
            raise

    def _files(self, path: Path) -> Path:
        """The folder of the WARC files."""
        if path.is_dir():
            folder = path / "archive" if (path / "archive").is_dir() else path
        elif path.is_file():
            folder = self._own / "archive"
            folder.mkdir()
            self._unpack(path, folder)
        else:
            raise CallError(f"{path}: no such file or folder; an archive to crawl from is a collection or a WARC")
        if not warc_files(folder):
            raise CallError(f"{path}: no WARC or ARC file in it ({', '.join(SUFFIXES)})")
        return folder

    def _unpack(self, path: Path, folder: Path) -> None:
        """Let the WARC files that one file is, or holds, lie in *folder*; by its first bytes, whatever its name."""
        sort = sort_of(path)
        if sort == "warc":
            (folder / _named(path)).symlink_to(path.resolve())
            return
        if sort != "wacz":
            raise CallError(f"{path}: neither a WACZ nor a WARC or ARC file")
        with Wacz(path) as wacz:
            for name in wacz.warcs:
                with wacz.open(f"archive/{name}") as member, (folder / name.replace("/", "-")).open("wb") as out:
                    shutil.copyfileobj(member, out, 1 << 20)

    def _index(self, path: Path) -> Path:
        """The archive's own index, or one made for the time being."""
        found = path / "indexes" / "index.cdxj"
        if self.archive == path / "archive" and found.is_file():
            return found
        made = self._own / "index.cdxj"
        build(self.archive, made)
        return made

    def close(self) -> None:
        """Give back what was made."""
        self.index.close()
        self._temporary.cleanup()


def _named(path: Path) -> str:
    """A file's name, with the ending that it lacks: downloads are called ``a.warc.gz.1``, or have none."""
    if path.name.lower().endswith(SUFFIXES):
        return path.name
    with path.open("rb") as file:
        return path.name + (".warc.gz" if file.read(2) == b"\x1f\x8b" else ".warc")
