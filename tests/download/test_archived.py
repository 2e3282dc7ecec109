from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from pytest_twisted import ensureDeferred

from archive.capture import Capture, Location
from archive.record import WarcInfo
from archive.writer import ArchiveWriter
from tests.download.cases import CASES
from tests.download.certificate import server_context
from tests.download.crawl import crawl, request_of
from tests.download.torture import TortureServer

Records = dict[tuple[str, str], list[bytes]]


class Noting:
    """Passes captures on to a writer and notes where each came to lie."""

    def __init__(self, writer: ArchiveWriter) -> None:
        self._writer = writer
        self.written: dict[str, Future[Location]] = {}

    def write(self, capture: Capture) -> Future[Location]:
        self.written[capture.url] = self._writer.write(capture)
        return self.written[capture.url]


def records(folder: Path) -> Records:
    """The blocks of all records of *folder*, by their type and URL."""
    found: Records = {}
    for path in sorted(folder.glob("*.warc.gz")):
        for head, block in _records(gzip.decompress(path.read_bytes())):
            found.setdefault((head["warc-type"], head.get("warc-target-uri", "")), []).append(block)
    return found


def _records(data: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    while data:
        lines, _, rest = data.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in lines.decode().split("\r\n")[1:]]
        head = {name.lower(): value for name, value in fields}
        length = int(head["content-length"])
        assert rest[length : length + 4] == b"\r\n\r\n"
        yield head, rest[:length]
        data = rest[length + 4 :]


@pytest.mark.parametrize("scheme", ["http", "https"])
@ensureDeferred
async def test_the_records_equal_the_servers_log(scheme: str, tmp_path: Path) -> None:
    context = server_context(tmp_path) if scheme == "https" else None
    folder = tmp_path / "archive"
    with TortureServer(CASES, context) as server:
        with ArchiveWriter(folder, None, prefix="torture", info=WarcInfo("torture")) as writer:
            noting = Noting(writer)
            crawled = await crawl([request_of(case, server) for case in CASES], noting)
        found = records(folder)
        for case in CASES:
            url = f"{server.url}/{case.name}"
            entry = server.entries(case.name)[-1]
            assert noting.written[url].result(0).type == ("response" if case.answered else "metadata")
            assert found["request", url] == [one.request for one in server.entries(case.name)]
            others = found.get(("metadata", url), [])
            assert [block for block in others if block.startswith(b"HTTP/")] == entry.interim
            raised = crawled.errors.get(url)
            kind = f"error: {type(raised).__module__}.{type(raised).__qualname__}\r\n".encode()
            assert [block.startswith(kind) for block in others if block not in entry.interim][-1:] == (
                [True] if raised is not None else []
            )
            answers = found.get(("response", url), [])
            assert len(answers) == case.answered
            if case.truncated in ("length", "unspecified"):
                assert entry.response.startswith(answers[0])
            elif case.answered:
                assert answers[0] == entry.response
