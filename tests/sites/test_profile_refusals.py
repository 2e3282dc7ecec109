"""Profiles that do not load: each file of bad/ is broken as its name says, and its comments say what is answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.errors import ProfileError
from crawler.sites.profile import find, load

BAD = sorted((Path(__file__).parent / "bad").glob("*.toml"))


def expected_words(path: Path) -> list[str]:
    text = path.read_bytes().decode(errors="replace")
    return re.findall(r"^# says: (.+)$", text, re.MULTILINE)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_broken_profile_is_refused_with_file_and_key(path: Path) -> None:
    words = expected_words(path)
    assert words, f"{path} does not say what to expect"
    with pytest.raises(ProfileError) as refusal:
        load(path)
    for word in (str(path), *words):
        assert word in str(refusal.value)


def test_absent_file_is_refused() -> None:
    with pytest.raises(ProfileError, match=r"nowhere\.toml: cannot be read: No such file"):
        find("nowhere.toml")


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read: Is a directory"):
        find(str(tmp_path))


@pytest.mark.parametrize(("given", "meant"), [("allthenews", "allthe.news"), ("demos", "demo"), ("DEMO", "demo")])
def test_unknown_site_is_answered_with_the_nearest(given: str, meant: str) -> None:
    with pytest.raises(ProfileError, match=f"no site is known as '{given}'; did you mean '{meant}'"):
        find(given)


def test_site_unlike_any_is_answered_with_all() -> None:
    with pytest.raises(ProfileError, match=r"known here: allthe\.news, demo"):
        find("zzz")


def test_a_mark_of_byte_order_is_no_part_of_a_profile(tmp_path: Path) -> None:
    path = tmp_path / "marked.toml"
    path.write_bytes(b"\xef\xbb\xbf" + find("demo").path.read_bytes())
    assert load(path).domains == find("demo").domains
