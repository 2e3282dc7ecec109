"""A collection in a browser: its documents, their pages as captured, and nothing from elsewhere."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from archive.capture import FetchError
from crawler.window.rewriting import page_in_window
from tests.archive.captures import capture, write
from tests.command import editions, profile

SITE = "http://example.org"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=%s\r\n\r\n"
PAGE = """<title>Bahari</title><link rel=stylesheet href=/s.css><article><h1>Bahari</h1>
<p>Meli <b>mpya</b> – njema.</p><img src="../i.png?a=1&amp;b=2"></article><script src="https://tracker.example/t.js"></script>"""
ANSWERS = {
    "/sw/articles/bahari": HEAD % b"windows-1252" + PAGE.encode("cp1252"),
    "/s.css": b"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n\r\nb{background:url('i.png?a=1&b=2')}",
    "/sw/i.png?a=1&b=2": b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG",
    "/old": b"HTTP/1.1 301 Moved\r\nLocation: /sw/articles/bahari\r\n\r\n",
    "/gone": b"HTTP/1.1 410 Gone\r\n\r\n",
}

Shown = tuple[int, Mapping[str, str], str]


class Browser:
    """Asks a window for its pages, one after the other."""

    def __init__(self, url: str) -> None:
        self.host = url.removeprefix("http://").strip("/")

    def get(self, target: str, **headers: str) -> Shown:
        connection = http.client.HTTPConnection(self.host, timeout=20)
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, dict(answer.getheaders()), body


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("window")
    answered = [capture(one, f"{SITE}{path}", n) for n, (path, one) in enumerate(ANSWERS.items())]
    failed = capture(None, f"{SITE}/dead", 20, error=FetchError("x.TimeoutError", "too slow"))
    write(folder, *answered, capture(ANSWERS["/gone"], f"{SITE}/s.css", 60), failed)
    profile(folder, "example.org", editions=("sw",))
    assert editions("regenerate", folder, "--site", folder / "site.toml", cwd=folder).code == 0
    return folder


@pytest.fixture(scope="module")
def browser(collection: Path) -> Iterator[Browser]:
    command = [sys.executable, "-m", "crawler", "replay", str(collection), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Browser(json.loads(process.stdout.readline())["url"])
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(20) == 0


def test_from_the_editions_to_a_page_as_it_was_captured(browser: Browser) -> None:
    _, _, front = browser.get("/")
    assert re.findall(r'href="(/editions/\w+)"', front) == ["/editions/sw"]
    _, _, listed = browser.get("/editions/sw")
    document, page = re.findall(r'href="(/(?:corpus|web)/[^"]+)"', listed)
    _, _, text = browser.get(document)
    assert "Meli mpya – njema." in text
    status, headers, shown = browser.get(page)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<p>Meli <b>mpya</b> – njema.</p>" in shown
    assert "script-src 'none'" in headers["Content-Security-Policy"]
    style, image = re.findall(r'(?:rel="stylesheet" href|img src)="([^"]+)"', shown)
    _, headers, seen = browser.get(image.replace("&amp;", "&"))
    assert (headers["Content-Type"], seen) == ("image/png", "\ufffdPNG")
    assert browser.get(style)[2] == "b{background:url('/web/20260301120001/http://example.org/i.png?a=1&b=2')}"


def test_each_capture_is_shown_as_it_ended(browser: Browser) -> None:
    status, headers, _ = browser.get(f"/web/-/{SITE}/old")
    assert (status, headers["Location"]) == (301, f"/web/20260301120003/{SITE}/sw/articles/bahari")
    assert browser.get(f"/web/-/{SITE}/s.css")[0] == 410
    assert browser.get(f"/web/20260301/{SITE}/s.css")[0] == 200
    assert browser.get(f"/web/-/{SITE}/dead")[::2] == (502, f"{SITE}/dead: x.TimeoutError: too slow")
    assert [browser.get(path)[0] for path in (f"/web/-/{SITE}/never", f"/web/noon/{SITE}/old", "/nothing")] == [
        404,
        400,
        404,
    ]
    assert browser.get(f"/captures/{SITE}/s.css")[2].count('href="/web/') == 2


def test_a_path_of_the_captured_site_is_led_there_and_a_foreign_name_nowhere(browser: Browser) -> None:
    came = f"http://{browser.host}/web/20260301120000/{SITE}/sw/articles/bahari"
    status, headers, _ = browser.get("/i.png", Referer=came)
    assert (status, headers["Location"]) == (302, f"/web/20260301120000/{SITE}/i.png")
    assert browser.get("/", Host="rebound.example")[0] == 403


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<base href="/b/"><a href="c#d">e</a>', '<a href="L:http://x/b/c#d">e</a>'),
        ('<a href="#a">b</a><a href="mailto:c">d</a>', '<a href="#a">b</a><a href="mailto:c">d</a>'),
        ('<img srcset="a.png 1x, /b,c.png 2x">', '<img srcset="L:http://x/p/a.png 1x, L:http://x/b,c.png 2x">'),
        ('<i style="background:url(a)">b</i>', '<i style="background:url(L:http://x/p/a)">b</i>'),
        ('<meta http-equiv="refresh" content="0; url=a">', 'content="0; url=L:http://x/p/a"'),
        ('<style>@import "a.css";</style>', '<style>@import "L:http://x/p/a.css";</style>'),
        ('<a href="http://[">b</a>', '<a href="http://[">b</a>'),
    ],
)
def test_addresses_lead_to_captures(html: str, shown: str) -> None:
    assert shown in page_in_window(html.encode(), "text/html", "http://x/p/q", lambda url: f"L:{url}").decode()


def test_wrong_calls_are_told(collection: Path, tmp_path: Path) -> None:
    ran = editions("replay", "nowhere", cwd=tmp_path)
    assert (ran.code, "nowhere: no collection" in ran.err) == (2, True)
    (tmp_path / "archive").mkdir()
    assert "editions index" in editions("replay", ".", cwd=tmp_path).err
