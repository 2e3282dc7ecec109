"""Damage: a stored response that is not what its digests and its gzip member say was written."""

from __future__ import annotations

from archive.coding import Notes
from archive.digest import Digest, DigestError, parse_digest
from archive.message import Message
from archive.proof import conventions, fits, pieces
from archive.reader import StoredResponse


def damage(stored: StoredResponse) -> str:
    """Why what lies there cannot be what was written; empty where it holds, or nothing tells.

    Its gzip member must hold, and its WARC-Block-Digest; where there is none, its WARC-Payload-Digest. What other
    programs hash in a body's place holds too, as in `archive.proof`. A response that is cut short is no damage.
    """
    if stored.corrupt:
        return "its gzip member is damaged"
    if stored.truncated:
        return ""
    block = _known(stored.headers.block_digest)
    if block is not None:
        return "" if _is_of_block(block, stored.message) else f"it does not have its WARC-Block-Digest {block}"
    payload = _known(_payload_digest(stored))
    if payload is not None and not _is_of_payload(payload, stored.message):
        return f"it does not have its WARC-Payload-Digest {payload}"
    return ""


def _payload_digest(stored: StoredResponse) -> str:
    """That of what lies in this record: a revisit's is of another one, a segment's of all of them together."""
    headers = stored.headers
    return "" if headers.type == "revisit" or headers.segment_number else headers.payload_digest


def _is_of_block(wanted: Digest, message: Message) -> bool:
    return fits(wanted, pieces(message)) or fits(wanted, message.entity_pieces(Notes()))


def _is_of_payload(wanted: Digest, message: Message) -> bool:
    if fits(wanted, message.entity_pieces(Notes())):
        return True
    return any(fits(wanted, hashed()) for _, _, hashed in conventions(message))


def _known(text: str) -> Digest | None:
    """The digest, if it is one that can be computed here."""
    try:
        digest = parse_digest(text) if text else None
    except DigestError:
        return None
    return digest if digest is not None and digest.known else None
