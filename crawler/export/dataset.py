"""A dataset folder for Hugging Face ``datasets``: a card, and Parquet shards by edition."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

import pyarrow as pa

from crawler.export.card import Facts, card
from crawler.export.output import CARD, DATA, new_folder
from crawler.export.parquet import ParquetFile
from crawler.export.rows import Row
from crawler.export.schema import schema

SHARD_BYTES = 300_000_000
"""A shard ends with the row group that reaches this size."""
HELD_CHARS = 16_000_000
"""Of all editions together, in memory."""


def write_dataset(rows: Iterable[Row], out: Path, name: str, *, shard_bytes: int = SHARD_BYTES) -> None:
    """Write *rows* to the folder *out*, which then loads with ``load_dataset``; *name* stands in its card.

    Raises:
        CallError, ExportError: *out* cannot be written.
        CorpusError: the rows cannot be read.
    """
    with new_folder(out) as folder:
        shards, facts = _Shards(folder / DATA, shard_bytes), Facts(name)
        try:
            for row in rows:
                facts.add(row)
                shards.add(row.edition, row)
            shards.finish()
        finally:
            shards.close()
        (folder / CARD).write_text(card(facts), "utf-8")


class _Shards:
    """The shards of all editions, written side by side."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size
        self._columns = schema()
        self._open: dict[str, _Shard] = {}
        self._counts: Counter[str] = Counter()

    def add(self, edition: str, row: Row) -> None:
        shard = self._open.get(edition) or self._begin(edition)
        shard.file.add(row)
        if shard.stream.tell() >= self._size:
            self._end(edition)
        elif sum(one.file.held for one in self._open.values()) > HELD_CHARS:
            max(self._open.values(), key=lambda one: one.file.held).file.flush()

    def finish(self) -> None:
        """Write what waits, and give the shards their names, which say how many there are."""
        for edition in list(self._open):
            self._end(edition)
        for edition, count in self._counts.items():
            for number in range(count):
                shard_path = self._folder / edition / f"{number}.parquet"
                shard_path.rename(shard_path.with_name(f"train-{number:05d}-of-{count:05d}.parquet"))

    def close(self) -> None:
        """Close the files that are still open: something went wrong, and they go."""
        for shard in self._open.values():
            with suppress(OSError):
                shard.close()

    def _end(self, edition: str) -> None:
        self._open[edition].finish()
        del self._open[edition]

    def _begin(self, edition: str) -> _Shard:
        folder = self._folder / edition
        folder.mkdir(parents=True, exist_ok=True)
        shard = _Shard((folder / f"{self._counts[edition]}.parquet").open("wb"), self._columns)
        self._counts[edition] += 1
        self._open[edition] = shard
        return shard


class _Shard:
    """One file of an edition."""

    def __init__(self, stream: IO[bytes], columns: pa.Schema) -> None:
        self.stream = stream
        self.file = ParquetFile(stream, columns)

    def finish(self) -> None:
        """Write what waits, and see that it is on disk."""
        self.file.flush()
        self.file.close()
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.stream.close()

    def close(self) -> None:
        with self.stream:
            self.file.close()
