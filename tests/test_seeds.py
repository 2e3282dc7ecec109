"""Lists of seeds: the one of allthe.news against its documents, where lists are found, and what is refused."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from crawler import seeds
from crawler.errors import SeedsError
from crawler.seeds import Seed
from crawler.sites.profile import find
from tests.shared import need

ROOT = Path(__file__).parents[1]
LIST = ROOT / "seeds" / "allthe.news.toml"
BAD = sorted((Path(__file__).parent / "sites" / "bad_seeds").glob("*.toml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_broken_list_is_refused_with_file_entry_and_key(path: Path) -> None:
    words = re.findall(r"^# says: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert words, f"{path} does not say what to expect"
    with pytest.raises(SeedsError) as refusal:
        seeds.load(path, find("allthe.news"))
    for word in (str(path), *words):
        assert word in str(refusal.value)


def test_the_list_of_allthe_news() -> None:
    listed = seeds.load(LIST, find("allthe.news"))
    assert [seed.edition for seed in listed] == ["sw", "ko", "sv", "yo", "ko"]
    assert [seed.file[:4] for seed in listed] == ["000_", "001_", "002_", "003_", "004_"]
    assert all(find("allthe.news").article(seed.url) for seed in listed)


def test_the_list_tells_the_truth_of_its_documents() -> None:
    folder = need("seeds")
    for seed in seeds.load(LIST):
        content = (folder / seed.file).read_bytes()
        assert seed.sha256 == hashlib.sha256(content).hexdigest()
        assert seed.chars == len(content.decode())


def write(path: Path, lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lines, encoding="utf-8")
    return path


@pytest.mark.parametrize("key", ["seeds", "seed"])
def test_what_may_be_left_out(key: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.toml", f'[[{key}]]\nfile = "a.txt"\nurl = "https://ALLTHE.news/fil/articles/a#b"\n')
    url = "https://allthe.news/fil/articles/a"
    assert seeds.load(path) == (Seed("a.txt", url),)
    assert seeds.load(path, find("allthe.news")) == (Seed("a.txt", url, "fil"),)


def test_sha256_is_read_in_either_case(tmp_path: Path) -> None:
    line = (
        f'[[seeds]]\nfile = "a.txt"\nurl = "https://allthe.news/ko/articles/a"\nsha256 = "{"AB" * 32}"\nchars = 0\n'
    )
    (seed,) = seeds.load(write(tmp_path / "x.toml", line))
    assert (seed.sha256, seed.chars) == ("ab" * 32, 0)


def test_list_is_found_by_the_site_s_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearest first: the path given, the working directory, beside the profile, beside its folder."""
    monkeypatch.chdir(write(tmp_path / "work" / "x", "").parent)
    profile = replace(find("demo"), name="127.0.0.1:8765", path=tmp_path / "project" / "sites" / "local.toml")
    assert seeds.find(profile) is None
    name = "seeds/127.0.0.1:8765.toml"
    for folder in (tmp_path / "project", tmp_path / "project" / "sites", tmp_path / "work"):
        path = write(folder / name, "")
        assert seeds.find(profile) == path
    given = write(tmp_path / "other.toml", "")
    assert seeds.find(profile, given) == given


def test_absent_list_is_refused_only_where_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert seeds.find(find("demo")) is None
    with pytest.raises(SeedsError, match=r"nowhere\.toml: no such file"):
        seeds.find(find("demo"), "nowhere.toml")


def test_a_known_site_has_the_project_s_seeds_wherever_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert seeds.find(find("allthe.news")) == LIST
    own = write(tmp_path / "seeds" / "allthe.news.toml", "")
    assert seeds.find(find("allthe.news")) == own
