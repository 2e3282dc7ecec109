"""Which URLs are articles, of which edition, and whose: each file of matching/ is a profile and what it answers."""

from __future__ import annotations

import json
import pickle
import tomllib
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import ProfileError
from crawler.sites.profile import Article, Profile, find, known, load

CASES = sorted((Path(__file__).parent / "matching").glob("*.toml"))


def written(path: Path, fields: dict[str, Any]) -> Path:
    """A profile file with these fields; a JSON string or list of strings is TOML too."""
    editions = "".join(f"{code} = {json.dumps(tag)}\n" for code, tag in fields.pop("editions").items())
    top = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in fields.items())
    path.write_text(f'name = "case"\n{top}\n[editions]\n{editions}', encoding="utf-8")
    return path


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_urls_are_told_apart(path: Path, tmp_path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    profile = load(written(tmp_path / "site.toml", case["profile"]))
    for url, (edition, slug) in case["articles"].items():
        assert profile.owns(url), url
        assert profile.article(url) == Article(edition, slug), url
        assert profile.edition_of(url) == edition, url
        again = profile.article_url_for(edition, slug)
        assert profile.article(again) == Article(edition, slug), again
    for url, edition in case["other"].items():
        assert profile.article(url) is None, url
        assert profile.edition_of(url) == (edition or None), url


def test_start_urls_are_those_of_the_editions_chosen() -> None:
    profile = find("allthe.news")
    assert profile.start_urls_for(["sw", "ko", "sw"]) == ("https://allthe.news/sw", "https://allthe.news/ko")
    assert len(profile.start_urls_for(profile.editions)) == 17
    assert profile.start_urls_for([]) == ()


def test_article_url_is_the_pattern_filled() -> None:
    url = find("allthe.news").article_url_for("fil", "peace-talks")
    assert url == "https://allthe.news/fil/articles/peace-talks"


def test_unknown_edition_is_refused_naming_the_nearest() -> None:
    profile = find("allthe.news")
    for call in (lambda: profile.start_urls_for(["swa"]), lambda: profile.article_url_for("swa", "x")):
        with pytest.raises(ProfileError, match=r"allthe\.news has no edition 'swa'; did you mean 'sw'"):
            call()


def test_known_sites() -> None:
    profiles = {profile.name: profile for profile in known()}
    assert set(profiles) == {"allthe.news", "demo"}
    assert all(profile.path.stem == name for name, profile in profiles.items())
    site, demo = profiles["allthe.news"], profiles["demo"]
    assert list(site.editions) == "am ar de en es fil fr ha hi it ja ko pt ru sv sw yo".split()
    assert (site.default_edition, site.allow_private_addresses, site.crawl.delay) == ("en", False, 1.0)
    assert set(demo.editions) == set("en sw ko sv yo am ar ja fil".split())
    assert (demo.default_edition, demo.allow_private_addresses, demo.crawl.delay) == (None, True, 0.0)


def test_every_field_is_read(tmp_path: Path) -> None:
    path = tmp_path / "full.toml"
    path.write_text(
        'name = "127.0.0.1:8765"\ndomains = ["127.0.0.1:8765", "Example.org"]\n'
        'article_url = "http://127.0.0.1:8765/{edition}/articles/{slug}"\n'
        'start_urls = ["http://127.0.0.1:8765/{edition}", "http://127.0.0.1:8765/latest"]\n'
        'default_edition = "br"\nallow_private_addresses = true\n'
        '[editions]\nsw = "sw"\nbr = "pt-br"\n[text]\nskip = [".advert", "aside > p"]\n'
        "[crawl]\ndelay = 0.25\nconcurrency = 3\nrequisites = false\n",
        encoding="utf-8",
    )
    profile = find(str(path))
    assert profile.domains == ("127.0.0.1:8765", "example.org")
    assert profile.editions == {"sw": "sw", "br": "pt-BR"}
    assert profile.default_edition == "br"
    assert profile.allow_private_addresses
    assert profile.text.skip == (".advert", "aside > p")
    assert (profile.crawl.delay, profile.crawl.concurrency, profile.crawl.requisites) == (0.25, 3, False)
    assert profile.start_urls_for(["sw"]) == ("http://127.0.0.1:8765/sw", "http://127.0.0.1:8765/latest")
    assert profile.path == path


def test_profile_travels_to_another_process() -> None:
    profile: Profile = pickle.loads(pickle.dumps(find("allthe.news")))
    assert profile == find("allthe.news")
    assert profile.article("https://allthe.news/sw/articles/x") == Article("sw", "x")
