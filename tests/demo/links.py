"""A crawl of the demo site in thirty lines: the article links of an edition, as a plain reader finds them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from resiliparse.parse.html import HTMLTree

from crawler.demo.server import RunningSite
from tests.demo.client import Reply, get

ARTICLE = re.compile(r"/(?:([a-z]{2,3})/)?articles/[^/]+")


def select(html: str, selector: str) -> list[Any]:
    """The elements that a CSS selector finds."""
    document = HTMLTree.parse(html).document
    assert document is not None
    return list(document.query_selector_all(selector))


def links(base: str, html: str) -> set[str]:
    """The targets of all ``a`` elements, absolute, without fragments and tracking parameters."""
    found = (urldefrag(urljoin(base, anchor["href"])).url for anchor in select(html, "a[href]"))
    return {re.sub(r"\?utm_.*", "", url) for url in found}


def article_edition(site: RunningSite, url: str) -> str | None:
    """The edition of an article's URL; None for any other URL."""
    match = ARTICLE.fullmatch(urlsplit(url).path)
    return (match[1] or "en") if match and url.startswith(site.url) else None


def crawl(site: RunningSite, edition: str) -> dict[str, Reply]:
    """Every article URL that links of *edition*'s front pages and articles lead to, with its answer."""
    fronts = re.compile(re.escape(f"{site.url}/{edition}") + r"(\?page=\d+)?")
    waiting, seen, articles = [f"{site.url}/{edition}"], set[str](), dict[str, Reply]()
    while waiting:
        url = waiting.pop()
        reply = patient(site, url)
        if article_edition(site, url):
            articles[url] = reply
        if reply.status != 200 or not reply.header("Content-Type").startswith("text/html"):
            continue
        html = reply.body.decode("cp932" if "Shift_JIS" in reply.header("Content-Type") else "utf-8")
        for link in links(url, html) - seen:
            if article_edition(site, link) == edition or fronts.fullmatch(link):
                seen.add(link)
                waiting.append(link)
    return articles


def patient(site: RunningSite, url: str) -> Reply:
    """The answer, asked for again where the site is busy."""
    reply = get(site, url)
    return get(site, url) if reply.status == 503 else reply
