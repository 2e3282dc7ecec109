"""``editions export``: a collection handed over."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from archive.wacz import WaczInfo, WaczPage, pack_wacz
from crawler.collection.folder import Collection
from crawler.collection.origin import site_of
from crawler.commands.parser import FAILED, OK, add_command
from crawler.errors import CallError, CorpusError, EditionsError
from crawler.export.jsonl import write_jsonl
from crawler.export.output import unpacked_name
from crawler.export.rows import Row, Source
from crawler.regeneration.records import records_of
from crawler.sites.table import suggest
from crawler.text.manifest import read_manifest

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


_Value = TypeVar("_Value")


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "export", export)
    command.add_argument("collection", metavar="COLLECTION", type=Path)
    command.add_argument("--format", choices=[*_FORMATS, "wacz"], required=True)
    help_ = "this edition alone; may be repeated"
    command.add_argument("--edition", metavar="CODE", action="append", default=[], help=help_)
    help_ = "a file; a folder for huggingface; jsonl: OUT.gz and OUT.zst are compressed; parallel: OUT.tsv or OUT.tmx"
    command.add_argument("out", metavar="OUT", type=Path, help=help_)


def export(options: argparse.Namespace) -> int:
    """Run it; 1 where a document had to be left out."""
    collection = Collection.existing(options.collection)
    if options.format == "wacz":
        return _wacz(collection, options)
    source = _source(collection, options.edition)
    counts = _FORMATS[options.format](collection, source, options.out)
    if options.json:
        print(json.dumps({"file": str(options.out), **counts, "left_out": source.left_out}))
    elif not options.quiet:
        told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
        print(f"{options.out}: {told}")
    return FAILED if source.left_out else OK


def _source(collection: Collection, editions: list[str]) -> Source:
    languages = _languages(collection)
    for code in editions:
        if languages and code not in languages:
            raise CallError(f"--edition {code}: no edition of this site; {suggest(code, languages)}")
    return Source(collection.corpus, languages, frozenset(editions), lambda fault: print(fault, file=sys.stderr))


def _languages(collection: Collection) -> Mapping[str, str]:
    """The editions' languages; none where the collection does not say which site it is of."""
    try:
        return site_of(collection)[0].editions
    except EditionsError:
        return {}


def _jsonl(collection: Collection, source: Source, out: Path) -> dict[str, int]:
    write_jsonl(_rows(source), out)
    return {"documents": source.rows}


def _parquet(collection: Collection, source: Source, out: Path) -> dict[str, int]:
    _need_pyarrow()
    from crawler.export.parquet import write_parquet  # an optional dependency, slow to import

    write_parquet(_rows(source), out)
    return {"documents": source.rows}


def _huggingface(collection: Collection, source: Source, out: Path) -> dict[str, int]:
    _need_pyarrow()
    from crawler.export.dataset import write_dataset  # an optional dependency, slow to import

    write_dataset(_rows(source), out, collection.folder.resolve().name)
    return {"documents": source.rows}


def _parallel(collection: Collection, source: Source, out: Path) -> dict[str, int]:
    # Slow to import: they bring the language models.
    from crawler.export.parallel import Parallel
    from crawler.export.tmx import write_tmx
    from crawler.export.translation import LEVELS
    from crawler.export.tsv import write_tsv
    from crawler.stories.corpus import read_stories

    write = {".tsv": write_tsv, ".tmx": write_tmx}.get(Path(unpacked_name(out.name)).suffix)
    if write is None:
        raise CallError(f"{out}: parallel text is .tsv or .tmx (or .tsv.gz, .tmx.zst, …); end the name so")
    profile, _ = site_of(collection)
    parallel = Parallel(source, read_stories(collection.corpus, profile).stories)
    none = "no parallel text: no story is known to be told in two editions' languages (`editions stories` lists them)"
    write(_some(parallel.pairs(), source.corpus, none), out)
    return {f"{level}_pairs": parallel.counts[level] for level in LEVELS}


_FORMATS: dict[str, Callable[[Collection, Source, Path], dict[str, int]]] = {
    "jsonl": _jsonl,
    "parquet": _parquet,
    "huggingface": _huggingface,
    "parallel": _parallel,
}


def _some(values: Iterable[_Value], corpus: Path, none: str) -> Iterator[_Value]:
    """*values*; an export of nothing is refused, so that an earlier one stays."""
    empty = True
    for value in values:
        empty = False
        yield value
    if empty:
        raise CorpusError(f"{corpus}: {none}; crawl more, or ask for other editions")


def _rows(source: Source) -> Iterator[Row]:
    return _some(source, source.corpus, "no documents to hand over")


def _need_pyarrow() -> None:
    try:
        import_module("pyarrow")
    except ImportError as error:
        raise CallError(f"Parquet needs pyarrow ({error}): pip install 'editions[export]'") from error


def _wacz(collection: Collection, options: argparse.Namespace) -> int:
    if options.edition:
        raise CallError("--edition: a WACZ holds the whole archive; leave it out")
    info = WaczInfo(f"editions {version('editions')}", title=collection.folder.resolve().name)
    with records_of(collection) as records:  # of a replay, in the archive that was replayed
        written = pack_wacz(records.archive, records.index, options.out, _pages(collection), info)
        for name in written.left_out:
            print(f"editions: {records.archive / name}: left out: a WACZ holds no ARC files", file=sys.stderr)
    if options.json:
        counts = {"captures": written.captures, "pages": written.pages, "left_out": len(written.left_out)}
        print(json.dumps({"file": str(written.path)} | counts))
    elif not options.quiet:
        print(f"{written.path}: {written.captures} captures, {written.pages} pages, {written.size:,} bytes")
    return FAILED if written.left_out else OK


def _pages(collection: Collection) -> Iterator[WaczPage]:
    """The documents, by which a reader enters the archive; those of ARC files are not in it."""
    for document in read_manifest(collection.corpus):
        if not document.warc.file.endswith((".arc", ".arc.gz")):
            yield WaczPage(document.url, document.captured, document.title, document.id)
