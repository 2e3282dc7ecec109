"""``editions sites NAME --labels``: learnt from a collection, or named by the profile."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import pytest

from crawler import cli
from crawler.demo.labels import labels
from crawler.labels.corpus import MOST, corpus_labels
from crawler.labels.label import KINDS
from crawler.sites.profile import load
from tests.demopages import pages, write_corpus

_BARE = str.maketrans("", "", "[]")
PROFILE = Path(__file__).parents[2] / "crawler" / "sites" / "demo.toml"


def test_labels_are_shown_and_go_into_the_profile_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(tmp_path, chain(pages("sw"), pages("ar")))
    assert cli.main(["sites", "demo", "--labels", "--collection", str(tmp_path)]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert ["sw", "credit", labels()["sw"].credit, "22 of 22", "0.85"] in rows
    assert ["ar", "cookie_refusal", labels()["ar"].cookie_refusal, "21 of 21", "0.84"] in rows
    assert len(rows) == 1 + 2 * 6

    assert cli.main(["sites", "demo", "--labels", "--toml", "--collection", str(tmp_path)]) == 0
    profile = tmp_path / "demo.toml"
    profile.write_text(f"{PROFILE.read_text('utf-8')}\n{capsys.readouterr().out}", "utf-8")
    named = corpus_labels(corpus, load(profile).labels)
    learnt = corpus_labels(corpus)
    assert {e: [(x.kind, x.text, x.pages) for x in of] for e, of in named.items()} == {
        e: [(x.kind, x.text, x.pages) for x in of] for e, of in learnt.items()
    }
    assert all(label.named and label.confidence == 1.0 for of in named.values() for label in of)


def test_what_the_profile_names_is_counted_and_the_rest_learnt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_corpus(tmp_path, pages("sw"))
    profile = tmp_path / "demo.toml"
    profile.write_text(f'{PROFILE.read_text("utf-8")}\n[labels.sw]\ncredit = ["Picha: Reuters"]\n', "utf-8")
    assert cli.main(["sites", str(profile), "--labels", "--json", "--collection", str(tmp_path)]) == 0
    told = {label["kind"]: label for label in json.loads(capsys.readouterr().out)["sw"]}
    assert (told["credit"]["text"], told["credit"]["pages"], told["credit"]["named"]) == ("Picha: Reuters", 0, True)
    assert (told["related"]["text"], told["related"]["named"]) == (labels()["sw"].related, False)


def test_more_documents_than_are_looked_at(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, pages("sw"))
    manifest, items = corpus / "manifest.jsonl", corpus / "items.jsonl"
    for path in (manifest, items):
        lines = path.read_text("utf-8").splitlines()
        copies = [line.replace("/articles/", f"/articles/copy-{n}-") for n in range(30) for line in lines]
        if path is manifest:
            copies = [line.replace('"id": "', f'"id": "{n * 7919 % 1000:03d}') for n, line in enumerate(copies)]
        path.write_text("".join(f"{line}\n" for line in copies), "utf-8")
    learnt = corpus_labels(corpus)["sw"]
    assert {label.of for label in learnt} == {MOST}
    assert {label.text for label in learnt} == {getattr(labels()["sw"], kind).translate(_BARE) for kind in KINDS}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--labels"], "of which site"),
        (["demo", "--toml"], "--toml: only with --labels"),
        (["demo", "--collection", "x"], "--collection: only with --labels"),
    ],
)
def test_wrong_calls_are_told(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sites", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_without_a_collection_it_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sites", "demo", "--labels", "--collection", str(tmp_path / "nothing")]) == 2
    assert "no collection" in capsys.readouterr().err
