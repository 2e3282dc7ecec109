"""Single pieces of pages: dates however written, broken JSON-LD, captions and credits, bodies of every make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.items import Block, Page
from crawler.page.fallback import trafilatura_version
from crawler.page.moments import iso
from crawler.sites.profile import load
from crawler.text.page import PageReader
from tests.command import profile

URL = "http://site.example/en/articles/own"
LONG = "A paragraph that says enough to be one, with a second half that says a little more than the first."
P = f"<p>{LONG}</p>"
LD = '<script type="application/ld+json">{}</script>'


@pytest.fixture
def reader(tmp_path: Path) -> PageReader:
    return PageReader(load(profile(tmp_path, "site.example")))


def read(reader: PageReader, html: str) -> Page:
    page = reader.read(f"<!doctype html>{html}".encode(), URL, "text/html; charset=utf-8")
    assert isinstance(page, Page)
    return page


DATES = {
    "2026-06-01T06:00:00Z": "2026-06-01T06:00:00+00:00",
    "2026-06-01T06:00:00.123+0200": "2026-06-01T06:00:00+02:00",
    "2026-06-01 06:00": "2026-06-01T06:00:00",
    "20260601": "2026-06-01",
    "2026/6/1 6:05": "2026-06-01T06:05:00",
    "Mon, 01 Jun 2026 06:00:00 GMT": "2026-06-01T06:00:00+00:00",
    "Mon Jun 01 06:00:00 CEST 2026": "2026-06-01T06:00:00+02:00",
    "2026-02-03 02:05:00 PM": "2026-02-03T14:05:00",
    "2026-02-03T12:05 a.m.": "2026-02-03T00:05:00",
    "2026-02-03T14:05:00+03": "2026-02-03T14:05:00+03:00",
    "2026-02-03T14:05:00 GMT+0300": "2026-02-03T14:05:00+03:00",
    "2026-02-03 02:05 nachmittags": "2026-02-03",
    "2026-02-03 02:05 +3": "2026-02-03",
    "2026-2-3": "2026-02-03",
    "1770098700000": "2026-02-03T06:05:00+00:00",
    "February 3, 2026": "2026-02-03",
    "February 3, 2026 2:05 PM": "2026-02-03T14:05:00",
    "Published: 3 February 2026, 14:05 GMT": "2026-02-03T14:05:00+00:00",
    "2026年2月3日 14:05": "2026-02-03T14:05:00",
    "2026년 2월 3일 오후 2:05": "2026-02-03",
    "2026-13-01": None,
    "0001-01-01T00:00:00": None,
    "yesterday": None,
    "": None,
}


@pytest.mark.parametrize("raw", DATES)
def test_dates_are_told_in_iso_8601_or_not_at_all(raw: str) -> None:
    assert iso(raw) == DATES[raw]


NAMED = {
    "3 de febrero de 2026": ("es", "2026-02-03"),
    "3 февраля 2026, 14:05": ("ru", "2026-02-03T14:05:00"),
    "Publié le 3 février 2026 à 14h05": ("fr-FR", "2026-02-03T14:05:00"),
    "٣ فبراير ٢٠٢٦": ("ar", "2026-02-03"),
    "३ फ़रवरी २०२६": ("hi", "2026-02-03"),
    "3 février 2026": ("no-language", None),
}


@pytest.mark.parametrize("raw", NAMED)
def test_months_are_named_in_the_pages_language(raw: str) -> None:
    language, moment = NAMED[raw]
    assert iso(raw, language) == moment


SOURCES = {
    "json-ld": '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-06-01"}</script>',
    "meta": '<meta property="article:published_time" content="2026-06-01">',
    "microdata": '<p><span itemprop="datePublished" content="2026-06-01">June</span></p>',
    "time": '<article><time datetime="2026-06-01">June</time></article>',
    "text": "<article><h1>One</h1><p class=post-date>1 June 2026</p></article>",
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_date_names_its_source(source: str, reader: PageReader) -> None:
    published = read(reader, SOURCES[source] + f"<p>{LONG}</p>").published
    assert published is not None
    assert (published.value, published.source) == ("2026-06-01", source)


ASIDE = "<aside><time datetime=2019-05-05>5 May 2019</time></aside>"
CARD = '<div><a href="/en/articles/b"><h3>Two</h3></a><time datetime=2019-05-05>5 May</time></div>'
TIMES = {
    "its words": f"<main><h1>One</h1><time>3 February 2026</time>{P}{ASIDE}</main>",
    "the one nearest the headline": f"<main>{CARD}{P}<h1>One</h1><time datetime=2026-02-03>3 Feb</time>{P}</main>",
    "not that of the change": "<main><h1>One</h1><time class=updated datetime=2026-02-05>5 Feb</time>"
    f"<time class=entry-date datetime=2026-02-03>3 Feb</time>{P}</main>",
    "around neither article nor main": f"<div><h1>One</h1><p><time datetime=2026-02-03>3 Feb</time></p>{P}{P}</div>",
}


@pytest.mark.parametrize("case", TIMES)
def test_of_several_time_elements_the_storys_is_taken(case: str, reader: PageReader) -> None:
    published = read(reader, TIMES[case]).published
    assert published is not None
    assert (published.value, published.source) == ("2026-02-03", "time")


def test_the_date_of_a_card_is_not_the_storys(reader: PageReader) -> None:
    assert read(reader, f"<main><h1>One</h1>{P}{CARD}{ASIDE}</main>").published is None


def test_dates_in_scripts_and_prose_are_not_the_storys(reader: PageReader) -> None:
    html = f'<p>{LONG} It began on 5 May 2026.</p><script>{{"published":"2026-02-11T08:00:00Z"}}</script>'
    assert read(reader, html).published is None


def test_json_ld_with_commas_and_wrappings_is_read_and_nonsense_passed_over(reader: PageReader) -> None:
    wrapped = (
        '//<![CDATA[\n{"@graph":[{"@type":"NewsArticle","headline":"One","author":[{"name":"By Ann Lee",}],}]}\n//]]>'
    )
    scripts = f'<script type="application/ld+json">{{no</script><script type="application/ld+json">{wrapped}</script>'
    page = read(reader, f"{scripts}<h1>One</h1><p>{LONG}</p>")
    assert page.title == "One"
    assert [(one.name, one.raw) for one in page.authors] == [("Ann Lee", "By Ann Lee")]


OWN = {"@type": "NewsArticle", "headline": "One", "datePublished": "2026-02-03"}
OTHER = {"@type": "NewsArticle", "headline": "Two", "datePublished": "2020-01-01", "articleBody": LONG}
SEVERAL = {
    "by its address": ({**OWN, "headline": "First", "url": URL}, OTHER),
    "by the page it is the main thing of": ({**OWN, "headline": "First", "mainEntityOfPage": {"@id": URL}}, OTHER),
    "by its name": (OWN, OTHER),
}


@pytest.mark.parametrize("case", SEVERAL)
def test_of_several_stories_in_json_ld_the_page_is_told_its_own(case: str, reader: PageReader) -> None:
    own, other = (LD.format(json.dumps(one)) for one in SEVERAL[case])
    published = read(reader, f"{other}{own}<title>One | Site</title><h1>One</h1>{P}").published
    assert published is not None
    assert published.value == "2026-02-03"


def test_a_story_in_json_ld_that_lies_elsewhere_is_not_the_pages(reader: PageReader) -> None:
    other = LD.format(json.dumps({**OTHER, "url": "/en/articles/other", "author": {"name": "Bo Ek"}}))
    page = read(reader, f"{other}<h1>One</h1>{P}")
    assert (page.title, page.published, page.authors) == ("One", None, ())


EDITIONS = {
    "of the same slug": ("/articles/own", ""),
    "an alternate": ("/en/articles/first", '<link rel=alternate hreflang=sw href="/en/articles/first">'),
}


@pytest.mark.parametrize("case", EDITIONS)
def test_the_json_ld_of_another_edition_is_the_storys(case: str, reader: PageReader) -> None:
    url, link = EDITIONS[case]
    page = read(reader, f"{LD.format(json.dumps({**OTHER, 'url': url}))}{link}<h1>Moja</h1>{P}")
    assert page.published is not None


def test_what_json_ld_refers_to_is_looked_up(reader: PageReader) -> None:
    own = {**OWN, "author": [{"@id": "#ann"}, {"@id": "#no-one"}], "publisher": {"@id": "#site"}}
    trail = {"@type": "BreadcrumbList", "itemListElement": [{"name": "World", "item": {"@id": "/en/tags/world"}}]}
    things = [own, {"@type": "Person", "@id": "#ann", "name": "Ann Lee"}, {"@type": "WebPage", "breadcrumb": trail}]
    page = read(reader, LD.format(json.dumps({"@graph": things})) + P)
    assert [one.name for one in page.authors] == ["Ann Lee"]
    assert [one.name for one in page.breadcrumbs] == ["World"]


def test_microdata_names_headline_and_picture_and_is_the_source_of_its_dates(reader: PageReader) -> None:
    picture = "<div><img itemprop=image src=/roof.jpg alt='A roof'></div>"
    story = f"<h2 itemprop=headline>Roofs are back</h2><meta itemprop=dateModified content=2026-02-03>{picture}"
    scope = f"<div itemscope>{story}<div itemprop=articleBody>{P}{P}</div></div>"
    page = read(reader, f"<title>News from the lake</title><div>{scope}</div>")
    assert page.title == "Roofs are back"
    assert [one.alt for one in page.pictures] == ["A roof"]
    assert page.modified is not None
    assert page.modified.source == "microdata"


def test_two_voices_outdo_one_and_the_others_are_told(reader: PageReader) -> None:
    named = '<meta property="og:site_name" content="Site"><meta property="og:title" content="One">'
    head = f"<title>Two | Site</title>{named}"
    data = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Three"}</script>'
    page = read(reader, f"{head}{data}<main><h1>One</h1><p>{LONG}</p></main>")
    assert page.title == "One"
    assert set(page.other_titles) == {"Two", "Three"}


def called(told: str, shared: str, shown: str, other: str = "") -> str:
    """A page by what JSON-LD, OpenGraph and its headline call its story, and by the alternative headline."""
    linked = json.dumps({"@type": "NewsArticle", "headline": told, "alternativeHeadline": other})
    head = f'<script type="application/ld+json">{linked}</script><meta property="og:title" content="{shared}">'
    return f"{head}<title>{shown}</title><h1>{shown}</h1><p>{LONG}</p>"


TITLES = {
    "two agree against OpenGraph": (called("Ferry stops", "Boat rests", "Ferry stops"), "Ferry stops"),
    "two agree against JSON-LD": (called("Boat rests", "Ferry stops", "Ferry stops!"), "Ferry stops"),
    "JSON-LD where all differ": (called("Boat rests", "Ferry stops", "No more ferry"), "Boat rests"),
    "the one JSON-LD says twice": (called("Boat rests", "Ferry stops", "Ferry stops", "Boat rests"), "Boat rests"),
    "the other of JSON-LD": (called("Ferry stops", "Boat rests", "Ferry stops", "Boat rests"), "Boat rests"),
    "without its kicker": (
        called("Lake: The ferry stops", "The ferry stops", "Lake: The ferry stops"),
        "The ferry stops",
    ),
    "without what is added": (
        called("", "The ferry has stopped * Site * by Ann", "The ferry has stopped"),
        "The ferry has stopped",
    ),
    "named by a meta element": (
        f'<meta name="headline" content="The ferry has stopped"><p>{LONG}</p>',
        "The ferry has stopped",
    ),
    "a name that is no site": (
        f'<meta name="application-name" content="Ferries - The last">{called("", "", "Ferries - The last")}',
        "Ferries - The last",
    ),
}


@pytest.mark.parametrize("case", TITLES)
def test_a_title_is_what_most_of_the_page_calls_the_story(case: str, reader: PageReader) -> None:
    html, title = TITLES[case]
    assert read(reader, html).title == title


AUTHORS = {
    "one": ("By Ann Lee", ["Ann Lee"]),
    "two": ("Ann Lee and Bo Ek", ["Ann Lee", "Bo Ek"]),
    "two in Swedish, and where they are": ("Ann Lee och Bo Ek, Malmö", ["Ann Lee", "Bo Ek", "Malmö"]),
    "several": ("Ann Lee, Bo Ek and Cy Orr", ["Ann Lee", "Bo Ek", "Cy Orr"]),
    "one with a title": ("Ann Lee, MD", ["Ann Lee, MD"]),
    "one of two families": ("José Ortega y Gasset", ["José Ortega y Gasset"]),
    "in Japanese": ("山田太郎、鈴木花子", ["山田太郎", "鈴木花子"]),
    "with an abbreviation": ("Ann Lee (al)", ["Ann Lee"]),
    "a reporter in Korean": ("김영희 기자", ["김영희"]),
}


@pytest.mark.parametrize("case", AUTHORS)
def test_authors_are_named_one_by_one(case: str, reader: PageReader) -> None:
    raw, names = AUTHORS[case]
    authors = read(reader, f'<meta name="author" content="{raw}"><p>{LONG}</p>').authors
    assert [(one.name, one.raw) for one in authors] == [(name, raw) for name in names]


BYLINES = {
    "a person": ("Von <a href=/p/1>Ann Lee</a>, Site | 1.6.2026", ["Ann Lee"]),
    "without a link": ("By Ann Lee and Bo Ek · 1 June 2026", ["Ann Lee", "Bo Ek"]),
    "no person": ("Published on 1 June 2026", ["The Site"]),
    "an abbreviation": ("al", ["The Site"]),
    "a credit": ("Photo: Ann Lee", ["The Site"]),
}


BYLINES |= {
    text: (text, names.split(", "))
    for text, names in {
        "Author: Ann Lee": "Ann Lee",
        "Автор: Анна Петрова": "Анна Петрова",
        "बाय लाइन: राम शर्मा": "राम शर्मा",
        "בקלם: דנה כהן": "דנה כהן",
        "بقلم: ليلى حسن و منى علي": "ليلى حسن, منى علي",
        "Text: Ann Lee Foto: Bo Ek": "Ann Lee",
        "By Ann Lee: a report": "Ann Lee",
        "文／山田 太郎": "山田 太郎",
        "작성자 김 철수": "김 철수",
        "Reporting by Ann Lee; Editing by Bo Ek": "Ann Lee",
        "Photographs by Moses Otieno": "Moses Otieno",
        "By Ann Lee Published Feb 3, 2026": "Ann Lee",
        "By Ann Lee Feb 3, 2026": "Ann Lee",
        "By Ann Lee in Nairobi and Bo Ek in Kampala": "Ann Lee, Bo Ek",
        "By Ann Lee, Kisumu": "Ann Lee",
        "Ni Juan dela Cruz at Maria Santos": "Juan dela Cruz, Maria Santos",
    }.items()
}


@pytest.mark.parametrize("case", BYLINES)
def test_where_machines_are_told_the_site_the_byline_names_the_author(case: str, reader: PageReader) -> None:
    byline, names = BYLINES[case]
    head = '<meta property="og:site_name" content="The Site"><meta name="author" content="The Site">'
    page = read(reader, f"{head}<article><h1>One</h1><div class=byline>{byline}</div><p>{LONG}</p></article>")
    assert [one.name for one in page.authors] == names


LINES = {
    "marked": "<p class=by>Ann Lee</p><p class=date>Published: 3 February 2026, 14:05 and a little later</p>",
    "unmarked": "<p>By Ann Lee</p>",
}


@pytest.mark.parametrize("case", LINES)
def test_lines_below_the_headline_are_no_paragraphs(case: str, reader: PageReader) -> None:
    page = read(reader, f"<div><h1>One</h1>{LINES[case]}{P}{P}</div>")
    assert [one.name for one in page.authors] == ["Ann Lee"]
    assert [one.text for one in page.blocks] == [LONG, LONG]


def test_a_sentence_below_the_headline_is_no_byline(reader: PageReader) -> None:
    page = read(reader, f"<div><h1>One</h1><p>By Friday the ferry is back at sea</p>{P}{P}</div>")
    assert (page.byline, page.authors) == ("", ())


CAPTIONS = {
    "marked": ("A street.<span class=credit>Ann Lee</span>", "A street.", "Ann Lee"),
    "labelled": ("A street. Foto: Ann Lee", "A street.", "Ann Lee"),
    "in brackets": ("A street. (Ann Lee/AP)", "A street.", "Ann Lee/AP"),
    "in an element of its own": (
        "<b>A street seen from afar.</b><span>Ann Lee</span>",
        "A street seen from afar.",
        "Ann Lee",
    ),
    "behind a bar": ("A street | Ann Lee", "A street", "Ann Lee"),
    "none": ("A street in the town of Ann.", "A street in the town of Ann.", ""),
    "in brackets, a note": ("A street (archive)", "A street (archive)", ""),
    "in brackets, a note behind a sentence": ("It is a street. (File photo)", "It is a street. (File photo)", ""),
    "the credit first": ("<p class=credit>Foto: Ann Lee</p><p>A street.</p>", "A street.", "Ann Lee"),
    "a label of its own": ("A street.<span class=credit>Foto:</span><span>Ann Lee</span>", "A street.", "Ann Lee"),
    "said twice": ("A street.<cite>Copyright Ann Lee Copyright Ann Lee</cite>", "A street.", "Ann Lee"),
    "photographed by": ("A street.<span class=credit>Photo by Ann Lee / AP</span>", "A street.", "Ann Lee / AP"),
    "photographed by, in Japanese": ("A street.（Ann Lee撮影）", "A street.", "Ann Lee"),
    "by a name alone": (
        "<span>Photo by </span><a href=/x><span>Ann Lee</span></a> / Unsplash",
        "",
        "Ann Lee / Unsplash",
    ),
    "by a name behind a stroke": ("A street / <span>Photo by </span>Ann Lee", "A street", "Ann Lee"),
    "by no name": ("Photos by the hundred were shown", "Photos by the hundred were shown", ""),
    "behind when and where": (
        "大通り＝2026年2月2日、キスム、鈴木一郎撮影",
        "大通り＝2026年2月2日、キスム",
        "鈴木一郎",
    ),
    "behind the last sentence": ("A street is seen from afar. Ann Lee", "A street is seen from afar.", "Ann Lee"),
    "with a button": ("A street.<span role=button>More</span><a class=btn href=/x>Buy</a>", "A street.", ""),
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_captions_and_credits(name: str, reader: PageReader) -> None:
    said, caption, credit = CAPTIONS[name]
    figure = f"<figure><img src=/a.jpg alt='An alt'><figcaption>{said}</figcaption></figure>"
    [picture] = read(reader, f"<article><h1>One</h1>{figure}<p>{LONG}</p><p>{LONG}</p></article>").pictures
    assert (picture.url, picture.alt) == ("http://site.example/a.jpg", "An alt")
    assert (picture.caption, picture.credit) == (caption, credit)


def test_a_credit_that_the_profile_names_is_no_caption(tmp_path: Path) -> None:
    reader = PageReader(load(profile(tmp_path, "site.example", more='[labels.en]\ncredit = ["Made by AI"]\n')))
    figure = "<figure><img src=/a.jpg alt=a><figcaption>Made by AI</figcaption></figure>"
    [picture] = read(reader, f"<article><h1>One</h1>{figure}{P}{P}</article>").pictures
    assert (picture.caption, picture.credit) == ("", "Made by AI")


def test_a_picture_without_an_alt_text_has_its_title_for_a_caption(reader: PageReader) -> None:
    image = '<figure><img src=/a.jpg alt="" title="A street. Foto: Ann Lee"></figure>'
    [picture] = read(reader, f"<article><h1>One</h1>{image}<p>{LONG}</p><p>{LONG}</p></article>").pictures
    assert (picture.alt, picture.caption, picture.credit) == ("", "A street.", "Ann Lee")


def test_a_credit_in_a_link_around_a_picture_makes_it_no_card(reader: PageReader) -> None:
    image = "<div><a href=/shop><img src=/a.jpg alt='An alt'><p>Photograph: Ann Lee of AP</p></a></div>"
    [picture] = read(reader, f"<article><h1>One</h1>{image}<p>{LONG}</p><p>{LONG}</p></article>").pictures
    assert (picture.alt, picture.credit) == ("An alt", "Ann Lee of AP")


SUMMARIES = {
    "marked": ("<p class=summary>After nine years</p><p>Ann Lee</p>", "After nine years", "Ann Lee"),
    "marked, in Arabic": ("<p class=dek>بعد تأخير طويل</p><span>ليلى حسن</span>", "بعد تأخير طويل", "ليلى حسن"),
    "a sentence": ("<p>港湾当局が発表。</p><span>山田太郎</span>", "港湾当局が発表。", "山田太郎"),
    "none": ("<p>Ann Lee</p>", "", "Ann Lee"),
}


@pytest.mark.parametrize("case", SUMMARIES)
def test_a_card_has_a_summary_of_any_length(case: str, reader: PageReader) -> None:
    html, summary, byline = SUMMARIES[case]
    link = '<a href="/en/articles/b"><img src=/b.jpg alt=B></a><h3><a href="/en/articles/b">Two</a></h3>'
    credit = "<span>Photo: Juma</span>"
    [card] = read(reader, f"<main><h1>One</h1>{P}{P}</main><aside><div>{link}{html}{credit}</div></aside>").cards
    assert (card.summary, card.byline, card.credit) == (summary, byline, "Juma")


STORY = f"<h1>One</h1>{P}<h2>Two</h2>{P}"
BODIES = {
    "paragraphs": f"<article>{STORY}</article>",
    "divisions": f"<div><h1>One</h1></div><div><div>{LONG}</div><h2>Two</h2><div>{LONG}</div></div>",
    "line breaks": f"<div><h1>One</h1></div><div>{LONG}<br><br><h2>Two</h2>{LONG}<br><br></div>",
    "boxes alike": f"<h1>One</h1><div><div class=b1>{P}</div><div class=b2><h2>Two</h2>{P}</div></div>",
    "a form around all": f"<form><main>{STORY}</main></form>",
    "hidden until a script shows it": f"<div hidden>{STORY}</div>",
    "among much else": f"<nav><ul><li>{LONG}</li></ul></nav><main>{STORY}<aside>{P}</aside>"
    f"<div class=newsletter>{P}</div><p>12:30</p></main><footer>{P}</footer>",
    "in widgets": f"<h1>One</h1><div><div class=widget>{P}<h2>Two</h2></div><div class=widget>{P}</div></div>",
    "beside a story": f"<main><h1>One</h1>{P}<article><h3>3</h3><p>{LONG[:50]}</p></article><h2>Two</h2>{P}</main>",
    "with posts": f"<article>{STORY}<blockquote class=twitter-tweet><p>{LONG[:60]}</p></blockquote></article>",
    "with lines about it": f"<h1>One</h1><div><p class=byline>{LONG[:60]}</p>{P}<h2>Two</h2>{P}<p>***</p></div>",
    "with captions": f"<article>{STORY}<figure><img src=/a.jpg><figcaption>{LONG[:60]}.</figcaption></figure>"
    f"<p>{LONG[:60]}.</p></article>",
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_of_every_make(name: str, reader: PageReader) -> None:
    body = [Block("paragraph", LONG), Block("heading", "Two"), Block("paragraph", LONG)]
    assert list(read(reader, BODIES[name]).blocks) == body


def test_a_short_last_line_made_like_the_others_is_the_storys(reader: PageReader) -> None:
    lines = "".join(f"<div class=p-{at}>{text}</div>" for at, text in enumerate((LONG, LONG, "That is all.")))
    html = f"<article><h1>One</h1>{lines}<div class=note>Sign up.</div></article>"
    assert [one.text for one in read(reader, html).blocks] == [LONG, LONG, "That is all."]


def test_a_sentence_set_off_among_paragraphs_is_the_storys(reader: PageReader) -> None:
    box = "<div class=card-callout><div>The ban covers half of the lake.</div></div>"
    blocks = read(reader, f"<article><h1>One</h1>{P}{box}{P}</article>").blocks
    assert [one.text for one in blocks] == [LONG, "The ban covers half of the lake.", LONG]


def test_lists_and_quotes_are_one_block_each(reader: PageReader) -> None:
    html = f"<h1>One</h1>{P}<ul><li>a</li><li>b c</li></ul><blockquote><p>So it is.</p></blockquote>{P}"
    blocks = read(reader, f"<article>{html}</article>").blocks
    assert [one.kind for one in blocks] == ["paragraph", "list", "quote", "paragraph"]
    assert [one.text for one in blocks][1:3] == ["a\nb c", "So it is."]


LISTS = {
    "nested": ("<ul><li>Kisumu county<ul><li>The beach</li></ul></li><li>Homa Bay</li></ul>", "list"),
    "in divisions": (
        "<ul><li><div>Kisumu county</div></li><li><div>The beach</div></li><li>Homa Bay</li></ul>",
        "list",
    ),
    "of definitions": ("<dl><dt>Kisumu county</dt><dd>The beach</dd><dd><p>Homa Bay</p></dd></dl>", "list"),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_list_of_any_make_is_one_block(case: str, reader: PageReader) -> None:
    html, kind = LISTS[case]
    blocks = read(reader, f"<article><h1>One</h1>{P}{html}{P}</article>").blocks
    assert [(one.kind, one.text) for one in blocks][1:-1] == [(kind, "Kisumu county\nThe beach\nHoma Bay")]


def test_what_machines_are_told_counts_where_the_page_shows_nothing(reader: PageReader) -> None:
    data = f'{{"@type":"NewsArticle","headline":"One","articleBody":"{LONG}\\n{LONG} {LONG}"}}'
    page = read(reader, f'<script type="application/ld+json">{data}</script><h1>One</h1><div id=app></div>')
    assert [one.text for one in page.blocks] == [LONG, f"{LONG} {LONG}"]


SCRIPTS = {
    "a state": lambda state: f"window.state = {state}",
    "a string of a call": lambda state: f"push([1, {json.dumps(state)}])",
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_a_story_that_scripts_build_is_found_in_them(case: str, reader: PageReader) -> None:
    figure = "<div><img src=/a.jpg><div class=caption><p>A street is seen from afar. Ann Lee</p></div></div>"
    state = json.dumps({"url": "/x", "html": f"{figure}<p>{LONG}</p><p>{LONG} {LONG}</p>"}).replace("<", "\\u003c")
    page = read(reader, f"<h1>One</h1><script>{SCRIPTS[case](state)}</script>")
    assert [one.text for one in page.blocks] == [LONG, f"{LONG} {LONG}"]
    [picture] = page.pictures
    assert (picture.caption, picture.credit) == ("A street is seen from afar.", "Ann Lee")


def test_nothing_comes_of_nothing(reader: PageReader) -> None:
    page = read(reader, "<html></html>")
    assert (page.title, page.lead, page.blocks, page.pictures, page.cards, page.cookie_notice) == (
        "",
        "",
        (),
        (),
        (),
        (),
    )


def test_hints_of_the_profile_come_before_all_signs(tmp_path: Path) -> None:
    more = """[page]
