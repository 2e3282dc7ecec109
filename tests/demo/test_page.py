from __future__ import annotations

import json
from typing import Any

from resiliparse.extract.html2text import extract_plain_text

from crawler.demo.labels import EDITIONS
from crawler.demo.site import DemoSite
from crawler.demo.story import Story
from tests.demo.links import select

NBSP = "\u00a0"

SEED_TEXT = """\
A white lighthouse on a rock & a boat.
AI에 의해 생성된 이미지

Lighthouse's lamp relit, then dimmed

AI에 의해 생성된 이미지

The lamp of Sorley Rock burns again.

It went out in 1998.

Seen from afar

We had the spare parts in a shoe box.

Neighbours asked for less light.

  • Height: 31 metres
  • Steps: 144

이 웹사이트는 쿠키를 사용합니다

사이트를 개선하기 위해 분석을 위한 쿠키를 사용합니다. 자세한 내용은 개인정보 보호 정책을 읽으세요.
거부"""

SEED_TEXT_WITH_CARD = f"""\
School bus goes electric

Picha iliyoundwa na AI

The island's only school bus no longer needs diesel.

It carries 19 pupils.

It is charged at noon.

Makala yanayohusiana

Mnara mweupe juu ya mwamba na mashua.
Picha iliyoundwa na AI

Taa ya mnara yawashwa tena

Imeripotiwa na AI Picha iliyoundwa na AI

Taa ya Sorley Rock inawaka tena.

{NBSP}

{NBSP}

{NBSP}

Tovuti hii inatumia vidakuzi

Tunatumia vidakuzi kwa uchambuzi ili kuboresha tovuti yetu. Soma sera ya faragha yetu kwa maelezo zaidi.
Kataa"""


def seed_text(html: bytes) -> str:
    text: str = extract_plain_text(
        html.decode(),
        preserve_formatting=True,
        main_content=False,
        alt_texts=True,
        skip_elements=["body > header", "body > footer", "nav"],
    )
    return text


def linked_data(html: bytes) -> dict[str, Any]:
    (script,) = select(html.decode(), 'script[type="application/ld+json"]')
    data: dict[str, Any] = json.loads(script.text)
    return data


def test_an_english_story_in_another_edition_as_text(samples: tuple[Story, ...]) -> None:
    page = DemoSite(samples, state=2).answer("/ko/articles/sample-lighthouse-s-lamp-relit")
    assert seed_text(page.body) == SEED_TEXT


def test_a_translated_card_under_an_english_body(samples: tuple[Story, ...]) -> None:
    page = DemoSite(samples, state=2).answer("/sw/articles/sample-school-bus-goes-electric")
    assert seed_text(page.body) == SEED_TEXT_WITH_CARD


def test_what_a_page_says_of_itself(samples: tuple[Story, ...]) -> None:
    site = DemoSite(samples, state=2, origin="http://127.0.0.1:1")
    html = site.answer("/ar/articles/sample-lighthouse-s-lamp-relit").body.decode()
    assert [(root["lang"], root["dir"]) for root in select(html, "html")] == [("ar", "rtl")]
    assert [link["href"] for link in select(html, "head link[rel=canonical]")] == [
        "http://127.0.0.1:1/ar/articles/sample-lighthouse-s-lamp-relit"
    ]
    alternates = {link["hreflang"]: link["href"] for link in select(html, "head link[rel=alternate]")}
    assert alternates == {
        code: f"http://127.0.0.1:1/{edition}/articles/sample-lighthouse-s-lamp-relit"
        for code, edition in (("en", "en"), ("sw", "sw"), ("ko", "ko"), ("ar", "ar"), ("x-default", "en"))
    }
    assert [meta["content"] for meta in select(html, 'meta[property="og:image"], meta[name=description]')] == [
        "The lamp of Sorley Rock burns again.",
        "http://127.0.0.1:1/images/harbour-640.png",
    ]


def test_linked_data(samples: tuple[Story, ...]) -> None:
    site = DemoSite(samples, state=2)
    data = linked_data(site.answer("/sw/articles/sample-lighthouse-s-lamp-relit").body)
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == "Taa ya mnara yawashwa tena"
    assert data["inLanguage"] == "sw"
    assert data["datePublished"] == "2026-02-10T06:45:00+00:00"
    assert data["dateModified"] == "2026-06-08T06:00:00+00:00"
    assert data["image"][0].endswith("/images/harbour-640.png")
    assert data["author"]["name"] == "Ninefold News AI desk"


def test_a_page_weighs_like_a_real_one() -> None:
    site = DemoSite()
    sizes = [
        len(site.answer(f"/{edition}/articles/{story.slug}").body)
        for edition in EDITIONS
        for story in site.catalogue.edition(edition)
    ]
    assert min(sizes) > 12_000
    assert max(sizes) < 48_000
    assert 20_000 < sorted(sizes)[len(sizes) // 2] < 40_000


def test_nothing_is_loaded_from_elsewhere() -> None:
    site = DemoSite(origin="http://127.0.0.1:1")
    page = site.answer("/en").body.decode()
    sources = [element["src"] for element in select(page, "[src]")]
    sources += [link["href"] for link in select(page, "link[href]")]
    assert sources
    for source in sources:
        assert source.startswith(("/", "http://127.0.0.1:1/")), source
        assert site.answer(source.removeprefix("http://127.0.0.1:1")).status == 200, source
