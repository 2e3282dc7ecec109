"""The demo site crawled again as it changes from week to week, and then redesigned."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.demo.labels import labels
from crawler.demo.server import serve as serve_demo
from crawler.demo.site import DemoSite
from tests.command import Ran, editions, profile
from tests.site import Answer, serve

PROFILE = Path(__file__).parents[2] / "crawler" / "sites" / "demo.toml"
EDITIONS = ("sw", "ar")


def newest(collection: Path) -> dict[str, object]:
    reports = sorted((collection / "crawls").glob("*.json"))
    told: dict[str, object] = json.loads(reports[-1].read_text("utf-8"))
    return told


@pytest.mark.long
def test_a_site_that_only_goes_on_gives_no_warning(tmp_path: Path) -> None:
    """Many pages of the second and third crawl are answered with 304: those that were read are compared."""
    chosen = [word for edition in (*EDITIONS, "en", "ja") for word in ("--edition", edition)]
    with serve_demo() as site:
        (tmp_path / "demo.toml").write_text(PROFILE.read_text("utf-8").replace("8017", str(site.port)), "utf-8")
        for state in (1, 2, 3):
            site.set_state(state)
            ran = editions("crawl", "demo.toml", *chosen, cwd=tmp_path)
            assert ran.code == 0, ran.err
            assert "have changed" not in ran.err
            told = newest(tmp_path / "collections" / "demo")
            assert told["drift"] == []
            read = {edition: fill["pages"] for edition, fill in told["fill"].items()}  # type: ignore[attr-defined]
            assert sum(read.values()) > (90 if state == 1 else 0)
            if state > 1:
                assert told["statuses"]["304"] > 5  # type: ignore[index]


def answers(origin: str, alter: Callable[[str], str] = lambda html: html) -> dict[str, Answer]:
    """The demo site as a dictionary of answers, its stories altered."""
    site = DemoSite(origin=origin)
    found = {}
    for path in site.paths():
        answer = site.answer(path)
        body = answer.body
        if re.fullmatch(r"/\w+/articles/[^/]+", path) and answer.status == 200 and "utf-8" in answer.content_type:
            body = alter(body.decode()).encode()
        found[path] = Answer(body, answer.status, {"Content-Type": answer.content_type, **dict(answer.headers)})
    return found


def redesigned(html: str) -> str:
    """As after a new template: no credits, no dates for machines, cards without their heading."""
    html = re.sub(r"<figcaption>.*?</figcaption>|<p class=\"credit\">.*?</p>|(?<=</span>) <span>.*?</span>", "", html)
    html = re.sub(r"<meta property=\"article:.*?>|\"date(Published|Modified)\":\".*?\",", "", html)
    html = re.sub(r"<section class=\"related\".*?>\s*<h2>.*?</h2>", '<div class="more">', html)
    return html.replace("</section>\n<p>&nbsp;", "</div>\n<p>&nbsp;")


def crawl(folder: Path) -> Ran:
    ran = editions("crawl", "site.toml", "--collection", "c", cwd=folder)
    assert ran.code == 0, ran.err
    return ran


@pytest.mark.long
def test_a_redesign_shows_as_a_warning_with_numbers(tmp_path: Path) -> None:
    with serve({}) as site:
        profile(tmp_path, site.host, editions=EDITIONS)
        site.answers.update(answers(site.url))
        assert "have changed" not in crawl(tmp_path).err
        before = newest(tmp_path / "c")
        assert crawl(tmp_path).err == ""
        assert newest(tmp_path / "c")["drift"] == []
        site.answers.update(answers(site.url, redesigned))
        ran = crawl(tmp_path)
    told = newest(tmp_path / "c")
    pages = {edition: fill["pages"] for edition, fill in told["fill"].items()}  # type: ignore[attr-defined]
    found = {(one["edition"], one["what"], one["words"]): one for one in told["drift"]}  # type: ignore[attr-defined]
    for edition in EDITIONS:
        words = labels()[edition]
        wanted = {
            ("date", ""),
            ("credit", ""),
            ("label", f"credit “{words.credit}”"),
            ("label", f"related “{words.related}”"),
        }
        assert wanted == {(what, label) for of, what, label in found if of == edition}
        date = found[edition, "date", ""]
        was = before["fill"][edition]  # type: ignore[index]
        assert date["now"] == {"hits": 0, "of": pages[edition]}
        assert date["before"] == {"hits": was["pages"], "of": was["pages"]}
        assert (
            f"{edition}: date on 0 of {pages[edition]} pages, before on {was['pages']} of {was['pages']}" in ran.err
        )
    log = sorted((tmp_path / "c" / "crawls").glob("*.log"))[-1].read_text("utf-8")
    assert log.count("The pages have changed: ") == len(found)
    assert "what they say still read right?" in ran.err
