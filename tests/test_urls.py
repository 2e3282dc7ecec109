"""URLs: one spelling, links, canonical URLs, identifiers."""

from __future__ import annotations

import hashlib
from string import ascii_letters, digits
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crawler import urls
from crawler.sites.profile import find
from crawler.urls import canonical, document_id, is_web, normalise, resolve

NORMAL = [
    ("https://allthe.news/sw/articles/x", "https://allthe.news/sw/articles/x"),
    ("HTTPS://AllThe.News/SW", "https://allthe.news/SW"),
    ("https://allthe.news", "https://allthe.news/"),
    ("https://allthe.news?", "https://allthe.news/"),
    ("https://allthe.news/#top", "https://allthe.news/"),
    ("https://allthe.news:443/x", "https://allthe.news/x"),
    ("http://allthe.news:80/x", "http://allthe.news/x"),
    ("http://allthe.news:443/x", "http://allthe.news:443/x"),
    ("http://allthe.news:/x", "http://allthe.news/x"),
    ("http://127.0.0.1:08017/x", "http://127.0.0.1:8017/x"),
    ("http://127.0.0.1:8017/x", "http://127.0.0.1:8017/x"),
    ("http://[::1]:80/x", "http://[::1]/x"),
    ("http://[0:0::1]:8017/x", "http://[::1]:8017/x"),
    ("https://allthe.news./x", "https://allthe.news/x"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://example.org/a/./b/../c", "https://example.org/a/c"),
    ("https://example.org/../../c", "https://example.org/c"),
    ("https://example.org/a/%2e%2e/c", "https://example.org/c"),
    ("https://example.org/%7Euser/%41", "https://example.org/~user/A"),
    ("https://example.org/a%2fb%3f", "https://example.org/a%2Fb%3F"),
    ("https://example.org/ዜና", "https://example.org/%E1%8B%9C%E1%8A%93"),
    ("https://example.org/%e1%8b%9c%e1%8a%93", "https://example.org/%E1%8B%9C%E1%8A%93"),
    ("https://example.org/%e1", "https://example.org/%E1"),
    ("https://example.org/100%", "https://example.org/100%"),
    ("https://example.org/a b", "https://example.org/a%20b"),
    ("https://example.org/a//b", "https://example.org/a//b"),
    ("https://example.org/a/", "https://example.org/a/"),
    ("https:\\\\example.org\\a", "https://example.org/a"),
    ("  https://example.org/a\n", "https://example.org/a"),
    ("https://exam\nple.org/a", "https://example.org/a"),
    ("https://example.org/?b=2&a=1&b=3", "https://example.org/?b=2&a=1&b=3"),
    ("https://example.org/?a=&b", "https://example.org/?a=&b"),
    ("https://example.org/?&&a=1&", "https://example.org/?a=1"),
    ("https://example.org/?q=%e1+x%20y", "https://example.org/?q=%E1+x%20y"),
    ("https://example.org/?q=%26%3d", "https://example.org/?q=%26%3D"),
    ("https://example.org/?utm_source=a&id=7&UTM_Medium=b", "https://example.org/?id=7"),
    ("https://example.org/?fbclid=a", "https://example.org/"),
    ("https://example.org/x?gclid=1&mc_cid=2&mc_eid=3&igshid=4&msclkid=5", "https://example.org/x"),
    ("https://example.org/?gallery=3&ref=a&source=b&page=2", "https://example.org/?gallery=3&ref=a&source=b&page=2"),
    ("https://example.org/?a=1?b=2", "https://example.org/?a=1?b=2"),
]

NO_ADDRESS = [
    "",
    "x",
    "/sw/articles/x",
    "//allthe.news/x",
    "mailto:desk@allthe.news",
    "javascript:void(0)",
    "ftp://allthe.news/x",
    "https:/allthe.news/x",
    "http://",
    "http:///x",
    "http://exa mple.org/",
    "http://a..b/",
    "http://example.org:99999/",
    "http://example.org:x/",
    "http://[::1/",
    "http://[g::1]/",
    "http://<host>/",
]


@pytest.mark.parametrize(("given_url", "normal"), NORMAL)
def test_normalise(given_url: str, normal: str) -> None:
    assert normalise(given_url) == normal


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="no web address: ") as refusal:
        normalise(url)
    assert repr(url) in str(refusal.value)


