"""ReplayWeb.page opens an exported WACZ: text, style and image of an archived page, with its site gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.demo.images import picture
from tests.command import editions, profile
from tests.judges.pywb import NotInstalledError
from tests.judges.replayweb import Viewer, installed
from tests.site import Answer, serve

pytestmark = pytest.mark.long

TEXT = "ዜና ከወደቡ · Habari za bandari · Ìròyìn èbúté"
PAGE = f"""<!doctype html><html lang="sw"><head><meta charset="utf-8"><title>Bandari</title>
<link rel="stylesheet" href="/style.css"></head><body><article><h1>Bandari</h1><p>{TEXT}</p>
<img src="/harbour.png" alt="A harbour"></article></body></html>"""


@pytest.fixture(scope="session")
def viewer() -> Viewer:
    """Tests skip, saying why, where it cannot be had."""
    try:
        return installed()
    except NotInstalledError as error:
        pytest.skip(f"ReplayWeb.page cannot judge here: {error}")


def test_an_exported_wacz_shows_its_pages_offline(viewer: Viewer, tmp_path: Path) -> None:
    image = picture("harbour", 320)
    answers = {
        "/en": Answer(b"<!doctype html><title>Front</title><a href='/en/articles/bandari'>Bandari</a>"),
        "/en/articles/bandari": Answer(PAGE.encode()),
        "/style.css": Answer(b"body { color: rgb(1, 102, 3) }", headers={"Content-Type": "text/css"}),
        "/harbour.png": Answer(image, headers={"Content-Type": "image/png"}),
    }
    with serve(answers) as site:
        path = profile(tmp_path, site.host)
        path.write_text(path.read_text().replace("requisites = false", "requisites = true"))
        ran = editions("crawl", "site.toml", cwd=tmp_path)
        assert ran.code == 0, ran.err
    ran = editions("export", "collections/site", "--format", "wacz", "site.wacz", cwd=tmp_path)
    assert ran.code == 0, ran.err
    url = f"{site.url}/en/articles/bandari"
    shown = viewer.show(tmp_path / "site.wacz", url)
    assert shown.url.endswith(f"mp_/{url}")
    assert TEXT in shown.text
    assert (shown.width, shown.height) == (int.from_bytes(image[16:20], "big"), int.from_bytes(image[20:24], "big"))
    assert shown.colour == "rgb(1, 102, 3)"
