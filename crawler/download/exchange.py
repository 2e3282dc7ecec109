"""An exchange: one request and its answer while they cross the wire, until they make a capture."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    StopDownload,
)
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import ISSLTransport
from twisted.python.failure import Failure

from archive.capture import Capture, FetchError, Truncation, new_record_id
from archive.spool import Spool
from crawler.download.cipher import iana_name
from crawler.errors import PrivateAddressError
from crawler.limits import Limits, TooLargeError, TooSlowError

INTERIM = re.compile(rb"[^ \n]* 1\d\d[ \r\n]")
"""The status line of a 1xx message (RFC 9110, 15.2)."""

END_OF_HEAD = re.compile(rb"\n\r?\n")
"""The empty line after the header fields; a bare LF counts as a line's end (RFC 9112, 2.2)."""

_NO_CONNECTION = (
    ConnectError,
    TunnelError,
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    PrivateAddressError,
)
"""What is raised where there is no connection at all."""

MOST_INTERIM = 100
"""1xx messages before one answer."""


class Exchange:
    """What one request wrote to its connection and what came back, byte by byte.

    ``begin`` starts it, and starts it anew when a stale connection is given up for a fresh one;
    ``sent`` and ``received`` take the bytes as they pass the transport, inside TLS; ``complete`` and
    ``lost`` say how the message ended; ``capture`` hands out the result, after which nothing is taken in.

    ``abandoned`` holds a capture of each attempt that was begun anew; ``refused`` is the reason, once there is
    one, why the answer is to be given up; ``oversized``, whether its body is larger than a spider is given any.
    """

    def __init__(self, url: str, longest_head: int = Limits().head) -> None:
        self.url = url
        self.record_id = new_record_id()
        self.longest_head = longest_head
        self.received_bytes = 0
        self.abandoned: list[Capture] = []
        self.refused: Exception | None = None
        self.oversized = False
        self._closed = False
        self._started(None)

    def begin(self, transport: Any) -> None:
        """The request is about to be written to *transport*, an ``ITCPTransport``."""
        if self._request:
            self._abandon()
        self._started(transport)

    def _abandon(self) -> None:
        """Set aside what was sent on a connection that ended without a byte of an answer: it crossed the wire all the
        same. It is named ConnectionDone or ConnectionLost, so that it does not count as a try of the crawl's.
        """
        lost = ConnectionDone() if self._lost is None else self._lost.value
        if type(lost) not in (ConnectionDone, ConnectionLost):
            lost = ConnectionLost(str(lost))
        self.abandoned.append(self._capture(None, lost))
        self.record_id = new_record_id()

    def _started(self, transport: Any) -> None:
        self.date = datetime.now(UTC)
        self._ip = None if transport is None else _canonical(transport.getPeer().host)
        # Taken now, as a TLS transport forgets it when it closes.
        self._tls = transport.getHandle() if ISSLTransport.providedBy(transport) else None
        self._request: list[bytes] = []
        self._interim: list[bytes] = []
        self._heads = 0
        self._head = bytearray()
        self._response: Spool | None = None
        self._ended = False
        self._lost: Failure | None = None
        self._hung_up = False

    def sent(self, data: bytes) -> None:
        """*data* was handed to the transport."""
        self._request.append(data)

    def received(self, data: bytes) -> None:
        """*data* came from the transport."""
        if self._closed or self._ended:
            return
        self.received_bytes += len(data)
        if self._response is not None:
            self._response.write(data)
        else:
            self._receive_head(data)

    def _receive_head(self, data: bytes) -> None:
        """Keep *data* until the head is whole: only then is it known to be a 1xx message or the answer."""
        searched = max(0, len(self._head) - len(b"\n\r"))
        self._head += data
        while end := END_OF_HEAD.search(self._head, searched):
            self._count(end.end())
            if not INTERIM.match(self._head):
                self._answer_begins()
                return
            self._interim.append(bytes(self._head[: end.end()]))
            del self._head[: end.end()]
            searched = 0
        if self._head and self._heads + len(self._head) > self.longest_head:
            self._count(len(self._head))
            self._answer_begins()

    def _count(self, size: int) -> None:
        """Another head, or what came of it: *size* bytes."""
        self._heads += size
        if self._heads > self.longest_head:
            self.refused = TooLargeError(f"{self.url}: more than {self.longest_head:,} bytes of header fields")
        elif len(self._interim) >= MOST_INTERIM:
            self.refused = TooLargeError(f"{self.url}: more than {MOST_INTERIM} messages before the answer")

    def _answer_begins(self) -> None:
        self._response = Spool(bytes(self._head))
        self._head.clear()

    @property
    def ended(self) -> bool:
        """Whether the answer has come to its end."""
        return self._ended

    def complete(self, surplus: int) -> None:
        """The answer has ended; the last *surplus* bytes received are no part of it."""
        if self._response is not None and surplus:
            self._response.truncate(self._response.size - surplus)
        self._ended = True

    def lost(self, reason: Failure, *, hung_up: bool) -> None:
        """The connection ended before the answer did or as its end; *hung_up*: it was us who closed it."""
        self._lost = reason
        self._hung_up = hung_up

    def capture(self, error: BaseException | None = None) -> Capture:
        """The result, after which ``abandoned`` grows no more.

        *error* is what is raised to Scrapy in place of a response, if anything. The capture's ``response`` belongs
        to whoever takes the capture, and is theirs to close.
        """
        self._closed = True
        lost = self._lost is not None and not self._hung_up
        if lost and not self._answered and isinstance(error, _NO_CONNECTION):
            self._abandon()  # a stale connection, after which no fresh one was to be had
            self._started(None)
        response = self._response
        if response is None and self._head:
            response = Spool(bytes(self._head))
        return self._capture(response, error)

    @property
    def _answered(self) -> bool:
        return self._response is not None or bool(self._head or self._interim)

    def _capture(self, response: Spool | None, error: BaseException | None) -> Capture:
        return Capture(
            url=self.url,
            date=self.date,
            request=self._crossed(answered=response is not None or bool(self._interim)),
            response=response,
            interim=tuple(self._interim),
            ip=self._ip,
            protocols=self._protocols(response),
            cipher=self._cipher(),
            truncated=self._truncation(error) if response is not None else None,
            error=_fetch_error(error),
            record_id=self.record_id,
        )

    def _crossed(self, *, answered: bool) -> bytes:
        """The request, or nothing when the TLS handshake failed: then it never left."""
        if self._tls is not None and not answered and self._tls.get_finished() is None:
            return b""
        return b"".join(self._request)

    def _truncation(self, error: BaseException | None) -> Truncation | None:
        """Why the answer is cut short, in the words of WARC 1.1, 5.13; None when it is whole."""
        if self._ended and self._end_is_its_own():
            return None
        if isinstance(error, DownloadTimeoutError | TooSlowError):
            return "time"
        if isinstance(error, DownloadCancelledError | TooLargeError):  # the former is raised for DOWNLOAD_MAXSIZE
            return "length"
        return "disconnect" if self._lost is not None and not self._hung_up else "unspecified"

    def _end_is_its_own(self) -> bool:
        """A message that ends with its connection is whole only if the server closed that in order (RFC 9112, 8)."""
        return self._lost is None or (isinstance(self._lost.value, ConnectionDone) and not self._hung_up)

    def _protocols(self, response: Spool | None) -> tuple[str, ...]:
        """Values of WARC-Protocol: the TLS version, if any, and the HTTP version of the answer."""
        answered = b"" if response is None else response.read(0, len(b"HTTP/1.0"))
        http = "http/1.0" if answered == b"HTTP/1.0" else "http/1.1"
        tls = None if self._tls is None else self._tls.get_protocol_version_name()
        return (http,) if tls is None else (tls.lower().replace("tlsv", "tls/"), http)

    def _cipher(self) -> str | None:
        name = None if self._tls is None else self._tls.get_cipher_name()
        return None if name is None else iana_name(name)


@lru_cache(maxsize=256)
def _canonical(address: str) -> str:
    """*address* as RFC 5952 writes it."""
    return str(ip_address(address))


def _fetch_error(error: BaseException | None) -> FetchError | None:
    """What a replay is to raise; a download that was stopped on purpose came to a response."""
    if error is None or isinstance(error, StopDownload):
        return None
    kind = type(error)
    return FetchError(f"{kind.__module__}.{kind.__qualname__}", str(error))
