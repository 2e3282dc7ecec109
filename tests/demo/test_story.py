from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.demo.labels import EDITIONS, TAGS, labels
from crawler.demo.story import Story, StoryError, load_stories, read_story

BROKEN = sorted(Path(__file__).with_name("broken").glob("*.toml"))


def test_samples_are_told_oldest_first(samples: tuple[Story, ...]) -> None:
    assert [s.slug for s in samples] == ["sample-lighthouse-s-lamp-relit", "sample-school-bus-goes-electric"]
    assert samples[0].published == datetime(2026, 2, 10, 6, 45, tzinfo=UTC)


def test_editions_of_a_story(samples: tuple[Story, ...]) -> None:
    assert samples[0].editions == ("en", "sw", "ko", "ar")
    assert [e for e in EDITIONS if samples[0].translated(e)] == ["en", "sw"]


def test_a_card_can_be_translated_over_an_english_body(samples: tuple[Story, ...]) -> None:
    lamp = samples[0]
    assert lamp.card("ar", 1).title == "مصباح المنارة يضيء من جديد"
    assert lamp.card("ar", 1).alt == lamp.texts["en"].alt
    assert lamp.page("ar", 1) == lamp.page("ko", 1) == lamp.texts["en"]


def test_a_changed_story_keeps_what_did_not_change(samples: tuple[Story, ...]) -> None:
    before, after = samples[0].page("en", 1), samples[0].page("en", 2)
    assert after.title == "Lighthouse's lamp relit, then dimmed"
    assert (after.lead, after.quote) == (before.lead, before.quote)
    assert samples[0].page("ko", 2) == after
    assert samples[0].page("sw", 2) == samples[0].page("sw", 1)


@pytest.mark.parametrize(("state", "there"), [(1, [True, False]), (2, [True, True]), (3, [False, True])])
def test_when_a_story_is_there(samples: tuple[Story, ...], state: int, there: list[bool]) -> None:
    assert [story.there(state) for story in samples] == there


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_story_is_refused_by_name(path: Path) -> None:
    with pytest.raises(StoryError, match=re.escape(str(path))):
        read_story(path)


def test_what_a_refusal_says() -> None:
    with pytest.raises(StoryError, match="has no key heading; it has alt, lead"):
        read_story(BROKEN[0].with_name("unknown-key-in-text.toml"))
    with pytest.raises(StoryError, match="tags: 'see' is none of sea, energy"):
        read_story(BROKEN[0].with_name("unknown-topic.toml"))


def test_every_edition_has_every_label() -> None:
    for edition, words in labels().items():
        assert list(words.tags) == list(TAGS), edition
        assert all(words.tags.values()), edition
        assert words.cookie_text.count("[") == words.cookie_text.count("]") == 1, edition


def test_the_sites_own_stories() -> None:
    stories = load_stories()
    assert len(stories) >= 40
    for edition in EDITIONS:
        assert sum(story.translated(edition) for story in stories) >= 5, edition
    for story in stories:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", story.slug), story.slug
