"""What pages say of themselves in other editions (hreflang): whom each names, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from langcodes import standardize_tag
from langcodes.tag_parser import LanguageTagError

from crawler.items import Alternate
from crawler.stories.fates import Fates
from crawler.stories.story import Fault, Problem
from crawler.stories.version import Version

_ANY = "x-default"


class Alternates:
    """Whom each document names as the same story in another edition.

    *languages* are the editions' (BCP 47), by code; an edition that is not there speaks the language of its code.
    """

    def __init__(self, versions: Sequence[Version], fates: Fates, languages: Mapping[str, str]) -> None:
        self._versions = versions
        self._fates = fates
        self._languages = {code: _primary(language) for code, language in languages.items()}
        self.problems: list[Problem] = []
        """What is wrong, by the page that says it."""
        self._named = [self._read(at) for at in range(len(versions))]
        self.problems += self._unanswered()
        self.problems.sort(key=lambda problem: (problem.url, problem.alternate, problem.fault))

    def named(self, at: int) -> Mapping[str, int]:
        """By edition, the document that the page at a place names."""
        return self._named[at]

    def contradict(self, one: int, other: int) -> bool:
        """Whether the page of one of two documents names another document in the place of the other."""
        return self._denies(one, other) or self._denies(other, one)

    def _denies(self, one: int, other: int) -> bool:
        return self._named[one].get(self._versions[other].edition, other) != other

    def _read(self, at: int) -> dict[str, int]:
        """The documents that one page names, the first of each edition; notes what is wrong."""
        own = self._versions[at]
        found: dict[str, int] = {}
        for alternate in own.alternates:
            to = self._fates.document(alternate.url)
            if to is None:
                self.problems.append(self._lost(own, alternate))
                continue
            edition = self._versions[to].edition
            if not self._fits(alternate.language, edition):
                says = f"is called {alternate.language} and is a page of the edition {edition}"
                self.problems.append(Problem("wrong-language", own.url, alternate.url, says))
            elif to != at and edition != own.edition and found.setdefault(edition, to) != to:
                says = f"is named beside {self._versions[found[edition]].url}"
                self.problems.append(Problem("two-named", own.url, alternate.url, says))
        return found

    def _lost(self, own: Version, alternate: Alternate) -> Problem:
        why = self._fates.why_not(alternate.url)
        fault: Fault = "broken" if why else "not-captured"
        return Problem(fault, own.url, alternate.url, f"is no document: {why}" if why else "was not captured")

    def _fits(self, language: str, edition: str) -> bool:
        return language.lower() == _ANY or _primary(language) == self._languages.get(edition, _primary(edition))

    def _unanswered(self) -> Iterator[Problem]:
        for at, named in enumerate(self._named):
            own = self._versions[at]
            for to in named.values():
                back = self._named[to].get(own.edition)
                if back is None:
                    says = "does not name it back" if self._versions[to].alternates else "names no other edition"
                    yield Problem("one-way", own.url, self._versions[to].url, says)
                elif back != at:
                    says = f"names {self._versions[back].url} in its place"
                    yield Problem("contradicted", own.url, self._versions[to].url, says)


def _primary(tag: str) -> str:
    """The language of a tag alone, in the spelling of today: ``pt`` of ``pt-BR``, ``fil`` of ``tl``."""
    try:
        return standardize_tag(tag).partition("-")[0].lower()
    except LanguageTagError:
        return tag.partition("-")[0].lower()
