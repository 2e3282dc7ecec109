"""Content codings undone by the decoder that reads the archive, so that a crawl and its archive say the same."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from archive.coding import Notes, decode_pieces
from crawler.text.article import DECODED_LIMIT, TOO_LARGE, fault

ACCEPTED = b"gzip, deflate, br, zstd"


class DecodingMiddleware:
    """In the place of Scrapy's HttpCompressionMiddleware.

    What cannot be decoded, or grows beyond the limit, is no error here: the response's flags say so
    (``undecodable``, ``too-large``), and its article is dropped with that reason.
    """

    def process_request(self, request: Request) -> None:
        """Say which codings are understood."""
        request.headers.setdefault(b"Accept-Encoding", ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response with its body decoded."""
        codings = _codings(response)
        if not codings or request.method == "HEAD" or TOO_LARGE in response.flags:
            return response
        notes = Notes()
        body = b"".join(decode_pieces(iter([response.body]), codings, DECODED_LIMIT, notes))
        headers = response.headers.copy()
        del headers[b"Content-Encoding"]
        wrong = fault(undecoded=notes.undecoded is not None, limited=notes.limited)
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        flags = [*response.flags, *([wrong] if wrong else [])]
        return response.replace(headers=headers, body=body, flags=flags, cls=kind)


def _codings(response: Response) -> list[str]:
    """Content codings in the order applied, lower-case."""
    values = b",".join(response.headers.getlist(b"Content-Encoding")).decode("latin-1")
    names = (name.strip().lower() for name in values.split(","))
    return [name for name in names if name and name != "identity"]
