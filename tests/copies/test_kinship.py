"""One story in two editions, a rewriting, and a coincidence told apart."""

from __future__ import annotations

import pytest

from crawler.copies.kinship import Story, kinship
from crawler.demo.story import load_stories

STORIES = {one.slug: one for one in load_stories()}
RETOLD = [(one.retells, one.slug) for one in STORIES.values() if one.retells]
NIGHT_FERRY = STORIES["night-ferry-to-the-orran-islands-cut-to-three-sailings-a-week"].texts["en"].paragraphs
APPEAL = (
    "This newspaper belongs to its readers. More than eleven thousand pay what they can each month, so that "
    "every article stays free for those who cannot. There are no owners to please, and no wall in front of the news. "
    "If you read us often, consider joining them: five crowns a month are enough, and you can stop when you like.",
    "Members are invited to our open evening on the first Monday of the month, where editors tell which stories were "
    "hard to get, which ones were wrong, and what was done about it. The bar is open, and so is the archive.",
)


def story(body: tuple[str, ...], edition: str = "en", slug: str = "a", alternates: tuple[str, ...] = ()) -> Story:
    return Story(edition, slug, f"https://example.org/{edition}/articles/{slug}", frozenset(alternates), body)


def report(town: str, high: str, low: str, wind: str, tide: str, officer: str) -> tuple[str, ...]:
    return (
        f"The weather office expects a high of {high} degrees in {town} today and a low of {low} during the night. "
        f"The wind will reach {wind} kilometres an hour in the afternoon and drop towards the evening.",
        f"High tide at the harbour of {town} is at {tide}. Boats should stay in port while the flag is up, says "
        f"{officer}, who is on duty at the office until the morning. The next report follows at noon.",
    )


@pytest.mark.parametrize(("original", "retelling"), RETOLD)
def test_a_story_told_anew_is_a_rewrite(original: str, retelling: str) -> None:
    bodies = [STORIES[slug].texts["en"].paragraphs for slug in (original, retelling)]
    found = kinship(story(bodies[0], slug=original), story(bodies[1], slug=retelling))
    assert found is not None
    assert found.kind == "rewrite"
    assert 0.4 < found.similarity < 0.9


def test_one_text_in_two_editions_is_the_story_in_another_edition() -> None:
    found = kinship(story(NIGHT_FERRY, "sw", "x"), story(NIGHT_FERRY, "ko", "y"))
    assert found is not None
    assert (found.kind, found.similarity) == ("edition", 1.0)


def test_what_the_site_declares_as_one_story_is_one() -> None:
    older = NIGHT_FERRY[:-1]
    by_slug = kinship(story(older, "sw", "ferry"), story(NIGHT_FERRY, "ko", "ferry"))
    named = kinship(story(older, "sw", "x", ("https://example.org/ko/articles/y",)), story(NIGHT_FERRY, "ko", "y"))
    unnamed = kinship(story(older, "sw", "x"), story(NIGHT_FERRY, "ko", "y"))
    assert [one and one.kind for one in (by_slug, named, unnamed)] == ["edition", "edition", "rewrite"]


def test_a_correction_or_an_addition_is_a_rewrite() -> None:
    corrected = tuple(text.replace("three", "four") for text in NIGHT_FERRY)
    longer = (*NIGHT_FERRY, "The council of the islands will meet on Tuesday to hear what the company has to say.")
    for other in (corrected, longer):
        found = kinship(story(NIGHT_FERRY), story(other, slug="b"))
        assert found is not None
        assert found.kind == "rewrite"


def test_a_form_filled_in_anew_is_a_coincidence() -> None:
    monday = report("Pellworth", "14", "6", "35", "11:20", "Anne Kerr")
    tuesday = report("Calder", "19", "11", "58", "12:05", "Tom Ridley")
    found = kinship(story(monday), story(tuesday, slug="b"))
    assert found is not None
    assert found.kind == "coincidence"


def test_an_appeal_under_two_stories_is_a_coincidence() -> None:
    first = STORIES["telescope-at-dry-ridge-sees-a-comet-break-in-two"].texts["en"].paragraphs[:2]
    second = STORIES["lowland-farmers-swap-barley-for-chickpeas"].texts["en"].paragraphs[:2]
    found = kinship(story((*first, *APPEAL)), story((*second, *APPEAL), slug="b"))
    assert found is not None
    assert found.kind == "coincidence"


def test_an_appeal_in_a_script_without_capitals_is_told_too() -> None:
    stories = [one.texts["ko"].paragraphs for one in STORIES.values() if one.translated("ko")][:3]
    appeal = stories[2] * 2
    found = kinship(story((*stories[0][:1], *appeal), "ko"), story((*stories[1][:1], *appeal), "ko", "b"))
    assert found is not None
    assert found.kind == "coincidence"


def test_stories_with_little_in_common_are_nothing_to_one_another() -> None:
    bodies = [one.texts["en"].paragraphs for one in STORIES.values() if not one.retells]
    assert not any(kinship(story(bodies[0]), story(body, slug="b")) for body in bodies[1:])
    assert kinship(story(()), story((), slug="b")) is None
