"""What changed between two texts, word by word; in scripts without spaces, character by character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["equal", "delete", "insert"]

_WORDS = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
    r"|[^\s\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+|\s+"
)
"""Runs of white space; characters of Han, kana, Thai, Lao, Burmese and Khmer, each by itself; other words."""

CONTEXT = 40
"""Characters shown on each side of what changed."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A stretch of text that stayed, went or came. All that stayed or went, in order, is the old text."""

    kind: Kind
    text: str


def differences(old: str, new: str) -> list[Operation]:
    """How *old* becomes *new*.

    Lines are compared first and the words of changed ones then, so that a long text takes no longer than its changes.
    """
    return list(_joined(_by_lines(old.splitlines(keepends=True), new.splitlines(keepends=True))))


def _by_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Operation]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            yield Operation("equal", before)
        else:
            yield from _by_words(_WORDS.findall(before), _WORDS.findall(after))


def _by_words(old: Sequence[str], new: Sequence[str]) -> Iterator[Operation]:
    went = came = ""
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "".join(old[a:b]), "".join(new[c:d])
        if tag != "equal" or (went and came and before.isspace()):  # a space between two changes is part of one
            went, came = went + before, came + after
            continue
        yield from (Operation("delete", went), Operation("insert", came), Operation("equal", before))
        went = came = ""
    yield from (Operation("delete", went), Operation("insert", came))


def _joined(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Neighbours of one kind as one; none that is empty."""
    held: Operation | None = None
    for one in operations:
        if not one.text:
            continue
        if held is not None and held.kind == one.kind:
            held = Operation(held.kind, held.text + one.text)
            continue
        if held is not None:
            yield held
        held = one
    if held is not None:
        yield held


def shortened(operations: Sequence[Operation]) -> Iterator[Operation]:
    """The same for a reader: of what stayed, only what stands next to a change."""
    last = len(operations) - 1
    for place, one in enumerate(operations):
        if one.kind != "equal":
            yield one
            continue
        head = one.text[:CONTEXT] if place > 0 else ""
        tail = one.text[-CONTEXT:] if place < last else ""
        whole = len(one.text) <= len(head) + len(tail)
        yield one if whole else Operation("equal", f"{head} … {tail}")
