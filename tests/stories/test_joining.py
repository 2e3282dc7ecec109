"""The demo's stories, all known: joined by what pages say, by slugs, and by what they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from crawler.demo.expected import expected
from crawler.demo.labels import EDITIONS
from crawler.items import Page
from crawler.seeds import of as seeds_of
from crawler.sites.profile import find
from crawler.stories.corpus import Stories, read_stories
from crawler.text.normal import normalised
from crawler.text.page import PageReader
from tests.demopages import ORIGIN, pages, site, write_corpus
from tests.shared import need
from tests.text.structures import STRUCTURES, take_apart


@cache
def demo() -> tuple[Page, ...]:
    return tuple(page for edition in EDITIONS for page in pages(edition))


def unlinked(page: Page) -> Page:
    return replace(page, alternates=())


def renamed(page: Page) -> Page:
    """As if each edition made its slugs itself."""
    slug = f"s-{sha256(page.canonical.encode()).hexdigest()[:12]}"
    url = f"{ORIGIN}/{page.edition}/articles/{slug}"
    return replace(page, url=url, canonical=url, slug=slug)


def relinked(page: Page) -> Page:
    """The same, with hreflang to the new addresses."""
    others = [replace(page, canonical=one.url, edition=one.url.split("/")[3]) for one in page.alternates]
    links = [replace(one, url=renamed(other).url) for one, other in zip(page.alternates, others, strict=True)]
    return replace(renamed(page), alternates=tuple(links))


def undated(page: Page) -> Page:
    return replace(unlinked(renamed(page)), published=None)


def truth(alter: Callable[[Page], Page]) -> set[frozenset[str]]:
    altered = {page.canonical: alter(page).canonical for page in demo()}
    return {frozenset(altered[url] for url in urls) for urls in expected(site()).stories}


def joined(found: Stories) -> set[frozenset[str]]:
    return {frozenset(told.url for told in story.told) for story in found.stories}


def reasons(found: Stories) -> Counter[str]:
    return Counter(join.reason for story in found.stories for join in story.joins)


def read(folder: Path, made_of: Iterable[Page]) -> Stories:
    return read_stories(write_corpus(folder, iter(made_of)), find("demo"))


@pytest.mark.parametrize(
    ("alter", "reason"),
    [
        (lambda page: page, "hreflang"),
        (relinked, "hreflang"),
        (unlinked, "slug"),
        (lambda page: unlinked(renamed(page)), "content"),
        (undated, "content"),
    ],
    ids=["as it is", "slugs different", "without hreflang", "neither", "neither, nor dates"],
)
def test_all_joins_are_right_in_every_edition(tmp_path: Path, alter: Callable[[Page], Page], reason: str) -> None:
    found = read(tmp_path, map(alter, demo()))
    assert joined(found) == truth(alter)
    assert reasons(found) == {reason: len(demo()) - len(truth(alter))}
    assert found.problems == ()
    right_to_left = [story for story in found.stories if any(told.edition == "ar" for told in story.told)]
    assert len(right_to_left) == len(site().catalogue.edition("ar"))
    assert all(len(story.joins) == len(story.told) - 1 and story.confidence >= 0.9 for story in found.stories)


def test_a_story_and_its_rewriting_stay_apart(tmp_path: Path) -> None:
    """One edition has both: the others tell the story, not its update, whatever is left to tell them by."""
    copied = site().catalogue.cast.copied
    assert copied is not None
    found = read(tmp_path, map(undated, demo()))
    of_update = undated(next(page for page in demo() if page.slug == f"update-{copied.slug}")).canonical
    [update] = [story for story in found.stories if story.told[0].url == of_update]
    assert len(update.told) == 1


def test_a_join_by_content_says_what_is_shared(tmp_path: Path) -> None:
    some = [page for page in demo() if page.edition in ("sv", "ar")]
    found = read(tmp_path, (unlinked(renamed(page)) for page in some))
    wanted = {renamed(page).canonical for page in some if page.slug and page.slug.startswith("pellworth")}
    [join] = [join for story in found.stories for join in story.joins if join.one in wanted]
    assert {join.one, join.other} == wanted
    assert join.confidence == 0.99
    assert join.says.startswith("images harbour; numbers 640000, 21000, 45000")


def test_stories_are_the_same_whatever_the_order_in_which_they_were_captured(tmp_path: Path) -> None:
    forth = joined(read(tmp_path / "forth", map(undated, demo())))
    back = joined(read(tmp_path / "back", map(undated, reversed(demo()))))
    assert forth == back


@pytest.mark.parametrize("left_out", ["en", "ar"])
def test_an_edition_less_breaks_no_other_join(tmp_path: Path, left_out: str) -> None:
    """Without English, which has every story, the others must find each other."""
    some = [page for page in demo() if page.edition != left_out]
    wanted = {frozenset(url for url in story if f"/{left_out}/" not in url) for story in truth(undated)} - {
        frozenset()
    }
    assert joined(read(tmp_path, map(undated, some))) == wanted


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("named", [True, False], ids=["slugs", "neither hreflang nor slugs"])
def test_the_seeds_three_stories_are_told_apart(tmp_path: Path, structure: str, named: bool) -> None:
    """One meeting, its talks, a call to follow: the same people and cards. Two pages pairwise in the same English."""
    seeds = need("seeds")
    profile = find("allthe.news")
    made_of = []
    for seed in seeds_of(profile):
        text = (seeds / seed.file).read_text("utf-8")
        html = STRUCTURES[structure](take_apart(text), seed.url)
        page = PageReader(profile).read(html.encode(), seed.url, "text/html; charset=utf-8")
        assert isinstance(page, Page)
        made_of.append(normalised(page) if named else renamed(normalised(page)))
    found = read_stories(write_corpus(tmp_path, iter(made_of)), profile)
    assert [[told.edition for told in story.told] for story in found.stories] == [["sw", "ko"], ["sv", "ko"], ["yo"]]
    assert set(reasons(found)) == {"slug" if named else "content"}