LETTERS = ascii_letters + digits + "-._~%/?#&=+;:@!$'()*,[]|\\ \t\"<>éዜ한\x00\x7f"
HOSTS = st.from_regex(r"\A[a-zA-Z0-9][a-zA-Z0-9-]{0,8}(\.[a-zA-Z]{2,5}){0,2}\.?(:[0-9]{0,5})?\Z")
URLS = st.builds("{}://{}{}".format, st.sampled_from(["http", "https", "HTTP"]), HOSTS, st.text(LETTERS, max_size=40))


@given(URLS)
@example("http://a.b/%")
@example("http://a.b/%%41%41")
@example("http://a.b/%2541")
@example("http://a.b/?%75tm_source=1")
@example("http://a.b/a/.%2e/")
@example("http://a.b/;x/../y")
def test_normalising_again_changes_nothing(url: str) -> None:
    try:
        once = normalise(url)
    except ValueError:
        return
    assert normalise(once) == once
    assert once.isascii()
    assert is_web(once)
    parts = urlsplit(once)
    assert parts.netloc == parts.netloc.lower() or "@" in parts.netloc
    assert not parts.fragment
    assert parts.path.startswith("/")
    assert not {".", ".."} & set(parts.path.split("/"))


@given(st.from_regex(urls._CLEAN, fullmatch=True))
def test_the_quick_way_says_what_the_long_way_says(url: str) -> None:
    try:
        assert urls._normalise(url) == url
    except ValueError:
        assert urlsplit(url).netloc  # a label that only looks like punycode


@given(st.text(max_size=60))
def test_any_text_gives_an_address_or_none(text: str) -> None:
    url = resolve("https://allthe.news/sw/", text)
    assert url is None or normalise(url) == url


@pytest.mark.parametrize("reference", ["/..//a", "/b/../..//a"])
def test_an_empty_segment_at_the_root_stays(reference: str) -> None:
    assert resolve("https://allthe.news/", reference) == "https://allthe.news//a"


@given(st.text("/.?#ab%\\ :", max_size=12), st.text("/.?#ab%", max_size=8))
def test_links_are_joined_as_the_standard_library_does(reference: str, path: str) -> None:
    base = normalise(f"https://allthe.news/{path}")
    stripped = reference.strip()
    # At the root urljoin takes the empty segment away, against RFC 3986, 5.2.4.
    assume(not (stripped.startswith("/") and "..//" in stripped))
    try:
        joined = normalise(urljoin(base, stripped))
    except ValueError:
        assert resolve(base, reference) is None
    else:
        assert resolve(base, reference) == joined


@given(st.lists(st.tuples(st.from_regex(r"\A[a-z]{1,6}\Z"), st.from_regex(r"\A[a-z0-9]{0,4}\Z")), max_size=5))
def test_tracking_keys_go_and_the_others_keep_their_order(pairs: list[tuple[str, str]]) -> None:
    kept = [f"{key}={value}" for key, value in pairs if key not in urls._TRACKING_KEYS]
    tracked = "&".join(f"{part}&utm_x{n}=1" for n, part in enumerate(kept))
    query = f"?{'&'.join(kept)}" if kept else ""
    assert normalise(f"https://example.org/?{tracked}&fbclid=2") == f"https://example.org/{query}"


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("../ko/articles/y", "https://allthe.news/ko/articles/y"),
        ("y?utm_source=z#c", "https://allthe.news/sw/y"),
        ("//img.allthe.news/a.png", "https://img.allthe.news/a.png"),
        (" https://example.com/ ", "https://example.com/"),
        ("", "https://allthe.news/sw/x"),
        ("#top", "https://allthe.news/sw/x"),
        ("mailto:desk@allthe.news", None),
        ("javascript:void(0)", None),
        ("data:text/html,x", None),
        ("http://desk@allthe.news", None),
        ("http://[::1", None),
        ("http://:80/", None),
    ],
)
def test_resolve(reference: str, url: str | None) -> None:
    assert resolve("https://allthe.news/sw/x", reference) == url


def test_is_web() -> None:
    assert is_web("http://a/")
    assert is_web("HTTPS://a/")
    for url in ("ftp://a/", "mailto:a", "//a/", "a", "", "https:a", "xhttp://a/"):
        assert not is_web(url), url


SWAHILI = "https://allthe.news/sw/articles/peace-talks"

