"""The demo site crawled in its three states, stopped, and crawled again from its archive."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch.archives import States, as_of, crawl_states
from tests.command import editions, lines
from tests.replay.running import CAUGHT, endings, files, silent


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> States:
    return crawl_states(tmp_path_factory.mktemp("replay"))


def place(crawled: States) -> Path:
    """The folder in which the site was crawled, with its profile."""
    return crawled.folder.parents[1]


def replay(crawled: States, out: str, *options: object) -> Path:
    ran = silent(
        "crawl", "demo.toml", "--from-archive", crawled.folder, "--collection", out, *options, cwd=place(crawled)
    )
    assert ran.code == 0, ran.err
    return place(crawled) / out


@pytest.mark.parametrize("number", [0, 1, 2])
def test_crawl_spider_and_batch_make_the_same_corpus(crawled: States, number: int, tmp_path: Path) -> None:
    """Four ways to it: the crawl, the spider over the archive as of then, and batch by one process and four."""
    replayed = replay(crawled, f"as-of-{number}", "--as-of", crawled.dates[number])
    assert files(replayed / "corpus") == crawled.corpora[number]
    collection = as_of(crawled, number, tmp_path / "collection")
    for workers in (1, 4):
        out = ("--out", f"by-{workers}", "--workers", workers, "--quiet")
        ran = editions("regenerate", collection, *out, cwd=tmp_path)
        assert ran.code == 0, ran.err
        assert files(tmp_path / f"by-{workers}") == crawled.corpora[number], workers


def test_the_states_differ(crawled: States) -> None:
    """In its third state the site has lost pages, and a corpus loses none."""
    one, two, three = crawled.corpora
    assert one != two
    assert two.keys() == three.keys()
    assert all({"manifest.jsonl", "dropped.jsonl"} < corpus.keys() for corpus in crawled.corpora)


def test_the_whole_archive_gives_the_last_corpus(crawled: States) -> None:
    before = files(crawled.folder / "archive"), files(crawled.folder / "indexes")
    replayed = replay(crawled, "whole")
    assert files(replayed / "corpus") == crawled.corpora[2]
    assert (files(crawled.folder / "archive"), files(crawled.folder / "indexes")) == before
    assert not list((replayed / "archive").iterdir())


def test_every_page_ends_as_it_did(crawled: States) -> None:
    """Redirects, 404s, 410s, what robots.txt forbids: all but retries, which an archive has no need of."""
    replayed = replay(crawled, "endings", "--as-of", crawled.dates[0])
    assert endings(replayed) == crawled.endings[0]
    assert {outcome for outcome, _ in crawled.endings[0].values()} >= {"captured", "redirected", "status", "robots"}


def test_a_replay_over_an_earlier_one_takes_its_place(crawled: States) -> None:
    replay(crawled, "again", "--edition", "sw")
    again = replay(crawled, "again")
    assert files(again / "corpus") == crawled.corpora[2]


def texts(corpus: dict[str, bytes]) -> dict[frozenset[str], str]:
    """The text of each document, by its URL and those of pages with the same text.

    Which of these came first, and is the document, may differ from one crawl to the next.
    """
    urls: dict[str, set[str]] = {}
    for line in map(json.loads, corpus["dropped.jsonl"].splitlines()):
        if line["reason"] == "duplicate-text":
            urls.setdefault(line["of"], set()).add(line["url"])
    documents = map(json.loads, corpus["manifest.jsonl"].splitlines())
    return {frozenset({line["url"], *urls.get(line["url"], ())}): line["sha256"] for line in documents}


def test_newest_captures_are_the_newest_texts_and_first_ones_the_first(crawled: States) -> None:
    newest = texts(files(replay(crawled, "newest", "--captures", "newest") / "corpus"))
    first = texts(files(replay(crawled, "first", "--captures", "first") / "corpus"))
    last = texts(crawled.corpora[2])
    lost = {url for url, (outcome, _) in crawled.endings[2].items() if outcome == "status"}
    gone = {urls for urls in last if urls <= lost}
    assert gone  # kept in the corpus, but their newest captures are no pages
    assert newest == {urls: sha256 for urls, sha256 in last.items() if urls not in gone}
    one = texts(crawled.corpora[0])
    assert {urls: first[urls] for urls in one if urls in first} == one


def test_one_edition_alone(crawled: States) -> None:
    replayed = replay(crawled, "sw", "--edition", "sw", "--as-of", crawled.dates[0])
    found = {line["url"] for line in lines(replayed / "corpus" / "manifest.jsonl")}
    manifest = map(json.loads, crawled.corpora[0]["manifest.jsonl"].splitlines())
    whole = {line["url"] for line in manifest if line["edition"] == "sw"}
    assert found == whole


def test_its_wacz_gives_the_same(crawled: States) -> None:
    ran = editions("export", crawled.folder, "--format", "wacz", "demo.wacz", cwd=place(crawled))
    assert ran.code == 0, ran.err
    ran = silent("crawl", "demo.toml", "--from-archive", "demo.wacz", "--quiet", cwd=place(crawled))
    assert ran.code == 0, ran.err
    replayed = place(crawled) / "collections" / "demo-replay"
    assert files(replayed / "corpus") == crawled.corpora[2]
    assert not list(replayed.glob(".source-*"))


def test_a_crawl_that_reaches_for_the_network_is_caught(crawled: States) -> None:
    """So that the replays above prove something."""
    ran = silent("crawl", "demo.toml", "--collection", "live", cwd=place(crawled))
    assert ran.code == CAUGHT
    assert "reached for the network" in ran.err


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare")
def test_without_any_network(crawled: States) -> None:
    """In a network namespace of its own, where not even loopback is up."""
    command = ["unshare", "-n", sys.executable, "-m", "crawler", "crawl", "demo.toml", "--quiet"]
    options = ["--from-archive", str(crawled.folder), "--collection", "unshared"]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [*command, *options],
        cwd=place(crawled),
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if "unshare failed" in done.stderr:
        pytest.skip(f"no namespace to be had: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert files(place(crawled) / "unshared" / "corpus") == crawled.corpora[2]


def test_a_folder_with_an_archive_of_its_own_is_refused(crawled: States) -> None:
    before = crawled.corpora[2]
    ran = silent(
        "crawl", "demo.toml", "--from-archive", crawled.folder, "--collection", crawled.folder, cwd=place(crawled)

    )  # fmt: skip
    assert ran.code == 1
    assert "has an archive of its own" in ran.err
    assert files(crawled.folder / "corpus") == before
