from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest

from crawler.demo.images import SCENES, favicon, picture
from crawler.demo.server import RunningSite, Served, serve
from crawler.demo.site import DemoSite
from crawler.demo.story import Story
from tests.demo.client import get


def talk(site: RunningSite, data: bytes) -> bytes:
    """What comes back for raw bytes until the server closes."""
    with closing(socket.create_connection(("127.0.0.1", site.port), timeout=240)) as peer:
        peer.sendall(data)
        return b"".join(iter(lambda: peer.recv(65536), b""))


def test_one_connection_carries_many_requests(site: RunningSite) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=240)) as connection:
        for path in ("/robots.txt", "/en", "/style.css", "/nothing"):
            connection.request("GET", path)
            response = connection.getresponse()
            assert response.read()
            assert not response.will_close
    assert [(served.target, served.status) for served in site.log] == [
        ("/robots.txt", 200),
        ("/en", 200),
        ("/style.css", 200),
        ("/nothing", 404),
    ]


def test_pipelined_requests_are_answered_in_order(site: RunningSite) -> None:
    first = b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n"
    reply = talk(site, first + b"GET /en/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 301 Moved Permanently\r\n" in reply


def test_http_1_0_is_answered_without_chunks(site: RunningSite) -> None:
    reply = talk(site, b"GET /en HTTP/1.0\r\n\r\n")
    assert b"Transfer-Encoding" not in reply
    assert reply.endswith(b"</html>\n")


def test_head_has_no_body(site: RunningSite) -> None:
    reply = get(site, "/style.css", method="HEAD")
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.header("Content-Length")) == len(get(site, "/style.css").body)


def test_other_methods_are_refused_and_the_connection_stays(site: RunningSite) -> None:
    reply = talk(
        site,
        b"POST /en HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    )
    assert reply.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert b"Allow: GET, HEAD\r\n" in reply
    assert b"HTTP/1.1 302 Found\r\n" in reply


@pytest.mark.parametrize(
    "data",
    [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"GET /" + b"x" * 70_000 + b"\r\n\r\n"],
    ids=["no request", "bad length", "too long"],
)
def test_what_is_no_request_is_refused(site: RunningSite, data: bytes) -> None:
    assert talk(site, data).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_refusal_is_heard_by_who_is_still_speaking(site: RunningSite) -> None:
    """Closed with bytes unread the connection would be reset, and the refusal lost."""
    with socket.create_connection(("127.0.0.1", site.port), 60) as client:
        client.sendall(b"GET /" + b"x" * 65_000)
        for _ in range(100):
            client.sendall(b"x" * 1_000)
            time.sleep(0.001)
        client.shutdown(socket.SHUT_WR)
        heard = b"".join(iter(lambda: client.recv(65536), b""))
    assert heard.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_chunked_answer_on_the_wire(site: RunningSite) -> None:
    reply = talk(site, b"GET /en HTTP/1.1\r\nConnection: close\r\n\r\n")
    head, _, body = reply.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert body.startswith(b"1000\r\n<!doctype html>")
    assert body.endswith(b"\r\n0\r\n\r\n")


def test_the_log_names_who_asked(site: RunningSite) -> None:
    get(site, "/favicon.ico", user_agent="reader/1")
    assert site.log == (Served("GET", "/favicon.ico", 200, "reader/1"),)
    site.clear_log()
    assert not site.log


def test_a_site_of_ones_own(samples: tuple[Story, ...]) -> None:
    with serve(stories=samples, state=2) as site:
        assert get(site, "/yo/articles/sample-school-bus-goes-electric").status == 200
        assert get(site, "/fil").status == 200
        assert [story.slug for story in site.site.catalogue.edition("ko")] == ["sample-lighthouse-s-lamp-relit"]


def test_a_site_without_stories_still_answers() -> None:
    with serve(stories=()) as site:
        assert get(site, "/en").status == 200
        assert site.expected().count == 0


def test_two_sites_made_alike_are_alike(samples: tuple[Story, ...]) -> None:
    one, other = DemoSite(samples, state=3), DemoSite(samples, state=3)
    assert one.paths() == other.paths()
    for path in one.paths():
        assert one.answer(path) == other.answer(path), path


def test_a_state_that_is_none(samples: tuple[Story, ...]) -> None:
    with pytest.raises(ValueError, match="state must be one of 1, 2, 3, not 4"), serve(stories=samples, state=4):
        pass


def test_a_port_that_is_taken(site: RunningSite) -> None:
    with pytest.raises(OSError, match="address already in use"), serve(site.port, stories=()):
        pass


def test_the_port_is_free_afterwards() -> None:
    with serve(stories=()) as first:
        connection = socket.create_connection(("127.0.0.1", first.port), timeout=240)
    with closing(connection), pytest.raises(OSError), closing(socket.create_connection(("127.0.0.1", first.port), 1)):  # noqa: PT011
        pass


@pytest.mark.parametrize("name", SCENES)
def test_pictures_are_png_of_their_size(site: RunningSite, name: str) -> None:
    reply = get(site, f"/images/{name}-640.png")
    assert reply.header("Content-Type") == "image/png"
    assert reply.body == picture(name, 640)
    assert reply.body.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\x68")
    assert 500 < len(reply.body) < 20_000


def test_the_icon_holds_a_picture() -> None:
    icon = favicon()
    offset = int.from_bytes(icon[18:22], "little")
    assert icon[offset:].startswith(b"\x89PNG")
    assert len(icon) == offset + int.from_bytes(icon[14:18], "little")


def test_sitemaps_list_every_story(site: RunningSite) -> None:
    index = get(site, "/sitemap.xml").text
    assert f"<loc>{site.url}/sitemaps/fil.xml</loc>" in index
    listed = get(site, "/sitemaps/fil.xml").text
    for story in site.site.catalogue.edition("fil"):
        assert f"<loc>{site.url}/fil/articles/{story.slug}</loc>" in listed
        assert f'hreflang="en" href="{site.url}/en/articles/{story.slug}"' in listed


def test_in_the_foreground_until_ctrl_c() -> None:
    command = [sys.executable, "-m", "crawler.demo", "--port", "0", "--state", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split(" ")[0]
        port = int(url.rpartition(":")[2])
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=240)) as connection:
            connection.request("GET", "/en")
            assert connection.getresponse().status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(240) == 0


def test_a_taken_port_is_said(site: RunningSite) -> None:
    command = [sys.executable, "-m", "crawler.demo", "--port", str(site.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 2
    assert f"Port {site.port} cannot be had" in done.stderr
