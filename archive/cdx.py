"""The lines of a CDX index, which came before CDXJ: words, named by letters in its first line."""

from __future__ import annotations

START = b" CDX "
"""Begins a CDX index; the letters follow."""

KEY, TIMESTAMP = "N", "b"
_NAMES = {
    "a": "url",
    "m": "mime",
    "s": "status",
    "k": "digest",
    "S": "length",
    "V": "offset",
    "g": "filename",
}
"""The letters of which CDXJ has the same field, by its name there."""


class Cdx:
    """How a CDX index writes its lines."""

    def __init__(self, first: str) -> None:
        self._letters = first.split()[1:]
        self.names = frozenset(_NAMES[letter] for letter in self._letters if letter in _NAMES)
        """The fields that its lines have, as CDXJ names them."""

    def read(self, line: str) -> tuple[str, str, dict[str, str]] | None:
        """Key, timestamp and fields of *line*; None where it has not as many words as the first line has letters.

        A field that is ``-`` is left out.
        """
        words = line.split(" ")
        if len(words) != len(self._letters):
            return None
        by_letter = dict(zip(self._letters, words, strict=True))
        fields = {_NAMES[letter]: word for letter, word in by_letter.items() if letter in _NAMES and word != "-"}
        return by_letter.get(KEY, ""), by_letter.get(TIMESTAMP, ""), fields
