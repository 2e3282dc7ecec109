"""What a crawl of the demo site should find, said by the site itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crawler.demo.labels import EDITIONS
from crawler.demo.oddities import article, oddities
from crawler.demo.site import DemoSite
from crawler.demo.story import Story


@dataclass(frozen=True, slots=True)
class EditionExpected:
    """One edition's article URLs, absolute, without fragments and tracking parameters."""

    linked: frozenset[str]
    """All that links on its front pages and articles lead to."""
    documents: frozenset[str]
    """Canonical URLs of which each becomes a document."""
    twins: tuple[tuple[str, str], ...]
    """Pairs of URLs with the same text: one of each pair becomes a document, and the other is dropped."""
    redirects: Mapping[str, str]
    """URLs that lead elsewhere, with the URL where they end."""
    aliases: Mapping[str, str]
    """URLs of pages that name another URL as canonical."""
    missing: frozenset[str]
    """404."""
    gone: frozenset[str]
    """410."""
    disallowed: frozenset[str]
    """Not to be fetched, as robots.txt says."""
    not_html: frozenset[str]
    empty: frozenset[str]
    """HTML without text."""
    translated: frozenset[str]
    """The documents whose body speaks the edition's language."""
    appeared: frozenset[str]
    """Not there in the state before."""
    vanished: frozenset[str]
    """There in the state before, and gone now."""
    changed: frozenset[str]
    """Of another text than in the state before, their cards aside."""

    @property
    def count(self) -> int:
        """How many documents a crawl of this edition makes."""
        return len(self.documents) + len(self.twins)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a crawl of all editions should find in one state."""

    state: int
    editions: Mapping[str, EditionExpected]
    near_copies: tuple[tuple[str, str], ...]
    """Pairs of URLs of a story and its rewriting: both documents, in one cluster."""
    clusters: frozenset[frozenset[str]]
    """Canonical URLs of near-copies: a story's pages with its English body, and with those of stories that tell it
    anew. Of two with one slug, one is another edition's; of two with different slugs, one is a rewriting."""
    stories: frozenset[frozenset[str]]
    """Canonical URLs of each story's pages, in all editions that carry it; a rewriting is a story of its own."""

    @property
    def count(self) -> int:
        """How many documents a crawl of all editions makes."""
        return sum(edition.count for edition in self.editions.values())

    def differences(self, documents: Iterable[str]) -> frozenset[str]:
        """The URLs that are documents and should not be, or the other way round; of twins either will do."""
        found, editions = set(documents), self.editions.values()
        twins = [pair for edition in editions for pair in edition.twins]
        wanted = {url for edition in editions for url in edition.documents}
        wrong = (found ^ wanted) - {url for pair in twins for url in pair}
        return frozenset(wrong | {pair[0] for pair in twins if len(found & set(pair)) != 1})


def expected(site: DemoSite) -> Expected:
    """What a crawl of *site* should find in its state."""
    copied = site.catalogue.cast.copied
    pair = [(_url(site, "en", copied.slug), _url(site, "en", f"update-{copied.slug}"))] if copied else []
    editions = {edition: _edition(site, edition) for edition in EDITIONS}
    return Expected(site.catalogue.state, editions, tuple(pair), _clusters(site), _stories(site))


def _edition(site: DemoSite, edition: str) -> EditionExpected:
    odd, state = oddities(site.catalogue, edition), site.catalogue.state
    stories = {story: _url(site, edition, story.slug) for story in site.catalogue.edition(edition)}

    def those(*behaviours: str) -> dict[str, str]:
        return {site.origin + o.path: site.origin + o.target for o in odd if o.behaviour in behaviours}

    twins = {canonical: other for other, canonical in those("twin").items()}
    return EditionExpected(
        linked=frozenset([*stories.values(), *(site.origin + o.path for o in odd)]),
        documents=frozenset(stories.values()) - set(twins),
        twins=tuple(twins.items()),
        redirects=those("moved", "latest", "chain"),
        aliases=those("alias"),
        missing=frozenset(those("missing")),
        gone=frozenset(those("withdrawn", "vanishes")),
        disallowed=frozenset(those("members")),
        not_html=frozenset(those("pdf")),
        empty=frozenset(those("empty")),
        translated=frozenset(url for story, url in stories.items() if story.translated(edition)),
        appeared=frozenset(url for story, url in stories.items() if story.appears == state > 1),
        vanished=frozenset(
            _url(site, edition, s.slug) for s in site.catalogue.vanished(edition) if s.vanishes == state
        ),
        changed=frozenset(url for story, url in stories.items() if state > 1 and _changed(story, edition, state)),
    )


def _clusters(site: DemoSite) -> frozenset[frozenset[str]]:
    """Those of all stories that the site carries or carried: a corpus keeps what vanished."""
    english: dict[str, set[str]] = {}
    for story in site.catalogue.stories:
        if story.appears <= site.catalogue.state:
            pages = {_url(site, e, story.slug) for e in story.editions if e == "en" or not story.translated(e)}
            english.setdefault(story.retells or story.slug, set()).update(pages)
    return frozenset(frozenset(urls) for urls in english.values() if len(urls) > 1)


def _stories(site: DemoSite) -> frozenset[frozenset[str]]:
    """Likewise."""
    told = (story for story in site.catalogue.stories if story.appears <= site.catalogue.state)
    return frozenset(frozenset(_url(site, edition, story.slug) for edition in story.editions) for story in told)


def _changed(story: Story, edition: str, state: int) -> bool:
    return story.there(state - 1) and story.page(edition, state) != story.page(edition, state - 1)


def _url(site: DemoSite, edition: str, slug: str) -> str:
    return site.origin + article(edition, slug)
