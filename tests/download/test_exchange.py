from __future__ import annotations

import tracemalloc

import pytest

from crawler.download.exchange import MOST_INTERIM, Exchange
from crawler.limits import Limits, TooLargeError

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\n\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nHTTP/1.1 100\n\n "


@pytest.mark.parametrize("cut", range(1, len(EARLY + GO_ON + ANSWER)))
def test_interim_messages_are_split_off_wherever_the_reads_end(cut: int) -> None:
    stream = EARLY + GO_ON + ANSWER
    exchange = Exchange("http://news.example/")
    exchange.received(stream[:cut])
    exchange.received(stream[cut:])
    exchange.complete(surplus=0)
    capture = exchange.capture()
    assert capture.interim == (EARLY, GO_ON)
    assert capture.response is not None
    with capture.response as response:
        assert response.read() == ANSWER


def test_what_follows_the_answer_is_no_part_of_it() -> None:
    exchange = Exchange("http://news.example/")
    exchange.received(ANSWER + b"more")
    exchange.complete(surplus=4)
    exchange.received(b"and more")
    capture = exchange.capture()
    assert capture.response is not None
    with capture.response as response:
        assert response.read() == ANSWER
    assert capture.truncated is None


def test_nothing_is_taken_in_once_the_capture_is_handed_out() -> None:
    exchange = Exchange("http://news.example/")
    exchange.received(b"HTTP/1.1 200 OK\r\nX-")
    capture = exchange.capture()
    exchange.received(b"late: 1\r\n\r\n")
    assert capture.response is not None
    with capture.response as response:
        assert response.read() == b"HTTP/1.1 200 OK\r\nX-"


@pytest.mark.parametrize("line", [b"x" * 1_000, b"X-A: b\r\n" * 125], ids=["a body", "a head without end"])
def test_memory_stays_flat(line: bytes) -> None:
    exchange = Exchange("http://news.example/")
    start = b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if line[:1] == b"x" else b"")
    exchange.received(start)
    tracemalloc.start()
    for _ in range(600):
        exchange.received(line * 64)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    capture = exchange.capture()
    assert capture.response is not None
    with capture.response as response:
        assert response.size == len(start) + 600 * 64 * len(line)
    assert peak < 12_000_000 + Limits().head


def test_interim_messages_without_end_are_refused() -> None:
    exchange = Exchange("http://news.example/")
    exchange.received(GO_ON * (MOST_INTERIM - 1))
    assert exchange.refused is None
    exchange.received(GO_ON * 2)
    assert isinstance(exchange.refused, TooLargeError)
    assert "more than 100 messages before the answer" in str(exchange.refused)


def test_heads_are_limited_together() -> None:
    exchange = Exchange("http://news.example/", longest_head=100)
    exchange.received(EARLY * 2)
    assert exchange.refused is None
    exchange.received(EARLY)
    assert isinstance(exchange.refused, TooLargeError)
