"""Corpora as JSON lines and Parquet: what stands in them, what is left out, and that they are whole or not there."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pyarrow
import pytest
import zstandard
from pyarrow import parquet

from crawler.cli import main
from crawler.errors import ExportError
from crawler.export.output import MARK, new_folder
from crawler.export.parquet import GROUP_ROWS
from tests.command import Ran, lines
from tests.export.corpora import EDITIONS, EXTRACTOR, collection, everything, page, url
from tests.warm import begin

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collection(tmp_path_factory.mktemp("rows") / "demo", everything())


def export(collection: Path, form: str, out: Path, *more: str) -> Ran:
    """The command in this process, which is faster than in one of its own."""
    said, complained = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(complained):
        code = main(["export", str(collection), "--format", form, str(out), *more])
    return Ran(code, said.getvalue(), complained.getvalue())


def table(path: Path) -> pyarrow.Table:
    return parquet.read_table(path)


def test_a_line_has_the_manifests_fields_the_text_and_the_items_fields(corpus: Path, tmp_path: Path) -> None:
    ran = export(corpus, "jsonl", tmp_path / "out.jsonl", "--json")
    assert (ran.code, json.loads(ran.out)["documents"]) == (0, 15)
    rows, manifest = lines(tmp_path / "out.jsonl"), lines(corpus / "corpus/manifest.jsonl")
    items = lines(corpus / "corpus/items.jsonl")
    assert [{name: row[name] for name in manifest[0]} for row in rows] == manifest
    for row, item in zip(rows, items, strict=True):
        text = (corpus / "corpus" / str(row["file"])).read_text("utf-8")
        assert row["text"] == text
        assert row["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert row["language"] == EDITIONS[str(row["edition"])]
        assert item.keys() - row.keys() == {"canonicalUrl", "headline"}
        assert all(row[name] == item[name] for name in ("lead", "blocks", "related", "images", "datePublished"))


def test_a_name_that_ends_in_gz_or_zst_is_packed(corpus: Path, tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst"):
        assert export(corpus, "jsonl", tmp_path / name).code == 0
    plain = (tmp_path / "a.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == plain
    with zstandard.open(tmp_path / "a.jsonl.zst", "rb") as stream:
        assert stream.read() == plain


def test_parquet_has_the_same_rows_typed(corpus: Path, tmp_path: Path) -> None:
    assert export(corpus, "parquet", tmp_path / "out.parquet").code == 0
    export(corpus, "jsonl", tmp_path / "out.jsonl")
    found = table(tmp_path / "out.parquet")
    wanted = lines(tmp_path / "out.jsonl")
    assert list(wanted[0]) == found.schema.names[:-2]
    assert [normal(row) for row in found.to_pylist()] == [json.loads(json.dumps(row)) for row in wanted]
    assert found.schema.field("captured").type == pyarrow.timestamp("us", tz="UTC")
    assert pyarrow.types.is_struct(found.schema.field("warc").type)
    assert found.schema.field("warc").type.field("offset").type == pyarrow.int64()
    assert pyarrow.types.is_struct(found.schema.field("related").type.value_type)
    assert parquet.ParquetFile(tmp_path / "out.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def normal(row: dict[str, Any]) -> dict[str, Any]:
    """A row of Parquet as its JSON line has it."""
    row["captured"] = row["captured"].isoformat().replace("+00:00", "Z")
    row["extractor"]["options"] = json.loads(row["extractor"]["options"])
    del row["published"], row["modified"]
    return row


def test_a_date_with_an_offset_is_an_instant_and_one_without_is_none(corpus: Path, tmp_path: Path) -> None:
    export(corpus, "parquet", tmp_path / "out.parquet")
    row = table(tmp_path / "out.parquet").slice(0, 1).to_pylist()[0]
    assert row["published"] == datetime(2026, 3, 16, 4, 45, tzinfo=UTC)
    assert (row["modified"], row["dateModified"]) == (None, "2026-03-17")
    assert row["captured"] == datetime(2026, 3, 2, 8, 0, 0, 125, tzinfo=UTC)


def test_pandas_and_duckdb_read_it(corpus: Path, tmp_path: Path) -> None:
    export(corpus, "parquet", out := tmp_path / "out.parquet")
    export(corpus, "jsonl", tmp_path / "out.jsonl.gz")
    frame = pandas.read_parquet(out)
    assert frame.groupby("edition").size().to_dict() == dict.fromkeys(EDITIONS, 3)
    assert frame.captured.dt.year.unique().tolist() == [2026]
    assert "UTC" in str(frame.captured.dtype)
    with duckdb.connect() as database:
        query = f"SELECT warc.record_id, len(related), year(captured) FROM '{out}' WHERE edition = 'sw' ORDER BY 1"
        assert len(rows := database.sql(query).fetchall()) == 3
        assert {row[1:] for row in rows} == {(1, 2026)}
        query = f"SELECT count(*), sum(warc.offset) FROM '{tmp_path / 'out.jsonl.gz'}'"
        assert database.sql(query).fetchall() == [(15, sum(range(15)) * 1000)]


def test_row_groups_are_bounded(tmp_path: Path) -> None:
    pages = [page("sw", f"s{number}") for number in range(GROUP_ROWS + 5)]
    pages += [page("en", f"s{number}", filler=3_000_000) for number in range(4)]
    export(collection(tmp_path / "demo", pages), "parquet", tmp_path / "out.parquet")
    meta = parquet.ParquetFile(tmp_path / "out.parquet").metadata
    assert [meta.row_group(number).num_rows for number in range(meta.num_row_groups)] == [GROUP_ROWS, 8, 1]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst", "out.parquet"])
def test_the_same_corpus_gives_the_same_bytes(corpus: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for folder in (tmp_path, elsewhere):
        assert export(corpus, name.split(".")[1], folder / name).code == 0
    assert (tmp_path / name).read_bytes() == (elsewhere / name).read_bytes()


def test_editions_are_chosen(corpus: Path, tmp_path: Path) -> None:
    ran = export(corpus, "jsonl", tmp_path / "out.jsonl", "--edition", "sw", "--edition", "no")
    assert ran.out.startswith(f"{tmp_path / 'out.jsonl'}: 6 documents")
    assert {row["edition"] for row in lines(tmp_path / "out.jsonl")} == {"sw", "no"}
    ran = export(corpus, "jsonl", tmp_path / "out.jsonl", "--edition", "sv")
    assert ran.code == 2
    assert "sw" in ran.err
    assert {row["edition"] for row in lines(tmp_path / "out.jsonl")} == {"sw", "no"}


def test_a_text_that_is_not_its_manifests_is_left_out_and_told(corpus: Path, tmp_path: Path) -> None:
    hurt = shutil.copytree(corpus, tmp_path / "hurt")
    changed, gone, *_ = sorted((hurt / "corpus").glob("*.txt"))
    changed.write_text("Another text.", "utf-8")
    gone.unlink()
    ran = export(hurt, "jsonl", tmp_path / "out.jsonl", "--json")
    assert (ran.code, json.loads(ran.out)["left_out"]) == (1, 2)
    assert changed.name in ran.err
    assert gone.name in ran.err
    assert "editions regenerate" in ran.err
    assert {row["file"] for row in lines(tmp_path / "out.jsonl")}.isdisjoint({changed.name, gone.name})


def _torn_manifest(corpus: Path) -> str:
    with (corpus / "manifest.jsonl").open("a") as stream:
        stream.write('{"file": "torn')
    return "manifest.jsonl: line 16"


def _no_manifest(corpus: Path) -> str:
    (corpus / "manifest.jsonl").unlink()
    return "manifest.jsonl: cannot be read"


def _items_of_others(corpus: Path) -> str:
    items = (corpus / "items.jsonl").read_text("utf-8").splitlines(keepends=True)
    (corpus / "items.jsonl").write_text("".join([items[1], items[0], *items[2:]]), "utf-8")
    return "items.jsonl: line 1"


def _items_too_few(corpus: Path) -> str:
    items = (corpus / "items.jsonl").read_text("utf-8").splitlines(keepends=True)
    (corpus / "items.jsonl").write_text("".join(items[:-1]), "utf-8")
    return "items.jsonl: line 15"


def _items_not_utf8(corpus: Path) -> str:
    items = (corpus / "items.jsonl").read_bytes()
    (corpus / "items.jsonl").write_bytes(items.replace(b'"headline": "', b'"headline": "\xff', 1))
    return "items.jsonl: line 1"


def _nothing(corpus: Path) -> str:
    (corpus / "manifest.jsonl").write_text("")
    return "no documents"


@pytest.mark.parametrize(
    "hurt", [_torn_manifest, _no_manifest, _items_of_others, _items_too_few, _items_not_utf8, _nothing]
)
@pytest.mark.parametrize("form", ["jsonl", "parquet", "huggingface"])
def test_a_corpus_that_cannot_be_read_leaves_what_was_there(
    corpus: Path, tmp_path: Path, hurt: Callable[[Path], str], form: str
) -> None:
    copy, out = shutil.copytree(corpus, tmp_path / "copy"), tmp_path / "out"
    export(corpus, form, out)
    before = contents(out)
    told = hurt(copy / "corpus")
    ran = export(copy, form, out)
    assert ran.code == 1
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert contents(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "out"]


def contents(out: Path) -> dict[str, bytes]:
    paths = [out] if out.is_file() else sorted(path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out.parent)): path.read_bytes() for path in paths}


def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for word in ("old", "new"):
        with new_folder(out) as part:
            (part / "README.md").write_text(f"{MARK} {word}")
    with pytest.raises(ExportError, match="out: cannot be written"), new_folder(out) as part:
        shutil.rmtree(part)
    assert (out / "README.md").read_text() == f"{MARK} new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_wrong_calls_are_told(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/mine").write_text("mine")
    calls = {
        "name a file": ("jsonl", tmp_path / "folder"),
        "make it first": ("parquet", tmp_path / "not there" / "out"),
        "name a folder": ("huggingface", corpus / "site.toml"),
        "other things than an earlier export": ("huggingface", tmp_path / "folder"),
    }
    for told, (form, out) in calls.items():
        ran = export(corpus, form, out)
        assert (ran.code, told in ran.err) == (2, True), ran.err
    assert (tmp_path / "folder/mine").read_text() == "mine"
    assert export(tmp_path, "jsonl", tmp_path / "x").code == 2
    assert export(corpus, "wacz", tmp_path / "x", "--edition", "sw").code == 2


def test_without_pyarrow_the_message_says_what_to_install(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pyarrow'] = None\n")
    environment = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": ""}
    for form, code in (("parquet", 2), ("huggingface", 2), ("jsonl", 0)):
        command = [sys.executable, "-m", "crawler", "export", str(corpus), "--format", form, str(tmp_path / form)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == code, done.stderr
        assert ("editions[export]" in done.stderr) == (code == 2)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pages = (page("sw", f"s{number}") for number in range(3_000))
    return collection(tmp_path_factory.mktemp("rows") / "big", pages)


@pytest.mark.parametrize("form", ["jsonl", "parquet", "huggingface"])
def test_a_kill_leaves_the_old_or_nothing(corpus: Path, big: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    export(corpus, form, out)
    before = contents(out)
    part = tmp_path / "out.part"
    while not part.exists():  # once nearly always; a kill can come too late where the machine is busy
        export(corpus, form, out)
        with begin("export", big, "--format", form, out, cwd=tmp_path) as child:
            wait_for(lambda: part.exists() or child.poll() is not None)
            child.kill()
    assert contents(out) == before
    assert export(corpus, form, out).code == 0
    assert contents(out) == before
    assert not part.exists()


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.002)


_PEAK = """
import sys
from crawler.cli import main
code = main(sys.argv[1:])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak.split()[1], file=sys.stderr)
sys.exit(code)
"""


def peak(*args: object) -> float:
    """The most memory that the command held, in MB."""
    command = [sys.executable, "-c", _PEAK, *map(str, args), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    return int(done.stderr.splitlines()[-1]) / 1024


@pytest.mark.long
def test_memory_stays_flat(tmp_path: Path) -> None:
    pages = [page("sw" if number % 3 else "en", f"s{number}", filler=500) for number in range(20_000)]
    small, large = collection(tmp_path / "small", pages[:2_500]), collection(tmp_path / "large", pages)
    for form, allowed in (("jsonl", 8), ("parquet", 40), ("huggingface", 40)):
        low, high = (peak("export", each, "--format", form, tmp_path / form) for each in (small, large))
        print(f"{form}: {low:.0f} MB for 2,500 documents, {high:.0f} MB for 20,000")
        assert high - low < allowed


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [("items", "blocks", "no list"), ("manifest", "captured", "long ago"), ("manifest", "chars", 1 << 70)],
)
def test_fields_that_no_column_can_hold_are_told(
    corpus: Path, tmp_path: Path, name: str, field: str, value: object
) -> None:
    odd = shutil.copytree(corpus, tmp_path / "odd")
    path = odd / "corpus" / f"{name}.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lines[0][field] = value
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    ran = export(odd, "parquet", tmp_path / "out.parquet")
    assert (ran.code, "editions regenerate" in ran.err, "Traceback" in ran.err) == (1, True, False)


def test_a_corpus_without_items_has_its_structured_columns_empty(corpus: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(corpus, tmp_path / "bare")
    (bare / "corpus/items.jsonl").unlink()
    export(bare, "jsonl", tmp_path / "out.jsonl")
    export(bare, "parquet", tmp_path / "out.parquet")
    assert "blocks" not in lines(tmp_path / "out.jsonl")[0]
    assert table(tmp_path / "out.parquet").column("blocks").null_count == 15
    assert url("am", "story-0") == lines(tmp_path / "out.jsonl")[0]["url"]
    assert EXTRACTOR.options == lines(tmp_path / "out.jsonl")[0]["extractor"]["options"]  # type: ignore[index]


def test_gzip_members_carry_no_time(corpus: Path, tmp_path: Path) -> None:
    export(corpus, "jsonl", tmp_path / "a.jsonl.gz")
    head = io.BytesIO((tmp_path / "a.jsonl.gz").read_bytes()).read(10)
    assert head[4:8] == bytes(4)


@pytest.mark.parametrize("form", ["jsonl", "parquet", "huggingface"])
def test_a_full_disk_leaves_what_was_there(big: Path, corpus: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    export(corpus, form, out)
    before = contents(out)
    limit = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))"
    code = f"{limit}; from crawler.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "export", str(big), "--format", form, str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 1
    assert "see that there is space" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
