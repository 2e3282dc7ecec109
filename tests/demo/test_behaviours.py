"""Every behaviour of the table, seen by a plain client."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from urllib.robotparser import RobotFileParser

import pytest

from crawler.demo.behaviours import behaviour, behaviours
from crawler.demo.catalogue import STATE_TIMES
from crawler.demo.expected import EditionExpected
from crawler.demo.labels import EDITIONS
from crawler.demo.server import RunningSite
from crawler.demo.story import Story
from tests.demo.client import Reply, get
from tests.demo.links import links, patient, select
from tests.demo.test_page import seed_text

Show = Callable[[RunningSite], None]

SHOWN: dict[str, Show] = {}


def shows(name: str) -> Callable[[Show], Show]:
    def keep(show: Show) -> Show:
        SHOWN[name] = show
        return show

    return keep


def test_each_behaviour_of_the_table_is_shown() -> None:
    assert sorted(SHOWN) == sorted(entry.name for entry in behaviours())


@pytest.mark.parametrize("name", [entry.name for entry in behaviours()])
def test_behaviour(name: str, site: RunningSite) -> None:
    SHOWN[name](site)


def stories(site: RunningSite, edition: str) -> list[str]:
    return [f"/{edition}/articles/{story.slug}" for story in site.site.catalogue.edition(edition)]


def played(story: Story | None) -> Story:
    assert story is not None, "no story of the site plays this part"
    return story


def editions(site: RunningSite, name: str) -> list[EditionExpected]:
    return [site.expected().editions[edition] for edition in behaviour(name).editions]


def ends(site: RunningSite, url: str) -> list[Reply]:
    """The answers on the way from *url* to its end."""
    replies = [get(site, url)]
    while replies[-1].status in (301, 302):
        replies.append(patient(site, replies[-1].header("Location")))
    return replies


@shows("gzip")
def compressed(site: RunningSite) -> None:
    plain = {path: patient(site, path).body for path in stories(site, "sw")}
    coded = {path: get(site, path, accept_encoding="br, gzip;q=0.8") for path in plain}
    packed = [path for path, reply in coded.items() if reply.header("Content-Encoding") == "gzip"]
    assert 0 < len(packed) < len(coded)
    for path in packed:
        assert gzip.decompress(coded[path].body) == plain[path]
        assert coded[path].header("Vary") == "Accept-Encoding"
        assert get(site, path, accept_encoding="gzip").body == coded[path].body
        assert get(site, path, accept_encoding="gzip;q=0").body == plain[path]


@shows("chunked")
def in_chunks(site: RunningSite) -> None:
    replies = [patient(site, path) for path in stories(site, "sw")]
    assert {reply.chunked for reply in replies} == {True, False}
    assert all(reply.body.endswith(b"</html>\n") for reply in replies)


@shows("close")
def to_the_end(site: RunningSite) -> None:
    reply = get(site, f"/en/articles/{played(site.site.catalogue.cast.close).slug}")
    assert reply.closes
    assert not reply.chunked
    assert not reply.all("Content-Length")
    assert reply.body.endswith(b"</html>\n")


@shows("validators")
def conditional(site: RunningSite) -> None:
    for path in stories(site, "ar"):
        first = patient(site, path)
        again = get(site, path, if_none_match=first.header("ETag"))
        since = get(site, path, if_modified_since=first.header("Last-Modified"))
        assert (again.status, again.body) == (since.status, since.body) == (304, b"")
        assert again.header("ETag") == first.header("ETag")
        assert get(site, path, if_none_match='"other"', if_modified_since=first.header("Last-Modified")).status == 200


@shows("cookies")
def two_cookies(site: RunningSite) -> None:
    assert [value.partition("=")[0] for value in get(site, "/ko").all("Set-Cookie")] == ["edition", "consent"]


@shows("root")
def from_the_root(site: RunningSite) -> None:
    assert [(r.status, r.header("Location")) for r in ends(site, "/")] == [(302, "/en"), (200, "")]


@shows("slash")
def final_slash(site: RunningSite) -> None:
    for edition in EDITIONS:
        story = stories(site, edition)[0]
        assert [r.status for r in ends(site, f"/{edition}/")] == [301, 200]
        assert [r.status for r in ends(site, f"{story}/")] == [301, 200]


@shows("moved")
def old_slug(site: RunningSite) -> None:
    slug = played(site.site.catalogue.cast.moved).slug
    reply = get(site, f"/en/articles/first-word-on-{slug}")
    assert (reply.status, reply.header("Location")) == (301, f"/en/articles/{slug}")


@shows("latest")
def newest(site: RunningSite) -> None:
    for edition in EDITIONS:
        reply = get(site, f"/{edition}/articles/latest")
        assert (reply.status, reply.header("Location")) == (302, site.url + stories(site, edition)[0])


@shows("chain")
def two_redirects(site: RunningSite) -> None:
    slug = played(site.site.catalogue.cast.chain).slug
    for edition in behaviour("chain").editions:
        assert [r.status for r in ends(site, f"/{edition}/articles/archive-{slug}")] == [302, 301, 200]


@shows("tracking")
def parameters(site: RunningSite) -> None:
    path = stories(site, "fil")[0]
    links_of_cards = re.findall(r'href="(/fil/articles/[^"]*\?utm_source=[^"]*)"', get(site, path).text)
    assert len(links_of_cards) == 1
    tracked = links_of_cards[0].replace("&amp;", "&")
    assert patient(site, tracked).body == patient(site, tracked.partition("?")[0]).body


@shows("link forms")
def spellings(site: RunningSite) -> None:
    targets = [anchor["href"] for anchor in select(patient(site, stories(site, "en")[0]).text, ".card a")]
    assert len(targets) == 8
    assert targets[1].startswith("/en/articles/")
    assert targets[2].startswith(f"{site.url}/en/articles/")
    assert targets[4].endswith("#content")
    assert targets[6].startswith("../../en/articles/")


@shows("alias")
def without_edition(site: RunningSite) -> None:
    for path in stories(site, "en"):
        alias = patient(site, path.removeprefix("/en"))
        assert alias.body == patient(site, path).body
        assert f'<link rel="canonical" href="{site.url}{path}">' in alias.text
    assert all(edition.aliases for edition in editions(site, "alias"))


@shows("twin")
def under_two_addresses(site: RunningSite) -> None:
    for edition in editions(site, "twin"):
        ((canonical, twin),) = edition.twins
        first, second = patient(site, canonical), patient(site, twin)
        assert first.body != second.body
        assert seed_text(first.body) == seed_text(second.body)
        assert 'rel="canonical"' not in second.text
        assert canonical not in second.text


@shows("near-copy")
def rewritten(site: RunningSite) -> None:
    ((original, copy),) = site.expected().near_copies
    first, second = (set(seed_text(patient(site, url).body).split("\n\n")) for url in (original, copy))
    assert first != second
    assert len(first & second) / len(first | second) > 0.5


@shows("english")
def left_in_english(site: RunningSite) -> None:
    for edition in EDITIONS[1:]:
        expected = site.expected().editions[edition]
        assert expected.translated
        assert {*expected.documents, *(url for url, _ in expected.twins)} - expected.translated


@shows("missing")
def not_found(site: RunningSite) -> None:
    for edition in editions(site, "missing"):
        assert [get(site, url).status for url in edition.missing] == [404]


@shows("withdrawn")
def withdrawn(site: RunningSite) -> None:
    for edition in editions(site, "withdrawn"):
        assert 410 in [get(site, url).status for url in edition.gone]


@shows("slow")
def takes_its_time(site: RunningSite) -> None:
    for story in site.site.catalogue.cast.slow:
        start = time.monotonic()
        assert patient(site, f"/en/articles/{story.slug}").status == 200
        assert time.monotonic() - start >= site.delay
    assert len(site.site.catalogue.cast.slow) == 2


@shows("busy")
def comes_back(site: RunningSite) -> None:
    path = f"/en/articles/{played(site.site.catalogue.cast.busy).slug}"
    first = get(site, path)
    assert (first.status, first.header("Retry-After")) == (503, "1")
    assert [get(site, path).status for _ in range(2)] == [200, 200]


@shows("members")
def closed_section(site: RunningSite) -> None:
    robots = get(site, "/robots.txt")
    rules = RobotFileParser()
    rules.parse(robots.text.splitlines())
    assert rules.site_maps() == [f"{site.url}/sitemap.xml"]
    assert rules.crawl_delay("*") is None
    for edition in editions(site, "members"):
        assert [rules.can_fetch("*", url) for url in edition.disallowed] == [False]
        assert all(rules.can_fetch("*", url) for url in edition.documents)


@shows("pdf")
def no_page(site: RunningSite) -> None:
    for edition in editions(site, "pdf"):
        (reply,) = (get(site, url) for url in edition.not_html)
        assert reply.header("Content-Type") == "application/pdf"
        assert reply.body.startswith(b"%PDF-1.4\n")
        start = int(reply.body.split(b"startxref\n")[1].split()[0])
        assert reply.body[start:].startswith(b"xref\n")


@shows("empty")
def no_text(site: RunningSite) -> None:
    for edition in editions(site, "empty"):
        (reply,) = (get(site, url) for url in edition.empty)
        assert (reply.status, reply.header("Content-Type")) == (200, "text/html; charset=utf-8")
        assert seed_text(reply.body) == ""


@shows("noindex")
def not_to_be_indexed(site: RunningSite) -> None:
    mark = '<meta name="robots" content="noindex, follow">'
    assert mark in get(site, "/sw/tags/sea").text
    assert mark in get(site, "/en?page=2").text
    assert mark not in get(site, "/en").text
    assert mark not in get(site, stories(site, "ar")[0]).text


@shows("charset")
def another_charset(site: RunningSite) -> None:
    story = played(site.site.catalogue.cast.charset)
    reply = get(site, f"/ja/articles/{story.slug}")
    assert reply.header("Content-Type") == "text/html; charset=Shift_JIS"
    html = reply.body.decode("cp932")
    assert '<meta charset="Shift_JIS">' in html
    assert story.texts["ja"].paragraphs[0] in [paragraph.text for paragraph in select(html, ".body p")]
    with pytest.raises(UnicodeDecodeError):
        reply.body.decode()


@shows("bare")
def no_cards(site: RunningSite) -> None:
    story = played(site.site.catalogue.cast.bare)
    page = patient(site, f"/en/articles/{story.slug}").text
    assert 'class="related"' not in page
    assert "&nbsp;" not in page


@shows("uuid")
def topics(site: RunningSite) -> None:
    tags = {link for link in links(site.url, get(site, "/yo").text) if "/yo/tags/" in link}
    with_uuid = {link for link in tags if re.search(r"/[a-z]+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", link)}
    assert (len(tags), len(with_uuid)) == (12, 3)
    for link in tags:
        assert get(site, link).status == 200


@shows("pages")
def second_page(site: RunningSite) -> None:
    first, second = (links(site.url, get(site, path).text) for path in ("/en", "/en?page=2"))
    assert f"{site.url}/en?page=2" in first
    assert second - first
    assert get(site, "/en?page=99").status == 404


@shows("changes")
def rewritten_by_the_second_state(site: RunningSite) -> None:
    site.set_state(2)
    changed = site.expected().editions["en"].changed
    assert changed
    after = {url: patient(site, url) for url in changed}
    site.set_state(1)
    for url, reply in after.items():
        assert seed_text(patient(site, url).body) != seed_text(reply.body)
        assert parsedate_to_datetime(reply.header("Last-Modified")) == STATE_TIMES[2]


@shows("vanishes")
def gone_later(site: RunningSite) -> None:
    for state in (2, 3):
        site.set_state(state)
        for url in site.expected().editions["en"].vanished:
            assert get(site, url).status == 410
            assert url in links(site.url, get(site, "/en").text)
            site.set_state(state - 1)
            assert patient(site, url).status == 200
            site.set_state(state)
    assert any(story.vanishes <= 3 for story in site.site.catalogue.stories)


@shows("appears")
def new_later(site: RunningSite) -> None:
    new = [story for story in site.site.catalogue.stories if story.appears > 1]
    assert new
    for story in new:
        path = f"/en/articles/{story.slug}"
        site.set_state(story.appears - 1)
        assert get(site, path).status == 404
        site.set_state(story.appears)
        assert site.url + path in site.expected().editions["en"].appeared
        assert get(site, path).status == 200
