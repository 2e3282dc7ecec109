"""pywb in a virtual environment of its own, and its server as a child process."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

VENV = Path(os.environ.get("PYWB_VENV") or Path(__file__).parents[2] / ".venv-pywb")
PACKAGES = ("pywb>=2.10,<2.11", "setuptools<81")
"""pywb 2.10 runs on Python 3.9 to 3.14, and imports pkg_resources, which later setuptools no longer have."""

INSTALLING = 240
STARTING = 120
ANSWERING = 20
"""Seconds."""

_NO_NETWORK = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "no_proxy": "127.0.0.1,localhost",
}
"""Nothing that pywb does on its own may leave this machine."""


class NotInstalledError(Exception):
    """pywb could not be installed; the text says why."""


@dataclass(frozen=True, slots=True)
class Tools:
    """pywb's programs."""

    folder: Path

    def run(self, name: str, *args: object, cwd: Path) -> bytes:
        """What the program *name* prints."""
        command = [str(self.folder / name), *map(str, args)]
        done = subprocess.run(command, cwd=cwd, capture_output=True, timeout=60, env=os.environ | _NO_NETWORK)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout


@dataclass(frozen=True, slots=True)
class Answer:
    """What pywb says; its body whole, or as much as came."""

    status: int
    fields: tuple[tuple[str, str], ...]
    """Names in lower case."""
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of the fields called *name*, in order."""
        return [value for key, value in self.fields if key == name.lower()]

    def field(self, name: str) -> str | None:
        """The first value of the field called *name*."""
        return next(iter(self.all(name)), None)

    def original(self, name: str) -> str | None:
        """A field of the archived message, under the name that pywb gives it."""
        return self.field(f"X-Archive-Orig-{name}")


@dataclass(frozen=True, slots=True)
class Wayback:
    """A running server."""

    port: int

    def replay(self, collection: str, timestamp: str, url: str, modifier: str = "id_") -> Answer:
        """The capture of *url* nearest to *timestamp*; ``id_``: as it was, ``mp_``: rewritten for a browser."""
        return self.get(f"/{collection}/{timestamp}{modifier}/{url}")

    def get(self, path: str) -> Answer:
        """What is at *path*; asked in HTTP/1.0, so that the end of the connection is the end of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), ANSWERING) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
            data = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = (line.partition(":") for line in lines)
        return Answer(int(first.split()[1]), tuple((name.lower(), value.strip()) for name, _, value in fields), body)


def installed() -> Tools:
    """pywb's programs, installed first where they are absent. Raises NotInstalledError."""
    tools = Tools(VENV / "bin")
    VENV.mkdir(parents=True, exist_ok=True)
    with (VENV / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another session may be at it
        if not (VENV / ".installed").exists():
            (VENV / ".gitignore").write_text("*\n")  # no part of the project, for git and ruff alike
            _call(sys.executable, "-m", "venv", VENV)
            _call(tools.folder / "python", "-m", "pip", "install", "--quiet", *PACKAGES)
            (VENV / ".installed").touch()
    return tools


def _call(*command: object) -> None:
    try:
        subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=INSTALLING, check=True)
    except subprocess.CalledProcessError as error:
        raise NotInstalledError(f"{error}; {error.stderr.strip()[-500:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(str(error)) from error


@contextmanager
def serve(tools: Tools, root: Path) -> Iterator[Wayback]:
    """pywb over the collections of *root*, until the block ends."""
    port = free_port()
    command = [str(tools.folder / "wayback"), "--bind", "127.0.0.1", "--port", str(port), "--directory", str(root)]
    with (root / "wayback.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | _NO_NETWORK)
    try:
        _wait(process, port, root / "wayback.log")
        yield Wayback(port)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + STARTING
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(f"pywb did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
