"""After any kill no captured response is lost, none is fetched twice, and at most the concurrency is repeated."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator

from crawler.regeneration.rebuild import rebuild
from crawler.sites.profile import load
from tests.command import editions, lines, profile
from tests.site import Answer, Site, serve
from tests.warm import begin

PAGES = 1000
KILLS = 50
CONCURRENCY = 8
SEED = 20261122


def story(number: int) -> Answer:
    """A page that leads to ten others; every page is reached in a few steps."""
    others = (PAGES + number * 3 + step * 97 for step in range(1, 11))
    cards = "".join(f'<div><a href="/en/articles/{n % PAGES}"><h3>{n % PAGES}</h3></a></div>' for n in others)
    words = " ".join(f"word{number * 7 + n}" for n in range(300))
    return Answer(f"<!doctype html><title>{number}</title><article><h1>{number}</h1><p>{words}</p>{cards}".encode())


def fill(site: Site) -> None:
    site.answers["/en"] = Answer(
        "".join(f'<a href="/en/articles/{n}">{n}</a>' for n in range(0, PAGES, 100)).encode()
    )
    for number in range(PAGES):
        site.answers[f"/en/articles/{number}"] = story(number)


def records(folder: Path) -> Counter[tuple[str, str]]:
    """URL and payload digest of every whole response record."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted((folder / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, parse_http=False):
                if record.headers["WARC-Type"] == "response":
                    record.reader.read()
                    found[record.headers["WARC-Target-URI"], record.headers["WARC-Payload-Digest"]] += 1
    return found


class Unsaved:
    """For each run of a crawl, the requests that its site saw and whose captures a kill cost: all are repeated."""

    def __init__(self, site: Site, collection: Path) -> None:
        self._site = site
        self._archive = collection / "archive"
        self._counted = len(site.requests)
        self.runs: list[int] = []

    def count(self) -> None:
        """A run has ended or was killed; what it sent last may still be on its way."""
        self._site.wait_for_quiet()
        seen = len(self._site.requests)
        saved = sum(map(whole_responses, self._archive.glob("*.warc.gz*")))
        self.runs.append(seen - saved - self._counted)
        self._counted = seen - saved


def whole_responses(path: Path) -> int:
    """How many responses a file holds whose records are whole; its end may be torn."""
    found = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=False):
            if record.headers["WARC-Type"] in ("response", "revisit"):
                record.reader.read()
                found += 1
    return found


def texts(folder: Path) -> dict[str, str]:
    corpus = folder / "corpus"
    return {
        str(line["url"]): (corpus / str(line["file"])).read_text("utf-8") for line in lines(corpus / "manifest.jsonl")
    }


def killed(site: Site, folder: Path, chance: random.Random) -> bool:
    """Crawl, and kill it after some requests more, at any moment; False where it ended before."""
    until = len(site.requests) + chance.randrange(1, PAGES // KILLS)
    with begin("crawl", "site.toml", "--quiet", cwd=folder) as process:
        while process.poll() is None and len(site.requests) < until:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)
        ended = process.poll() is not None
        process.kill()
    return not ended


@pytest.mark.long
@pytest.mark.timeout(600)
def test_fifty_kills_lose_nothing_and_none_repeats_more_than_the_concurrency(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    calm, stormy = tmp_path / "calm", tmp_path / "stormy"
    with serve({}) as site:
        fill(site)
        for folder in (calm, stormy):
            folder.mkdir()
            path = profile(folder, site.host)
            path.write_text(path.read_text().replace("delay = 0\n", f"delay = 0\nconcurrency = {CONCURRENCY}\n"))
        assert editions("crawl", "site.toml", "--quiet", cwd=calm, seconds=300).code == 0
        once = Counter(site.requests)
        site.requests.clear()
        unsaved = Unsaved(site, stormy / "collections/site")
        while len(unsaved.runs) < KILLS and killed(site, stormy, chance):
            unsaved.count()
        last = editions("crawl", "site.toml", cwd=stormy, seconds=300)
        asked = Counter(site.requests)
    assert last.code == 0, last.err
    assert len(unsaved.runs) == KILLS
    ours, theirs = stormy / "collections/site", calm / "collections/site"
    assert records(ours).keys() == records(theirs).keys()
    assert texts(ours) == texts(theirs)
    assert len(texts(ours)) == PAGES
    assert asked.keys() == once.keys()
    assert 0 < max(unsaved.runs) <= CONCURRENCY, unsaved.runs
    assert 0 < (asked - once).total() <= sum(unsaved.runs)
    # What was captured was not asked for again: each response is in the archive once.
    assert max(records(ours).values()) == 1
    rebuild(ours / "archive", tmp_path / "again", load(stormy / "site.toml"))
    for file in (ours / "corpus").iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()
    assert editions("check", ours, cwd=tmp_path, seconds=300).code == 0
