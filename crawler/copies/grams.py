"""A text as the set of its n-grams, and the signature by which sets that have much in common are found."""

from __future__ import annotations

import re
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

GRAM = 12
"""Bytes of UTF-8 in an n-gram, each of which begins with a letter: 12 letters of Latin, 6 of Arabic or Cyrillic, 4 of
Korean, Japanese or Amharic. Stories that have nothing to do with one another share 3 in 100 of them at most."""

BANDS, ROWS, SLOTS = 42, 3, 128
"""Two texts that are alike to a degree s share a band with the probability 1 - (1 - s**3)**42: 0.97 at 0.44, 0.68 at
0.3, 0.001 at 0.03."""

SHORTEST = 120
"""Bytes of UTF-8: what is shorter is a notice as likely as a story."""

MOST = 8_192
"""N-grams of a text that are compared, about; few stories have more."""

_HIGHEST = 2**64 - 1
_SEED = 1
_LETTERS = re.compile(r"[^\W_]+")

Grams = NDArray[np.uint64]


def grams(texts: Iterable[str]) -> Grams:
    """A hash of each n-gram of *texts* put together: case and all that is no letter or digit make no difference.

    The hash is MurmurHash3's finaliser over 12 bytes, in numpy, so that there is no step a letter.
    """
    letters = _letters("\n".join(text.casefold() for text in texts))
    count = len(letters) - GRAM + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    begins = np.flatnonzero(np.frombuffer(letters, np.uint8, count) & 0xC0 != 0x80)
    mixed = np.ndarray((count,), "<u4", letters, 8, (1,))[begins] * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= np.ndarray((count,), "<u8", letters, 0, (1,))[begins]
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed ^= mixed >> np.uint64(33)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(33)
    return mixed


def _letters(text: str) -> bytes:
    """Letters and digits, in UTF-8, with a blank for all that is between two."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), "<u4")
    letter = _is_letter()[codes]
    kept = letter.copy()
    kept[1:] |= letter[:-1]
    spaced = np.where(letter, codes, np.uint32(ord(" ")))[kept]
    return str(spaced.tobytes(), "utf-32-le").encode().rstrip()


@cache
def _is_letter() -> NDArray[np.bool_]:
    """Of each code point. A regular expression tells them, which would take a step a word in each text."""
    found = np.zeros(sys.maxunicode + 1, np.bool_)
    for run in _LETTERS.finditer(str(np.arange(len(found), dtype="<u4").tobytes(), "utf-32-le", "surrogatepass")):
        found[run.start() : run.end()] = True
    return found


@dataclass(frozen=True, slots=True)
class GramSet:
    """The n-grams of a text, each once and in order; of a long one a sample, those whose hash is not above *upto*."""

    hashes: Grams
    upto: int = _HIGHEST


def gram_set(texts: Iterable[str]) -> GramSet:
    """The n-grams of *texts*; of more than `MOST` about so many. (np.unique takes thrice the time.)"""
    found, upto = grams(texts), _HIGHEST
    if len(found) > MOST:
        upto = _HIGHEST // len(found) * MOST
        found = found[found <= np.uint64(upto)]
    ordered = np.sort(found)
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return GramSet(ordered[first], upto)


def jaccard(one: GramSet, other: GramSet) -> float:
    """The share of n-grams that two texts have in common, of all that they have: from 0 to 1; where one has more than
    `MOST`, with a standard error of 0.006 at most. Two runs in order are sorted by merging them.
    """
    upto = np.uint64(min(one.upto, other.upto))
    runs = [each.hashes[: np.searchsorted(each.hashes, upto, "right")] for each in (one, other)]
    both = np.sort(np.concatenate(runs), kind="stable")
    common = int(np.count_nonzero(both[1:] == both[:-1]))
    every = len(both) - common
    return common / every if every else 0.0


def signature(body: Sequence[str]) -> bytes | None:
    """The MinHash of a story's body: ``SLOTS`` numbers of 32 bits, little-endian; None for one too short to tell.

    It is rensa's R-MinHash, the same on every machine for one version of its algorithm.
    """
    if size(body) < SHORTEST:
        return None
    found = grams(body)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(found, [0, len(found)], SLOTS, _SEED)
    return np.asarray(array("I", matrix.to_rows()[0])).astype("<u4").tobytes() if len(found) else None


def size(texts: Iterable[str]) -> int:
    """In bytes of UTF-8."""
    return sum(len(text.encode("utf-8", "replace")) for text in texts)


def estimate(one: bytes, other: bytes) -> float:
    """The Jaccard similarity of two texts as their signatures tell it, with a standard error of 0.044 at most."""
    return float((np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")).mean())


def bands(signed: bytes) -> list[int]:
    """The keys under which texts that are alike meet: numbers of 48 bits, one a band."""
    size = ROWS * 4
    parts = (bytes([band]) + signed[band * size : (band + 1) * size] for band in range(BANDS))
    return [zlib.crc32(part) << 16 | zlib.crc32(part[::-1]) & 0xFFFF for part in parts]
