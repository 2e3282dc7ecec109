"""The README's lines that make and load exports, run as they stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from crawler.cli import main
from crawler.export.schema import schema
from tests.export.corpora import collection, everything
from tests.export.test_dataset import offline

ROOT = Path(__file__).parents[2]
SECTION = re.search(r"## Hand it over\n(.*?)\n## ", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
DOCS = (ROOT / "docs/export.md").read_text("utf-8")


def test_the_readmes_lines_load_the_corpus(tmp_path: Path) -> None:
    assert SECTION is not None
    collection(tmp_path / "collections/demo", everything())
    for line in re.findall(r"^    editions (export .*?)(?:  +#.*)?$", SECTION[1], re.MULTILINE):
        *call, out = shlex.split(line.replace("collections/", f"{tmp_path}/collections/"))
        assert main([*call, f"{tmp_path}/{out}"]) == 0
    [block] = re.findall(r"```python\n(.*?)```", SECTION[1], re.DOTALL)
    imports, lines = block.split("\n\n")
    sizes = {"pandas": "len(rows) == 15", "duckdb": "len(rows.fetchall()) == 5", "datasets": "len(rows) == 3"}
    for line in lines.splitlines():
        code = f"{imports}\nrows = {line}\nassert {sizes.pop(line.partition('.')[0])}, rows"
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=offline(tmp_path), timeout=240, check=True)
    assert not sizes


def test_every_column_is_documented(tmp_path: Path) -> None:
    corpus, _, parallel = DOCS.partition("## Parallel text")
    assert set(schema().names) == named(corpus) - {"jsonl", "parquet", "huggingface", "wacz", "parallel"}
    collection(tmp_path / "demo", everything())
    assert main(["export", str(tmp_path / "demo"), "--format", "parallel", str(tmp_path / "out.tsv")]) == 0
    head = (tmp_path / "out.tsv").read_text("utf-8").partition("\n")[0].split("\t")
    assert {name for name in head if not name.startswith("right_")} <= named(parallel)


def named(text: str) -> set[str]:
    """What stands in the first column of its tables."""
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
