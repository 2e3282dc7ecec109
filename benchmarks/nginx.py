"""Pages in nginx, on a loopback port, as an unprivileged worker; all of it in a temporary folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

Coding = Literal["plain", "static", "gzip"]
"""How pages come: as they are, compressed beforehand (with a length), or compressed on the fly (in chunks)."""

HOW_TO_GET_IT = "nginx is absent: on Debian or Ubuntu, `apt-get update && apt-get install -y nginx-light`"

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type text/html;
    charset utf-8;
    sendfile on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/pages;
        {coding}
        location = /en {{ try_files /en.html =404; }}
    }}
}}
"""
_CODINGS: dict[Coding, str] = {"plain": "", "static": "gzip_static on;", "gzip": "gzip on; gzip_comp_level 1;"}


@contextmanager
def serve(folder: Path, coding: Coding) -> Iterator[str]:
    """The pages of ``folder/pages`` at the URL given, until the block ends. Raises SystemExit without nginx."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise SystemExit(HOW_TO_GET_IT)
    port = _free_port()
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=port, user=user, coding=_CODINGS[coding]))
    folder.chmod(0o755)
    command = [program, "-p", folder, "-c", configuration, "-e", folder / "error.log"]
    process = subprocess.Popen(list(map(str, command)))
    try:
        _wait(process, port, folder / "error.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nginx did not start: {log.read_text()[-1000:]}")
