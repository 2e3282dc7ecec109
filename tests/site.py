"""A real HTTP server on loopback whose pages a test gives."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says to a GET; with an ETag, 304 to whoever has it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


@dataclass(slots=True)
class Site:
    """A running server: its address, its answers (changeable), and what it was asked."""

    host: str
    answers: dict[str, Answer]
    requests: list[str] = field(default_factory=list)
    answered: list[tuple[str, int]] = field(default_factory=list)
    """Paths asked for, each with its answer's status."""
    agents: list[str] = field(default_factory=list)
    on_request: Callable[[str], None] = lambda path: None
    """Called after each answer is chosen; may change the next."""
    clients: set[int] = field(default_factory=set)
    """Connections that were accepted and that have not ended, by their sockets' numbers."""
    is_awaited: Callable[[], bool] = lambda: False
    """Whether connections wait to be accepted."""
    accepting: bool = False
    """Whether a connection is being accepted, and stands neither among those that wait nor among the clients."""

    def wait_for_quiet(self) -> None:
        """Wait until no connection is left, nor what came over one: so soon after its clients have ended."""
        deadline, quiet = time.monotonic() + 240, 0
        while quiet < 3:
            assert time.monotonic() < deadline, "connections of a process that has ended"
            time.sleep(0.02)
            quiet = quiet + 1 if self._has_quiet() else 0

    def _has_quiet(self) -> bool:
        return not self.is_awaited() and not self.accepting and not self.clients

    @property
    def url(self) -> str:
        return f"http://{self.host}"


@contextmanager
def held(site: Site, after: int = 0) -> Iterator[threading.Event]:
    """The site's answers, but to its first *after* requests, wait until the event is set or the block ends."""
    go, on_request = threading.Event(), site.on_request

    def wait(path: str) -> None:
        on_request(path)
        if len(site.requests) > after:
            go.wait(500)

    site.on_request = wait
    try:
        yield go
    finally:
        go.set()


@contextmanager
def serve(answers: Mapping[str, Answer], address: str = "127.0.0.1") -> Iterator[Site]:
    """Serve *answers* (by path with query) until the block ends; all else is 404."""
    site = Site("", dict(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.requests.append(self.path)
            site.agents.append(self.headers.get("User-Agent", ""))
            answer = site.answers.get(self.path, Answer(b"not found", 404))
            if self.headers.get("If-None-Match") == answer.headers.get("ETag", ""):
                answer = Answer(status=304, headers=answer.headers)
            site.answered.append((self.path, answer.status))
            site.on_request(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if answer.status != 304 or name == "ETag":
                    self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away is no news."""

        def get_request(self) -> tuple[socket.socket, object]:
            site.accepting = True
            return super().get_request()

        def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
            site.clients.add(request.fileno())
            site.accepting = False
            super().process_request(request, client_address)

        def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
            number = request.fileno()
            site.clients.discard(number)
            super().shutdown_request(request)

    server = Server((address, 0), Handler)
    server.daemon_threads = True
    site.is_awaited = lambda: bool(select.select([server], [], [], 0)[0])
    site.host = f"{f'[{address}]' if ':' in address else address}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
