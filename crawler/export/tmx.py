"""Parallel text as TMX 1.4b (Translation Memory eXchange, LISA OSCAR 2005): a translation unit a pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from crawler.export.columns import clean, provenance, score
from crawler.export.output import new_file, packed
from crawler.export.parallel import Pair, Telling

_SEGMENTS = {"document": "block", "lead": "paragraph", "paragraph": "paragraph"}


def write_tmx(pairs: Iterable[Pair], out: Path) -> None:
    """Write *pairs* to *out*; UTF-8. Gzipped where the name ends in ``.gz``, Zstandard in ``.zst``.

    Raises:
        CallError, ExportError: *out* cannot be written.
        CorpusError: the pairs cannot be made.
    """
    with new_file(out) as file, packed(file, out.name) as stream:
        stream.write(_head().encode())
        for pair in pairs:
            stream.write(_unit(pair).encode())
        stream.write(b"</body>\n</tmx>\n")


def _head() -> str:
    """The header with its seven attributes; any language is the source, since no edition is known to be the first."""
    attributes = {
        "creationtool": "editions",
        "creationtoolversion": version("editions"),
        "segtype": "paragraph",
        "o-tmf": "editions",
        "adminlang": "en",
        "srclang": "*all*",
        "datatype": "plaintext",
    }
    said = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n<header{said}/>\n<body>\n'


def _unit(pair: Pair) -> str:
    match = pair.match
    said = {
        "x-level": match.level,
        "x-score": score(match.score),
        "x-shape": "-".join(map(str, match.shape)),
        "x-story": pair.story,
    }
    variants = _variant(pair.left, match.left) + _variant(pair.right, match.right)
    return f'<tu segtype="{_SEGMENTS[match.level]}">\n{_properties(said)}{variants}</tu>\n'


def _variant(telling: Telling, text: str) -> str:
    properties = _properties({f"x-{name.replace('_', '-')}": value for name, value in provenance(telling).items()})
    segment = escape(clean(text), {"\r": "&#13;"})
    return f"<tuv xml:lang={quoteattr(telling.language)}>\n{properties}<seg>{segment}</seg>\n</tuv>\n"


def _properties(values: Mapping[str, str]) -> str:
    return "".join(f"<prop type={quoteattr(name)}>{escape(clean(value))}</prop>\n" for name, value in values.items())
