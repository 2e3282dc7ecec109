"""A proxy on loopback: passes on absolute-form requests, and opens tunnels for CONNECT."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit

from tests.listening import Listening


class Proxy(Listening):
    """``asked`` lists the request lines."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.url = f"http://{self.host}"

    def serve(self, client: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (piece := client.recv(65536)):
                return
            data += piece
        method, target, _ = data.decode("latin-1").split(" ", 2)
        self.asked.append(f"{method} {target}")
        netloc = target if method == "CONNECT" else urlsplit(target).netloc
        host, _, port = netloc.partition(":")
        with socket.create_connection((host, int(port)), 20) as server:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = urlsplit(target).path.encode()
                server.sendall(data.replace(target.encode(), path, 1))
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            _copy(client, server)
            back.join(20)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
