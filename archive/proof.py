"""A record's block, proved against its two digests and its own HTTP head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from archive.coding import Notes
from archive.digest import Digest, DigestError, parse_digest
from archive.fields import unbracketed
from archive.finding import Finding, Severity
from archive.message import Message
from archive.raw import RawRecord
from archive.spool import THRESHOLD, Spool

_HTTP = ("application/http", "message/http")
_PAYLOAD_IS_BLOCK = frozenset({"resource", "conversion"})
_NO_PAYLOAD_HERE = frozenset({"revisit", "continuation", "warcinfo"})
"""Types whose block does not hold what a WARC-Payload-Digest covers: the original's, the logical record's, none."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What reading the block showed."""

    findings: tuple[Finding, ...] = ()
    status: int | None = None
    """The HTTP status code, where the block is a response."""
    mime: str = ""
    """The HTTP Content-Type without parameters, lower-case."""


def prove(record: RawRecord) -> Proof:
    """Read *record*'s block to its end and hold it against what the header says of it."""
    return _Block(record).proof()


class _Block:
    """A record's block while it is read, and held if it is a message."""

    def __init__(self, record: RawRecord) -> None:
        self._record = record
        self._found: list[Finding] = []

    def proof(self) -> Proof:
        record = self._record
        block = _digest(record, b"WARC-Block-Digest")
        payload = _digest(record, b"WARC-Payload-Digest") if self._proves_payload() else None
        if not _is_http(record):
            self._stream(block, payload)
            return Proof(tuple(self._found))
        held = _hold(record)
        try:
            message = Message(held)
            if record.whole:
                self._prove_message(message, block, payload)
            mime = (message.head.get(b"Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()
            return Proof(tuple(self._found), message.head.status, mime)
        finally:
            if isinstance(held, Spool):
                held.close()

    def _proves_payload(self) -> bool:
        record = self._record
        return record.type not in _NO_PAYLOAD_HERE and record.get(b"WARC-Segment-Number") is None

    def _tell(self, code: str, message: str, severity: Severity = "error", hint: str = "") -> None:
        record = self._record
        identifier = unbracketed(record.text(b"WARC-Record-ID")) or None
        self._found.append(Finding(code, severity, message, record.file, record.offset, hint, identifier))

    def _stream(self, block: Digest | None, payload: Digest | None) -> None:
        """A block that is its own payload, hashed as it passes."""
        wanted = [each for each in (block, payload) if each and each.known]
        hashers = [each.hasher() for each in wanted]
        for piece in self._record.chunks():
            for hasher in hashers:
                hasher.update(piece)
        if not self._record.whole:
            return
        for each, hasher in zip(wanted, hashers, strict=True):
            if not each.fits(hasher):
                self._tell_block(each) if each is block else self._tell_payload(each, None)

    def _prove_message(self, message: Message, block: Digest | None, payload: Digest | None) -> None:
        if block and block.known and not fits(block, pieces(message)):
            self._explain_block(block, message)
        notes = Notes()
        entity = message.entity_pieces(notes)
        if payload and payload.known and not fits(payload, entity):
            self._tell_payload(payload, message)
        for _ in entity:
            pass
        self._prove_head(message, notes)

    def _prove_head(self, message: Message, notes: Notes) -> None:
        record = self._record
        if record.type not in ("response", "request") or not record.size:
            return
        if not message.head.raw:
            self._tell("http-head-missing", "the block does not begin with an HTTP start line (6.3.2)", "warning")
        elif notes.cut and record.type == "response" and record.get(b"WARC-Truncated") is None:
            message_ = (
                "the HTTP message is shorter than its head or chunks say, and there is no WARC-Truncated (6.3.2)"
            )
            self._tell("message-cut", message_, "warning")

    def _tell_block(self, wanted: Digest) -> None:
        hint = "the block was changed after it was written: restore the file from a copy"
        self._tell("block-digest-mismatch", f"the block does not have the WARC-Block-Digest {wanted}", "error", hint)

    def _explain_block(self, wanted: Digest, message: Message) -> None:
        if fits(wanted, message.entity_pieces(Notes())):
            what = "WARC-Block-Digest is that of the payload, not of the whole block (5.8)"
            self._tell("block-digest-of-payload", what, hint="the bytes are as they were written")
        else:
            self._tell_block(wanted)

    def _tell_payload(self, wanted: Digest, message: Message | None) -> None:
        """A payload digest that does not fit: by another tool's convention, or by none."""
        for code, what, hashed in conventions(message):
            if fits(wanted, hashed()):
                text = f"WARC-Payload-Digest is that of {what}, not of the entity body (5.9)"
                hint = "many writers did so; the bytes are as they were written"
                self._tell(code, text, "warning", hint)
                return
        hint = "the payload was changed, or its writer hashed something else"
        if self._record.get(b"WARC-Truncated") is not None:
            hint = "the digest may be that of the payload before it was truncated"
        text = f"the payload does not have the WARC-Payload-Digest {wanted}"
        self._tell("payload-digest-mismatch", text, "error", hint)


_Pieces = Callable[[], Iterable[bytes]]


def conventions(message: Message | None) -> Iterator[tuple[str, str, _Pieces]]:
    """What other tools hash in the entity body's place."""
    if message is None:
        return
    start = message.body_start
    yield "payload-digest-of-coded", "the body with its transfer coding", lambda: pieces(message, start)
    yield "payload-digest-of-decoded", "the body without its content coding", lambda: message.decoded_pieces(Notes())
    yield "payload-digest-of-block", "the whole block", lambda: pieces(message)


def pieces(message: Message, start: int = 0) -> Iterator[bytes]:
    """The block of a message, from *start* on."""
    block = message.block
    if isinstance(block, bytes):
        yield block[start:] if start else block
    else:
        yield from block.chunks(start)


def fits(wanted: Digest, data: Iterable[bytes]) -> bool:
    """Whether the *data* have this digest."""
    hasher = wanted.hasher()
    for piece in data:
        hasher.update(piece)
    return wanted.fits(hasher)


def _hold(record: RawRecord) -> bytes | Spool:
    """The whole block: in memory, or in a file where it is large."""
    if (record.size or 0) <= THRESHOLD:
        return b"".join(record.chunks())
    spool = Spool()
    for piece in record.chunks():
        spool.write(piece)
    return spool


def _digest(record: RawRecord, name: bytes) -> Digest | None:
    """The digest in that field; None where there is none, or none that can be read (`archive.rules` tells)."""
    try:
        return parse_digest(record.text(name)) if record.get(name) else None
    except DigestError:
        return None


def _is_http(record: RawRecord) -> bool:
    """Whether the block should be an HTTP message."""
    if record.kind == "arc":
        return record.text(b"URL").lower().startswith("http")
    if record.type in _PAYLOAD_IS_BLOCK or record.type == "continuation":
        return False
    media = record.text(b"Content-Type").lower().partition(";")[0].strip()
    if media:
        return media in _HTTP
    uri = unbracketed(record.text(b"WARC-Target-URI")).lower()
    return record.type in ("request", "response") and uri.startswith(("http:", "https:"))
