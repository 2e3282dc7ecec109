"""What the demo does: serve the site, crawl it, make the corpus again from the archive, compare."""

from __future__ import annotations

import filecmp
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crawler.collection.folder import Collection
from crawler.crawls.report import CrawlReport
from crawler.crawls.show import show_report
from crawler.demo.server import PORT, RunningSite, serve
from crawler.errors import CrawlError
from crawler.regeneration.rebuild import rebuild
from crawler.run import CrawlOptions, run
from crawler.sites.profile import FOLDER, Profile, load


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the demo showed."""

    report: CrawlReport
    collection: Collection
    differing: tuple[str, ...]
    """Files that the archive does not give as the crawl did."""
    compared: int

    @property
    def identical(self) -> bool:
        """Whether the corpus made from the archive is that of the crawl, byte for byte."""
        return self.compared > 0 and not self.differing

    def fields(self) -> dict[str, object]:
        """For JSON."""
        return {
            "report": self.report.fields(),
            "collection": str(self.collection.folder),
            "compared": self.compared,
            "differing": list(self.differing),
        }


def run_demo(folder: Path, *, progress: bool = True) -> DemoOutcome:
    """Crawl the demo site into *folder* and prove the corpus by its archive.

    Raises:
        EditionsError: the folder cannot be written, or the crawl was stopped.
    """
    collection = Collection(folder)
    with _serve() as site, tempfile.TemporaryDirectory() as scratch:
        profile = profile_of(site, Path(scratch))
        report = run(CrawlOptions(profile, collection, progress=progress))
        if report.stopped:
            raise CrawlError(f"stopped with {report.left} URLs left; the same command goes on with it")
        again = Path(scratch, "corpus")
        rebuild(collection.archive, again, profile)
        compared, differing = _compare(collection.corpus, again)
    return DemoOutcome(report, collection, differing, compared)


def show_demo(outcome: DemoOutcome) -> None:
    """Print what was done, what lies where, and what to do next."""
    collection = outcome.collection
    show_report(outcome.report, collection)
    verdict = "identical, byte for byte" if outcome.identical else f"DIFFERENT: {', '.join(outcome.differing)}"
    print(f"made again from the archive alone: {outcome.compared} files, {verdict}\n")
    print(f"WARC      {' '.join(str(path) for path in sorted(collection.archive.glob('*.warc.gz')))}")
    print(f"index     {collection.index}")
    print(f"corpus    {collection.corpus}")
    print(f"manifest  {collection.corpus / 'manifest.jsonl'}")
    editions = sys.argv[0] if Path(sys.argv[0]).name == "editions" else "editions"
    print(f"next      {editions} check {collection.folder}")
    print(f"          {editions} crawl allthe.news --edition sw --max-pages 20")


def profile_of(site: RunningSite, scratch: Path) -> Profile:
    """The demo's profile, for the port that the site has."""
    text = (FOLDER / "demo.toml").read_text("utf-8")
    path = scratch / "demo.toml"
    path.write_text(text.replace(f":{PORT}", f":{site.port}"), "utf-8")
    return load(path)


@contextmanager
def _serve() -> Iterator[RunningSite]:
    """The demo site on its own port, or on a free one where that is taken."""
    try:
        server = serve(PORT)
        site = server.__enter__()
    except OSError:
        server = serve()
        site = server.__enter__()
    try:
        yield site
    finally:
        server.__exit__(None, None, None)


def _compare(made: Path, again: Path) -> tuple[int, tuple[str, ...]]:
    """How many files there are, and which are not the same in both folders."""
    names = sorted({path.name for folder in (made, again) for path in folder.iterdir()})
    _, differing, missing = filecmp.cmpfiles(made, again, names, shallow=False)
    return len(names), tuple(sorted(differing + missing))
