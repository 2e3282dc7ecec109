"""The window served on loopback, for one's own browser alone."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from crawler.errors import CallError
from crawler.window.captures import Answer, told
from crawler.window.window import Window

HOST = "127.0.0.1"
_OWN_NAMES = frozenset({HOST, "localhost"})
_POLICY = (
    "default-src 'self' data: 'unsafe-inline'; script-src 'none'; object-src 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""No captured script runs, and nothing is asked of the live web."""


class WindowServer(ThreadingHTTPServer):
    """Serves a window; a browser's connections that say nothing hold nobody up.

    Raises CallError: the port cannot be had.
    """

    daemon_threads = True

    def __init__(self, window: Window, port: int) -> None:
        self._window = window
        self._lock = Lock()
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise CallError(f"--port {port}: cannot be had ({error.strerror}); 0 takes a free one") from error

    @property
    def url(self) -> str:
        """Where the window is."""
        return f"http://{HOST}:{self.server_port}/"

    def answer(self, target: str, host: str, referer: str) -> Answer:
        """The window's answer to a request that was meant for it (a site's name can be made to lead here)."""
        if host.rpartition(":")[0] not in _OWN_NAMES and host not in _OWN_NAMES:
            return told(HTTPStatus.FORBIDDEN, f"{host}: is not this window, which is at {self.url}")
        with self._lock:
            return self._window.answer(target, referer)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: WindowServer

    def do_GET(self) -> None:
        headers = self.headers
        self._send(self.server.answer(self.path, headers.get("Host", ""), headers.get("Referer", "")))

    do_HEAD = do_GET

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Content-Security-Policy", _POLICY)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
