"""A page's meta elements, read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.page.outline import Outline


@dataclass(frozen=True, slots=True)
class Meta:
    """What the meta elements say, by name (``name``, ``property`` or ``itemprop``) in lower case."""

    values: dict[str, list[str]]
    microdata: frozenset[str] = frozenset()
    """The names that they give as ``itemprop`` alone."""

    def all(self, names: Iterable[str]) -> Iterator[str]:
        """What they say under these names, in the names' order."""
        for name in names:
            yield from self.values.get(name, ())

    def first(self, *names: str) -> str:
        """The first of them; empty where there is none."""
        return next(self.all(names), "")


def read_meta(outline: Outline) -> Meta:
    """The page's meta elements; empty ones are passed over."""
    values: dict[str, list[str]] = {}
    named: set[str] = set()
    for element in outline.all("meta"):
        content = (element.get("content") or "").strip()
        stated = element.get("property") or element.get("name")
        name = (stated or element.get("itemprop") or "").strip().lower()
        if content and name:
            values.setdefault(name, []).append(content)
            named.update({name} if stated else ())
    return Meta(values, frozenset(values.keys() - named))
