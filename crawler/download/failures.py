"""Failed fetches told again: the exceptions that the wire raised, from what the archive says of them."""

from __future__ import annotations

from importlib import import_module

from scrapy import exceptions as scrapy
from twisted.internet import error as twisted

from archive.capture import FetchError
from archive.reader import StoredResponse
from crawler.limits import TooLargeError

_MODULES = {
    "builtins": "BrokenPipeError ConnectionResetError OSError TimeoutError UnicodeError ValueError",
    "crawler.errors": "PrivateAddressError",
    "crawler.limits": "TooLargeError TooSlowError",
    "OpenSSL.SSL": "Error",
    "scrapy.exceptions": (
        "CannotResolveHostError DownloadCancelledError DownloadConnectionRefusedError DownloadFailedError "
        "DownloadTimeoutError ResponseDataLossError UnsupportedURLSchemeError"
    ),
    "twisted.internet.error": (
        "BindError ConnectBindError ConnectError ConnectingCancelledError ConnectionAborted ConnectionClosed "
        "ConnectionDone ConnectionLost ConnectionRefusedError DNSLookupError NoRouteError SSLError TCPTimedOutError "
        "TimeoutError UnknownHostError UserError"
    ),
    "twisted.web._newclient": "ResponseFailed ResponseNeverReceived",
}

KNOWN = frozenset(f"{module}.{name}" for module, names in _MODULES.items() for name in names.split())
"""Classes that an archive may name. Nothing else that it says is ever imported or called."""

SENT_AGAIN = frozenset({"twisted.internet.error.ConnectionDone", "twisted.internet.error.ConnectionLost"})
"""Errors of requests lost with a kept-alive connection, which the wire itself sent again: no try of the crawl's.
Those that a crawl is told of have names of Scrapy's."""


def failure(stored: StoredResponse, told: FetchError | None = None) -> Exception | None:
    """What the wire raised in place of this response, if it did; *told*: what the index says of its error.

    An answer that was cut short failed likewise. Where the archive does not name the class, it is told from
    WARC-Truncated and from how far the answer came.
    """
    error = stored.error or told
    if error is not None:
        return raised(error)
    if stored.truncated and not _ends_with_its_connection(stored):
        return _cut_short(stored)
    return None if stored.status is not None or stored.location.type == "revisit" else _no_answer(stored)


def _ends_with_its_connection(stored: StoredResponse) -> bool:
    """Whether nothing but the connection's end told where the body ends: Scrapy takes what came for all of it."""
    if stored.truncated != "disconnect" or not stored.head.complete or stored.status is None:
        return False
    return not stored.message.transfer_codings and stored.head.get(b"Content-Length") is None


def raised(error: FetchError) -> Exception:
    """The exception that *error* tells of: of the same class where that is known, else a DownloadFailedError."""
    if error.kind not in KNOWN:
        return scrapy.DownloadFailedError(f"{error.kind}: {error.message}")
    module, _, name = error.kind.rpartition(".")
    return _made(getattr(import_module(module), name), error.message)


def _made(kind: type[Exception], message: str) -> Exception:
    """An exception of that class which says *message*; some put words of their own before what they are given."""
    for arguments in ((message,), ()):
        try:
            made = kind(*arguments)
            if str(made) == message:
                return made
        except (TypeError, AttributeError):
            continue
    bare = kind.__new__(kind)
    bare.args = (message,)
    if isinstance(bare, twisted.ConnectError):
        bare.osError = None
    return bare


def _cut_short(stored: StoredResponse) -> Exception:
    where = f"{stored.url}: cut short ({stored.truncated})"
    if stored.truncated == "time":
        return scrapy.DownloadTimeoutError(where)
    if stored.truncated == "length":
        return scrapy.DownloadCancelledError(where) if stored.head.complete else TooLargeError(where)
    begun = stored.head.complete and stored.status is not None
    if begun and (stored.truncated == "disconnect" or stored.message.transfer_codings == ["chunked"]):
        return scrapy.ResponseDataLossError(where)
    return scrapy.DownloadFailedError(where)


def _no_answer(stored: StoredResponse) -> Exception:
    return scrapy.DownloadFailedError(f"{stored.url}: not an HTTP response")
