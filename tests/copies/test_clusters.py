"""Clusters in a corpus: found as documents come, left as they change, the same however the corpus came about."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from crawler.copies.grams import signature
from crawler.demo.story import load_stories
from crawler.items import Block, Page, Record
from crawler.seeds import Seed
from crawler.state import State
from crawler.text.corpus import Corpus
from crawler.text.ledger import Ledger
from crawler.text.seedtext import extractor
from crawler.urls import document_id
from tests.command import lines
from tests.conftest import Corpora

RECORD = Record("a.warc.gz", 0, 10, "urn:uuid:1", "sha256:00")
DATE = "2026-01-01T00:00:00Z"
STORIES = {one.slug: one.texts["en"].paragraphs for one in load_stories()}
TRAMS = STORIES["tram-strike-in-velmora-ends-after-eleven-days"]
TRAMS_ANEW = STORIES["velmora-s-trams-run-again-as-eleven-day-strike-is-settled"]
COMET = STORIES["telescope-at-dry-ridge-sees-a-comet-break-in-two"]


def url(edition: str, slug: str) -> str:
    return f"https://example.org/{edition}/articles/{slug}"


def page(edition: str, slug: str, body: tuple[str, ...], title: str = "") -> Page:
    own = url(edition, slug)
    blocks = tuple(Block("paragraph", text) for text in body)
    text = "\n\n".join([title or f"{edition} {slug}", *body])
    return Page(own, own, edition, slug, title, None, (), text, blocks=blocks, signature=signature(body))


def clusters(folder: Path) -> dict[str, str | None]:
    return {str(one["url"]): one["cluster"] for one in lines(folder / "manifest.jsonl")}  # type: ignore[misc]


def test_near_copies_share_the_id_of_the_first(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    for one in (page("sw", "trams", TRAMS), page("en", "comet", COMET), page("ko", "trams", TRAMS)):
        made.add(one, RECORD, DATE)
    made.add(page("ko", "run-again", TRAMS_ANEW), RECORD, DATE)
    made.save()
    first = document_id(url("sw", "trams"))
    assert clusters(tmp_path) == {
        url("sw", "trams"): first,
        url("en", "comet"): None,
        url("ko", "trams"): first,
        url("ko", "run-again"): first,
    }
    told = [(one["id"], one["of"], one["kind"]) for one in lines(tmp_path / "copies.jsonl")]
    second, third = document_id(url("ko", "trams")), document_id(url("ko", "run-again"))
    assert told == [(second, first, "edition"), (third, first, "rewrite"), (third, second, "rewrite")]
    assert lines(tmp_path / "copies.jsonl")[0]["similarity"] == 1.0


def test_a_document_that_changes_leaves_its_cluster_and_can_join_another(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    for one in (page("sw", "trams", TRAMS), page("ko", "trams", TRAMS), page("en", "comet", COMET)):
        made.add(one, RECORD, DATE)
    made.add(page("sw", "trams", COMET), RECORD, DATE)
    made.save()
    # The comet's page is the later one of its new cluster, for numbers are given for good.
    first = document_id(url("sw", "trams"))
    assert clusters(tmp_path) == {url("sw", "trams"): first, url("ko", "trams"): None, url("en", "comet"): first}
    made.add(page("sw", "trams", ("Withdrawn.",)), RECORD, DATE)
    made.save()
    assert set(clusters(tmp_path).values()) == {None}
    assert (tmp_path / "copies.jsonl").read_text() == ""


def test_the_first_one_leaves_and_the_others_stay_together(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    for edition in ("sw", "ko", "sv"):
        made.add(page(edition, "trams", TRAMS), RECORD, DATE)
    made.add(page("sw", "trams", COMET), RECORD, DATE)
    made.save()
    second = document_id(url("ko", "trams"))
    assert clusters(tmp_path) == {url("sw", "trams"): None, url("ko", "trams"): second, url("sv", "trams"): second}


def test_a_cluster_grown_together_by_its_last_page_bears_its_first_ones_name(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    made.add(page("en", "a", TRAMS), RECORD, DATE)
    made.add(page("en", "b", COMET), RECORD, DATE)
    made.save()
    assert set(clusters(tmp_path).values()) == {None}
    made.add(page("en", "c", TRAMS + COMET), RECORD, DATE)
    made.save()
    assert set(clusters(tmp_path).values()) == {document_id(url("en", "a"))}


def test_short_pages_and_those_without_a_body_stay_alone(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    for slug in "abc":
        made.add(page("en", slug, ("This story is for subscribers. Log in to read on.",)), RECORD, DATE)
        made.add(page("sw", slug, ()), RECORD, DATE)
    made.save()
    assert set(clusters(tmp_path).values()) == {None}


def test_a_title_can_say_whatever_it_likes(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    title = 'He said "cluster": null, and "cluster": "x"'
    made.add(page("sw", "trams", TRAMS, title), RECORD, DATE)
    made.add(page("ko", "trams", TRAMS), RECORD, DATE)
    made.save()
    first = lines(tmp_path / "manifest.jsonl")[0]
    assert (first["title"], first["cluster"]) == (title, document_id(url("sw", "trams")))


def test_a_document_that_becomes_a_seed_takes_its_kin_along(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path, Seed("000_0000000000000000.txt", url("en", "comet"), "en"))
    made.add(page("sw", "trams", TRAMS), RECORD, DATE)
    made.add(page("ko", "trams", TRAMS), RECORD, DATE)
    seeds = [Seed(f"{n:03d}_{n:016x}.txt", url("ko", slug), "ko") for n, slug in enumerate(["trams", "other"])]
    seeded = corpus(tmp_path, *seeds)
    seeded.add(page("ko", "trams", (*TRAMS, "The end.")), RECORD, DATE)
    seeded.save()
    assert clusters(tmp_path) == {url("ko", "trams"): f"{0:016x}", url("sw", "trams"): f"{0:016x}"}
    assert len(lines(tmp_path / "items.jsonl")) == 2


def test_a_page_that_hundreds_repeat_costs_no_more_each_time(tmp_path: Path, corpus: Corpora) -> None:
    made, times = corpus(tmp_path), []
    for number in range(400):
        body = (*TRAMS, f"Page {number} of the same notice.")
        began = time.thread_time()
        made.add(page("en", f"notice-{number}", body), RECORD, DATE)
        times.append(time.thread_time() - began)
    made.save()
    assert len(set(clusters(tmp_path).values())) == 1
    assert len(lines(tmp_path / "copies.jsonl")) <= 16 * 400
    assert median(times[300:]) < 3 * median(times[100:200])


def test_the_lists_say_the_same_after_the_state_was_closed_and_opened(tmp_path: Path, corpus: Corpora) -> None:
    bodies = [page(e, s, b) for s, b in (("a", TRAMS), ("b", TRAMS_ANEW), ("c", COMET)) for e in ("sw", "ko")]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    made = corpus(whole)
    for one in bodies:
        made.add(one, RECORD, DATE)
    made.save()
    for one in bodies:
        state = State(tmp_path / "state.db")
        state.begin()
        again = Corpus(parts, Ledger(state), extractor())
        again.add(one, RECORD, DATE)
        again.save()
        state.close()
    for name in ("manifest.jsonl", "copies.jsonl"):
        assert (parts / name).read_bytes() == (whole / name).read_bytes()
    assert {one["kind"] for one in lines(whole / "copies.jsonl")} == {"edition", "rewrite"}
