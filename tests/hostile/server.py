"""A hostile site: ordinary pages, and among them pages behind each of which lies one misbehaviour."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.download.torture import Step, TortureServer
from tests.listening import Listening

Script = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Hostile:
    """What the server does at ``/en/articles/NAME`` and below it, and how that URL is to end."""

    name: str
    script: Script | Callable[[str], Script]
    """The steps, or what gives them for a path."""
    outcome: str = "failed"
    """The frontier's word for it."""
    reason: str = ""
    """What the frontier's reason begins with."""
    text: str | None = None
    """What the document begins with; None where there is to be none, but a reason why it was dropped."""
    most: int = 4
    """How often the server may be asked for it, with all it leads to."""

    @property
    def path(self) -> str:
        return f"/en/articles/{self.name}"


class HostileServer(TortureServer):
    """Serves *pages* by path and *cases* below their paths; all else is 404."""

    def __init__(
        self, pages: Mapping[str, Script], cases: Iterable[Hostile] = (), context: ssl.SSLContext | None = None
    ) -> None:
        super().__init__((), context)
        self.pages = dict(pages)
        self.hostile = {case.path: case for case in cases}

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def script(self, path: str) -> Script:
        if path in self.pages:
            return self.pages[path]
        case = self.case_of(path)
        if case is None:
            return (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",)
        return case.script(path) if callable(case.script) else case.script

    def case_of(self, path: str) -> Hostile | None:
        """The case that *path* belongs to: ``/en/articles/maze`` has ``/en/articles/maze~7`` as well."""
        return self.hostile.get(path.partition("~")[0])

    def asked(self, case: Hostile) -> int:
        """How often the server was asked for *case* and what it leads to."""
        return sum(self.case_of(entry.path) is case for entry in self.log)


class Brute(Listening):
    """A port that reads what comes first, says *words* and then closes the connection, or holds it."""

    def __init__(self, words: bytes = b"", *, hold: bool = False) -> None:
        super().__init__()
        self._words = words
        self._over = threading.Event()
        if not hold:
            self._over.set()

    def serve(self, client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(self._words)
        self._over.wait()

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self._over.set()
