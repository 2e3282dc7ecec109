"""What a message carries: the digests of its block, of its entity body and of its decoded body."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from archive.coding import Notes
from archive.message import Block, Head, Message
from archive.spool import Spool


def sha256(pieces: Iterable[bytes]) -> tuple[str, int]:
    """``sha256:`` and lower-case hex of *pieces*, and how many bytes they are."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return f"sha256:{digest.hexdigest()}", size


def block_digest(block: Block) -> str:
    """The value of WARC-Block-Digest for *block*."""
    return sha256(block.chunks() if isinstance(block, Spool) else (block,))[0]


@dataclass(frozen=True, slots=True)
class Payload:
    """What a response carries."""

    head: Head
    digest: str
    """Of the entity body (WARC-Payload-Digest): transfer coding removed, content coding kept."""
    size: int
    """Of the entity body, in bytes."""
    decoded: str
    """Digest of the body with content coding undone; empty where it is the same, or the body is a bomb."""

    @property
    def mime(self) -> str:
        """The media type of Content-Type, lower-case, without parameters; ``unk`` where there is none."""
        value = (self.head.get(b"Content-Type") or b"").partition(b";")[0].strip().lower()
        return value.decode("ascii", "replace") if value and not value.split()[1:] else "unk"


def examine(block: Block) -> Payload:
    """The digests of the response in *block*, in memory that does not grow with it."""
    message = Message(block)
    digest, size = sha256(message.entity_pieces(Notes()))
    decoded = ""
    if message.content_codings and size:
        notes = Notes()
        decoded, _ = sha256(message.decoded_pieces(notes))
        decoded = "" if notes.limited or decoded == digest else decoded
    return Payload(message.head, digest, size, decoded)
