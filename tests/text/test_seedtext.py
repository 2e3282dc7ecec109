from __future__ import annotations

import time
from typing import Any

import pytest
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from crawler.page.outline import Outline
from crawler.text.frame import VERSION, page_frame
from crawler.text.normal import normal
from crawler.text.seedtext import MARK, extractor, profile_skip, seed_text
from tests.shared import need
from tests.text.frames import FRAMES, pieces
from tests.text.structures import STRUCTURES, take_apart

FILES = ["000_0f2e8748639a1870", "001_72fb8e2cfc20eed4", "002_04491e12e3a51874", "003_d51684a8ac4161bd"]
FILES.append("004_68b5a22ea4a04e14")


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("file", FILES)
def test_seed_documents_come_back_byte_for_byte(file: str, structure: str) -> None:
    wanted = need("seeds", f"{file}.txt").read_bytes()
    html = STRUCTURES[structure](take_apart(wanted.decode()), "http://127.0.0.1/x/articles/y")
    assert normal(seed_text(HTMLTree.parse(html))).encode() == wanted


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("file", FILES)
def test_seed_documents_come_back_from_any_frame(file: str, frame: str) -> None:
    wanted = need("seeds", f"{file}.txt").read_text(encoding="utf-8")
    html = FRAMES[frame](pieces(take_apart(wanted)))
    assert normal(seed_text(HTMLTree.parse(html))) == wanted


def test_a_cookie_notice_in_the_pages_own_footer_goes_with_it() -> None:
    html = "<h1>A</h1><p>B</p><footer><p>© Site</p><div><h2>Cookies</h2><p>We use cookies.</p></div></footer>"
    assert seed_text(HTMLTree.parse(html)) == "A\n\nB"


@pytest.mark.parametrize(
    "html", ["", "<header>", "<footer></footer>", "<h1></h1><header></header><p>", "<nav><header>x"]
)
def test_broken_pages_have_a_text(html: str) -> None:
    assert seed_text(HTMLTree.parse(html)) == ""


def test_the_manifests_options_are_enough_to_make_the_text_again() -> None:
    html = "<header>Site</header><article><h1>A</h1><p>B</p><p class=advert>Buy</p></article><footer>© Site</footer>"
    made_by = extractor([".advert"])
    assert made_by.options["frame"] == VERSION
    assert profile_skip(made_by) == [".advert"]
    tree = HTMLTree.parse(html)
    outline = Outline(tree)
    outline.mark(page_frame(outline), MARK)
    outline.let_go()
    ours = ("frame", "skip", "page")
    arguments: dict[str, Any] = {key: value for key, value in made_by.options.items() if key not in ours}
    again = extract_plain_text(tree, skip_elements=[f"[{MARK}]", *profile_skip(made_by)], **arguments)
    assert again == seed_text(HTMLTree.parse(html), [".advert"]) == "A\n\nB"


def test_a_headline_may_have_a_tag_that_is_no_identifier() -> None:
    html = "<title>A strange title</title><header><o:p>A strange title</o:p></header><p>B</p><footer>© Site</footer>"
    assert seed_text(HTMLTree.parse(html)) == "A strange title\n\nB"


def test_a_footer_behind_everything_is_the_pages_own_whatever_follows_in_it() -> None:
    story = f"<article><h1>A</h1><p>{'word ' * 20}</p></article>"
    footer = "<footer><p>About the rights of readers some more is said at length here, in a row of words</p></footer>"
    after = f"<p>{'more ' * 40}</p>"
    assert "rights" not in seed_text(HTMLTree.parse(story + footer))
    assert "rights" in seed_text(HTMLTree.parse(story.replace("article", "div") + footer + after))


def test_headlines_beside_the_sites_menu_are_the_pages_own_and_cards_are_not() -> None:
    story = f"<h1>A</h1><p>{'word ' * 20}</p>"
    headlines = "".join(f'<li><a href="/en/articles/{n}">{"A long headline " * 5}{n}</a></li>' for n in range(3))
    menu = "".join(f'<li><a href="/{code}">{code}</a></li>' for code in ("en", "sw", "ko", "sv", "yo", "am", "ja"))
    assert "headline" not in seed_text(HTMLTree.parse(f"{story}<footer><ol>{headlines}</ol><ul>{menu}</ul></footer>"))
    assert "headline" in seed_text(HTMLTree.parse(f"{story}<footer><ol>{headlines}</ol></footer>"))


def test_a_page_nested_in_headers_is_told_in_time() -> None:
    """Looking around each anew took 17 s."""
    html = "<header>" * 1_900 + "<header></header>" * 10_000
    start = time.process_time()
    assert seed_text(HTMLTree.parse(html)) == ""
    assert time.process_time() - start < 8
