"""A server that speaks HTTP as oddly as the web does, from raw sockets, and keeps its own log of every byte."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from archive.capture import Truncation

CONTENT_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


@dataclass(frozen=True, slots=True)
class Interim:
    """A 1xx message before the answer."""

    message: bytes


@dataclass(frozen=True, slots=True)
class Surplus:
    """The end of an answer and bytes after it that are no part of it, sent as one."""

    answer: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Drip:
    """A part of the answer sent byte by byte."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds of silence."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """The end of the connection, in order."""


@dataclass(frozen=True, slots=True)
class CloseIfReused:
    """The end of a connection that has answered before, as of one that idled too long; no byte is sent."""


@dataclass(frozen=True, slots=True)
class ResetIfReused:
    """The same, out of order."""


@dataclass(frozen=True, slots=True)
class CloseUnderRequest:
    """The end of the connection just as the next request comes on it: not a byte of that is read, and none logged.

    In order (FIN), or with *reset* as a server's kernel says that the request found nobody (RST).
    """

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """The end of the connection, out of order (RST), once the client has had time to read what was sent."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Silence until the client gives up."""


@dataclass(frozen=True, slots=True)
class Endless:
    """Bytes sent again and again until the client goes away; they are not logged."""

    data: bytes
    every: float = 0.0
    """Seconds between them."""


Step = (
    bytes
    | Endless
    | Interim
    | Surplus
    | Drip
    | Wait
    | Close
    | CloseIfReused
    | ResetIfReused
    | CloseUnderRequest
    | Reset
    | Hold
)


@dataclass(frozen=True, slots=True)
class Case:
    """What the server does with a request for ``/NAME``, and what the capture is to say of it."""

    name: str
    script: tuple[Step, ...]
    method: str = "GET"
    headers: tuple[tuple[str, str | bytes], ...] = ()
    body: bytes = b""
    timeout: float = 20.0
    """Seconds that the client waits."""
    maxsize: int = 0
    """Bytes of body that the client takes; 0 for any number."""
    truncated: Truncation | None = None
    answered: bool = True
    """Does any byte of an answer come?"""
    forgiven: bool = False
    """Is it read by rules of ours, where Scrapy's handler gives up or has no limit?"""


@dataclass(slots=True)
class Entry:
    """What the server read and sent for one request."""

    path: str
    connection: int
    request: bytes
    date: datetime
    interim: list[bytes] = field(default_factory=list)
    response: bytearray = field(default_factory=bytearray)


class TortureServer:
    """Plays *cases* on a port of 127.0.0.1, a thread for each connection; with a context, inside TLS."""

    def __init__(
        self, cases: tuple[Case, ...], context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.log: list[Entry] = []
        self._cases = {f"/{case.name}": case for case in cases}
        self._context = context
        self._listener = socket.create_server((host, 0))
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """The server's address, without a path."""
        return f"{'http' if self._context is None else 'https'}://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections were made to it."""
        return len(self._connections)

    def entries(self, name: str) -> list[Entry]:
        """The log of the case called *name*."""
        return [entry for entry in self.log if entry.path == f"/{name}"]

    def __enter__(self) -> TortureServer:
        self._start(self._accept)
        return self

    def close(self) -> None:
        """Take no more connections; those that are there go on."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def __exit__(self, *exc: object) -> None:
        self.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        for number in range(1_000_000):
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            self._start(self._serve, connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.settimeout(30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A peer that goes away in the middle is what some cases are about.
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            served = 0
            while (request := _read_request(connection)) and self._play(connection, number, served, request):
                served += 1

    def _play(self, connection: socket.socket, number: int, served: int, request: bytes) -> bool:
        """Answer *request*; False when the connection is at its end."""
        path = request.split(b" ", 2)[1].decode("ascii")
        entry = Entry(path, number, request, datetime.now(UTC))
        self.log.append(entry)
        script = self.script(path)
        return all(_step(connection, step, entry, reused=served > 0) for step in script)

    def script(self, path: str) -> tuple[Step, ...]:
        """What is done with a request for *path*."""
        return self._cases[path].script


def _read_request(connection: socket.socket) -> bytes:
    """One request, whole; empty when the client has no more."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = CONTENT_LENGTH.search(head)
    missing = (int(length[1]) if length else 0) - len(body)
    while missing > 0 and (piece := connection.recv(65536)):
        data += piece
        missing -= len(piece)
    return data


def _step(connection: socket.socket, step: Step, entry: Entry, *, reused: bool) -> bool:
    """Do *step* and log it; False when the connection is at its end."""
    match step:
        case bytes():
            entry.response += step
            connection.sendall(step)
        case Endless(data, every):
            while True:
                connection.sendall(data)
                time.sleep(every)
        case Interim(message):
            entry.interim.append(message)
            connection.sendall(message)
        case Surplus(answer, data):
            entry.response += answer
            connection.sendall(answer + data)
        case Drip(data):
            _drip(connection, data, entry)
        case Wait(seconds):
            time.sleep(seconds)
        case CloseIfReused():
            return not reused or _end(connection)
        case ResetIfReused():
            return not reused or _reset(connection)
        case CloseUnderRequest(reset):
            return _close_under_request(connection, reset)
        case Close():
            return _end(connection)
        case Reset():
            return _reset(connection)
        case Hold():
            return bool(connection.recv(1))
    return True


def _drip(connection: socket.socket, data: bytes, entry: Entry) -> None:
    for byte in data:
        entry.response.append(byte)
        connection.sendall(bytes((byte,)))
        time.sleep(0.0005)


def _end(connection: socket.socket) -> bool:
    if isinstance(connection, ssl.SSLSocket):
        connection.unwrap()  # says close_notify first, as a whole message needs
    return False


def _reset(connection: socket.socket) -> bool:
    time.sleep(0.6)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def _close_under_request(connection: socket.socket, reset: bool) -> bool:
    _wait_for(connection, select.POLLIN)
    if not reset:  # what is closed with bytes unread is reset: so say the end first, and see it taken
        socket.socket.shutdown(connection, socket.SHUT_WR)
        _wait_for(connection, select.POLLRDHUP)
    return False


def _wait_for(connection: socket.socket, event: int) -> None:
    poll = select.poll()
    poll.register(connection.fileno(), event)
    if not poll.poll(10_000):
        raise TimeoutError(f"{connection}: nothing came")
