"""The tee: Scrapy's HTTP/1.1 client that shows an exchange the bytes of each message as they pass.

Rests on private names of Scrapy 2.19 and Twisted, listed in ``tests/download/test_canary.py``.
"""

from __future__ import annotations

import logging
import re
import select
from collections.abc import Hashable, Iterable
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
    _ResponseReader,
)
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionAborted
from twisted.internet.interfaces import IAddress, IStreamClientEndpoint
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, HTTP11ClientProtocol, HTTPClientParser
from twisted.web._newclient import Request as WireRequest
from twisted.web.client import HTTPConnectionPool
from twisted.web.iweb import IResponse

from crawler.download.exchange import Exchange
from crawler.download.guard import AddressGuard
from crawler.limits import Limits, TooLargeError
from crawler.text.article import DECODED_LIMIT

logger = logging.getLogger(__name__)

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a field's name is made of (RFC 9110, 5.6.2)."""


class ForgivingParser(_LenientHTTPClientParser):
    """Scrapy's parser of answers, which reads on past the odd header lines that browsers read on past.

    A field whose name is none is passed over, space before its colon is removed (RFC 9112, 5.1 and 5.2 say so
    to proxies), and a line may be as long as a head.
    """

    MAX_LENGTH = Limits().head

    def lineReceived(self, line: bytes) -> None:
        """Take the status line or a line of the head."""
        if self.state == HEADER and self._partialHeader is None and line[:1] in (b" ", b"\t"):
            logger.debug("Skipping the header line %r, which continues none", line)
        else:
            super().lineReceived(line)

    def headerReceived(self, name: bytes, value: bytes) -> None:
        """Take a field."""
        name = name.rstrip(b" \t")
        if TOKEN.fullmatch(name):
            super().headerReceived(name, value)  # type: ignore[no-untyped-call]
        else:
            logger.debug("Skipping the header field %r, whose name is none", name)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Give the answer up."""
        raise TooLargeError(f"a header line of more than {self.MAX_LENGTH:,} bytes")


def _persists(parser: HTTPClientParser) -> bool:
    """Whether the server goes on with the connection (RFC 9112, 9.3); Twisted reads HTTP/1.0 and ``Close`` as if so.

    A request on a connection that is about to close would be lost and repeated.
    """
    values = b",".join(parser.connHeaders.getRawHeaders(b"Connection", ())).lower()
    options = {option.strip() for option in values.split(b",")}
    if b"close" in options:
        return False
    return parser.response.version[1:] >= (1, 1) or b"keep-alive" in options


class BoundedReader(_ResponseReader):
    """Scrapy's reader of a body, which lets go of one that is larger than any page: the exchange has it on disk."""

    exchange: Exchange

    def dataReceived(self, data: bytes) -> None:
        """Take a part of the body."""
        super().dataReceived(data)
        if self._bytes_received > DECODED_LIMIT:
            self.exchange.oversized = True
            self._bodybuf.seek(0)
            self._bodybuf.truncate()


class RecordedTransport:
    """A transport that shows what is written to it to an exchange, and is the transport in all else."""

    def __init__(self, transport: Any, exchange: Exchange) -> None:
        self._transport = transport
        self._exchange = exchange

    def write(self, data: bytes) -> None:
        """Show and write *data*."""
        self._exchange.sent(data)
        self._transport.write(data)

    def writeSequence(self, pieces: Iterable[bytes]) -> None:
        """Show and write *pieces*."""
        self.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class RecordedRequest(WireRequest):
    """A request that shows its exchange each writing of it; there are two if a connection was stale."""

    def __init__(self, request: WireRequest, exchange: Exchange) -> None:
        vars(self).update(vars(request))
        self.exchange = exchange

    def writeTo(self, transport: Any) -> Any:
        """Write the message to *transport* (``IClientRequest`` in Twisted's sense)."""
        self.exchange.begin(transport)
        return super().writeTo(RecordedTransport(transport, self.exchange))  # type: ignore[no-untyped-call]


class RecordedProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's client protocol, showing the exchange of the request under way what comes back."""

    transport: Any
    _recorded: RecordedRequest | None = None
    _spoilt = False

    @property
    def state(self) -> str:
        """Twisted's name of what the connection does, or ``SPOILT``: then the pool hands it out no more."""
        return "SPOILT" if self._spoilt else self._state

    def is_fit(self) -> bool:
        """Is this idle connection fit for another request? If not it is closed.

        Bytes that wait on it unread (or its end) belong to no request and would pass for the next answer. What is
        written to one that closes is dropped; over TLS it closes for as long as the server does not agree.
        """
        if self.state != "QUIESCENT" or self.transport.fileno() < 0:
            return False
        if self._is_closing():
            self._spoilt = True
            return False
        waiting = select.poll()
        waiting.register(self.transport.fileno(), select.POLLIN)
        if waiting.poll(0):
            self._spoilt = True
            self.transport.loseConnection()
        return not self._spoilt

    def _is_closing(self) -> bool:
        """Whether we are closing the connection, in order or at once, and it has not ended yet.

        In a proxy's tunnel TLS lies above the transport that we see, and knows better whether it was us.
        """
        tls = getattr(getattr(self.transport, "getHandle", None), "__self__", self.transport)
        return bool(tls.disconnecting or getattr(self.transport, "_aborting", False))

    def request(self, request: WireRequest) -> Deferred[IResponse]:
        """Send *request*; what comes back until its end is that request's answer."""
        if self.state != "QUIESCENT":
            return super().request(request)
        self._recorded = request if isinstance(request, RecordedRequest) else None
        answer = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = ForgivingParser
            if self._recorded is not None:
                self._parser.MAX_LENGTH = self._recorded.exchange.longest_head
                answer.addCallback(_bounded, self._recorded.exchange)
        return answer

    def dataReceived(self, data: bytes) -> None:
        """Take *data* from the transport."""
        if self._parser is None:
            # It belongs to no request, or to one that was given up: over TLS it might come on and on.
            self.transport.abortConnection()
            return
        recorded = self._recorded
        if recorded is not None:
            recorded.exchange.received(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if recorded is not None and recorded is self._recorded and recorded.exchange.refused is not None:
            failure = self._refused(recorded.exchange, recorded.exchange.refused)
            self._recorded = None
            self._giveUp(failure)  # type: ignore[no-untyped-call]
            self.transport.abortConnection()

    @staticmethod
    def _refused(exchange: Exchange, reason: Exception) -> Failure:
        """An answer that is given up is cut short, even where it ends in the same read or by our closing."""
        failure = Failure(reason)  # type: ignore[no-untyped-call]
        exchange.lost(failure, hung_up=True)
        return failure

    def _finishResponse(self, rest: bytes) -> None:
        """The parser saw the end of the message; *rest* came after it and is no part of it."""
        if self._recorded is not None:
            exchange = self._recorded.exchange
            exchange.complete(len(rest))
            cut = exchange.refused or (ConnectionAborted() if self._is_closing() else None)
            if cut is not None:
                self._refused(exchange, cut)
            if rest or cut is not None:
                # What else comes here could be taken for the next answer (RFC 9112, 9.2): use it no more.
                self._recorded.persistent = False
            self._recorded = None
        if self._currentRequest is not None and self._parser is not None and not _persists(self._parser):
            self._currentRequest.persistent = False
        super()._finishResponse(rest)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone."""
        if self._recorded is not None:
            self._recorded.exchange.lost(reason, hung_up=self._is_closing())
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


def _bounded(response: Any, exchange: Exchange) -> Any:
    """*response* (Twisted's), whose body is read by a `BoundedReader`."""
    deliver = response.deliverBody

    def deliver_bounded(reader: Any) -> None:
        reader.__class__ = BoundedReader
        reader.exchange = exchange
        deliver(reader)

    response.deliverBody = deliver_bounded
    return response


class RecordedProtocolFactory(_LenientHTTP11ClientFactory):
    """Makes the protocol of each new connection."""

    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:
        """A protocol for the connection to *addr*."""
        return RecordedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class RecordedConnection:
    """A connection out of the pool, for one request: ties it to its exchange."""

    def __init__(self, connection: HTTP11ClientProtocol, exchange: Exchange) -> None:
        self._connection = connection
        self._exchange = exchange

    def request(self, request: WireRequest) -> Deferred[IResponse]:
        """Send *request*."""
        return self._connection.request(RecordedRequest(request, self._exchange))


class RecordedPool(HTTPConnectionPool):
    """A connection pool that ties the next connection asked for to an exchange, and guards it.

    Scrapy's handler asks for a request's connection before anything else can run, so what is told to ``expect``
    just before handing it the request holds for that request and no other.
    """

    _factory = RecordedProtocolFactory
    _expected: tuple[Exchange | None, AddressGuard | None] = (None, None)

    def expect(self, exchange: Exchange | None, guard: AddressGuard | None) -> None:
        """The next connection is for *exchange*, unless nothing is recorded, and only where *guard* allows."""
        self._expected = (exchange, guard)

    def getConnection(self, key: Hashable, endpoint: IStreamClientEndpoint) -> Deferred[HTTP11ClientProtocol]:
        """A connection to *endpoint*, new or kept alive under *key*."""
        exchange, guard = self._expected
        any(connection.is_fit() for connection in self._connections.get(key, ()))  # up to the one to be used
        connection = super().getConnection(key, guard.guarded(endpoint) if guard else endpoint)
        if exchange is not None:
            connection.addCallback(RecordedConnection, exchange)
        return connection
