"""The dataset folder as the real ``datasets`` library loads it, with no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyarrow import parquet

from crawler.export.dataset import write_dataset
from crawler.export.parquet import GROUP_ROWS
from crawler.export.rows import Source
from tests.export.corpora import EDITIONS, collection, everything, page
from tests.export.test_rows import contents, export

_LOAD = """
import json, sys
from datasets import load_dataset
found = {}
for name in [None, "all", *sys.argv[2:]]:
    dataset = load_dataset(sys.argv[1], name)
    rows = dataset["train"]
    found[name or ""] = {
        "splits": list(dataset), "editions": sorted(set(rows["edition"])), "rows": len(rows),
        "captured": str(rows.features["captured"].dtype), "warc": rows[0]["warc"], "text": rows[0]["text"],
    }
print(json.dumps(found))
"""


def offline(tmp_path: Path) -> dict[str, str]:
    """An environment in which Hugging Face's libraries ask no network and write nothing elsewhere."""
    return {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home"), "HF_DATASETS_OFFLINE": "1"}


def load(folder: Path, tmp_path: Path, *names: str) -> dict[str, Any]:
    command = [sys.executable, "-c", _LOAD, str(folder), *names]
    done = subprocess.run(
        command, env=offline(tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collection(tmp_path_factory.mktemp("dataset") / "demo", everything())


def test_it_loads_whole_and_by_edition(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert export(corpus, "huggingface", out).code == 0
    found = load(out, tmp_path, *EDITIONS)
    assert found.pop("") == found.pop("all")
    assert {name: (one["editions"], one["rows"]) for name, one in found.items()} == {
        code: ([code], 3) for code in EDITIONS
    }
    manifest = [json.loads(line) for line in (corpus / "corpus/manifest.jsonl").read_text("utf-8").splitlines()]
    first = next(line for line in manifest if line["edition"] == "sw")
    assert found["sw"]["warc"] == first["warc"]
    assert found["sw"]["text"] == (corpus / "corpus" / first["file"]).read_text("utf-8")
    assert found["sw"]["captured"] == "timestamp[us, tz=UTC]"


def test_the_card_says_languages_sizes_licence_and_proof(corpus: Path, tmp_path: Path) -> None:
    export(corpus, "huggingface", tmp_path / "out")
    _, head, text = (tmp_path / "out/README.md").read_text("utf-8").split("---\n", 2)
    metadata = yaml.safe_load(head)
    assert metadata["language"] == ["am", "ar", "en", "nb", "sw"]
    assert metadata["language_bcp47"] == ["am", "ar", "en", "nb-NO", "sw"]
    assert metadata["size_categories"] == ["n<1K"]
    assert metadata["license"] == "unknown"
    assert [one["config_name"] for one in metadata["configs"]] == ["all", *sorted(EDITIONS)]
    assert [one["config_name"] for one in metadata["configs"] if one.get("default")] == ["all"]
    for word in (
        "Licence",
        "editions prove",
        "WARC-Payload-Digest",
        "resiliparse 2.0.1",
        "sha256",
        "| no | `no` | nb-NO | 3 |",
    ):
        assert word in text
    assert "2026-03-02T08:00:00.000125Z" in text


def test_large_editions_have_several_shards_in_order(tmp_path: Path) -> None:
    pages = [page("sw", f"s{number:04d}") for number in range(2 * GROUP_ROWS + 1)]
    rows = Source(collection(tmp_path / "demo", pages) / "corpus", EDITIONS)
    write_dataset(rows, tmp_path / "out", "demo", shard_bytes=100)
    names = sorted((tmp_path / "out/data/sw").iterdir())
    assert [path.name for path in names] == [f"train-{number:05d}-of-00003.parquet" for number in range(3)]
    slugs = [slug for path in names for slug in parquet.read_table(path).column("slug").to_pylist()]
    assert slugs == [one.slug for one in pages]


def test_the_same_corpus_gives_the_same_folder(corpus: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        export(corpus, "huggingface", tmp_path / name / "out")
    assert contents(tmp_path / "one/out") == contents(tmp_path / "two/out")


def test_an_earlier_export_is_replaced_and_nothing_else_is(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert export(corpus, "huggingface", out).code == 0
    assert export(corpus, "huggingface", out, "--edition", "sw").code == 0
    assert [path.name for path in (out / "data").iterdir()] == ["sw"]
    (out / "notes.txt").write_text("mine")
    assert export(corpus, "huggingface", out).code == 2
    assert [path.name for path in (out / "data").iterdir()] == ["sw"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
