"""The private names of Scrapy and Twisted that the tee and the guard rest on; a test that fails says which broke."""

from __future__ import annotations

import importlib
import inspect

import pytest
from twisted.internet import reactor
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.ssl import optionsForClientTLS
from twisted.web._newclient import HTTPClientParser

NAMES = {
    "scrapy.core.downloader.handlers.http11:_LenientHTTP11ClientProtocol": "tee.py subclasses it",
    "scrapy.core.downloader.handlers.http11:_LenientHTTP11ClientFactory": "tee.py subclasses it",
    "scrapy.core.downloader.handlers.http11:_LenientHTTPClientParser": "tee.py subclasses it",
    "scrapy.core.downloader.handlers.http11:HTTP11DownloadHandler.download_request": "wire.py calls it",
    "scrapy.core.downloader.handlers.http11:_ResponseReader.dataReceived": "tee.py lets go of large bodies here",
    "twisted.web._newclient:HTTPClientParser.headerReceived": "tee.py passes over fields without a name here",
    "twisted.web._newclient:HTTPClientParser.lineReceived": "tee.py passes over lines that continue none here",
    "twisted.web._newclient:HTTPClientParser.lineLengthExceeded": "tee.py gives an answer up here",
    "twisted.web._newclient:HTTPClientParser.MAX_LENGTH": "tee.py lets lines be as long as a head",
    "twisted.web._newclient:HTTP11ClientProtocol._parser": "tee.py makes it forgiving",
    "twisted.web._newclient:HTTP11ClientProtocol._giveUp": "tee.py gives up answers past a limit with it",
    "twisted.web._newclient:HEADER": "tee.py compares the parser's state with it",
    "twisted.web._newclient:Request.writeTo": "tee.py tees the request here",
    "twisted.web._newclient:HTTP11ClientProtocol._finishResponse": "tee.py learns here where a message ends",
    "twisted.web._newclient:HTTP11ClientProtocol._state": "tee.py asks it whether a connection is idle",
    "twisted.web._newclient:HTTP11ClientProtocol.state": "the pool asks it; tee.py answers for spoilt connections",
    "twisted.web._newclient:HTTP11ClientProtocol._finishResponse_WAITING": "it asks _currentRequest.persistent",
    "twisted.internet.tcp:Connection._aborting": "tee.py asks it whether a connection is being closed at once",
    "twisted.internet.endpoints:_WrapperEndpoint": "guard.py looks below it, at _wrappedEndpoint",
    "twisted.internet.endpoints:HostnameEndpoint": "guard.py puts its own _reactor into it",
    "twisted.web.client:HTTPConnectionPool._factory": "tee.py names its own factory here",
    "twisted.web.client:HTTPConnectionPool.getConnection": "tee.py ties connection and request here",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_name_is_there(name: str) -> None:
    module, _, path = name.partition(":")
    thing: object = importlib.import_module(module)
    for part in path.split("."):
        assert hasattr(thing, part), f"{name} is gone: {NAMES[name]}"
        thing = getattr(thing, part)


CALLS = {
    "scrapy.core.downloader.handlers.http11:HTTP11DownloadHandler.download_request": ["self", "request"],
    "scrapy.core.engine:_Slot.__init__": ["self", "close_if_idle", "nextcall", "scheduler"],  # keeping.py's nudge
    "twisted.web._newclient:Request.writeTo": ["self", "transport"],
    "twisted.web._newclient:HTTPClientParser.headerReceived": ["self", "name", "value"],
    "twisted.web._newclient:HTTPClientParser.lineReceived": ["self", "line"],
    "twisted.web._newclient:HTTP11ClientProtocol._giveUp": ["self", "reason"],
    "twisted.web.client:HTTPConnectionPool.getConnection": ["self", "key", "endpoint"],
    "twisted.web.client:_HTTP11ClientFactory.__init__": ["self", "quiescentCallback", "metadata"],
    "scrapy.core.downloader.handlers.http11:_LenientHTTP11ClientFactory.buildProtocol": ["self", "addr"],
}


@pytest.mark.parametrize("name", CALLS)
def test_it_is_called_as_before(name: str) -> None:
    module, _, path = name.partition(":")
    thing: object = importlib.import_module(module)
    for part in path.split("."):
        thing = getattr(thing, part)
    assert list(inspect.signature(thing).parameters) == CALLS[name], f"{name} takes other arguments now"  # type: ignore[arg-type]


def test_the_handler_hands_its_pool_to_the_agent_and_asks_it_at_once() -> None:
    """The mark on a request holds because nothing is awaited before the pool is asked for a connection."""
    source = inspect.getsource(
        importlib.import_module("scrapy.core.downloader.handlers.http11").HTTP11DownloadHandler
    )
    body = source[source.index("async def download_request") : source.index("async def close")]
    assert "pool=self._pool" in body, "HTTP11DownloadHandler no longer uses self._pool: wire.py replaces it"
    assert body.count("await ") == 1, "HTTP11DownloadHandler.download_request awaits something new before the pool"


def test_the_reader_counts_and_keeps_what_it_receives() -> None:
    source = inspect.getsource(importlib.import_module("scrapy.core.downloader.handlers.http11")._ResponseReader)
    for name in ("self._bodybuf: BytesIO", "self._bytes_received += len(data)", "self._bodybuf.getvalue()"):
        assert name in source, f"_ResponseReader has no {name!r} any more: tee.py empties _bodybuf past a size"
    assert "deliverBody(" in inspect.getsource(importlib.import_module("scrapy.core.downloader.handlers.http11"))


def test_the_parser_begins_a_head_without_a_partial_header() -> None:
    parser = HTTPClientParser(None, None)  # type: ignore[no-untyped-call]
    parser.makeConnection(None)
    assert parser._partialHeader is None, "tee.py asks _partialHeader whether a line can continue one"
    assert parser.state == "STATUS"
    assert parser.connHeaders is not None, "tee.py reads there whether a connection is kept alive"


def test_the_endpoints_have_the_parts_that_the_guard_replaces() -> None:
    name = HostnameEndpoint(reactor, "news.example", 443)
    assert hasattr(name, "_reactor"), "HostnameEndpoint has no _reactor any more: guard.py replaces it"
    tls = wrapClientTLS(optionsForClientTLS("news.example"), name)
    assert tls._wrappedEndpoint is name, "wrapClientTLS names its inner endpoint otherwise: guard.py looks for it"