CANONICAL = [  # page, rel=canonical, og:url, and what comes of it
    (SWAHILI, None, None, SWAHILI),
    (f"{SWAHILI}?utm_source=x#c", None, None, SWAHILI),
    (f"{SWAHILI}?page=2", SWAHILI, None, SWAHILI),
    (f"{SWAHILI}?page=2", "/sw/articles/peace-talks", None, SWAHILI),
    (f"{SWAHILI}?page=2", None, SWAHILI, SWAHILI),
    (f"{SWAHILI}?page=2", "", SWAHILI, SWAHILI),
    (f"{SWAHILI}?page=2", f"{SWAHILI}-long", SWAHILI, f"{SWAHILI}-long"),
    # a declared address that would merge pages which are not the same
    (SWAHILI, "https://allthe.news/", None, SWAHILI),
    (SWAHILI, "/", None, SWAHILI),
    (SWAHILI, "https://allthe.news/sw", None, SWAHILI),
    (SWAHILI, "https://allthe.news/sw/tags/peace", None, SWAHILI),
    (SWAHILI, "https://allthe.news/ko/articles/peace-talks", None, SWAHILI),
    (SWAHILI, "https://allthe.news/en/articles/peace-talks", None, SWAHILI),
    (SWAHILI, "https://allthe.news/articles/peace-talks", None, SWAHILI),
    (SWAHILI, "https://allthe.news/zh/articles/peace-talks", None, SWAHILI),
    (SWAHILI, "https://agency.example.com/sw/articles/peace-talks", None, SWAHILI),
    (f"{SWAHILI}?page=2", "https://allthe.news/", SWAHILI, SWAHILI),
    ("https://allthe.news/sw/tags/peace", "https://allthe.news/", None, "https://allthe.news/sw/tags/peace"),
    ("https://allthe.news/tags/peace", "https://allthe.news/", None, "https://allthe.news/tags/peace"),
    # what a broken template writes
    (SWAHILI, "undefined", None, SWAHILI),
    (SWAHILI, "https://allthe.news/sw/articles/undefined", None, SWAHILI),
    (SWAHILI, "https://allthe.news/sw/articles/{{slug}}", None, SWAHILI),
    (SWAHILI, "https://allthe.newshttps://allthe.news/sw/articles/x", None, SWAHILI),
    (SWAHILI, "https://allthe.news/sw/articles/peace talks", None, SWAHILI),
    (SWAHILI, "https://", None, SWAHILI),
    (SWAHILI, "#", None, SWAHILI),
    (SWAHILI, "javascript:;", None, SWAHILI),
    # the same edition with and without its code, another host of the site, the old scheme
    (
        "https://allthe.news/articles/peace-talks",
        "https://allthe.news/en/articles/peace-talks",
        None,
        "https://allthe.news/en/articles/peace-talks",
    ),
    (SWAHILI, SWAHILI.replace("allthe", "www.allthe"), None, SWAHILI.replace("allthe", "www.allthe")),
    (SWAHILI, SWAHILI.replace("https", "http"), None, SWAHILI),
    (SWAHILI.replace("https", "http"), SWAHILI, None, SWAHILI),
    ("https://allthe.news/", "https://allthe.news/", None, "https://allthe.news/"),
]


@pytest.mark.parametrize(("page", "declared", "og_url", "expected"), CANONICAL)
def test_canonical_on_a_known_site(page: str, declared: str | None, og_url: str | None, expected: str) -> None:
    assert canonical(page, declared, og_url, site=find("allthe.news")) == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("https://www.bbc.co.uk/news/2", "https://www.bbc.co.uk/news/2"),
        ("https://news.bbc.co.uk/1", "https://news.bbc.co.uk/1"),
        ("https://other.co.uk/news/1", "https://bbc.co.uk/news/1"),
        ("https://bbc.co.uk/", "https://bbc.co.uk/news/1"),
    ],
)
def test_canonical_on_a_site_not_known(declared: str, expected: str) -> None:
    assert canonical("https://bbc.co.uk/news/1", declared) == expected


def test_canonical_stays_on_the_port_where_hosts_have_no_domain() -> None:
    page = "http://127.0.0.1:8017/a"
    assert canonical(page, "http://127.0.0.1:8018/b") == page
    assert canonical(page, "/b") == "http://127.0.0.1:8017/b"


def test_canonical_resolves_against_the_base_given() -> None:
    page, base = "https://allthe.news/sw/articles/x?page=2", "https://allthe.news/sw/articles/"
    assert canonical(page, "y", base_url=base, site=find("allthe.news")) == "https://allthe.news/sw/articles/y"


def test_document_id_is_the_head_of_the_sha256_of_the_url() -> None:
    assert document_id(SWAHILI) == hashlib.sha256(SWAHILI.encode("ascii")).hexdigest()[:16]
    assert document_id(SWAHILI) == "6127d145bc5624e3"
