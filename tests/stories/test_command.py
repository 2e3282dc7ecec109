"""``editions stories``: the table of editions and stories, late editions of a recrawl."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crawler import cli
from crawler.demo.labels import EDITIONS
from crawler.stories.overview import cells, overview
from crawler.stories.story import Story, Told
from tests.command import editions, profile
from tests.demopages import pages, site, write_corpus
from tests.site import Answer, serve


def test_the_demos_table_has_every_edition_and_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_corpus(tmp_path, (page for edition in EDITIONS for page in pages(edition)))
    told = site().catalogue
    assert cli.main(["stories", str(tmp_path), "--site", "demo", "--list"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    for edition in EDITIONS:
        carried = told.edition(edition)
        translated = sum(story.translated(edition) for story in carried)
        wanted = [edition, len(carried), translated, len(carried) - translated, 0, 41 - len(carried), 0]
        assert [str(one) for one in wanted] in rows
    heads = next(row for row in rows if row[0] == "story")
    for row in rows[rows.index(heads) + 1 : -1]:
        story = next(one for one in told.stories if any(t.title == row[-1] for t in one.texts.values()))
        for edition, cell in zip(heads[1:-1], row[1:-1], strict=True):
            there = "translated" if story.translated(edition) else "untranslated"
            assert cell == (there if edition in story.editions else "-")
    assert rows[-1] == ["41 stories, 36 in more than one edition; joins: 173 hreflang; wrong alternates: none"]


def test_translated_untranslated_unknown_missing_and_late_are_told_apart() -> None:
    told = [
        Told("", "", code, "T", known, "", late)
        for code, known, late in [("en", True, 0), ("ko", False, 0), ("sw", True, 2), ("yo", None, None)]
    ]
    stories = [Story("1", tuple(told)), Story("2", (replace(told[0], title="U"),))]
    assert [
        (one.edition, one.stories, one.translated, one.untranslated, one.unknown, one.missing, one.late)
        for one in overview(stories)
    ] == [("en", 2, 2, 0, 0, 0, 0), ("ko", 1, 0, 1, 0, 1, 0), ("sw", 1, 1, 0, 0, 1, 1), ("yo", 1, 0, 0, 1, 1, 0)]
    assert cells(stories[0], ["en", "ko", "sw", "yo", "am"]) == [
        "translated",
        "untranslated",
        "translated +2",
        "?",
        "-",
    ]


def article(edition: str, slug: str, others: tuple[str, ...]) -> Answer:
    links = "".join(f'<link rel="alternate" hreflang="{code}" href="/{code}/articles/{slug}">' for code in others)
    html = f"""<html><head><title>{slug}</title>{links}</head><body><main><article><h1>{slug} in {edition}</h1>
    <p>This is what happened in the story {slug}, told in the edition {edition} as it was told.</p>
    </article></main></body></html>"""
    return Answer(html.encode())


def front(*paths: str) -> Answer:
    return Answer(f"<html><body>{''.join(f'<a href={path}>{path}</a>' for path in paths)}</body></html>".encode())


@pytest.mark.long
def test_an_edition_that_a_recrawl_finds_is_late_and_a_new_story_is_not(tmp_path: Path) -> None:
    def crawl() -> None:
        ran = editions("crawl", "site.toml", "--collection", "c", "--quiet", cwd=tmp_path)
        assert ran.code == 0, ran.err

    with serve({}) as host:
        profile(tmp_path, host.host, editions=("en", "sw"))
        host.answers.update({"/en": front("/en/articles/first-story-of-all"), "/sw": front()})
        host.answers["/en/articles/first-story-of-all"] = article("en", "first-story-of-all", ("en",))
        crawl()
        both = ("en", "sw")
        names = ("first-story-of-all", "second-story-of-all")
        for code in both:
            host.answers[f"/{code}"] = front(*(f"/{code}/articles/{name}" for name in names))
            host.answers.update({f"/{code}/articles/{name}": article(code, name, both) for name in names})
        crawl()
    ran = editions("stories", "c", "--json", cwd=tmp_path)
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    late = {one["url"].rpartition(host.host)[2]: one["late"] for story in found["stories"] for one in story["told"]}
    assert late == {
        "/en/articles/first-story-of-all": 0,
        "/sw/articles/first-story-of-all": 1,
        "/en/articles/second-story-of-all": 0,
        "/sw/articles/second-story-of-all": 0,
    }
    assert [(one["edition"], one["late"]) for one in found["editions"]] == [("en", 0), ("sw", 1)]
    assert found["problems"] == []
    again = editions("regenerate", "c", "--out", "again", "--workers", "2", "--quiet", cwd=tmp_path)
    assert again.code == 0, again.err
    made, again_made = (
        {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()} for folder in ("c/corpus", "again")
    )
    assert made == again_made
