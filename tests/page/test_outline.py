"""An outline says of a page what its tree says: elements, attributes, texts, and what lies in what."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Iterator

import pytest
from resiliparse.parse.html import HTMLTree

from crawler.demo.labels import EDITIONS
from crawler.demo.oddities import article
from crawler.page.outline import Outline
from crawler.sites.profile import find
from crawler.text.page import PageReader
from crawler.text.seedtext import seed_text
from tests.demopages import pages, site

Seen = list[tuple[str, str, int | None]]
"""Tag and text of each element, and which element it lies in."""

PAGES = {
    "escapes": '<p title="a&amp;b &quot;c&quot; <d> &nbsp;\'">a&amp;b &lt;c&gt; d&nbsp;e > f "g"',
    "comments": "a<!-- <p>b</p> > c -->d<!---->e<!doctype x><?php f() ?>g",
    "unquoted": "<a href=x?a=1&b=2 disabled =b=c>d</a>",
    "a name that looks like a tag": '<p a<b="c" d"e="f">g <h<i j>k</h<i>',
    "left open": "<table>a<tr><td><p>b<b>c<p>d</b>e</table>f<ul><li>g<li>h",
    "scripts": "<script>if (a < b && c > d) e('<p>');</script>f<style>g > h {}</style>i",
    "a script in a comment of a script": "<script><!--<script>a</script>--></script><p>b",
    "raw": "<iframe><p>a</iframe><xmp>b<i></xmp><noframes><p></noframes><textarea>c<i></textarea>",
    "no scripts": "<noscript><p>a<img src=b></noscript>c",
    "templates": "a<template><p>b<template>c</template><script></template></script></template><p>d",
    "foreign": "<svg viewBox=1><title>a<b>b</svg><svg><path d=c /><a href=d>e</a><style>f</style></svg><math><mi>g",
    "lines": "<pre>\n\na\r\nb\0</pre>",
    "plain text": "a<plaintext>b<p>",
    "nothing": "",
}


def told(outline: Outline) -> Seen:
    elements = outline.elements
    return [(one.tag, one.text, one.parent.at if one.parent is not None else None) for one in elements]


def parsed(tree: HTMLTree) -> Seen:
    assert tree.document is not None
    elements = list(tree.document.query_selector_all("*").values())
    places = {one: at for at, one in enumerate(elements)}
    parents = [places[one.parent_element] if one.parent_element is not None else None for one in elements]
    return [(one.tag or "", one.text or "", parent) for one, parent in zip(elements, parents, strict=True)]


def attributes(tree: HTMLTree) -> Iterator[list[tuple[str, str | None]]]:
    assert tree.document is not None
    for one in tree.document.query_selector_all("*").values():
        yield [(name, one.get_attribute(name)) for name in one.attribute_names]


def compare(html: str) -> None:
    tree = HTMLTree.parse(html)
    outline = Outline(tree)
    assert told(outline) == parsed(tree)
    for element, wanted in zip(outline.elements, attributes(tree), strict=True):
        assert [(name, element.get(name)) for name, _ in wanted] == wanted
        assert element.get("data-none") is None
    outline.let_go()  # here and below: a node left to the collector may be dropped in another thread, and complain


@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_a_page_of_any_kind(html: str) -> None:
    compare(html)


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_demos_pages(edition: str) -> None:
    for story in site().catalogue.edition(edition)[:3]:
        compare(site().answer(article(edition, story.slug)).body.decode("utf-8", "replace"))


def test_what_is_in_an_element_and_what_is_around_it() -> None:
    outline = Outline(HTMLTree.parse("<main><div>a<p id=x>b<b>c</b></p>d<!-- --><ul><li>e<li>f</ul></div></main>"))
    box, paragraph = outline.all("div", "p")
    assert (box.text, paragraph.text) == ("abcdef", "bc")
    assert [one.tag for one in box.children] == ["p", "ul"]
    assert [one if isinstance(one, str) else one.tag for one in box.nodes] == ["a", "p", "d", "", "ul"]
    assert [one.tag for one in box.inner("li", "b")] == ["b", "li", "li"]
    assert box.has({"b", "h1"})
    assert not paragraph.has({"li", "p"})
    assert box.holds(paragraph)
    assert not paragraph.holds(box)
    assert paragraph.closest({"main", "body"}) is outline.first("main")
    assert [one.tag for one in box.inner("ul")[0].befores] == ["p"]
    assert outline.selected("div > p") is paragraph
    assert [one.tag for one in outline.having("id")] == ["p"]
    outline.let_go()


def test_many_elements_are_found_as_few_are() -> None:
    outline = Outline(HTMLTree.parse("<div>" + "<p>a<b>b</b></p><i>c</i>" * 100 + "</div><p>d"))
    box = outline.all("div")[0]
    assert [one.tag for one in box.inner("p", "i")] == ["p", "i"] * 100
    assert box.has({"i"})
    assert not box.has({"div", "u"})
    outline.let_go()


def test_how_deep_a_page_is() -> None:
    outline = Outline(HTMLTree.parse("<div>" * 300 + "<br>"))
    assert outline.depth == 2 + 300 + 1
    outline.let_go()


def test_no_node_of_a_page_is_left_to_the_garbage_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may run in a thread that is not the reader's, where a node cannot be dropped."""
    told: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", told.append)
    gc.collect()
    gc.disable()
    try:
        assert len(list(pages("sw"))) > 20
        story = "".join(f"<p>Aya ya {n} ya habari ndefu inayosimuliwa kwa maandishi.</p>" for n in range(9))
        scripted = f"<h1>Habari</h1><script>self.push([1, {json.dumps(story)}])</script>"
        reader = PageReader(find("demo"))
        for html in (scripted, "<div>" * 300 + scripted, "<div>" * 3000, f"<p>{seed_text(HTMLTree.parse(story))}"):
            reader.read(html.encode(), "http://127.0.0.1:8017/sw/articles/a", "text/html")
        collector = threading.Thread(target=gc.collect)
        collector.start()
        collector.join()
    finally:
        gc.enable()
    assert told == []
