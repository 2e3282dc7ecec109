"""What can go wrong in a crawl.

EditionsError
├── CallError        a call that asks for what cannot be (names the argument)
├── CollectionError  a collection's folder that cannot be used (names the folder)
├── CorpusError      a document or list that cannot be written (names the file)
├── CrawlError       a crawl that could not be run, or not to its end
├── ExportError      what is handed over cannot be made or written (names the file)
├── HeldError        a file that another process has locked (names the file and the process)
├── LimitError       an answer given up because it went past a limit (crawler/limits.py)
├── NotArchivedError a URL asked of an archive that has no capture of it (names the URL)
├── PrivateAddressError  a connection refused because its address is not public (names address and kind)
├── ProfileError     a site's profile that cannot be used (names file, key and the nearest right one)
├── ScheduleError    schedules that cannot be kept or run (names their database)
│   ├── GoneError    their database was taken away while a daemon ran them
│   └── TakenError   another daemon runs them
├── SeedsError       a seeds file that cannot be used (likewise)
└── StoppedError     a request that was not made, for the crawl is to stop
"""

from __future__ import annotations

from pathlib import Path


class EditionsError(Exception):
    """Base of all errors of this package; its text names the file or URL and what to try next."""


class CallError(EditionsError):
    """A call that asks for what cannot be."""


class CollectionError(EditionsError):
    """A collection's folder that cannot be used."""


class CorpusError(EditionsError):
    """A corpus that cannot be written."""


class CrawlError(EditionsError):
    """A crawl that could not be run, or not to its end."""


class ExportError(EditionsError):
    """What is handed over cannot be made or written."""


class HeldError(EditionsError):
    """A file that another process has locked; *holder* is what that says of itself."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path}: in use by {holder}")
        self.holder = holder


class NotArchivedError(EditionsError):
    """A URL asked of an archive that has no capture of it, or a damaged one, or lacks the response that its capture
    refers to (then *reason* says so); the site may well have the page.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class PrivateAddressError(EditionsError):
    """A connection that was refused, before it was made, because its address is not public."""

    def __init__(self, address: str, kind: str) -> None:
        super().__init__(
            f"{address} is not a public address ({kind}); a site on one's own network needs "
            "allow_private_addresses = true in its profile"
        )


class ProfileError(EditionsError):
    """A site's profile that cannot be used, or a site that is not known."""


class ScheduleError(EditionsError):
    """Schedules that cannot be kept, or not be run."""


class GoneError(ScheduleError):
    """Schedules whose database was taken away, or replaced, while a daemon ran them."""


class TakenError(ScheduleError):
    """Schedules that another daemon runs."""


class SeedsError(EditionsError):
    """A seeds file that cannot be used."""


class StoppedError(EditionsError):
    """A request that waited for its turn when the crawl was stopped; it is made when the crawl goes on."""
