"""Runs that fail: tried again, told, and a site that keeps failing is paused."""

from __future__ import annotations

import http.server
import json
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.collection.folder import Collection
from crawler.collection.lock import CollectionLock
from crawler.schedule.schedule import Run
from crawler.schedule.webhook import tell
from tests.schedule.running import SECONDS, Daemon, Place, fill, pending, site_file, until
from tests.site import held, serve

RUN = Run(1, "site", "due", "failed", None, datetime(2026, 1, 1, tzinfo=UTC))


@contextmanager
def listening() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A webhook: its URL, and what was posted to it."""
    posted: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/json"
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/failed", posted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.long
def test_a_site_that_fails_is_tried_again_told_and_paused_and_goes_on_when_resumed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with serve({}) as site, listening() as (url, posted):
        place.call("add", site_file(tmp_path, site.host), "--every", "1s", "--jitter", "0s")
        policy = ("--retries", "1", "--pause-after", "1", "--backoff", "0.1s", "--webhook", url)
        with place.running(*policy) as daemon:
            [paused] = daemon.heard("paused: ")
            [failed] = daemon.ended()
            assert (failed["state"], failed["attempts"], len(failed["crawls"])) == ("failed", 2, 2)
            assert "no article captured; the site answered" in failed["why"]
            until(lambda: posted, "the webhook is told")
            word = place.schedules()["site"]["paused"]
            assert word.startswith("failed: site: no article captured")
            assert word in paused["event"]
            fill(site, 2)
            with held(site):
                place.call("resume", "site")
                until(lambda: [run.state for run in place.runs()][:2] == ["failed", "running"], "a second run")
                place.call("pause", "site")
            good = daemon.ended(2)[1]
    assert (good["state"], good["pages"]) == ("done", 2)
    assert [(one["id"], one["state"], one["paused"]) for one in posted] == [(failed["id"], "failed", word)]
    assert place.schedules()["site"]["failures"] == 0
    starts = [datetime.fromisoformat(run["started"]) for run in place.history()]
    assert starts == sorted(starts)


@pytest.mark.long
def test_a_second_try_that_was_stopped_before_its_crawl_is_not_judged_by_the_first(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with serve({}) as site:
        place.call("add", site_file(tmp_path, site.host), "--every", "6h")
        policy = ("--retries", "1", "--backoff", "3s")
        with place.running(*policy) as daemon:
            daemon.heard("attempt 1 failed")
            fill(site, 2)
            lock = CollectionLock(Collection(tmp_path / "collections/site"), "a crawl by hand")
            until(lambda: place.runs()[0].attempts == 2, "it waits for the collection")
            for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGCONT):  # it waits for some seconds alone
                daemon.process.send_signal(number)
            assert daemon.process.wait(SECONDS) == 0
        lock.release()
        with place.running(*policy) as daemon:
            [run] = daemon.ended()
    assert (run["state"], run["attempts"], len(run["crawls"]), run["pages"]) == ("done", 2, 2, 2)


def test_what_can_never_run_is_not_tried_again_and_a_webhook_that_fails_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path)
    name = site_file(tmp_path, "127.0.0.1:9")
    place.call("add", name, "--every", "6h")
    (tmp_path / name).write_text("name = 7")
    with place.running("--webhook", "http://127.0.0.1:9/") as daemon:
        [run] = daemon.ended()
        daemon.heard("the webhook did not take it")
    assert (run["state"], run["attempts"]) == ("failed", 1)
    assert "site.toml" in run["why"]


def test_a_schedule_removed_while_its_run_waits_ends_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.call("add", site_file(tmp_path, "127.0.0.1:9"), "--cron", "0 0 1 1 *")
    place.call("now", "site")
    place.call("remove", "site")
    with place.running() as daemon:
        [run] = daemon.ended()
    assert (run["state"], run["crawls"]) == ("removed", [])


@pytest.mark.long
def test_a_run_that_has_ended_is_not_settled_again_where_the_daemon_is_killed_while_it_is_told(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path)
    with serve({}) as site, socket.create_server(("127.0.0.1", 0)) as server:
        place.call("add", site_file(tmp_path, site.host), "--every", "6h")
        policy = ("--retries", "0", "--webhook", f"http://127.0.0.1:{server.getsockname()[1]}/")
        for stopped in (Daemon.killed, Daemon.stopped):
            daemon = place.began(*policy)
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                [first] = place.runs()
                stopped(daemon)
        with place.running() as daemon:
            daemon.heard("started", 3)
            until(lambda: pending(place) == 0, "the engine knows that all is over")
    assert place.runs() == [first]
    assert "the site answered" in first.why
    assert place.schedules()["site"]["failures"] == 1


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 500 No\r\n\r\n", b""])
def test_a_webhook_that_answers_anything_is_told_in_words(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

        def answered() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        pool.submit(answered)
        problem = tell(f"http://127.0.0.1:{server.getsockname()[1]}/", RUN, None)
    assert problem is not None
    assert problem.startswith("the webhook did not take it: ")


@pytest.mark.parametrize("url", ["hooks.example/7?key=secret", "http://[secret/", "http://hooks.example/a secret"])
def test_a_webhook_that_is_no_url_is_refused_or_told_and_never_shown(url: str, tmp_path: Path) -> None:
    problem = tell(url, RUN, None)
    assert problem is not None
    assert "secret" not in problem
    if "//" not in url:
        code, _, err = Place(tmp_path).tried("run", "--webhook", url)
        assert (code, "secret" in err, "--webhook" in err) == (2, False, True)


def test_a_webhook_s_name_and_password_are_sent_as_its_server_asks_for_them() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

        def asked() -> bytes:
            connection, _ = server.accept()
            with connection:
                request = connection.recv(65536)
                connection.sendall(b"HTTP/1.1 204 Thanks\r\n\r\n")
            return request

        request = pool.submit(asked)
        assert tell(f"http://us%65r:pa%3Ass@127.0.0.1:{server.getsockname()[1]}/hook", RUN, None) is None
    assert b"Authorization: Basic dXNlcjpwYTpzcw==" in request.result()
    assert request.result().startswith(b"POST /hook ")
