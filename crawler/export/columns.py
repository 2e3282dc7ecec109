"""What stands beside each side of a pair: where it comes from, and what proves it."""

from __future__ import annotations

import re

from crawler.export.parallel import Telling

_NO_CHARACTER = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]")
"""Controls but tab, line feed and carriage return, surrogates, and what XML 1.0 (2.2) allows nowhere."""


def provenance(telling: Telling) -> dict[str, str]:
    """A telling's provenance, as text: names as in the manifest, those of ``warc`` with their own."""
    document = telling.document
    return {
        "edition": document.edition,
        "url": document.url,
        "file": document.file,
        "sha256": document.sha256,
        "captured": document.captured,
        "warc_file": document.warc.file,
        "warc_offset": str(document.warc.offset),
        "warc_length": str(document.warc.length),
        "record_id": document.warc.record_id,
        "payload_digest": document.warc.payload_digest,
        "extractor": f"{document.extractor.name} {document.extractor.version}",
    }


def clean(text: str) -> str:
    """*text* without what is no character to a reader, and breaks files."""
    return _NO_CHARACTER.sub("", text)


def score(value: float) -> str:
    """A probability, to three places."""
    return f"{value:.3f}"
