"""The values of an ARC record's header line: date and address (Internet Archive, ARC File Format)."""

from __future__ import annotations

from collections.abc import Iterator

from archive.entry import parse_date, timestamp
from archive.fields import address
from archive.finding import Finding
from archive.raw import RawRecord


def arc_findings(record: RawRecord) -> Iterator[Finding]:
    """What is wrong with the header line of an ARC record; URL and content type are what writers left."""
    date, ip = record.text(b"Archive-date"), record.text(b"IP-address")
    try:
        parse_date(timestamp(date))
    except ValueError:
        yield _told(record, "date-malformed", f"the ARC record's date {date} is none of the calendar")
    for fault in address(ip, record.version):
        yield _told(record, fault.code, f"the ARC record's address {fault.why}: {ip[:60]!a}")


def _told(record: RawRecord, code: str, message: str) -> Finding:
    return Finding(code, "error", message, record.file, record.offset)
