"""URL patterns of a site: ``https://allthe.news/{edition}/articles/{slug}`` read, matched and filled."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.sites.table import suggest
from crawler.urls import Parts, normalise, split

# Letters that stand for a placeholder while the pattern is normalised like any URL: lower case, since hosts are.
_EDITION, _SLUG, _PATH = "q0editionq0", "q0slugq0", "q0slugpathq0"
_NAMES = ("edition", "slug", "slug:path")
_STAND_INS = {"{edition}": _EDITION, "{slug}": _SLUG, "{slug:path}": _PATH}
_GROUPS = {_EDITION: r"(?P<edition>[^/.?&=]+?)", _SLUG: r"(?P<slug>[^/?&]+?)", _PATH: r"(?P<slug>[^?&]+?)"}
_MARK = re.compile("|".join((_EDITION, _PATH, _SLUG)))
_BRACED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class UrlPattern:
    """A URL with places for an edition's code and an article's slug.

    ``{edition}`` may stand anywhere: in the path, as a subdomain, in the query. ``{slug}`` is one path segment
    or a part of one, never more: so ``/{edition}/{slug}`` does not take ``/sw/tags/peace`` for an article.
    ``{slug:path}`` is one or more segments, for sites whose slugs are like ``2024/05/title-123.html``.

    A URL matches whatever its scheme, with or without ``www.``, a trailing slash, a fragment, and query keys that the
    pattern does not name.
    """

    template: str
    host: re.Pattern[str]
    path: re.Pattern[str]
    query: tuple[tuple[str, re.Pattern[str]], ...]
    prefix: re.Pattern[str] | None
    """The path up to and with ``{edition}``; None where the path has none."""

    @classmethod
    def parse(cls, template: str) -> UrlPattern:
        """Read a pattern.

        Raises:
            ValueError: the pattern is no web address, or a placeholder is unknown, doubled or misplaced.
        """
        _check_placeholders(template)
        marked = normalise(_BRACED.sub(lambda match: _STAND_INS[match[0]], template))
        _check_places(template, marked)
        parts = split(marked)
        return cls(
            template=template,
            host=_regex(parts.address.removeprefix("www.")),
            path=_regex(parts.path.rstrip("/")),
            query=tuple((key, _regex(value)) for key, value in _pairs(parts.query)),
            prefix=_edition_prefix(parts.path),
        )

    @property
    def has_edition(self) -> bool:
        """Whether there is a place for an edition."""
        return "{edition}" in self.template

    def match(self, url: str) -> dict[str, str] | None:
        """The values of the placeholders in a normalised URL, as they are written in it; None if it differs."""
        parts = split(url)
        host, path = self._match_host(parts), self.path.fullmatch(parts.path.rstrip("/"))
        if host is None or path is None:
            return None
        found = host.groupdict() | path.groupdict()
        given = dict(_pairs(parts.query))
        for key, wanted in self.query:
            match = wanted.fullmatch(given.get(key, ""))
            if match is None:
                return None
            found |= match.groupdict()
        return found

    def edition_place(self, url: str) -> str | None:
        """What stands at the edition's place in the normalised URL of any page, be it an edition's code or not."""
        parts = split(url)
        host = self._match_host(parts)
        if host is None:
            return None
        if "edition" in host.groupdict():
            return host["edition"]
        if self.prefix is not None:
            path = self.prefix.match(parts.path)
            return path["edition"] if path else None
        return self._edition_in_query(parts)

    def fill(self, edition: str | None = None, slug: str | None = None) -> str:
        """The normalised URL with these values in place; a slug as ``match`` gives it."""
        values = {"{edition}": edition or "", "{slug}": slug or "", "{slug:path}": slug or ""}
        return normalise(_BRACED.sub(lambda match: values[match[0]], self.template))

    def without_edition(self) -> UrlPattern | None:
        """The pattern of URLs that leave the edition out: its segment, subdomain or query key; None if none can."""
        shorter = re.sub(r"/\{edition\}(?=/|\?|$)|(?<=//)\{edition\}\.|[^?&]+=\{edition\}&?", "", self.template)
        return None if "{edition}" in shorter or not self.has_edition else UrlPattern.parse(shorter)

    def _match_host(self, parts: Parts) -> re.Match[str] | None:
        """As it is first: ``www`` can be the code of an edition."""
        return self.host.fullmatch(parts.address) or self.host.fullmatch(parts.address.removeprefix("www."))

    def _edition_in_query(self, parts: Parts) -> str | None:
        given = dict(_pairs(parts.query))
        for key, wanted in self.query:
            match = wanted.fullmatch(given.get(key, ""))
            if match is not None and "edition" in match.groupdict():
                return match["edition"]
        return None


def _check_placeholders(template: str) -> None:
    """Refuse placeholders that are unknown or stand twice."""
    names = _BRACED.findall(template)
    for name in names:
        if name not in _NAMES:
            raise ValueError(f"unknown placeholder {{{name}}}; {suggest(name, _NAMES)}")
    kinds = [name.partition(":")[0] for name in names]
    for kind in set(kinds):
        if kinds.count(kind) > 1:
            raise ValueError(f"{{{kind}}} stands in it more than once")
    if re.search(r"[{}]", _BRACED.sub("", template)):
        raise ValueError("a brace without its partner")


def _check_places(template: str, marked: str) -> None:
    """Refuse placeholders where no value of theirs could stand: in a fragment, a port, the slug in the host."""
    for placeholder, stand_in in _STAND_INS.items():
        if placeholder in template and stand_in not in marked:
            raise ValueError(f"{placeholder} stands where it cannot be told from the rest")
    if _SLUG in split(marked).address or _PATH in split(marked).address:
        raise ValueError("{slug} stands in the host; it belongs in the path or the query")


def _regex(marked: str) -> re.Pattern[str]:
    """A regular expression for normalised text with stand-ins in it."""
    pieces, end = [], 0
    for match in _MARK.finditer(marked):
        pieces += [re.escape(marked[end : match.start()]), _GROUPS[match[0]]]
        end = match.end()
    return re.compile("".join([*pieces, re.escape(marked[end:])]))


def _edition_prefix(path: str) -> re.Pattern[str] | None:
    before, found, after = path.partition(_EDITION)
    if not found:
        return None
    rest = after.partition("/")[0]
    return re.compile(f"{_regex(before + found + rest).pattern}(?=/|$)")


def _pairs(query: str) -> list[tuple[str, str]]:
    """A query's keys and values as written."""
    return [(key, value) for key, _, value in (part.partition("=") for part in query.split("&")) if key]
