"""News pages of 60 KB in nginx, on a loopback port, as an unprivileged worker; all of it in a temporary folder."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Literal

from crawler.demo.labels import EDITIONS
from crawler.demo.story import Text, load_stories

Coding = Literal["plain", "static", "gzip"]
"""How pages come: as they are, compressed beforehand (with a length), or compressed on the fly (in chunks)."""

SIZE = 60_000
"""Bytes of a page, before compression; a paragraph more or less."""

LINKS = 20

HOW_TO_GET_IT = "nginx is absent: on Debian or Ubuntu, `apt-get update && apt-get install -y nginx-light`"

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type text/html;
    charset utf-8;
    sendfile on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/pages;
        {coding}
        location = /en {{ try_files /en.html =404; }}
    }}
}}
"""
_CODINGS: dict[Coding, str] = {"plain": "", "static": "gzip_static on;", "gzip": "gzip on; gzip_comp_level 1;"}


def slug(number: int) -> str:
    return f"story-{number:05d}-of-the-day"


def write_pages(folder: Path, count: int) -> None:
    """*count* articles, each with links to `LINKS` others, and the front page ``en.html``, each with a ``.gz``."""
    chance = random.Random(1)
    texts = _texts()
    articles = folder / "en" / "articles"
    articles.mkdir(parents=True)
    for number in range(count):
        _write(articles / slug(number), _article(chance, texts, number, count))
    cards = "".join(map(_link, range(min(count, LINKS))))
    _write(folder / "en.html", f"<!doctype html><title>Front page</title><ul>{cards}</ul>".encode())


def _write(path: Path, page: bytes) -> None:
    path.write_bytes(page)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(page, 6, mtime=0))


def _texts() -> list[Text]:
    """The demo's stories, in all its languages."""
    return [story.page(edition, 1) for story in load_stories() for edition in EDITIONS if edition in story.editions]


def _article(chance: random.Random, texts: Sequence[Text], number: int, count: int) -> bytes:
    """A page of its own text: paragraphs drawn from all stories, under a line that no other page has."""
    own = chance.choice(texts)
    others = [(number + 1) % count, *(chance.randrange(count) for _ in range(LINKS - 1))]
    cards = "".join(_card(chance.choice(texts), other) for other in others)
    head, foot = _head(own, number), f"</div></article><section class=related>{cards}</section>{_FOOT}"
    left, body = SIZE - len(head.encode()) - len(foot.encode()), [f"<p>Report {number} of the day.</p>\n"]
    while left > 0:
        body.append(f'<p class="story-paragraph">{escape(chance.choice(chance.choice(texts).paragraphs))}</p>\n')
        left -= len(body[-1].encode())
    return "".join((head, *body, foot)).encode()


def _head(text: Text, number: int) -> str:
    linked = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": text.title}
    topics = "".join(f'<li class="menu-item"><a href="/en/about/{name}">{name}</a></li>' for name in _TOPICS)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(text.title)}</title>
<meta name="description" content="{escape(text.lead)}"><meta property="og:type" content="article">
<link rel="canonical" href="/en/articles/{slug(number)}">
<script type="application/ld+json">{json.dumps(linked)}</script></head>
<body><header class="top"><nav><ul class="menu">{topics}</ul></nav></header>
<article><h1>{escape(text.title)}</h1><p class="lead">{escape(text.lead)}</p><div class="body">
"""


_TOPICS = "world region politics business science health sport culture weather letters".split()
_FOOT = """<footer><p>All rights of these stories are their writers'.</p></footer>
<script>document.querySelectorAll("section a").forEach(function (a) { a.dataset.seen = "no"; });</script>
</body></html>
"""


def _card(text: Text, number: int) -> str:
    return f'<div class="card">{_link(number, text.title)}<p class="summary">{escape(text.lead)}</p></div>\n'


def _link(number: int, title: str = "A story") -> str:
    return f'<a class="card-link" href="/en/articles/{slug(number)}"><h3>{escape(title)}</h3></a>'


@contextmanager
def serve(folder: Path, coding: Coding) -> Iterator[str]:
    """The pages of ``folder/pages`` at the URL given, until the block ends. Raises SystemExit without nginx."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise SystemExit(HOW_TO_GET_IT)
    port = _free_port()
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=port, user=user, coding=_CODINGS[coding]))
    folder.chmod(0o755)
    command = [program, "-p", folder, "-c", configuration, "-e", folder / "error.log"]
    process = subprocess.Popen(list(map(str, command)))
    try:
        _wait(process, port, folder / "error.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nginx did not start: {log.read_text()[-1000:]}")
