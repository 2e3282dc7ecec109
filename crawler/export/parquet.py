"""Parquet files, written row group by row group."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import IO

import pyarrow as pa
from pyarrow import parquet

from crawler.export.output import new_file
from crawler.export.rows import Row
from crawler.export.schema import batch, schema

GROUP_ROWS = 1_000
GROUP_CHARS = 8_000_000
"""A row group ends with the row that reaches either: so much is held in memory, by us and by a reader."""


class ParquetFile:
    """A Parquet file being written to an open stream: Zstandard, row groups of bounded size."""

    def __init__(self, stream: IO[bytes], columns: pa.Schema) -> None:
        self.held = 0
        """Characters of text that wait to be written."""
        self._rows: list[Row] = []
        self._columns = columns
        self._writer = parquet.ParquetWriter(stream, columns, compression="zstd")

    def add(self, row: Row) -> None:
        """Take a row; written when its row group is full. Raises CorpusError, OSError."""
        self._rows.append(row)
        self.held += len(row.text)
        if len(self._rows) >= GROUP_ROWS or self.held >= GROUP_CHARS:
            self.flush()

    def flush(self) -> None:
        """End the row group. Raises CorpusError, OSError."""
        if self._rows:
            self._writer.write_batch(batch(self._rows, self._columns))
        self._rows, self.held = [], 0

    def close(self) -> None:
        """Write the footer; what waits is written by :meth:`flush`. Raises OSError."""
        try:
            self._writer.close()
        finally:
            self._writer.is_open = False  # or it is tried again when the object goes, and fails loudly


def write_parquet(rows: Iterable[Row], out: Path) -> None:
    """Write *rows* to the file *out*.

    Raises:
        CallError, ExportError: *out* cannot be written.
        CorpusError: the rows cannot be read.
    """
    with new_file(out) as stream, closing(ParquetFile(stream, schema())) as file:
        for row in rows:
            file.add(row)
        file.flush()
