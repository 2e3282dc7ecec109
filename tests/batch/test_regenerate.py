"""The corpus from the archive alone: the same however it is made, and made again only where it must be."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from archive.entry import parse_line
from archive.index import Index
from crawler.demo.expected import expected
from crawler.demo.site import DemoSite
from crawler.regeneration.rebuild import rebuild
from crawler.regeneration.sections import covers
from crawler.sites.profile import load
from tests.batch.archives import States, as_of, contents, crawl_states, many_pages
from tests.command import editions, lines
from tests.shared import need

MANY = 600


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> States:
    return crawl_states(tmp_path_factory.mktemp("states"))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return many_pages(tmp_path_factory.mktemp("many"), MANY)


def report(*args: object, cwd: Path) -> dict[str, object]:
    """What a regeneration says of itself; by one process, unless *args* ask for more."""
    workers = () if "--workers" in args else ("--workers", 1)
    ran = editions("regenerate", *args, *workers, "--json", cwd=cwd)
    assert ran.code == 0, ran.err
    found: dict[str, object] = json.loads(ran.out)
    return found


@pytest.mark.parametrize("number", [0, 1, 2])
def test_each_crawls_corpus_comes_back(number: int, states: States, tmp_path: Path) -> None:
    """In one process without a state; by the command and the spider: see tests/replay/test_demo.py."""
    collection = as_of(states, number, tmp_path / "collection")
    rebuild(collection / "archive", tmp_path / "rebuilt", load(collection / "site.toml"))
    assert len(states.corpora[number]) > 200
    assert contents(tmp_path / "rebuilt") == states.corpora[number]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_near_copies_are_those_that_the_site_has(number: int, states: States) -> None:
    site = expected(DemoSite(state=number + 1, origin=states.origin))
    manifest, copies = (
        [json.loads(line) for line in states.corpora[number][name].splitlines()]
        for name in ("manifest.jsonl", "copies.jsonl")
    )
    twins = {copy: canonical for one in site.editions.values() for canonical, copy in one.twins}
    clusters: dict[str, set[str]] = {}
    for line in manifest:
        clusters.setdefault(line["cluster"] or line["id"], set()).add(twins.get(line["url"], line["url"]))
    assert {frozenset(urls) for urls in clusters.values() if len(urls) > 1} == site.clusters
    assert all(first in {line["id"] for line in manifest} for first in clusters)
    stories = {line["id"]: twins.get(line["url"], line["url"]).rpartition("/")[2] for line in manifest}
    kinds = {("edition" if stories[one["id"]] == stories[one["of"]] else "rewrite", one["kind"]) for one in copies}
    assert kinds == {("edition", "edition"), ("rewrite", "rewrite")}


def test_four_processes_share_a_file_and_give_what_one_gives(many: Path, tmp_path: Path) -> None:
    assert len(list((many / "archive").iterdir())) == 1
    rebuild(many / "archive", tmp_path / "rebuilt", load(many / "site.toml"))
    done = report(many, "--out", "by-4", "--workers", 4, cwd=tmp_path)
    assert done["documents"] == MANY
    assert contents(tmp_path / "by-4") == contents(tmp_path / "rebuilt")


def test_a_recrawl_is_caught_up_with_and_the_rest_left_alone(states: States, tmp_path: Path) -> None:
    collection = as_of(states, 0, tmp_path / "collection")
    first = report(collection, cwd=tmp_path)
    times = {path.name: path.stat().st_mtime_ns for path in (collection / "corpus").iterdir()}
    shutil.copytree(states.folder / "archive", collection / "archive", dirs_exist_ok=True)
    second = report(collection, "--workers", 2, cwd=tmp_path)
    assert (first["why"], second["why"]) == ("no corpus was made yet", "")
    whole = report(collection, "--out", "whole", cwd=tmp_path)
    assert int(str(first["captures"])) + int(str(second["captures"])) == whole["captures"]
    after = contents(collection / "corpus")
    assert after == states.corpora[2]
    texts = [name for name in times if name.endswith(".txt")]
    same = {name for name in texts if states.corpora[0][name] == after[name]}
    assert len(same) > 10
    assert all((collection / "corpus" / name).stat().st_mtime_ns == times[name] for name in same)


def test_after_a_crawl_nothing_is_made_again_unless_all_is_asked_for(states: States, tmp_path: Path) -> None:
    collection = shutil.copytree(states.folder, tmp_path / "demo")
    times = {path.name: path.stat().st_mtime_ns for path in (collection / "corpus").glob("*.txt")}
    assert report(collection, cwd=tmp_path)["captures"] == 0
    assert {path.name: path.stat().st_mtime_ns for path in (collection / "corpus").glob("*.txt")} == times
    done = report(collection, "--all", cwd=tmp_path)
    assert done["why"] == "asked for"
    assert int(str(done["captures"])) > 400
    assert contents(collection / "corpus") == states.corpora[2]
    assert not (collection / ".regenerate").exists()
    # What a crawl finds there next is what it left: nothing is folded twice, no number is given anew.
    assert report(collection, cwd=tmp_path)["captures"] == 0


def test_another_extractor_makes_all_again(states: States, tmp_path: Path) -> None:
    collection = shutil.copytree(states.folder, tmp_path / "demo")
    site = collection / "site.toml"
    site.write_text(site.read_text("utf-8") + '\n[text]\nskip = ["h1"]\n', "utf-8")
    done = report(collection, cwd=tmp_path)
    assert "extractor" in str(done["why"])
    manifest = lines(collection / "corpus" / "manifest.jsonl")
    assert {json.dumps(line["extractor"]["options"]["skip"]) for line in manifest} == {'["h1"]'}  # type: ignore[index]
    assert contents(collection / "corpus").keys() == states.corpora[2].keys()
    assert report(collection, cwd=tmp_path)["captures"] == 0


def test_seeds_and_rules_that_change_make_all_again(states: States, tmp_path: Path) -> None:
    collection = shutil.copytree(states.folder, tmp_path / "demo")
    url = next(line["url"] for line in lines(collection / "corpus" / "manifest.jsonl") if line["edition"] == "sw")
    (collection / "seeds.toml").write_text(f'[[seeds]]\nfile = "mine.txt"\nurl = "{url}"\n')
    assert report(collection, cwd=tmp_path)["why"] == "seeds changed"
    assert (collection / "corpus" / "mine.txt").is_file()
    site = collection / "site.toml"
    site.write_text(re.sub(r"(?m)^yo = .*\n", "", site.read_text("utf-8")), "utf-8")
    assert report(collection, cwd=tmp_path)["why"] == "profile changed"
    assert {line["edition"] for line in lines(collection / "corpus/manifest.jsonl")}.isdisjoint({"yo"})


def test_lost_and_damaged_documents_come_back_one_by_one(states: States, tmp_path: Path) -> None:
    collection = shutil.copytree(states.folder, tmp_path / "demo")
    lost, damaged, *_ = sorted((collection / "corpus").glob("*.txt"))
    lost.unlink()
    damaged.write_text("something else")
    (collection / "corpus" / "manifest.jsonl").unlink()
    done = report(collection, cwd=tmp_path)
    assert (done["captures"], done["mended"]) == (0, [lost.name, damaged.name])
    assert contents(collection / "corpus") == states.corpora[2]


def test_an_archive_that_lost_a_file_gives_another_corpus(states: States, tmp_path: Path) -> None:
    collection = shutil.copytree(states.folder, tmp_path / "demo")
    (collection / "archive" / states.archives[2][-1]).unlink()
    done = report(collection, cwd=tmp_path)
    assert done["why"] == f"{states.archives[2][-1]} is gone or changed"
    assert contents(collection / "corpus") == states.corpora[1]


def test_what_others_laid_into_the_corpus_stays(states: States, tmp_path: Path) -> None:
    collection = shutil.copytree(states.folder, tmp_path / "demo")
    (collection / "corpus" / "notes.md").write_text("mine")
    report(collection, "--all", cwd=tmp_path)
    assert contents(collection / "corpus") == {**states.corpora[2], "notes.md": b"mine"}


def test_a_folder_that_is_no_corpus_is_not_written_into(states: States, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("years of work")
    ran = editions("regenerate", states.folder, "--out", "out", cwd=tmp_path)
    assert ran.code == 2
    assert "thesis" in str(list((tmp_path / "out").iterdir()))
    assert "holds something that is no corpus" in ran.err


def test_a_collection_says_whose_it_is(states: States, tmp_path: Path) -> None:
    collection = as_of(states, 0, tmp_path / "collection")
    site = (collection / "site.toml").rename(tmp_path / "moved.toml")
    # The demo's own profile has another port: its name is known, and nothing of it is there.
    ran = editions("regenerate", collection, "--out", "known", cwd=tmp_path)
    assert (ran.code, lines(tmp_path / "known" / "manifest.jsonl")) == (1, [])
    assert report(collection, "--out", "named", "--site", site, cwd=tmp_path)["documents"] == 214


def children(process: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill_midway(collection: Path, workers: int) -> list[int] | None:
    """Kill a regeneration when some of it is on disk; the processes that it had, None where all was by then."""
    command = [sys.executable, "-m", "crawler", "regenerate", str(collection), "--all", "--workers", str(workers)]
    building = collection / ".regenerate" / "building.db"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 240
        while process.poll() is None and not folded(building) and time.monotonic() < deadline:
            time.sleep(0.002)
        if process.poll() is not None:
            return None
        process.send_signal(signal.SIGSTOP)
        readers = children(process)
        process.kill()
    return readers if 0 < folded(building) < MANY else None


def killed_midway(many: Path, folder: Path, workers: int) -> tuple[Path, list[int], dict[str, bytes]]:
    """A copy of a collection whose regeneration was killed, the processes that it had, and its corpus before."""
    for attempt in range(10):
        collection = shutil.copytree(many, folder / str(attempt))
        report(collection, cwd=folder)
        before = contents(collection / "corpus")
        (collection / "corpus" / "000_old.txt").write_text("of the old corpus")
        readers = kill_midway(collection, workers)
        if readers is not None:
            return collection, readers, before
    raise AssertionError("each ended before it could be killed")


def folded(building: Path) -> int:
    """How many documents are on disk."""
    if not building.exists():
        return 0
    with closing(sqlite3.connect(f"file:{building}?mode=ro", uri=True)) as db:
        try:
            return int(db.execute("SELECT count(*) FROM documents").fetchone()[0])
        except sqlite3.Error:
            return 0


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="tells processes by /proc")
@pytest.mark.parametrize("workers", [1, 3])
def test_killed_midway_the_old_corpus_stands_and_the_new_one_goes_on(
    workers: int, many: Path, tmp_path: Path
) -> None:
    collection, readers, before = killed_midway(many, tmp_path, workers)
    assert len(readers) == (workers if workers > 1 else 0)
    assert {name: data for name, data in contents(collection / "corpus").items() if name in before} == before
    deadline = time.monotonic() + 120
    while any(map(is_running, readers)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(is_running, readers))
    done = report(collection, "--all", "--workers", workers, cwd=tmp_path)
    assert done["resumed"] is True
    assert 0 < int(str(done["captures"])) < MANY
    made = contents(collection / "corpus")
    assert made.pop("000_old.txt") == b"of the old corpus"
    assert made == before


def test_a_leftover_that_cannot_be_used_is_told_by_a_crawl(many: Path, tmp_path: Path) -> None:
    collection = shutil.copytree(many, tmp_path / "many")
    (collection / ".regenerate").mkdir()
    (collection / ".regenerate" / "building.db").write_bytes(b"no database " * 999)
    crawled = editions("crawl", collection / "site.toml", "--collection", collection, cwd=tmp_path)
    assert crawled.code == 1
    assert re.search(
        r"\.regenerate: what was regenerated cannot be put in place .* move that folder away", crawled.err
    )
    assert "Traceback" not in crawled.err


@pytest.mark.parametrize("next_is", ["regenerate", "crawl"])
@pytest.mark.parametrize("moved", [0, 1, 2])
def test_killed_while_it_is_put_in_place_it_is_put_in_place_next_time(
    moved: int, next_is: str, many: Path, tmp_path: Path
) -> None:
    collection = shutil.copytree(many, tmp_path / "many")
    report(collection, cwd=tmp_path)
    before = contents(collection / "corpus")
    work, corpus = collection / ".regenerate", collection / "corpus"
    work.mkdir()
    shutil.copytree(corpus, work / "corpus")
    shutil.copy(collection / "state.db", work / "building.db")
    with closing(sqlite3.connect(work / "building.db", isolation_level=None)) as db:
        db.execute("UPDATE made SET whole = 1")
    (corpus / "000_0000000000000000.txt").write_text("of the old corpus")
    if moved:
        corpus.rename(work / "old")
    if moved == 2:
        (work / "corpus").rename(corpus)
    if next_is == "crawl":
        crawled = editions("crawl", collection / "site.toml", "--collection", collection, cwd=tmp_path)
        assert "Traceback" not in crawled.err
        assert contents(corpus) == before
    done = report(collection, cwd=tmp_path)
    assert (done["captures"], done["documents"]) == (0, MANY)
    assert contents(corpus) == before
    assert not work.exists()


def test_an_index_is_known_to_be_whole_stale_or_absent(states: States, tmp_path: Path) -> None:
    collection = shutil.copytree(states.folder, tmp_path / "demo")
    archive, path = collection / "archive", collection / "indexes" / "index.cdxj"
    found = path.read_bytes().splitlines(keepends=True)
    with Index(path) as index:
        assert covers(archive, index)
    newest = max((entry for entry in map(parse_line, found)), key=lambda entry: (entry.file, entry.offset))
    for without in (newest.file.encode(), b"", newest.record_id.encode()):
        path.write_bytes(b"".join(line for line in found if without not in line))
        with Index(path) as index:
            assert not covers(archive, index)
    path.unlink()
    with Index(path) as index:
        assert not covers(archive, index)


PEERS = """name = "peers"
domains = ["www.iana.org", "example.com", "www.archive.org"]
article_url = "http://www.iana.org/{slug:path}"
start_urls = ["http://www.iana.org/"]
default_edition = "en"
[editions]
en = "en"
"""


def test_other_programs_archives_give_documents(tmp_path: Path) -> None:
    (tmp_path / "peers.toml").write_text(PEERS)
    archive = tmp_path / "peers" / "archive"
    archive.mkdir(parents=True)
    for number, path in enumerate(sorted(need("warcs").rglob("*"))):
        if path.name.endswith((".warc", ".warc.gz", ".arc", ".arc.gz")):
            shutil.copy(path, archive / f"{number:03d}-{path.name}")
    assert len(list(archive.iterdir())) > 50
    for workers in (1, 2):
        options = ("--site", "peers.toml", "--out", f"by-{workers}", "--workers", workers)
        done = report("peers", *options, cwd=tmp_path)
        assert len(done["unread"]) > 3  # type: ignore[arg-type]  # of some samples the beginning is lost
        assert int(str(done["documents"])) > 5
    assert contents(tmp_path / "by-1") == contents(tmp_path / "by-2")


def test_revisits_that_name_no_record_are_found_by_date(tmp_path: Path) -> None:
    (tmp_path / "peers.toml").write_text(PEERS)
    (tmp_path / "peers" / "archive").mkdir(parents=True)
    [found] = need("warcs").rglob("iana.warc.gz")
    shutil.copy(found, tmp_path / "peers" / "archive")
    done = report("peers", "--site", "peers.toml", cwd=tmp_path)
    assert int(str(done["documents"])) >= 10
    assert "original-missing" not in done["drops"]  # type: ignore[operator]


def test_a_stale_index_costs_time_and_nothing_else(states: States, tmp_path: Path) -> None:
    collection = shutil.copytree(states.folder, tmp_path / "demo")
    index = collection / "indexes" / "index.cdxj"
    found = index.read_bytes().splitlines(keepends=True)
    index.write_bytes(b"".join(line for line in found if states.archives[2][-1].encode() not in line))
    report(collection, "--out", "out", "--workers", 3, cwd=tmp_path)
    assert contents(tmp_path / "out") == states.corpora[2]
