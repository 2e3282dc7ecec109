"""The seed corpus made again: identical, changed, gone, and told so; seeds added from a corpus."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import Ran, editions, lines, profile
from tests.shared import need
from tests.site import Answer, Site, serve
from tests.text.structures import STRUCTURES, take_apart

SEEDS = tomllib.loads(Path(__file__).parents[2].joinpath("seeds/allthe.news.toml").read_text("utf-8"))["seeds"]
FILES = [seed["file"] for seed in SEEDS]


@dataclass(frozen=True, slots=True)
class Here:
    """A folder with a profile and its list of seeds, and the site that serves them."""

    folder: Path
    site: Site
    paths: list[str]

    def run(self, *args: object) -> Ran:
        return editions("seeds", "site.toml", *args, cwd=self.folder)

    def verdicts(self, *args: object) -> list[dict[str, object]]:
        ran = self.run("--json", *args)
        assert ran.code in (0, 1), ran.err
        found: list[dict[str, object]] = json.loads(ran.out)
        return found

    def answer(self, number: int, text: str, structure: str = "semantic") -> None:
        html = STRUCTURES[structure](take_apart(text), f"{self.site.url}{self.paths[number]}")
        self.site.answers[self.paths[number]] = Answer(html.encode())


def text_of(number: int) -> str:
    return need("seeds", FILES[number]).read_bytes().decode()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with serve({}) as site:
        profile(tmp_path, site.host, editions=("sw", "ko", "sv", "yo"), more="")
        paths = [seed["url"].removeprefix("https://allthe.news") for seed in SEEDS]
        listed = ["# Five pages.\n"]
        for seed, path in zip(SEEDS, paths, strict=True):
            values = f'file = "{seed["file"]}"\nurl = "{site.url}{path}"\nsha256 = "{seed["sha256"]}"\n'
            listed.append(f"[[seeds]]\n{values}chars = {seed['chars']}  # characters\n")
        (tmp_path / "seeds").mkdir()
        (tmp_path / "seeds" / "site.toml").write_text("\n".join(listed))
        found = Here(tmp_path, site, paths)
        for number in range(len(SEEDS)):
            found.answer(number, text_of(number))
        yield found


def test_identical_pages_give_the_seed_corpus_and_ask_for_nothing_else(here: Here) -> None:
    here.site.answers["/i.jpg"] = Answer(b"picture")
    ran = here.run("--out", "made")
    assert (ran.code, ran.out.count(" identical")) == (0, 6), ran.out + ran.err
    assert "5 of 5 identical" in ran.out
    made = here.folder / "made"
    assert {path.name: path.read_bytes() for path in made.iterdir()} == {
        name: need("seeds", name).read_bytes() for name in FILES
    }
    assert sorted(set(here.site.requests)) == sorted(["/robots.txt", *here.paths])


def test_changed_pages_are_shown_word_by_word_and_gone_ones_told(here: Here) -> None:
    assert here.run("--quiet").code == 0
    words = text_of(0).split(" ")
    place = next(number for number, word in enumerate(words) if number > 60 and word.isalpha())
    here.answer(0, " ".join([*words[:place], "Zanzibar", *words[place + 1 :]]))
    here.site.answers[here.paths[1]] = Answer(b"gone", 410)
    del here.site.answers[here.paths[2]]
    found = here.verdicts()
    assert [one["verdict"] for one in found] == ["changed", "gone", "gone", "identical", "identical"]
    assert [one["reason"] for one in found] == ["", "status-410", "status-404", "", ""]
    operations: list[dict[str, str]] = found[0]["operations"]  # type: ignore[assignment]
    changed = [(one["kind"], one["text"]) for one in operations if one["kind"] != "equal"]
    assert changed == [("delete", words[place]), ("insert", "Zanzibar")]
    out = here.folder / "seeds" / "site"
    kept = "".join(one["text"] for one in operations if one["kind"] != "delete")
    assert (out / FILES[0]).read_bytes().decode() == kept
    assert (out / FILES[1]).read_bytes().decode() == text_of(1)  # the last that there was


def test_what_changed_is_marked_and_the_same_change_twice_is_told(here: Here) -> None:
    here.run("--quiet")
    here.answer(3, text_of(3) + "!")
    ran = here.run()
    assert ran.code == 1
    assert re.search(r"\[-\S+-\]\{\+\S+!\+\}", ran.out), ran.out
    again = here.run()
    assert again.code == 1
    assert "changed from what is recorded; the same as made last" in again.out


def test_a_page_that_comes_back_is_identical_again(here: Here) -> None:
    page = here.site.answers.pop(here.paths[4])
    assert here.verdicts()[4]["reason"] == "status-404"
    here.site.answers[here.paths[4]] = page
    assert here.verdicts()[4]["verdict"] == "identical"


def test_a_seed_corpus_that_was_not_made_is_not_named_as_if(here: Here) -> None:
    for path in here.paths:
        here.site.answers[path] = Answer(b"gone", 410)
    assert here.run("--out", "made").code == 1
    ran = here.run("--from-archive", "collections/site-seeds", "--out", "made")
    assert (ran.code, "0 of 5 identical; no seed corpus in made: none was made" in ran.out) == (1, True), ran.out
    assert not (here.folder / "made").exists()


def test_a_seed_that_robots_txt_forbids_is_gone_for_that_reason(here: Here) -> None:
    here.run("--quiet")
    rules = f"User-agent: *\nDisallow: {here.paths[0]}\n".encode()
    here.site.answers["/robots.txt"] = Answer(rules, headers={"Content-Type": "text/plain"})
    found = here.verdicts()
    assert (found[0]["verdict"], found[0]["reason"]) == ("gone", "robots")
    assert {one["verdict"] for one in found[1:]} == {"identical"}


def test_seeds_from_an_archive_need_no_network(here: Here) -> None:
    assert editions("crawl", "site.toml", "--quiet", cwd=here.folder).code == 0
    here.site.answers.clear()
    before = list(here.site.requests)
    archive = here.folder / "collections" / "site"
    warcs = sorted((archive / "archive").glob("*.warc.gz"))
    for source in (archive, archive / "archive", *warcs):
        assert {one["verdict"] for one in here.verdicts("--from-archive", source)} == {"identical"}
    assert here.site.requests == before


def test_a_collection_of_a_whole_crawl_is_not_crawled_for_its_seeds(here: Here) -> None:
    card = f'<a href="{here.site.url}/sw/articles/more"><h3>More</h3></a>'
    here.site.answers["/sw"] = Answer(f"<!doctype html>{card}".encode())
    here.site.answers["/sw/articles/more"] = Answer(b"<!doctype html><title>M</title><p>More of it.</p>")
    odd = "collections/50%23 #1?"  # what a file's address would not be by itself
    editions("crawl", "site.toml", "--quiet", "--collection", odd, cwd=here.folder)
    ran = here.run("--collection", odd)
    assert ran.code == 2
    assert f"--from-archive {odd}" in ran.err


def test_a_seed_is_added_from_a_corpus_and_the_list_stays_as_it_is_written(here: Here) -> None:
    here.site.answers["/sw"] = Answer(b'<!doctype html><a href="/sw/articles/more">More of it, and more</a>')
    here.site.answers["/sw/articles/more"] = Answer(b"<!doctype html><title>M</title><p>More of it.</p>")
    editions("crawl", "site.toml", "--quiet", cwd=here.folder)
    path = here.folder / "seeds" / "site.toml"
    before = path.read_text()
    url = f"{here.site.url}/sw/articles/more"
    ran = here.run("--add", url)
    assert ran.code == 0, ran.err
    after = path.read_text()
    assert after.startswith(before)
    name = f"005_{hashlib.sha256(url.encode()).hexdigest()[:16]}.txt"
    text = b"More of it."
    assert tomllib.loads(after)["seeds"][-1] == {
        "file": name,
        "url": url,
        "edition": "sw",
        "sha256": hashlib.sha256(text).hexdigest(),
        "chars": len(text),
    }
    assert (here.folder / "seeds" / "site" / name).read_bytes() == text
    here.site.answers["/sw/articles/more"] = Answer(b"<!doctype html><title>M</title><p>More of them.</p>")
    assert "More of [-it.-]{+them.+}" in here.run().out  # in the first run already
    here.site.answers["/sw/articles/more"] = Answer(b"<!doctype html><title>M</title><p>More of it.</p>")
    assert [one["verdict"] for one in here.verdicts()] == ["identical"] * 6
    # A regeneration gives it the name that it has as a seed.
    editions("regenerate", "collections/site", "--site", "site.toml", cwd=here.folder)
    assert lines(here.folder / "collections/site/corpus/manifest.jsonl")[5]["file"] == name
    assert here.run("--add", url).code == 2


def test_what_is_in_no_corpus_is_not_added(here: Here) -> None:
    editions("crawl", "site.toml", "--quiet", cwd=here.folder)
    path = here.folder / "seeds" / "site.toml"
    before = path.read_text()
    for url in (f"{here.site.url}/sw/articles/none", "no address"):
        ran = here.run("--add", url)
        assert ran.code == 2
        assert url in ran.err
    assert path.read_text() == before


def test_a_site_without_seeds_says_what_to_do(tmp_path: Path) -> None:
    profile(tmp_path, "127.0.0.1:1")
    ran = editions("seeds", "site.toml", cwd=tmp_path)
    assert ran.code == 2
    assert "seeds/site.toml" in ran.err