body = ".own"
lead = ".own-intro"
"""
    reader = PageReader(load(profile(tmp_path, "site.example", more=more)))
    html = (
        f"<main><h1>One</h1>{P}{P}{P}<div class=own-intro>Short.</div><div class=own><p>{LONG} Own.</p></div></main>"
    )
    page = read(reader, html)
    assert (page.lead, [one.text for one in page.blocks]) == ("Short.", [f"{LONG} Own."])


def test_bodies_that_no_sign_tells_are_asked_of_trafilatura(reader: PageReader) -> None:
    assert trafilatura_version() is not None
    cell = f"<td><font>{LONG} <i>{LONG}</i> {LONG}</font></td>"
    page = read(reader, f"<table><tr>{cell}</tr></table>")
    assert " ".join(one.text for one in page.blocks) == f"{LONG} {LONG} {LONG}"


FIGURES = "".join(
    f"<figure><img src=/photo-{at}.jpg alt=a><figcaption>What number {at} shows of it.</figcaption></figure>"
    for at in range(4)
)
SHORT = {
    "a sentence": ("<p>Rain ended it.</p>", "", ["Rain ended it."]),
    "a lead over pictures": (f"<p class=lead>A word on it.</p>{FIGURES}", "A word on it.", []),
    "a longer lead over pictures": (f"<p class=lead>{LONG}</p><p class=byline>By Ann Lee</p>{FIGURES}", LONG, []),
}


@pytest.mark.parametrize("case", SHORT)
def test_a_story_of_a_few_words_has_no_more(case: str, reader: PageReader) -> None:
    html, lead, body = SHORT[case]
    nav = "<nav><ul><li><a href=/en>Home</a></li><li><a href=/en/tags/world>World</a></li></ul></nav>"
    page = read(reader, f"<header>{nav}</header><main><article><h1>One</h1>{html}</article></main><footer>©</footer>")
    assert (page.lead, [one.text for one in page.blocks]) == (lead, body)


DEEP = {
    "divs": "<h1>A</h1>" + "<div>" * 900 + "<p>nested</p>",
    "caption": "<h1>A</h1><figure><img src=a.png alt=b><figcaption>" + "<div>" * 900 + "nested</figcaption></figure>",
    "card": "<h1>A</h1><p>nested</p><a href=/en/articles/b>" + "<div>" * 900 + "<h3>B</h3></a>",
    "spans": "<h1>A</h1><p>" + "<span>" * 240 + "nested" + "</span>" * 240 + "</p>",
    "lists of JSON": LD.format("[" * 900 + '{"@type": "NewsArticle"}' + "]" * 900) + "<h1>A</h1><p>nested</p>",
    "graphs of JSON": LD.format('{"@graph":' * 300 + "{}" + "}" * 300) + "<h1>A</h1><p>nested</p>",
    "names of JSON": LD.format(f'{{"@type": "NewsArticle", "author": {"[" * 400}"B"{"]" * 400}}}') + "<p>nested</p>",
    "authors of JSON": LD.format('{"@type": "NewsArticle", "author": ' + '{"name": ' * 300 + "1" + "}" * 301)
    + "nested",
}


@pytest.mark.parametrize("html", DEEP.values(), ids=list(DEEP))
def test_what_is_nested_beyond_reason_is_read_as_far_as_can_be(html: str, reader: PageReader) -> None:
    assert "nested" in read(reader, html).text
