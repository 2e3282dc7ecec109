"""Alternates that are wrong: each told, and no join made against what a page says."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.errors import CorpusError
from crawler.items import Alternate, Block, Dated, Drop, Page
from crawler.sites.profile import Profile, find
from crawler.state import State
from crawler.stories.corpus import Stories, read_stories
from crawler.text.corpus import Corpus
from crawler.text.ledger import Ledger
from crawler.text.seedtext import extractor
from tests.demopages import DATE, ORIGIN, RECORD


def url(edition: str, slug: str) -> str:
    return f"{ORIGIN}/{edition}/articles/{slug}"


def page(edition: str, slug: str, *others: str, published: str = "2026-03-16") -> Page:
    """A page; others are ``edition/slug`` or ``language=edition/slug``."""
    own = url(edition, slug)
    links = []
    for other in others:
        language, _, rest = other.rpartition("=")
        of, _, its_slug = rest.partition("/")
        links.append(Alternate(language or of, url(of, its_slug)))
    date = Dated(published, published, "json-ld")
    return Page(own, own, edition, slug, slug.title(), date, tuple(links), f"{edition} {slug} {published}")


def stories(folder: Path, made_of: Iterable[Page | Drop], profile: Profile | None = None) -> Stories:
    with closing(State()) as state:
        corpus = Corpus(folder, Ledger(state), extractor())
        for number, one in enumerate(made_of):
            if isinstance(one, Drop):
                corpus.drop(one)
            else:
                corpus.add(one, replace(RECORD, offset=number), DATE)
        corpus.save()
    return read_stories(folder, profile or find("demo"))


def groups(found: Stories) -> list[set[str]]:
    return [
        {told.url.removeprefix(f"{ORIGIN}/").replace("/articles", "") for told in one.told} for one in found.stories
    ]


def faults(found: Stories) -> list[tuple[str, str, str]]:
    return [
        (
            one.fault,
            one.url.removeprefix(f"{ORIGIN}/").replace("/articles", ""),
            one.alternate.removeprefix(f"{ORIGIN}/").replace("/articles", ""),
        )
        for one in found.problems
    ]


def test_each_names_the_other(tmp_path: Path) -> None:
    made_of = [page("en", "a", "en/a", "sw/b", "x-default=en/a"), page("sw", "b", "en/a", "sw/b")]
    found = stories(tmp_path, made_of)
    assert groups(found) == [{"en/a", "sw/b"}]
    assert found.problems == ()
    [join] = found.stories[0].joins
    assert (join.reason, join.confidence, join.says) == ("hreflang", 1.0, "each names the other")


def test_only_one_names_the_other(tmp_path: Path) -> None:
    found = stories(
        tmp_path, [page("en", "a", "sw/b"), page("sw", "b"), page("ar", "c", "ar/c", "ko/d"), page("ko", "d")]
    )
    assert groups(found) == [{"en/a", "sw/b"}, {"ar/c", "ko/d"}]
    assert {join.confidence for story in found.stories for join in story.joins} == {0.9}
    assert faults(found) == [("one-way", "ar/c", "ko/d"), ("one-way", "en/a", "sw/b")]


def test_the_other_names_another_in_its_place(tmp_path: Path) -> None:
    """Not even the same slug joins what a page says is not the same."""
    made_of = [page("en", "one-long-slug", "sw/one-long-slug"), page("sw", "one-long-slug", "en/b"), page("en", "b")]
    found = stories(tmp_path, made_of)
    assert groups(found) == [{"en/one-long-slug"}, {"sw/one-long-slug", "en/b"}]
    assert faults(found) == [
        ("contradicted", "en/one-long-slug", "sw/one-long-slug"),
        ("one-way", "sw/one-long-slug", "en/b"),
    ]


def test_alternates_that_lead_nowhere(tmp_path: Path) -> None:
    drops = [Drop(url("sw", "gone"), "status-404"), Drop(url("ko", "letter"), "not-html")]
    found = stories(tmp_path, [page("en", "a", "sw/gone", "ko/letter", "ja/never"), *drops])
    assert faults(found) == [
        ("not-captured", "en/a", "ja/never"),
        ("broken", "en/a", "ko/letter"),
        ("broken", "en/a", "sw/gone"),
    ]
    assert [one.says for one in found.problems] == [
        "was not captured",
        "is no document: not-html",
        "is no document: status-404",
    ]


def test_alternates_are_followed_through_redirects_duplicates_and_addresses_without_edition(tmp_path: Path) -> None:
    moved, twin = (
        Drop(url("sw", "old"), "redirected", url("sw", "print")),
        Drop(url("sw", "print"), "duplicate-text", url("sw", "b")),
    )
    bare = Alternate("en", f"{ORIGIN}/articles/a?utm_source=x")
    swahili = replace(page("sw", "b"), alternates=(bare,))
    profile = replace(find("demo"), default_edition="en")
    found = stories(tmp_path, [page("en", "a", "sw/old"), swahili, moved, twin], profile)
    assert groups(found) == [{"en/a", "sw/b"}]
    assert found.problems == ()


def test_a_redirect_without_end_ends(tmp_path: Path) -> None:
    circle = [Drop(url("sw", "x"), "redirected", url("sw", "y")), Drop(url("sw", "y"), "redirected", url("sw", "x"))]
    assert faults(stories(tmp_path, [page("en", "a", "sw/x"), *circle])) == [("broken", "en/a", "sw/x")]


def test_two_pages_named_for_one_edition_and_a_wrong_language(tmp_path: Path) -> None:
    made_of = [page("en", "a", "sw/b", "sw/c", "ko=ar/d"), page("sw", "b", "en/a"), page("sw", "c"), page("ar", "d")]
    found = stories(tmp_path, made_of)
    assert groups(found) == [{"en/a", "sw/b"}, {"sw/c"}, {"ar/d"}]
    assert faults(found) == [("wrong-language", "en/a", "ar/d"), ("two-named", "en/a", "sw/c")]


def test_languages_are_compared_without_region_and_in_the_spelling_of_today(tmp_path: Path) -> None:
    made_of = [page("en", "a", "tl=fil/b", "sw-KE=sw/c"), page("fil", "b", "en-GB=en/a"), page("sw", "c", "en/a")]
    found = stories(tmp_path, made_of)
    assert groups(found) == [{"en/a", "fil/b", "sw/c"}]
    assert found.problems == ()


def test_slugs_that_say_little_join_nothing_and_neither_do_those_of_another_year(tmp_path: Path) -> None:
    made_of = [page("en", "weather"), page("sw", "weather"), page("en", "the-budget-in-figures")]
    later = page("sw", "the-budget-in-figures", published="2027-03-16")
    assert len(stories(tmp_path, [*made_of, later]).stories) == 4


def test_one_story_has_one_document_of_an_edition(tmp_path: Path) -> None:
    """A chain of pages that each name the next would put two English ones into one story."""
    made_of = [
        page("en", "a", "sw/b"),
        page("sw", "b", "ko/c"),
        page("ko", "c", "ar/d"),
        page("ar", "d", "en/e"),
        page("en", "e"),
    ]
    found = stories(tmp_path, made_of)
    for story in found.stories:
        editions = [told.edition for told in story.told]
        assert len(set(editions)) == len(editions)
    assert sum(len(story.told) for story in found.stories) == 5


def test_a_corpus_without_items_is_joined_by_what_it_has(tmp_path: Path) -> None:
    made_of = [page("en", "one-long-slug"), page("sw", "one-long-slug")]
    stories(tmp_path, made_of)
    (tmp_path / "items.jsonl").unlink()
    assert groups(read_stories(tmp_path)) == [{"en/one-long-slug", "sw/one-long-slug"}]


def test_items_of_another_corpus_are_refused(tmp_path: Path) -> None:
    stories(tmp_path, [page("en", "a"), page("sw", "b")])
    lines = (tmp_path / "items.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "items.jsonl").write_text(f"{lines[1]}\n{lines[0]}\n", "utf-8")
    with pytest.raises(CorpusError, match=r"items\.jsonl: line 1: is not the item of that line of the manifest"):
        read_stories(tmp_path)
    (tmp_path / "items.jsonl").write_text(f"{lines[0]}\n[]\n", "utf-8")
    with pytest.raises(CorpusError, match=r"items\.jsonl: line 2: no line of items"):
        read_stories(tmp_path)
    (tmp_path / "items.jsonl").write_bytes(f"{lines[0]}\n".encode() + b'{"headline": "\xff"}\n')
    with pytest.raises(CorpusError, match=r"items\.jsonl: line 2: no line of items"):
        read_stories(tmp_path)
    (tmp_path / "items.jsonl").write_text(f"{lines[0]}\n{lines[1]}\n", "utf-8")
    (tmp_path / "dropped.jsonl").write_bytes(b'{"url": "\xff", "reason": "empty", "of": null}\n')
    with pytest.raises(CorpusError, match=r"dropped\.jsonl: line 1"):
        read_stories(tmp_path)


def test_a_few_numbers_in_common_are_no_story(tmp_path: Path) -> None:
    """Two fires in one town: the same names, the same engines, other numbers."""
    first = "Firefighters in Pellworth put out a blaze with 14 engines; Chief Ingrid Falk counted 3,200 burnt bales."
    second = (
        "Wazimamoto wa Pellworth walizima moto kwa magari 14; Mkuu Ingrid Falk alihesabu mapipa 1,870 na watu 61."
    )
    texts = {"en": first, "sw": second}
    made_of = [replace(page(code, f"x{code}"), blocks=(Block("paragraph", text),)) for code, text in texts.items()]
    assert len(stories(tmp_path, made_of).stories) == 2
