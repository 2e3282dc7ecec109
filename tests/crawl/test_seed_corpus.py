"""The five seed documents, from pages of three structures, by way of a whole crawl."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.command import editions, lines, profile
from tests.shared import need
from tests.site import Answer, serve
from tests.text.structures import STRUCTURES, take_apart

SEEDS = tomllib.loads(Path(__file__).parents[2].joinpath("seeds/allthe.news.toml").read_text("utf-8"))["seeds"]


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_crawl_brings_the_seed_corpus_back(structure: str, tmp_path: Path) -> None:
    texts = {seed["file"]: need("seeds", seed["file"]).read_bytes() for seed in SEEDS}
    with serve({}) as site:
        profile(tmp_path, site.host, editions=("sw", "ko", "sv", "yo"))
        listed = []
        for seed in SEEDS:
            path = seed["url"].removeprefix("https://allthe.news")
            html = STRUCTURES[structure](take_apart(texts[seed["file"]].decode()), f"{site.url}{path}")
            site.answers[path] = Answer(html.encode())
            listed.append(f'[[seeds]]\nfile = "{seed["file"]}"\nurl = "{site.url}{path}"\n')
        (tmp_path / "seeds").mkdir()
        (tmp_path / "seeds" / "site.toml").write_text("\n".join(listed))
        ran = editions("crawl", "site.toml", "--quiet", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    corpus = tmp_path / "collections" / "site" / "corpus"
    assert {path.name: path.read_bytes() for path in corpus.glob("*.txt")} == texts
    manifest = lines(corpus / "manifest.jsonl")
    assert [(line["file"], line["sha256"]) for line in manifest] == [(seed["file"], seed["sha256"]) for seed in SEEDS]
