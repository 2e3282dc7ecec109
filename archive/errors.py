"""What can go wrong in an archive.

ArchiveError
├── ArchiveWriteError      a record could not be put on disk (names the file)
├── ArchiveReadError       bytes that are no record (names file and offset)
│   └── DamageError        a record that is not what was written (likewise)
└── IndexFormatError       a line that is no CDXJ (names file and line)
"""

from __future__ import annotations


class ArchiveError(Exception):
    """Base of all errors of this package; its text names the file, and the offset where there is one."""


class ArchiveWriteError(ArchiveError):
    """A record could not be put on disk; what was committed before stays."""


class ArchiveReadError(ArchiveError):
    """Bytes that are no record."""


class DamageError(ArchiveReadError):
    """A record that is not what its digest, or its gzip member's CRC-32, says was written."""


class IndexFormatError(ArchiveError):
    """A line that is no CDXJ."""
