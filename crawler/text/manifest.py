"""Reading ``manifest.jsonl``: the documents of a corpus, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawler.errors import CorpusError
from crawler.items import Alternate, Document, Extractor, Languages, Record
from crawler.text.corpus import MANIFEST


def read_manifest(folder: Path) -> Iterator[Document]:
    """The documents of the corpus in *folder*, by number.

    Raises:
        CorpusError: there is no manifest, or a line of it cannot be read; the text names file and line.
    """
    for number, line in enumerate(manifest_lines(folder), 1):
        yield document_from(folder / MANIFEST, number, line)


def manifest_lines(folder: Path) -> Iterator[bytes]:
    """The lines of the manifest in *folder*, as they stand. Raises CorpusError where there is none."""
    path = folder / MANIFEST
    try:
        stream = path.open("rb")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); make it with `editions crawl`") from error
    with stream:
        yield from stream


def document_from(path: Path, number: int, line: bytes) -> Document:
    """The document of a line of the manifest at *path*. Raises CorpusError, naming *path* and line *number*."""
    try:
        fields: dict[str, Any] = json.loads(line.decode())
        fields["alternates"] = tuple(Alternate(**one) for one in fields["alternates"])
        fields["languages"] = _languages(fields["languages"])
        fields["warc"] = Record(**fields["warc"])
        fields["extractor"] = Extractor(**fields["extractor"])
        return Document(**fields)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise CorpusError(
            f"{path}: line {number}: no line of a manifest ({error!r}); make it again with `editions regenerate`"
        ) from error


def _languages(told: dict[str, Any] | None) -> Languages | None:
    if told is None:
        return None
    return Languages(told["main"], tuple(told["paragraphs"]), tuple(told["scores"]))
