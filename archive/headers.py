"""What this package reads of a record's header, in the words of WARC for ARC too."""

from __future__ import annotations

from dataclasses import dataclass

from archive.entry import Reference, arc_date

FAILURE_TYPE = "application/warc-fields"


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a record that this package reads; empty where a field is absent."""

    type: str
    record_id: str
    date: str
    url: str
    content_type: str
    block_digest: str
    payload_digest: str
    segment_number: str
    truncated: str
    concurrent_to: str
    refers_to: Reference | None

    @property
    def is_failure(self) -> bool:
        """Whether this may be the record of a fetch's error."""
        return self.type == "metadata" and self.content_type == FAILURE_TYPE


def warc_headers(fields: dict[bytes, bytes]) -> Headers:
    """A WARC record's fields, their names in lower case."""

    def text(name: bytes) -> str:
        return fields.get(name, b"").decode("utf-8", "replace").strip()

    def bare(name: bytes) -> str:
        return text(name).removeprefix("<").removesuffix(">")

    refers_url, refers_date = bare(b"warc-refers-to-target-uri"), text(b"warc-refers-to-date")
    refers = Reference(bare(b"warc-refers-to"), refers_url or bare(b"warc-target-uri"), refers_date)
    return Headers(
        type=text(b"warc-type").lower(),
        record_id=bare(b"warc-record-id"),
        date=text(b"warc-date"),
        url=bare(b"warc-target-uri"),
        content_type=text(b"content-type"),
        block_digest=text(b"warc-block-digest"),
        payload_digest=text(b"warc-payload-digest"),
        segment_number=text(b"warc-segment-number"),
        truncated=text(b"warc-truncated"),
        concurrent_to=bare(b"warc-concurrent-to"),
        refers_to=refers if refers.record_id or refers.date else None,
    )


def arc_headers(fields: dict[bytes, bytes]) -> Headers:
    """An ARC record's line in the words of WARC: all but the file's own description are responses."""
    url, date = (fields.get(name, b"").decode("utf-8", "replace") for name in (b"url", b"archive-date"))
    kind = "warcinfo" if url.startswith("filedesc:") else "response"
    content_type = fields.get(b"content-type", b"").decode("latin-1")
    return Headers(kind, "", arc_date(date), url, content_type, "", "", "", "", "", None)
