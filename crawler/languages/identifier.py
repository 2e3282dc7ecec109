"""How probable each language is for a text: py3langid's model, limited to some languages, in whole numbers."""

from __future__ import annotations

import io
import lzma
import math
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from langcodes import Language
from numpy.typing import NDArray
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

from crawler.languages.automaton import Automaton

Probabilities = NDArray[np.float64]
"""A row for each text, a column for each language; a row adds up to 1."""

_WEIGHT, _COUNT = 512, 1024
"""What float16 weights and logarithms of counts are multiplied by: the first is exact from 2 upwards. Sums of whole
numbers are the same on every processor, those of floats depend on its vector unit."""

_ENOUGH = 80
"""Bytes that nearly always tell a language; the model costs a step a byte."""
_MOST = 1200
_LOGARITHMS = np.array([round(math.log1p(count) * _COUNT) for count in range(_MOST + 1)], np.int64)
_SURE = 0.99
_OTHER_NAMES = {"fil": "tl", "nb": "no"}


def model_code(tag: str) -> str:
    """What py3langid calls a language (BCP 47 tag); it need not know it."""
    language = Language.get(tag).prefer_macrolanguage().language or tag
    return _OTHER_NAMES.get(language, language)


class Identifier:
    """Tells some languages, named by py3langid's codes, from one another.

    Where the model lacks one of them, it tells all that it knows: what is none of those named is then seen to be
    none of them. Get one from :func:`identifier`: the model takes half a second to load.
    """

    def __init__(self, codes: Iterable[str]) -> None:
        model = _model()
        wanted, known = set(codes), set(model.labels)
        told = wanted if wanted <= known else known
        columns = [at for at, code in enumerate(model.nb_classes) if code in told]
        self.codes: list[str] = [model.nb_classes[at] for at in columns]
        """Of the columns of what is found, as the model has them: a language of two scripts has two."""
        self._automaton = Automaton(model.tk_nextmove, model.tk_row, model.tk_output)
        weights = np.rint(model.nb_ptc[:, columns].astype(np.float32) * _WEIGHT)
        self._weights: NDArray[np.int16] = np.ascontiguousarray(weights, np.int16)
        self._prior: NDArray[np.int64] = np.rint(
            np.asarray(model.nb_pc)[columns].astype(np.float64) * (_WEIGHT * _COUNT)
        ).astype(np.int64)

    def identify(self, texts: Sequence[str]) -> Probabilities:
        """Of each text; all alike for one without any sign. A long one is read as far as it takes to be sure."""
        encoded = [_bytes(text) for text in texts]
        found = self._identify([one[:_ENOUGH] for one in encoded])
        unsure = [at for at in np.flatnonzero(found.max(axis=1) < _SURE).tolist() if len(encoded[at]) > _ENOUGH]
        if unsure:
            found[unsure] = self._identify([encoded[at] for at in unsure])
        return found

    def _identify(self, texts: Sequence[bytes]) -> Probabilities:
        """By the model's scores as py3langid does: the root of the size keeps them honest at every length."""
        scores = self._scores(texts)
        size = np.array([[len(text) or math.inf] for text in texts])
        powers = np.exp((scores - scores.max(axis=1, keepdims=True)) / (_WEIGHT * _COUNT * np.sqrt(size)))
        found: Probabilities = powers / powers.sum(axis=1, keepdims=True)
        return found

    def _scores(self, texts: Sequence[bytes]) -> NDArray[np.int64]:
        of, features, counts = self._automaton.count(texts)
        sums = np.zeros((len(texts), len(self.codes)), np.int64)
        begins = np.flatnonzero(np.diff(of, prepend=-1))
        if len(begins):
            weights = self._weights.take(features, axis=0) * _LOGARITHMS[counts, None]
            sums[of[begins]] = np.add.reduceat(weights, begins, axis=0)
        scores: NDArray[np.int64] = sums + self._prior
        return scores


def _model() -> LanguageIdentifier:
    """py3langid's. It unpacks 68 MB to the folder for temporary files; where that has no room, they go to memory."""
    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE)
    except OSError:
        with lzma.open(MODEL_DIR / MODEL_FILE) as packed:
            data = np.load(io.BytesIO(packed.read()), allow_pickle=False)
        moves, rows, features = array("I", data["nextmove"].tobytes()), data["nextmove_row"], data["out_feat"]
        classes = data["classes"].tolist()
        return LanguageIdentifier(data["ptc"], data["pc"], classes, moves, features.tolist(), tk_row=rows.tolist())


@cache
def identifier(codes: frozenset[str]) -> Identifier:
    """The identifier of these codes, made once."""
    return Identifier(codes)


def _bytes(text: str) -> bytes:
    text = text[:_MOST]
    text = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", text).encode("utf-8", "replace")[:_MOST]
