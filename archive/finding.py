"""What a check found wrong, or worth knowing: one finding, ready for a terminal and for JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
"""error: the standard's "shall" is broken, or bytes are lost; warning: a "should", or a convention of other tools
that readers must know of; info: worth knowing, nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, where it lies, and what to try."""

    code: str
    """Short and stable, for filters and counts: ``block-digest-mismatch``."""
    severity: Severity
    message: str
    file: str
    offset: int | None = None
    """Where in the file, in bytes: the record's, or its gzip member's; in an index or JSON Lines, the line's."""
    hint: str = ""
    """What to try; empty where the message says it all."""
    record_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """A dict of JSON's own types; what is empty is left out."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "")}

    def __str__(self) -> str:
        place = self.file if self.offset is None else f"{self.file} at {self.offset:,}"
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.severity}: {place}: {self.message}{hint} [{self.code}]"
