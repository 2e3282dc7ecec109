"""129 real pages of some 90 publishers, made into a site."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import editions, lines, profile
from tests.shared import need
from tests.site import Answer, serve


@pytest.mark.long
def test_every_real_page_is_captured_and_is_a_document_or_has_a_reason(tmp_path: Path) -> None:
    pages = sorted(need("pages", "news").glob("*/*.html.gz"))
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    countries = sorted({page.parent.name for page in pages})
    with serve({}) as site:
        for page in pages:
            path = f"/{page.parent.name}/articles/{page.name.removesuffix('.html.gz')}"
            site.answers[path] = Answer(page.read_bytes(), headers=headers)
        articles = list(site.answers)
        for code in countries:
            links = "".join(f'<li><a href="{path}">{path}</a>' for path in articles if path.startswith(f"/{code}/"))
            site.answers[f"/{code}"] = Answer(f"<!doctype html><title>{code}</title><ul>{links}</ul>".encode())
        text = profile(tmp_path, site.host).read_text()
        codes = "\n".join(f'{code} = "en"' for code in countries)
        text = text.replace('en = "en"', codes).replace('default_edition = "en"\n', "")
        (tmp_path / "site.toml").write_text(text)
        ran = editions("crawl", "site.toml", cwd=tmp_path)
        asked = set(site.requests)
    assert ran.code == 0, ran.err
    assert set(articles) <= asked
    corpus = tmp_path / "collections" / "site" / "corpus"
    documents = {str(line["url"]).removeprefix(site.url) for line in lines(corpus / "manifest.jsonl")}
    dropped = {str(line["url"]).removeprefix(site.url): line["reason"] for line in lines(corpus / "dropped.jsonl")}
    assert set(articles) == documents | (dropped.keys() & set(articles))
    assert len(documents) >= 125
    log = next((tmp_path / "collections" / "site" / "crawls").glob("*.log")).read_text()
    assert "Traceback" not in log
    assert " ERROR: " not in log
