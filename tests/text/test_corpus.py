from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.copies.grams import signature
from crawler.errors import CorpusError
from crawler.items import Alternate, Drop, Page, Record
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


def page(slug: str, text: str, url: str | None = None) -> Page:
    own = f"https://example.org/en/articles/{slug}"
    return Page(url or own, own, "en", slug, slug.title(), None, (), text)


def test_numbers_follow_the_captures_and_stay(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    assert [made.add(page(slug, slug), RECORD, DATE) for slug in "abc"] == ["new"] * 3
    assert made.add(page("b", "b, corrected"), RECORD, DATE) == "changed"
    made.save()
    manifest = lines(tmp_path / "manifest.jsonl")
    names = [f"{n:03d}_{document_id(page(slug, '').canonical)}.txt" for n, slug in enumerate("abc")]
    assert [line["file"] for line in manifest] == names
    assert (tmp_path / names[1]).read_text() == "b, corrected"


def test_the_same_text_under_another_url_is_dropped_until_it_differs(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    made.add(page("a", "one text"), RECORD, DATE)
    assert made.add(page("b", "one text"), RECORD, DATE) == "dropped"
    made.save()
    [drop] = lines(tmp_path / "dropped.jsonl")
    assert drop == {"url": page("b", "").url, "reason": "duplicate-text", "of": page("a", "").url}
    assert made.add(page("b", "another text"), RECORD, DATE) == "new"
    made.save()
    assert lines(tmp_path / "dropped.jsonl") == []
    assert len(lines(tmp_path / "manifest.jsonl")) == 2


def test_editions_that_a_page_names_later_are_taken_over_with_their_record(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    made.add(page("a", "text"), RECORD, DATE)
    later = replace(RECORD, offset=10, record_id="urn:uuid:2")
    linked = replace(page("a", "text"), alternates=(Alternate("sw", "https://example.org/sw/articles/a"),))
    assert made.add(linked, later, "2026-01-02T00:00:00Z") == "unchanged"
    assert made.add(linked, replace(later, offset=20), "2026-01-03T00:00:00Z") == "unchanged"
    made.save()
    [line] = lines(tmp_path / "manifest.jsonl")
    [item] = lines(tmp_path / "items.jsonl")
    assert (
        line["alternates"] == item["alternates"] == [{"language": "sw", "url": "https://example.org/sw/articles/a"}]
    )
    assert (line["captured"], line["warc"]["offset"]) == ("2026-01-02T00:00:00Z", 10)  # type: ignore[index]


def test_one_document_for_one_canonical_url(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    made.add(page("a", "text"), RECORD, DATE)
    assert made.add(page("a", "text", "https://example.org/articles/a"), RECORD, DATE) == "unchanged"
    made.save()
    [drop] = lines(tmp_path / "dropped.jsonl")
    assert (drop["reason"], drop["of"]) == ("duplicate-url", page("a", "").url)


def told(slug: str, text: str, at: str | None = None) -> Page:
    """A page long enough to be compared, captured *at* another slug's URL."""
    made = replace(page(slug, text, page(at, "").url if at else None), own_slug=at or slug)
    return replace(made, signature=signature([text]))


ONE = "The river rose above the market stalls on Tuesday, and traders carried their scales to the upper road. " * 4
OTHER = "Nine telescopes on the ridge turned towards a comet that had broken in two during the cold night. " * 4


@pytest.mark.parametrize("first", ["a", "b"])
def test_a_page_that_names_another_storys_url_is_a_document_of_its_own(
    first: str, tmp_path: Path, corpus: Corpora
) -> None:
    made = corpus(tmp_path)
    captures = {"a": told("a", ONE), "b": told("a", OTHER, "b")}
    for slug in sorted(captures, key=lambda slug: slug != first):
        assert made.add(captures[slug], RECORD, DATE) == "new"
    made.save()
    manifest = {str(line["slug"]): str(line["file"]) for line in lines(tmp_path / "manifest.jsonl")}
    assert {slug: (tmp_path / file).read_text() for slug, file in manifest.items()} == {"a": ONE, "b": OTHER}
    assert manifest[first].startswith("000_")
    assert sorted(path.name for path in tmp_path.glob("*.txt")) == sorted(manifest.values())
    assert lines(tmp_path / "dropped.jsonl") == []
    items = [(line["canonicalUrl"], line["slug"]) for line in lines(tmp_path / "items.jsonl")]
    assert sorted(items) == [(page(slug, "").url, slug) for slug in "ab"]


@pytest.mark.parametrize("first", ["page", "print"])
def test_a_page_itself_outranks_its_print_version(first: str, tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    captures = {"page": told("a", ONE), "print": told("a", f"Printed. {ONE}", "print")}
    for name in sorted(captures, key=lambda name: name != first):
        made.add(captures[name], RECORD, DATE)
    made.save()
    [line] = lines(tmp_path / "manifest.jsonl")
    assert (tmp_path / str(line["file"])).read_text() == ONE
    [drop] = lines(tmp_path / "dropped.jsonl")
    assert drop == {"url": page("print", "").url, "reason": "duplicate-url", "of": page("a", "").url}


def test_a_seed_that_comes_late_costs_no_document(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    for slug in "abc":
        made.add(page(slug, slug), RECORD, DATE)
    made = corpus(tmp_path, Seed("000_0f2e8748639a1870.txt", page("c", "").url))
    assert made.add(page("c", "c, corrected"), RECORD, DATE) == "changed"
    made.save()
    manifest = {str(line["slug"]): str(line["file"]) for line in lines(tmp_path / "manifest.jsonl")}
    assert {slug: (tmp_path / file).read_text() for slug, file in manifest.items()} == {
        "a": "a", "b": "b", "c": "c, corrected",
    }  # fmt: skip
    assert manifest["c"] == "000_0f2e8748639a1870.txt"
    assert sorted(path.name for path in tmp_path.glob("*.txt")) == sorted(manifest.values())


def test_a_seed_keeps_its_name_where_its_url_redirects(tmp_path: Path, corpus: Corpora) -> None:
    seed = Seed("000_0f2e8748639a1870.txt", page("s", "").url)
    for reopened in (False, True):
        made = corpus(tmp_path, seed)
        if not reopened:
            made.drop(Drop(seed.url, "redirected", f"{seed.url}/"))
        made.add(page("s/", f"text {reopened}", f"{seed.url}/"), RECORD, DATE)
        made.save()
        [line] = lines(tmp_path / "manifest.jsonl")
        assert line["file"] == seed.file


def test_seeds_keep_their_names_and_others_are_numbered_after_them(tmp_path: Path, corpus: Corpora) -> None:
    seeds = [Seed("000_0f2e8748639a1870.txt", page("s", "").url), Seed("001_72fb8e2cfc20eed4.txt", page("t", "").url)]
    made = corpus(tmp_path, *seeds)
    for slug in ("a", "t", "s"):
        made.add(page(slug, slug), RECORD, DATE)
    made.save()
    files = [str(line["file"]) for line in lines(tmp_path / "manifest.jsonl")]
    assert files[:2] == ["000_0f2e8748639a1870.txt", "001_72fb8e2cfc20eed4.txt"]
    assert files[2].startswith("002_")


def test_a_seed_is_a_document_even_where_it_repeats_another(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path, Seed("000_0f2e8748639a1870.txt", page("s", "").url))
    made.add(page("a", "same"), RECORD, DATE)
    assert made.add(page("s", "same"), RECORD, DATE) == "new"


def test_a_document_once_made_is_not_lost_to_an_error_page(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    made.add(page("a", "text"), RECORD, DATE)
    made.drop(Drop(page("a", "").url, "status-410"))
    made.add(page("a", ""), RECORD, DATE)
    made.save()
    assert len(lines(tmp_path / "manifest.jsonl")) == 1
    assert lines(tmp_path / "dropped.jsonl") == []


def test_no_document_without_text(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    assert made.add(page("a", ""), RECORD, DATE) == "dropped"
    made.save()
    assert [line["reason"] for line in lines(tmp_path / "dropped.jsonl")] == ["empty"]


def test_a_corpus_goes_on_where_its_ledger_ends(tmp_path: Path) -> None:
    for slug in "ab":
        state = State(tmp_path / "state.db")
        made = Corpus(tmp_path / "corpus", Ledger(state), extractor(), ())
        made.add(page(slug, slug), RECORD, DATE)
        made.save()
        state.close()
    assert [str(line["file"])[:3] for line in lines(tmp_path / "corpus" / "manifest.jsonl")] == ["000", "001"]


def test_a_folder_that_cannot_be_written_is_told_with_its_path(tmp_path: Path, corpus: Corpora) -> None:
    (tmp_path / "corpus").write_text("a file where the folder should be")
    with pytest.raises(CorpusError, match="corpus: cannot be written"):
        corpus(tmp_path / "corpus")


def test_its_lists_are_all_the_new_ones_or_all_the_old_ones(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    made.add(page("a", "one text"), RECORD, DATE)
    made.save()
    lists = {path: path.read_bytes() for path in tmp_path.glob("[a-z]*.jsonl")}
    assert len(lists) == 4
    made.add(page("b", "another text"), RECORD, DATE)
    in_the_way = tmp_path / ".items.jsonl.tmp"  # the second list cannot be written
    in_the_way.mkdir()
    with pytest.raises(CorpusError, match=r"/items\.jsonl: cannot be written \(Is a directory\)"):
        made.save()
    assert {path: path.read_bytes() for path in lists} == lists
    assert list(tmp_path.glob(".*")) == [in_the_way]
    in_the_way.rmdir()
    made.save()
    assert len(lines(tmp_path / "manifest.jsonl")) == 2


def test_a_record_of_a_capture_stands_in_the_manifest(tmp_path: Path, corpus: Corpora) -> None:
    made = corpus(tmp_path)
    made.add(page("a", "text"), replace(RECORD, offset=77), DATE)
    made.save()
    [line] = lines(tmp_path / "manifest.jsonl")
    assert line["warc"] == {
        "file": "a.warc.gz", "offset": 77, "length": 10, "record_id": "urn:uuid:1", "payload_digest": "sha256:00",
    }  # fmt: skip
    assert line["captured"] == DATE
