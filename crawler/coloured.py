"""Differences as a person reads them: in colours on a terminal, in brackets elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from crawler.differences import Operation, shortened

_STYLES = {"equal": "", "delete": "strike red", "insert": "bold green"}
_MARKS = {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}


def show_differences(operations: Sequence[Operation], indent: str = "    ") -> None:
    """Print what changed with a little of what is around it; nothing where there is nothing."""
    if not operations:
        return
    console = Console(soft_wrap=True, highlight=False)
    text = coloured(operations) if console.is_terminal else Text(bracketed(operations))
    for line in text.split("\n", allow_blank=True):
        console.print(Text(indent) + line)


def coloured(operations: Sequence[Operation]) -> Text:
    """What went in red, what came in green."""
    return Text.assemble(*((one.text, _STYLES[one.kind]) for one in shortened(operations)))


def bracketed(operations: Sequence[Operation]) -> str:
    """``[-what went-]{+what came+}``."""
    return "".join(one.text.join(_MARKS[one.kind]) for one in shortened(operations))
