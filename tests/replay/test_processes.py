"""A large replay's pages are read by processes of their own: the same pages, and the same corpus."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from crawler.crawls.assembly import Reading
from crawler.from_archive.reading import PageProcesses, processes_worth
from crawler.regeneration.again import cores
from crawler.sites.profile import load
from crawler.text.article import Body, read_body
from crawler.text.links import LinkReader
from crawler.text.page import PageReader
from tests.batch.archives import many_pages
from tests.command import editions, profile
from tests.replay.running import files

URL = "http://127.0.0.1:1/en/articles/{}"
PAGES = [
    f'<title>{n}</title><article><p>Story {n}.</p></article><a href="/en/articles/{n + 1}">A link on</a>'.encode()
    for n in range(12)
]


async def read_by(processes: PageProcesses, bodies: list[Body]) -> list[Reading]:
    return await asyncio.gather(*map(processes.read, bodies))


def test_processes_read_what_the_crawl_itself_reads(tmp_path: Path) -> None:
    site = load(profile(tmp_path, "127.0.0.1:1"))
    bodies = [Body(page, URL.format(n), "text/html", "", f"urn:uuid:{n}") for n, page in enumerate(PAGES)]
    bodies.append(Body(b"%PDF-1.7", URL.format("pdf"), "application/pdf", "", None))
    inline = PageReader(site, LinkReader(site, ("en",)))
    processes = PageProcesses(site, ("en",), 2)
    with closing(processes), ThreadPoolExecutor(1) as thread:  # where no loop runs yet
        found = thread.submit(asyncio.run, read_by(processes, bodies)).result(60)
    assert found == [read_body(inline, body) for body in bodies]


@pytest.mark.long
def test_a_large_replay_gives_the_corpus_that_batch_gives(tmp_path: Path) -> None:
    collection = many_pages(tmp_path, 230)
    assert processes_worth(collection / "archive") == (2 if cores() > 1 else 0)
    ran = editions("crawl", "site.toml", "--from-archive", "many", "--collection", "out", "--quiet", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert editions("regenerate", "many", "--out", "batch", cwd=tmp_path).code == 0
    assert files(tmp_path / "out" / "corpus") == files(tmp_path / "batch")
