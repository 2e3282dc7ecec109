"""Answers given up while they come, read by read: what else comes in the same moment does not make them whole."""

from __future__ import annotations

import socket

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web._newclient import Request
from twisted.web.http_headers import Headers

from archive.capture import Capture
from crawler.download.exchange import Exchange
from crawler.download.tee import RecordedConnection, RecordedProtocol
from crawler.limits import TooLargeError, TooSlowError

URL = "http://news.example/"
SLOW = TooSlowError("2 bytes in 1 seconds")
OPEN = b"HTTP/1.1 200 OK\r\n\r\nxx"
"""A body that ends with its connection."""
COUNTED = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxx"


def connected(exchange: Exchange) -> tuple[RecordedProtocol, StringTransport]:
    """A connection on which a request was sent."""
    protocol = RecordedProtocol(lambda _: None)  # type: ignore[no-untyped-call]
    transport = StringTransport(peerAddress=IPv4Address("TCP", "192.0.2.1", 80))
    protocol.makeConnection(transport)
    request = Request(b"GET", b"/", Headers({b"Host": [b"news.example"]}), None, True)  # type: ignore[no-untyped-call]
    RecordedConnection(protocol, exchange).request(request).addBoth(lambda _: None)
    return protocol, transport


def kept(capture: Capture) -> bytes:
    assert capture.response is not None
    with capture.response as response:
        return response.read()


@pytest.mark.parametrize(("begun", "last"), [(OPEN, b"x"), (COUNTED, b"x"), (OPEN, None)])
def test_what_comes_once_it_was_given_up_does_not_make_it_whole(begun: bytes, last: bytes | None) -> None:
    """A byte, the last byte or the end of the connection, between the verdict and our closing."""
    exchange = Exchange(URL)
    protocol, transport = connected(exchange)
    protocol.dataReceived(begun)
    exchange.refused = SLOW
    if last is None:
        protocol.connectionLost(Failure(ConnectionDone()))  # type: ignore[no-untyped-call]
    else:
        protocol.dataReceived(last)
        assert transport.disconnecting
    capture = exchange.capture(SLOW)
    assert capture.truncated == "time"
    assert kept(capture) == begun + (last or b"")


def test_what_is_refused_in_the_read_that_ends_it_is_cut_short() -> None:
    exchange = Exchange(URL, longest_head=100)
    protocol, transport = connected(exchange)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%s\r\nok" % (b"X-A: b\r\n" * 20)
    protocol.dataReceived(answer)
    assert isinstance(exchange.refused, TooLargeError)
    capture = exchange.capture(exchange.refused)
    assert capture.truncated == "length"
    assert kept(capture) == answer
    assert transport.disconnecting


def test_what_is_refused_is_read_no_further() -> None:
    """Over TLS a connection that is closed in order is read on for as long as the server likes."""
    exchange = Exchange(URL, longest_head=100)
    protocol, transport = connected(exchange)
    protocol.dataReceived(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 20)
    assert transport.disconnected  # what StringTransport calls an aborted one
    kept(exchange.capture(exchange.refused))


def test_what_comes_after_a_fault_is_read_no_further() -> None:
    exchange = Exchange(URL)
    protocol, transport = connected(exchange)
    protocol.dataReceived(b"junk\r\n")
    assert (transport.disconnecting, transport.disconnected) == (True, False)
    assert not protocol.is_fit()
    protocol.dataReceived(b"more junk\r\n")
    assert transport.disconnected
    assert kept(exchange.capture()) == b"junk\r\n"


def test_a_connection_that_is_being_closed_is_not_fit() -> None:
    """It ends in the loop's next turn, and would swallow what is written until then."""
    protocol = RecordedProtocol(lambda _: None)  # type: ignore[no-untyped-call]
    transport = Aborting()
    protocol.makeConnection(transport)
    assert protocol.is_fit()
    transport.abortConnection()
    assert not protocol.is_fit()
    assert protocol.state == "SPOILT"  # which is all that the pool asks
    for end in transport.ends:
        end.close()


class Aborting(StringTransport):
    """A transport with a socket, and TCP's way to be aborted."""

    _aborting = False

    def __init__(self) -> None:
        super().__init__()
        self.ends = socket.socketpair()

    def fileno(self) -> int:
        return self.ends[0].fileno()

    def abortConnection(self) -> None:
        self._aborting = True
