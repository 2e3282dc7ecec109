"""Parallel text as tab-separated values: a row a pair."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crawler.export.columns import clean, provenance, score
from crawler.export.output import new_file, packed
from crawler.export.parallel import Pair

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def write_tsv(pairs: Iterable[Pair], out: Path) -> None:
    """Write *pairs* to *out* below a line of column names; UTF-8, nothing quoted.

    Backslashes, tabs, line feeds and carriage returns in a text are written with a backslash, as in C. Gzipped
    where the name ends in ``.gz``, Zstandard in ``.zst``.

    Raises:
        CallError, ExportError: *out* cannot be written.
        CorpusError: the pairs cannot be made.
    """
    with new_file(out) as file, packed(file, out.name) as stream:
        head = False
        for pair in pairs:
            row = _row(pair)
            if not head:
                stream.write(_line(row))
                head = True
            stream.write(_line(row.values()))


def _row(pair: Pair) -> dict[str, str]:
    match = pair.match
    return {
        "level": match.level,
        "score": score(match.score),
        "shape": "-".join(map(str, match.shape)),
        "story": pair.story,
        "left_language": pair.left.language,
        "right_language": pair.right.language,
        "left_text": match.left,
        "right_text": match.right,
        **{f"left_{name}": value for name, value in provenance(pair.left).items()},
        **{f"right_{name}": value for name, value in provenance(pair.right).items()},
    }


def _line(values: Iterable[str]) -> bytes:
    return "\t".join(clean(value).translate(_ESCAPES) for value in values).encode() + b"\n"
