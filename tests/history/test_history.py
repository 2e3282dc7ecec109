"""A page's captures in time: on the demo site in its three states, and on one that removes and returns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.demo.expected import Expected
from crawler.demo.server import serve as serve_demo
from tests.batch.archives import DEMO
from tests.command import editions, profile
from tests.site import Answer, serve

STORY = "<!doctype html><title>S</title><article><h1>Harbour</h1><p>The {} harbour opens.</p></article>"


@dataclass(frozen=True, slots=True)
class Crawled:
    """The demo site after a crawl of English and Swahili in each state."""

    folder: Path
    expected: tuple[Expected, ...]
    origin: str

    def moments(self, url: str, *args: str) -> list[dict[str, object]]:
        ran = editions("history", "collections/demo", url, "--json", *args, cwd=self.folder)
        assert ran.code == 0, ran.err
        found: list[dict[str, object]] = json.loads(ran.out)
        return found

    def changes(self, url: str) -> list[object]:
        return [one["change"] for one in self.moments(url)]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = tmp_path_factory.mktemp("history")
    expected = []
    with serve_demo(delay=0) as site:
        text = DEMO.read_text("utf-8").replace("8017", str(site.port)) + "requisites = false\n"
        (folder / "demo.toml").write_text(text, "utf-8")
        for state in (1, 2, 3):
            site.set_state(state)
            expected.append(site.expected())
            ran = editions("crawl", "demo.toml", "--edition", "en", "--edition", "sw", "--quiet", cwd=folder)
            assert ran.code == 0, ran.err
        return Crawled(folder, tuple(expected), site.url)


def test_each_change_of_the_site_is_in_its_history(crawled: Crawled) -> None:
    for state in (2, 3):
        now = crawled.expected[state - 1].editions["sw"]
        for url in now.changed:
            assert crawled.changes(url)[state - 1] == "changed"
        for url in now.vanished:
            assert crawled.changes(url)[state - 1] == "gone"
        for url in now.appeared:
            assert crawled.changes(url)[0] == "new"
            assert len(crawled.changes(url)) == 4 - state
    assert any(crawled.expected[state].editions["sw"].changed for state in (1, 2))
    assert any(crawled.expected[state].editions["sw"].vanished for state in (1, 2))


def test_what_changed_leads_from_one_text_to_the_next(crawled: Crawled) -> None:
    url = min(crawled.expected[1].editions["en"].changed)
    first, second, *_ = crawled.moments(url)
    operations: list[dict[str, str]] = second["operations"]  # type: ignore[assignment]
    assert len("".join(one["text"] for one in operations if one["kind"] != "insert")) == first["chars"]
    assert len("".join(one["text"] for one in operations if one["kind"] != "delete")) == second["chars"]


def test_what_is_not_captured_again_is_not_modified_or_unchanged(crawled: Crawled) -> None:
    quiet = crawled.expected[2].editions["sw"].documents - crawled.expected[2].editions["sw"].changed
    third = {crawled.changes(url)[-1] for url in sorted(quiet)[:6]}
    assert third <= {"not modified", "unchanged", "new", "changed"}
    assert "not modified" in third


def test_all_editions_of_a_story_stand_side_by_side(crawled: Crawled) -> None:
    both = crawled.expected[2].editions
    slugs = {url.rpartition("/")[2] for url in both["en"].documents} & {
        url.rpartition("/")[2] for url in both["sw"].documents
    }
    url = f"{crawled.origin}/sw/articles/{min(slugs)}"
    found = crawled.moments(url, "--all-editions")
    assert found[0]["edition"] == "sw"
    assert {one["edition"] for one in found} == {"sw", "en"}
    ran = editions("history", "collections/demo", url, "--all-editions", cwd=crawled.folder)
    assert ran.out.startswith("captured\tsw\ten\n")
    rows = [line.split("\t") for line in ran.out.splitlines()[1:] if line.count("\t") == 2]
    assert len(rows) == len(found)
    assert [row[0] for row in rows] == sorted(str(one["date"]) for one in found)


def test_removal_and_return_are_shown(tmp_path: Path) -> None:
    with serve({}) as site:
        profile(tmp_path, site.host)
        site.answers["/en"] = Answer(b'<!doctype html><a href="/en/articles/a">A long link to the harbour</a>')
        texts: list[Answer | None] = [
            Answer(STORY.format("old").encode()),
            Answer(STORY.format("old").encode()),
            Answer(b"gone", 410),
            Answer(STORY.format("new").encode()),
            Answer(b"", 301, {"Location": "/en"}),
            Answer(b"busy", 500),
        ]
        for answer in texts:
            assert answer is not None
            site.answers["/en/articles/a"] = answer
            editions("crawl", "site.toml", "--start", f"{site.url}/en/articles/a", "--quiet", cwd=tmp_path)
        url = f"{site.url}/en/articles/a"
    ran = editions("history", "collections/site", url, "--json", cwd=tmp_path)
    found = json.loads(ran.out)
    changes = [one["change"] for one in found]
    assert changes[:5] == ["new", "unchanged", "gone", "returned", "redirected"]
    assert set(changes[5:]) == {"failed"}
    assert [one["status"] for one in found[:5]] == [200, 200, 410, 200, 301]
    changed = [(one["kind"], one["text"]) for one in found[3]["operations"] if one["kind"] != "equal"]
    assert changed == [("delete", "old"), ("insert", "new")]
    shown = editions("history", "collections/site", url, cwd=tmp_path).out
    assert "The [-old-]{+new+} harbour opens." in shown
    assert "  410  gone  " in shown


def test_a_page_that_is_no_article_is_told_as_such(crawled: Crawled) -> None:
    told = {(one["change"], one["reason"]) for one in crawled.moments(f"{crawled.origin}/en")}
    assert told == {("unreadable", "no-article")}


def test_what_was_never_asked_for_is_told(crawled: Crawled) -> None:
    ran = editions("history", "collections/demo", f"{crawled.origin}/sw/articles/none-such", cwd=crawled.folder)
    assert ran.code == 1
    assert "is in no capture" in ran.err
    assert editions("history", "collections/demo", "no address", cwd=crawled.folder).code == 2
