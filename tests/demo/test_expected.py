"""What the site says a crawl should find, against what a crawl finds."""

from __future__ import annotations

import pytest

from crawler.demo.expected import EditionExpected
from crawler.demo.labels import EDITIONS
from crawler.demo.server import RunningSite
from tests.demo.client import Reply
from tests.demo.links import crawl
from tests.demo.test_page import seed_text


@pytest.mark.parametrize("state", [1, 2, 3])
def test_a_crawl_finds_what_is_expected(site: RunningSite, state: int) -> None:
    site.set_state(state)
    for edition, expected in site.expected().editions.items():
        found = crawl(site, edition)
        assert set(found) == expected.linked, edition
        check_statuses(found, expected)


def check_statuses(found: dict[str, Reply], expected: EditionExpected) -> None:
    by_status: dict[int, set[str]] = {}
    for url, reply in found.items():
        by_status.setdefault(reply.status, set()).add(url)
    assert by_status.get(404, set()) == expected.missing
    assert by_status.get(410, set()) == expected.gone
    assert by_status.get(301, set()) | by_status[302] == set(expected.redirects)
    assert by_status[200] == (
        {*expected.documents, *(url for pair in expected.twins for url in pair)}
        | {*expected.aliases, *expected.disallowed, *expected.not_html, *expected.empty}
    )
    assert set(expected.redirects.values()) <= {*expected.documents, *(canonical for canonical, _ in expected.twins)}


def test_only_twins_have_the_same_text(site: RunningSite) -> None:
    urls: dict[str, set[str]] = {}
    for expected in (site.expected().editions[edition] for edition in EDITIONS):
        for url in {*expected.documents, *(url for pair in expected.twins for url in pair)}:
            answer = site.site.answer(url.removeprefix(site.url))
            charset = "cp932" if "Shift_JIS" in answer.content_type else "utf-8"
            urls.setdefault(seed_text(answer.body.decode(charset).encode()), set()).add(url)
    twins = [set(pair) for expected in site.expected().editions.values() for pair in expected.twins]
    assert [pair for pair in urls.values() if len(pair) > 1] == [pair for pair in twins if pair]
    assert len(urls) == site.expected().count


def test_what_changes_between_states(site: RunningSite) -> None:
    before = {edition: set(site.expected().editions[edition].linked) for edition in EDITIONS}
    assert not any(edition.changed or edition.appeared for edition in site.expected().editions.values())
    for state in (2, 3):
        site.set_state(state)
        for edition, expected in site.expected().editions.items():
            assert not expected.appeared & before[edition]
            assert expected.vanished <= expected.gone
            assert expected.changed <= {*expected.documents, *(url for url, _ in expected.twins)}
            before[edition] = set(expected.linked)


def test_what_a_crawl_got_wrong(site: RunningSite) -> None:
    expected = site.expected()
    certain = {url for edition in expected.editions.values() for url in edition.documents}
    twins = [pair for edition in expected.editions.values() for pair in edition.twins]
    assert expected.differences(certain | {canonical for canonical, _ in twins}) == set()
    assert expected.differences(certain | {other for _, other in twins}) == set()
    assert expected.differences(certain) == {canonical for canonical, _ in twins}
    assert expected.differences(certain | {url for pair in twins for url in pair}) == {
        canonical for canonical, _ in twins
    }
    lost = sorted(certain)[0]
    assert expected.differences((certain - {lost}) | {"http://x/"} | {twin for _, twin in twins}) == {
        lost,
        "http://x/",
    }
