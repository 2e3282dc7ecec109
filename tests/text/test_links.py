from __future__ import annotations

from pathlib import Path

import pytest
from resiliparse.parse.html import HTMLTree

from crawler.items import Links
from crawler.sites.profile import load
from crawler.text.links import LinkReader
from tests.command import profile

PAGE = """<!doctype html><html><head>
<link rel="alternate" hreflang="sw" href="/sw/articles/one">
<link rel="alternate" hreflang="en" href="/en/articles/one">
<link rel="alternate" type="application/rss+xml" href="/feed">
<link rel="stylesheet" href="/s.css"><link rel="stylesheet" href="https://cdn.example.net/t.css">
<style>body { background: url("/back.png") } @import '/more.css';</style><script src="/a.js"></script></head>
<body><header><nav><a href="/en">Front</a><a href="/en/articles/in-nav">Latest</a></nav></header>
<article><h1>One</h1><p>As <a href="/en/articles/in-text?utm_source=x#top">we wrote</a> before.</p>
<p><a href="/en/articles/alone">Alone in its paragraph</a></p>
<a href="mailto:a@example.org">Mail</a><a href="javascript:void(0)">Menu</a><a>none</a><a href="#x">here</a>
<img src="/one.png" srcset="/one.png 1x, /two.png 2x"></article>
<section><a href="/en/articles/card"><img alt="" src="data:image/png;base64,AA"><h3>Card</h3></a>
<ul><li><a href="/en/articles/listed">Listed</a></ul>
<a href="/en/tags/sea">Sea</a> <a rel="next" href="/en/archive/2">Older</a> <a href="/en/about">About</a>
<a href="/sw/articles/other-edition">Makala</a> <a href="/ko/articles/no-edition">x</a>
<a href="https://elsewhere.example/en/articles/far">Far</a></section></body></html>"""


def read(tmp_path: Path, html: str, **kwargs: tuple[str, ...]) -> Links:
    site = load(profile(tmp_path, "127.0.0.1:1", editions=("en", "sw"), more=""))
    return LinkReader(site, **kwargs).read(HTMLTree.parse(html), "http://127.0.0.1:1/en/articles/one")


def paths(urls: tuple[str, ...]) -> list[str]:
    return [url.removeprefix("http://127.0.0.1:1") for url in urls]


def test_cards_are_related_and_links_in_sentences_and_frames_are_not(tmp_path: Path) -> None:
    links = read(tmp_path, PAGE)
    assert paths(links.related) == [
        "/en/articles/alone",
        "/en/articles/card",
        "/en/articles/listed",
        "/sw/articles/other-edition",
    ]
    assert paths(links.articles) == ["/en/articles/in-nav", "/en/articles/in-text"]


def test_alternates_hubs_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    links = read(tmp_path, PAGE)
    assert paths(links.alternates) == ["/sw/articles/one", "/en/articles/one"]
    assert paths(links.hubs) == ["/en", "/en/tags/sea", "/en/archive/2"]
    everything = (*links.related, *links.articles, *links.alternates, *links.hubs)
    assert all(url.startswith("http://127.0.0.1:1/") for url in everything)


def test_chosen_editions_are_kept_to(tmp_path: Path) -> None:
    links = read(tmp_path, PAGE, editions=("en",))
    assert paths(links.alternates) == ["/en/articles/one"]
    assert not any("/sw/" in url for url in links.related)


def test_requisites_are_those_of_the_sites_own_hosts(tmp_path: Path) -> None:
    text = profile(tmp_path, "127.0.0.1:1", editions=("en", "sw")).read_text()
    (tmp_path / "site.toml").write_text(text.replace("requisites = false", "requisites = true"))
    reader = LinkReader(load(tmp_path / "site.toml"))
    links = reader.read(HTMLTree.parse(PAGE), "http://127.0.0.1:1/en/articles/one")
    assert sorted(paths(links.requisites)) == [
        "/a.js", "/back.png", "/more.css", "/one.png", "/s.css", "/two.png",
    ]  # fmt: skip
    css = "@font-face { src: url(../f.woff2) } .a { background: url('http://elsewhere.example/b.png') }"
    assert paths(reader.stylesheet(css, "http://127.0.0.1:1/css/s.css")) == ["/f.woff2"]


@pytest.mark.parametrize("html", ["", "<a href>", "<a href='http://['>x</a>", "<a href='//'>x</a>"])
def test_broken_links_lead_nowhere(tmp_path: Path, html: str) -> None:
    assert read(tmp_path, html).related == ()
