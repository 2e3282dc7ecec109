"""A client that shows answers as they are: no redirect followed, nothing decoded but chunks."""

from __future__ import annotations

import http.client
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.demo.server import RunningSite


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    chunked: bool
    closes: bool

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str:
        return ", ".join(self.all(name))

    @property
    def text(self) -> str:
        return self.body.decode()


def get(site: RunningSite, url: str, *, method: str = "GET", **headers: str) -> Reply:
    """What the site answers for a path or one of its absolute URLs; ``accept_encoding=…`` is a header."""
    path = url.removeprefix(site.url)
    assert urlsplit(path).netloc == "", f"not a URL of this site: {url}"
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=240)) as connection:
        connection.request(method, path, headers=fields)
        response = connection.getresponse()
        chunked, closes = bool(response.chunked), bool(response.will_close)
        return Reply(response.status, response.getheaders(), response.read(), chunked, closes)
