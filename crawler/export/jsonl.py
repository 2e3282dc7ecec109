"""JSON lines: a line a document."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from crawler.export.output import new_file, packed
from crawler.export.rows import Row


def write_jsonl(rows: Iterable[Row], out: Path) -> None:
    """Write *rows* to *out*; gzipped where its name ends in ``.gz``, Zstandard in ``.zst``.

    Raises:
        CallError, ExportError: *out* cannot be written.
        CorpusError: the rows cannot be read.
    """
    with new_file(out) as file, packed(file, out.name) as stream:
        for row in rows:
            stream.write(json.dumps(row.fields(), ensure_ascii=False).encode() + b"\n")
