"""The language of each paragraph of a story, its main one, and whether it is the edition's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
from langcodes import Language

from crawler.items import Languages
from crawler.languages.identifier import Identifier, Probabilities, identifier, model_code

ENGLISH = "en"
UNKNOWN = "und"
"""What is none of the site's languages, or says nothing (BCP 47, ISO 639-2)."""

_NEIGHBOUR = 50.0
"""How much likelier a paragraph's language is the story's, or that of the one before, than another: a heading of two
words, a number or a name goes with what is around it, a sentence in another language does not."""
_EXPECTED = 20.0
"""How much likelier a story speaks its edition's language or English than another of the site's."""
_SURE = 0.95
_LETTER = re.compile(r"[^\W\d_]")


class LanguageReader:
    """Reads stories of a site in *languages* (BCP 47 tags) and English.

    Languages are told by their primary subtag: ``pt`` for ``pt-BR`` and ``pt-PT`` alike.
    """

    def __init__(self, languages: Iterable[str]) -> None:
        subtags = {subtag(tag) for tag in languages} | {ENGLISH}
        self._names = {model_code(one): one for one in sorted(subtags)}

    @cached_property
    def _identifier(self) -> Identifier:
        return identifier(frozenset(self._names))

    @cached_property
    def _told(self) -> list[str]:
        """The columns of what is told, by the site's codes: of two that are as likely the first counts."""
        return sorted({self._names.get(code, UNKNOWN) for code in self._identifier.codes}, reverse=True)

    def read(self, paragraphs: Sequence[str], language: str = ENGLISH) -> Languages:
        """The languages of a story's *paragraphs*, one of each; *language* is that of its edition.

        Each is told by its own text and, the less that says, by what is around it. None is looked at outside of the
        body: labels and related cards speak other languages than the story.
        """
        sizes = [_size(text) for text in paragraphs]
        if not sum(sizes):
            return Languages(None, (UNKNOWN,) * len(sizes), (0.0,) * len(sizes))
        found = self._named(self._identifier.identify(paragraphs))
        expected = {subtag(language), ENGLISH}
        main = _main(found, sizes, [code in expected for code in self._told])
        told = list(_in_context(found, main))
        codes, scores = tuple(self._told[at] for at, _ in told), tuple(round(score, 2) for _, score in told)
        return Languages(_most(codes, sizes), codes, scores)

    def _named(self, probabilities: Probabilities) -> Probabilities:
        """With a column for each that is told; all that is none of the site's languages together is unknown."""
        named = np.zeros((len(probabilities), len(self._told)))
        for code, column in zip(self._identifier.codes, probabilities.T, strict=True):
            named[:, self._told.index(self._names.get(code, UNKNOWN))] += column
        return named


def speaks(main: str | None, language: str) -> bool | None:
    """Whether a story is in a language (BCP 47); None where it is not known what it speaks."""
    return None if main is None or main == UNKNOWN else main == subtag(language)


def subtag(tag: str) -> str:
    """The primary language subtag of a BCP 47 tag."""
    return Language.get(tag).language or tag


def _main(found: Probabilities, sizes: Sequence[int], expected: Sequence[bool]) -> int:
    """What most of the text seems to be in, by all its paragraphs together."""
    likely = found * np.where(expected, _EXPECTED, 1.0)
    shares = likely / likely.sum(axis=1, keepdims=True) * np.array(sizes)[:, None]
    return int(shares.sum(axis=0).argmax())


def _in_context(found: Probabilities, main: int) -> Iterator[tuple[int, float]]:
    """Each paragraph's language and how sure that is, seen with the main one and the one before.

    Of all others, only the likeliest can be likelier than these.
    """
    before = main
    for probabilities, best in zip(found.tolist(), found.argmax(axis=1).tolist(), strict=True):
        near = probabilities[main] + (probabilities[before] if before != main else 0)
        as_near = ((probabilities[at] * _NEIGHBOUR, -at) for at in (main, before))
        likely, at = max((probabilities[best], -best), *as_near)
        score = likely / (1 + near * (_NEIGHBOUR - 1))
        yield -at, score
        before = -at if score >= _SURE else before


def _most(codes: Sequence[str], sizes: Sequence[int]) -> str:
    """The language of most of the text."""
    spoken: Counter[str] = Counter()
    for code, size in zip(codes, sizes, strict=True):
        spoken[code] += size
    return max(spoken, key=lambda code: (spoken[code], code))


def _size(text: str) -> int:
    """Bytes of a text that has letters: Korean has half the letters of English, but about as many bytes."""
    return len(text.encode("utf-8", "replace")) if _LETTER.search(text) else 0
