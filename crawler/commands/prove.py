"""``editions prove``: documents made again from their records, and compared."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.collection.folder import Collection
from crawler.coloured import show_differences
from crawler.commands.parser import FAILED, OK, add_command
from crawler.errors import CallError
from crawler.regeneration.proof import Proof, prove
from crawler.text.corpus import MANIFEST

if TYPE_CHECKING:
    from crawler.commands.parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "prove", run)
    help_ = "a document's file, a corpus, or a collection"
    command.add_argument("paths", metavar="DOCUMENT", nargs="+", type=Path, help=help_)
    help_ = "where the records are; default: the collection that the corpus lies in"
    command.add_argument("--collection", metavar="DIR", type=Path, help=help_)


def run(options: argparse.Namespace) -> int:
    """Run it; 1 where a document does not hold."""
    proofs = list(_noted(_proofs(options.paths, options.collection), quiet=options.quiet or options.json))
    if options.json:
        fields = [asdict(one) | {"path": str(one.path)} for one in proofs]
        print(json.dumps(fields, ensure_ascii=False))
    elif not options.quiet:
        counts = Counter(one.verdict for one in proofs)
        print(", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items())) or "no documents")
    return OK if all(one.holds for one in proofs) else FAILED


def _noted(proofs: Iterable[Proof], *, quiet: bool) -> Iterator[Proof]:
    """The same; each that does not hold is shown as it comes."""
    for one in proofs:
        if not quiet and not one.holds:
            print(f"{one.path}: {one.verdict}: {one.why}")
            show_differences(one.operations)
        yield one


def _proofs(paths: Iterable[Path], collection: Path | None) -> Iterator[Proof]:
    """Each corpus is gone through once, whatever the number of its documents."""
    asked: dict[Path, list[str]] = {}
    for path in paths:
        _refuse_others(path)
        if not path.is_dir():
            asked.setdefault(path.absolute().parent, []).append(path.name)
        else:
            asked[(path / "corpus" if (path / "archive").is_dir() else path).absolute()] = []
    for folder, names in asked.items():
        if collection is None and not (folder.parent / "archive").is_dir():
            raise CallError(f"{folder}: lies in no collection; name the one that has its records with --collection")
        yield from prove(Collection.existing(collection or folder.parent), folder, names)


def _refuse_others(path: Path) -> None:
    """Refuse what is no document, corpus or collection; a document that is gone may be asked for."""
    if path.is_dir() and not any((path / name).exists() for name in ("archive", MANIFEST)):
        raise CallError(f"{path}: neither a collection nor a corpus: it has no folder archive/ and no {MANIFEST}")
    if not path.is_dir() and not (path.parent / MANIFEST).exists():
        raise CallError(
            f"{path}: {'lies in no corpus' if path.exists() else 'no such file or folder'}; name a document "
            "of a corpus, a corpus or a collection"
        )
