"""What Scrapy is given of an archived body: the same as of one that comes over the wire."""

from __future__ import annotations

from archive.message import Message
from crawler.text.article import DECODED_LIMIT, TOO_LARGE


def body_of(message: Message) -> tuple[bytes, list[str]]:
    """The entity body of *message*, and flags for the response.

    Of a body that is larger than any page nothing is given, as on the wire: it has no place in memory, and
    the flag says why it is not there.
    """
    if message.outgrows(DECODED_LIMIT):
        return b"", [TOO_LARGE]
    return message.entity().data, []
