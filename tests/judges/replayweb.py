"""ReplayWeb.page in a headless Chromium: it opens a WACZ from loopback and says what a reader would see."""

from __future__ import annotations

import fcntl
import json
import os
import queue
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

from tests.judges.pywb import NotInstalledError

FOLDER = Path(os.environ.get("REPLAYWEB_FOLDER") or Path(__file__).parents[2] / ".replaywebpage")
PACKAGE = "replaywebpage@2.5.3"
PARTS = ("ui.js", "sw.js")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

INSTALLING = 120
SHOWING = 60
"""Seconds."""

HOST_PAGE = """<!doctype html><title>host</title><script src="/ui.js"></script>
<replay-web-page style="display: block; height: 900px" embed="replayonly" replayBase="/replay/" source="/site.wacz"
 url="{url}"></replay-web-page>
<script>
function* frames(root) {{
  for (const element of root.querySelectorAll("*")) {{
    if (element.shadowRoot) yield* frames(element.shadowRoot);
    if (element.tagName === "IFRAME" && element.contentDocument) {{
      yield element;
      yield* frames(element.contentDocument);
    }}
  }}
}}
const timer = setInterval(() => {{
  for (const frame of frames(document)) {{
    const page = frame.contentDocument, image = frame.src.includes("mp_/") && page.querySelector("img");
    // Complete: the styles are in too, or never will be.
    if (image && image.naturalWidth && page.readyState === "complete") {{
      clearInterval(timer);
      fetch("/shown", {{method: "POST", body: JSON.stringify({{
        url: frame.src, text: page.body.innerText, width: image.naturalWidth, height: image.naturalHeight,
        colour: getComputedStyle(page.body).color}})}});
      return;
    }}
  }}
}}, 100);
setTimeout(() => console.log("frames: " + Array.from(frames(document), frame => frame.src).join(" ")), {late});
</script>
"""
"""Embeds ReplayWeb.page, and tells the server of the first archived page that is loaded whole and shows an image."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An archived page as the browser has it."""

    url: str
    text: str
    width: int
    """Of its first image, in the image's own pixels."""
    height: int
    colour: str
    """Of its text, by its styles."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The browser, and ReplayWeb.page's own parts."""

    browser: str
    parts: Path

    def show(self, wacz: Path, url: str) -> Shown:
        """The capture of *url* in *wacz*, shown. Raises AssertionError where nothing is shown in time."""
        with _serve(self.parts, wacz, url) as (origin, shown), _browse(self.browser, origin) as log:
            try:
                return Shown(**shown.get(timeout=SHOWING))
            except queue.Empty:
                raise AssertionError(f"{url} is not shown: {log.read_text('utf-8', 'replace')[-3000:]}") from None


def installed() -> Viewer:
    """The viewer, fetched first where it is absent. Raises NotInstalledError."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise NotInstalledError(f"no browser called {', '.join(BROWSERS)}; Debian has it as the package chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another session may be at it
        if not (FOLDER / ".installed").exists():
            (FOLDER / ".gitignore").write_text("*\n")
            _fetch()
            (FOLDER / ".installed").touch()
    return Viewer(browser, FOLDER)


def _fetch() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", PACKAGE, "--pack-destination", folder]
        try:
            subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALLING, check=True)
        except subprocess.CalledProcessError as error:
            raise NotInstalledError(f"{error}; {error.stderr.strip()[-500:]}") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotInstalledError(str(error)) from error
        (packed,) = Path(folder).glob("*.tgz")
        with tarfile.open(packed) as package:
            for name in PARTS:
                part = package.extractfile(f"package/{name}")
                assert part is not None
                (FOLDER / name).write_bytes(part.read())


@contextmanager
def _serve(parts: Path, wacz: Path, url: str) -> Iterator[tuple[str, queue.Queue[dict[str, str]]]]:
    """The host page and all it needs, on loopback; what it tells comes out of the queue."""
    shown: queue.Queue[dict[str, str]] = queue.Queue()
    files = {
        "/": (HOST_PAGE.format(url=quote(url, safe=":/"), late=SHOWING * 900).encode(), "text/html"),
        "/ui.js": ((parts / "ui.js").read_bytes(), "text/javascript"),
        "/replay/sw.js": ((parts / "sw.js").read_bytes(), "text/javascript"),
        "/site.wacz": (wacz.read_bytes(), "application/wacz"),
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body, kind = files.get(self.path.partition("?")[0], (b"", ""))
            wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            start = int(wanted[1]) if wanted else 0
            end = int(wanted[2]) + 1 if wanted and wanted[2] else len(body)
            self.send_response((206 if wanted else 200) if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(body[start:end])))
            if wanted:
                self.send_header("Content-Range", f"bytes {start}-{start + len(body[start:end]) - 1}/{len(body)}")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body[start:end])

        do_HEAD = do_GET

        def do_POST(self) -> None:
            shown.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that goes away is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", shown
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _browse(browser: str, url: str) -> Iterator[Path]:
    """The browser at *url*, which reaches nothing but loopback, until the block ends; its log."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        command = [browser, *OPTIONS, f"--user-data-dir={folder / 'profile'}", url]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            yield folder / "log"
        finally:
            os.killpg(process.pid, 9)  # its own group: the browser is many processes
            process.wait(10)


OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
