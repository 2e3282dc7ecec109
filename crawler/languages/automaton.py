"""Which n-grams of bytes are in texts: the language model's automaton, walked over all bytes of all texts at once."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

_BETWEEN = b"\0"
"""After this byte the automaton is where it began, whatever came before: no n-gram has it."""
_BITS = 32
_FEATURE = (1 << _BITS) - 1


class Automaton:
    """A table of moves as py3langid has it: a row of 256 for each state, where states that move alike share one.

    *features* has what a state has just seen, -1 for nothing. The first state is 0.
    """

    def __init__(self, moves: array[int], rows: Sequence[int], features: Sequence[int]) -> None:
        self._moves = np.asarray(moves)
        self._rows = np.asarray(rows, np.uint32) << 8
        self._features = np.asarray(features, np.int64)

    def count(self, texts: Sequence[bytes]) -> tuple[Indices, Indices, Indices]:
        """Of each feature of each text: which text, which feature, how often; by text."""
        found = self._features.take(self._walk(np.frombuffer(_BETWEEN.join(texts), np.uint8)))
        some = np.flatnonzero(found >= 0)
        of = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
        keys, counts = _counted(of[some] << _BITS | found[some])
        return keys >> _BITS, keys & _FEATURE, counts

    def _walk(self, text: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """The state after each byte: from the one before it, all at once, until nothing changes any more.

        What does not change is the walk, step by step, from the start. It takes as many rounds as the longest n-gram
        has bytes, and one.
        """
        states = np.zeros(len(text) + 1, np.uint32)
        while True:
            moved = self._moves.take(self._rows.take(states[:-1]) + text)
            if np.array_equal(moved, states[1:]):
                return moved
            states[1:] = moved


def _counted(keys: Indices) -> tuple[Indices, Indices]:
    """The keys that there are, in order, and how often each; np.unique sorts them four times as slowly."""
    keys = np.sort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[begins], np.diff(begins, append=len(keys))
