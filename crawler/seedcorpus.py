"""The seed corpus made again, and held against what is recorded of it and what was made last."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from archive.index import Index
from crawler import seeds as lists
from crawler.collection.folder import Collection
from crawler.crawls.assembly import fold
from crawler.crawls.report import CrawlReport
from crawler.differences import Operation, differences
from crawler.errors import CallError, CorpusError, SeedsError
from crawler.files import put_file, replace_file
from crawler.frontier.store import PAGES
from crawler.items import Document, Drop
from crawler.regeneration.rebuild import readings
from crawler.run import CrawlOptions, run
from crawler.seeds import Seed
from crawler.sites.profile import Profile, load
from crawler.state import State, read_only
from crawler.text.corpus import Corpus
from crawler.text.ledger import Ledger
from crawler.text.manifest import read_manifest
from crawler.text.seedtext import extractor
from crawler.urls import normalise

Verdict = Literal["identical", "changed", "new", "gone"]

_NUMBERED = re.compile(r"(\d+)_[0-9a-f]{16}\.txt")
_REQUISITES = re.compile(r"(?m)^[ \t]*requisites[ \t]*=.*$")
_CRAWL = re.compile(r"(?m)^[ \t]*\[[ \t]*crawl[ \t]*\][^\n]*$")


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one seed."""

    seed: Seed
    text: str | None
    """Of the newest capture that was a page; None where there is none."""
    reason: str = ""
    """Why the newest capture gave no document: ``status-404``, ``failed-ConnectError``, ``not-captured``, …"""


@dataclass(frozen=True, slots=True)
class SeedResult:
    """A document of the seed corpus, compared."""

    file: str
    url: str
    edition: str | None
    verdict: Verdict
    """``identical`` to what is recorded (to the last made, where nothing is), ``changed`` from it; ``new`` where
    there is nothing to compare with; ``gone`` where no text came."""
    sha256: str | None = None
    recorded: str | None = None
    """The SHA-256 that the list of seeds has."""
    since_last: Literal["identical", "changed"] | None = None
    """Against the text made last; None where there is none."""
    reason: str = ""
    operations: tuple[Operation, ...] = ()
    """How the text made last becomes this one."""


def fetch_seeds(profile: Profile, seeds: Iterable[Seed], collection: Collection, *, progress: bool) -> CrawlReport:
    """Crawl the seed pages alone, without what browsers need to show them, into *collection*.

    Raises:
        CallError: the collection is of a whole crawl, which would go on with all that it knows.
        EditionsError: the crawl could not be run.
    """
    _refuse_whole_crawl(collection)
    collection.make()
    bare = _without_requisites(profile, collection.folder / ".profile")
    urls = tuple(seed.url for seed in seeds)
    return run(CrawlOptions(bare, collection, start=urls, max_depth=0, progress=progress))


def endings(collection: Collection, report: CrawlReport) -> dict[str, str]:
    """Why a crawl has no page of a URL, for each that it ended with; empty for a page, new or not modified.

    What redirects lead to can be the seed's page under another address: that is read from the archive.
    """
    ended = json.loads((collection.crawls / f"{report.id}.json").read_text("utf-8"))["urls"]
    told = [one for one in ended if one["outcome"] != "redirected"]
    return {one["url"]: "" if one["outcome"] in PAGES else _reason(one) for one in told}


def _reason(ended: Mapping[str, str]) -> str:
    more = ended["reason"] if ended["outcome"] == "status" else ended["reason"].partition(":")[0]
    return f"{ended['outcome']}-{more}" if more and " " not in more else ended["outcome"]


def find_seeds(
    archive: Path, index: Index, profile: Profile, seeds: tuple[Seed, ...], scratch: Path, ended: Mapping[str, str]
) -> list[Found]:
    """What the archive has of each seed, as a corpus in *scratch* has it; *ended*: what the crawl says besides.

    Raises:
        ArchiveError, CorpusError: the archive cannot be read, or a document not be written.
    """
    reasons: dict[str, str] = {}
    with closing(State()) as state:
        corpus = Corpus(scratch, Ledger(state), extractor(profile.text.skip, profile.page), seeds)
        for reading, stored in readings(archive, profile, index=index):
            outcome = fold(corpus, reading, stored.location, stored.date)
            if isinstance(reading, Drop):
                reasons[normalise(reading.url)] = reading.reason
            else:
                reason = "empty" if outcome == "dropped" else ""
                reasons |= {normalise(reading.url): reason, reading.canonical: reason}
    return [_found(seed, scratch, {**reasons, **ended}) for seed in seeds]


def _found(seed: Seed, scratch: Path, reasons: Mapping[str, str]) -> Found:
    path = scratch / seed.file
    text = path.read_bytes().decode() if path.is_file() else None
    return Found(seed, text, reasons.get(seed.url, "not-captured") or ("" if text is not None else "no-document"))


def compare(found: Found, out: Path) -> SeedResult:
    """Hold a seed's text against its record and against its file in *out*, the text made last; then write it there.

    Where no text came, the file stays. Raises CorpusError where it cannot be written.
    """
    seed, path = found.seed, out / found.seed.file
    if found.text is None or found.reason:
        return SeedResult(seed.file, seed.url, seed.edition, "gone", recorded=seed.sha256, reason=found.reason)
    last = path.read_bytes().decode("utf-8", "replace") if path.is_file() else None
    sha256 = hashlib.sha256(found.text.encode()).hexdigest()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, [found.text])
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be written ({error.strerror}); choose another folder with --out"
        ) from error
    since_last = None if last is None else "identical" if last == found.text else "changed"
    return SeedResult(
        seed.file,
        seed.url,
        seed.edition,
        _verdict(seed, sha256, since_last),  # type: ignore[arg-type]
        sha256,
        seed.sha256,
        since_last,  # type: ignore[arg-type]
        operations=tuple(differences(last, found.text)) if last is not None and last != found.text else (),
    )


