"""How fast captures go to disk: MB/s and pages/s of the writer on pages of 60 KB, and of the codecs alone.

    python benchmarks/archive_write.py [PAGES]

Found on two cores shared with others (Python 3.11, 1,500 pages): the writer, with digests, index and fsync, 1,510
pages/s, 91 MB/s, 0.65 ms of CPU a page. Codecs alone: ISA-L 2 324 MB/s to 36.1 % of the size, ISA-L 3 182 to 35.3 %,
zlib-ng 4 74 to 34.4 %, zlib-ng 6 48 to 33.7 %, zlib 6 29 to 34.0 %. So ISA-L 2: a page costs a fifth of a
millisecond where zlib-ng 6 takes 1.2, for files 7 % larger.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from isal import isal_zlib

from archive.capture import Capture
from archive.record import WarcInfo
from archive.spool import Spool
from archive.writer import ArchiveWriter

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
REQUEST = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
SIZE = 60_000


def pages(count: int) -> Iterator[bytes]:
    """Pages of words whose frequencies fall off as those of prose do, in markup."""
    chance = random.Random(1)
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 11))) for _ in range(8000)]
    weights = [1 / rank for rank in range(1, 8001)]
    for _ in range(count):
        text = " ".join(chance.choices(words, weights, k=9000))
        paragraphs = (f'<p class="body">{text[at : at + 400]}</p>\n' for at in range(0, len(text), 400))
        yield "".join(paragraphs).encode()[:SIZE]


def chunked(page: bytes) -> bytes:
    pieces = (page[at : at + 16_384] for at in range(0, len(page), 16_384))
    return HEAD + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def report(name: str, count: int, size: int, packed: int, seconds: float, processor: float) -> None:
    print(
        f"{name:28} {count / seconds:7.0f} pages/s {size / seconds / 1e6:6.0f} MB/s "
        f"{packed / size:6.1%} of the size, {processor / count * 1e3:5.2f} ms of CPU a page"
    )


def codec(name: str, pack: Callable[[bytes], bytes], data: list[bytes]) -> None:
    wall, processor = time.perf_counter(), time.process_time()
    packed = sum(len(pack(page)) for page in data)
    report(
        name,
        len(data),
        sum(map(len, data)),
        packed,
        time.perf_counter() - wall,
        time.process_time() - processor,
    )


def whole_writer(data: list[bytes]) -> None:
    now, info = datetime.now(UTC), WarcInfo("benchmark")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        wall, processor = time.perf_counter(), time.process_time()
        with ArchiveWriter(root / "archive", root / "index.cdxj", prefix="b", info=info) as writer:
            for number, page in enumerate(data):
                url = f"http://example.org/{number}"
                writer.write(Capture(url, now, REQUEST, Spool(page)))
        seconds, spent = time.perf_counter() - wall, time.process_time() - processor
        packed = sum(path.stat().st_size for path in (root / "archive").iterdir())
        report("writer, index, fsync", len(data), sum(map(len, data)), packed, seconds, spent)


def main(arguments: list[str]) -> None:
    data = [chunked(page) for page in pages(int(arguments[0]) if arguments else 1000)]
    whole_writer(data)
    codec("ISA-L 1", lambda page: isal_zlib.compress(page, 1, 31), data)
    codec("ISA-L 2", lambda page: isal_zlib.compress(page, 2, 31), data)
    codec("ISA-L 3", lambda page: isal_zlib.compress(page, 3, 31), data)
    codec("zlib 6", lambda page: zlib.compress(page, 6, 31), data)
    try:
        from zlib_ng import zlib_ng
    except ImportError:
        return
    codec("zlib-ng 4", lambda page: zlib_ng.compress(page, 4, 31), data)
    codec("zlib-ng 6", lambda page: zlib_ng.compress(page, 6, 31), data)


if __name__ == "__main__":
    main(sys.argv[1:])