def _verdict(seed: Seed, sha256: str, since_last: str | None) -> str:
    if seed.sha256 is not None:
        return "identical" if sha256 == seed.sha256 else "changed"
    return since_last or "new"


def _refuse_whole_crawl(collection: Collection) -> None:
    """A recrawl asks for all that is known again, and one that was cut off goes on: both are more than the seeds."""
    if not collection.state.is_file():
        return
    try:
        with closing(read_only(collection.state)) as db:
            row = db.execute("SELECT url FROM urls WHERE kind = 'article' AND depth > 0 LIMIT 1").fetchone()
    except sqlite3.Error:
        return  # no frontier yet, or none that can be used: the crawl says so
    if row is not None:
        raise CallError(
            f"--collection {collection.folder}: is of a whole crawl; name another to fetch the seeds into, or take "
            f"them from it with --from-archive {collection.folder}"
        )


def _without_requisites(profile: Profile, folder: Path) -> Profile:
    """The profile with ``requisites = false``, written into *folder*, with its seeds where they are looked for."""
    text = profile.path.read_text("utf-8")
    off = "requisites = false"
    if _REQUISITES.search(text):
        text = _REQUISITES.sub(off, text)
    elif _CRAWL.search(text):
        text = _CRAWL.sub(lambda head: f"{head[0]}\n{off}", text, count=1)
    else:
        text += f"\n[crawl]\n{off}\n"
    (folder / "seeds").mkdir(parents=True, exist_ok=True)
    path = folder / f"{profile.name}.toml"
    replace_file(path, [text])
    if (listed := lists.find(profile)) is not None:
        replace_file(folder / "seeds" / path.name, [listed.read_text("utf-8")])
    return load(path)


def add_seed(profile: Profile, collection: Collection, url: str, out: Path) -> tuple[Path, Seed]:
    """Add the document of *url*, from the collection's corpus, to the site's list of seeds, after all others.

    Its text is laid into the seed corpus in the folder *out*, so that changes are told word by word from the first.
    What stands in the list stays as it is written. Returns the list's path and the new seed.

    Raises:
        CallError: the URL is none, has no document in the corpus, or is a seed already.
        SeedsError: the list cannot be used. CorpusError: the collection has no corpus.
    """
    path = lists.find(profile) or Path("seeds", f"{profile.name}.toml")
    known = lists.load(path, profile) if path.is_file() else ()
    document = _document(collection, url)
    if any(seed.url == document.url for seed in known):
        raise CallError(f"--add {url}: is a seed already, in {path}")
    file = f"{_next_number(known):03d}_{document.id}.txt"
    seed = Seed(file, document.url, document.edition, document.sha256, document.chars)
    old = path.read_text("utf-8") if path.is_file() else f"# The pages of the seed corpus of {profile.name}.\n"
    _replace_list(path, f"{old.rstrip()}\n\n{_table(seed, old)}", profile)
    _lay_text(collection.corpus / document.file, out / file, document.sha256)
    return path, seed


def _lay_text(source: Path, target: Path, sha256: str) -> None:
    """Copy a document that is what its manifest says; without it, a seed is compared by its SHA-256 alone."""
    try:
        data = source.read_bytes()
        if hashlib.sha256(data).hexdigest() == sha256:
            target.parent.mkdir(parents=True, exist_ok=True)
            put_file(target, data)
    except OSError as error:
        raise CorpusError(f"{target}: cannot be copied from {source} ({error.strerror})") from error


def _document(collection: Collection, url: str) -> Document:
    try:
        wanted = normalise(url)
    except ValueError as error:
        raise CallError(f"--add {url}: {error}") from error
    for document in read_manifest(collection.corpus):
        if document.url == wanted:
            return document
    raise CallError(f"--add {url}: has no document in {collection.corpus}; crawl it first, or name --collection")


def _next_number(known: tuple[Seed, ...]) -> int:
    numbers = [int(match[1]) for seed in known if (match := _NUMBERED.fullmatch(seed.file))]
    return max([len(known) - 1, *numbers], default=-1) + 1


def _table(seed: Seed, old: str) -> str:
    """A seed as TOML; under the name that the list uses."""
    key = "seed" if re.search(r"(?m)^\[\[seed\]\]", old) else "seeds"
    values = (("file", seed.file), ("url", seed.url), ("edition", seed.edition), ("sha256", seed.sha256))
    texts = (f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values)
    return f"[[{key}]]\n{''.join(texts)}chars = {seed.chars}\n"


def _replace_list(path: Path, text: str, profile: Profile) -> None:
    """Write the list, if it can be read as one then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    trial = path.with_name(f".{path.name}.new")
    try:
        trial.write_text(text, "utf-8")
        lists.load(trial, profile)
    except SeedsError as error:
        raise SeedsError(f"{path}: cannot be added to; write its seeds as [[seeds]] tables ({error})") from error
    finally:
        trial.unlink(missing_ok=True)
    replace_file(path, [text])
