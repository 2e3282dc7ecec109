from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from scrapy import Request
from scrapy.resolver import HostResolution
from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.interfaces import IHostnameResolver
from zope.interface import implementer

from crawler.download.guard import NOT_PUBLIC as NOT_PUBLIC_NETWORKS
from crawler.download.guard import AddressGuard, why_not_public
from crawler.errors import PrivateAddressError
from tests.download.cases import answer
from tests.download.certificate import server_context
from tests.download.crawl import Shelf, crawl
from tests.download.proxy import Proxy
from tests.download.torture import Case, TortureServer

NOT_PUBLIC = {
    "127.0.0.1": "loopback",
    "127.255.0.9": "loopback",
    "::1": "loopback",
    "0.0.0.0": "unspecified",
    "::": "unspecified",
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "192.0.0.8": "protocol assignment",
    "192.0.2.1": "documentation",
    "198.18.0.1": "benchmarking",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "169.254.169.254": "link-local",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "100.64.0.1": "carrier-grade NAT",
    "100.127.255.255": "carrier-grade NAT",
    "192.88.99.1": "6to4 relay",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "ff02::1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "fc00::1": "private",
    "fd12:3456::1": "private",
    "fec0::1": "site-local",
    "2001:db8::1": "documentation",
    "100::1": "discard-only",
    "3fff::1": "documentation",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:10.0.0.1": "private",
    "::ffff:169.254.169.254": "link-local",
    "::ffff:0:127.0.0.1": "loopback",
    "::127.0.0.1": "loopback",
    "64:ff9b::127.0.0.1": "loopback",
    "64:ff9b::10.0.0.1": "private",
    "64:ff9b::100.64.0.1": "carrier-grade NAT",
    "64:ff9b:1::1.1.1.1": "local-use NAT64",
    "2002:7f00:1::": "loopback",
    "2002:a9fe:a9fe::1": "link-local",
    "2002:c0a8:101::1": "private",
    "2001:0:7f00:1::": "loopback",
    "2001:0:808:808:8000:63bf:80ff:fffe": "loopback",
    "2001:0:808:808:8000:63bf:f5ff:fffe": "private",
    "2001:20::1": "protocol assignment",
    "4000::1": "reserved",
    "2606:4700::5efe:127.0.0.1": "loopback",
    "2606:4700::200:5efe:192.168.0.1": "private",
}

PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "2001:0:808:808::f7f7:f7f7",
)


@pytest.mark.parametrize("host", NOT_PUBLIC)
def test_not_public(host: str) -> None:
    assert why_not_public(host) == NOT_PUBLIC[host]


@pytest.mark.parametrize("host", PUBLIC)
def test_public(host: str) -> None:
    assert why_not_public(host) is None


def test_what_is_no_address_is_no_address() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        why_not_public("localhost")


CASE = Case("plain", (answer("200 OK"),))

LOOPBACK_HOSTS = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "localhost",
    "[::1]",
    "0.0.0.0",
    "[::ffff:127.0.0.1]",
)


@pytest.mark.parametrize("scheme", ["http", "https"])
@ensureDeferred
async def test_no_spelling_of_loopback_is_connected_to(scheme: str, tmp_path: Path) -> None:
    shelf = Shelf()
    with TortureServer((CASE,), server_context(tmp_path) if scheme == "https" else None) as server:
        requests = [Request(f"{scheme}://{host}:{server.port}/plain") for host in LOOPBACK_HOSTS]
        result = await crawl(requests, shelf, EDITIONS_ALLOW_PRIVATE_ADDRESSES=False, RETRY_ENABLED=True)
    assert server.connections == 0
    assert [type(error) for error in result.errors.values()] == [PrivateAddressError] * len(LOOPBACK_HOSTS)
    assert len(shelf.captures) == len(LOOPBACK_HOSTS), "a refusal is no reason to try again"
    for capture in shelf.captures:
        assert (capture.request, capture.response) == (b"", None)
        assert capture.error is not None
        assert capture.error.kind == "crawler.errors.PrivateAddressError"
        assert "is not a public address" in capture.error.message


@implementer(IHostnameResolver)
class Names:
    """A resolver that says of every name that it lies at 127.0.0.1."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolveHostName(self, receiver: Any, name: str, port: int = 0, *args: object, **kwargs: object) -> None:
        self.asked.append(name)
        receiver.resolutionBegan(HostResolution(name))
        receiver.addressResolved(IPv4Address("TCP", "127.0.0.1", kwargs.get("portNumber", port)))
        receiver.resolutionComplete()


@ensureDeferred
async def test_a_name_is_judged_by_the_address_that_is_dialled(request: pytest.FixtureRequest) -> None:
    """There is one look-up, and the address it gave is both judged and dialled: no second one can differ."""
    names = Names()
    former = reactor.installNameResolver(names)
    request.addfinalizer(lambda: reactor.installNameResolver(former))
    with TortureServer((CASE,)) as server:
        requests = [Request(f"http://rebound.example:{server.port}/plain")]
        result = await crawl(requests, None, EDITIONS_ALLOW_PRIVATE_ADDRESSES=False)
    assert server.connections == 0
    assert names.asked == ["rebound.example"]
    (error,) = result.errors.values()
    assert str(error).startswith("127.0.0.1 is not a public address (loopback)")


@ensureDeferred
async def test_the_guard_is_on_unless_it_is_turned_off() -> None:
    with TortureServer((CASE,)) as server:
        result = await crawl([Request(f"{server.url}/plain")], None, EDITIONS_ALLOW_PRIVATE_ADDRESSES=None)
    assert server.connections == 0
    assert [type(error) for error in result.errors.values()] == [PrivateAddressError]


@ensureDeferred
async def test_a_proxy_on_loopback_may_be_used_but_not_for_addresses_behind_it() -> None:
    with TortureServer((CASE,)) as server, Proxy() as proxy:
        by_name = Request(f"http://localhost:{server.port}/plain", meta={"proxy": proxy.url})
        by_address = Request(f"{server.url}/plain", meta={"proxy": proxy.url})
        result = await crawl([by_name, by_address], None, EDITIONS_ALLOW_PRIVATE_ADDRESSES=False)
    assert list(result.responses) == [by_name.url]
    assert [type(error) for error in result.errors.values()] == [PrivateAddressError]


@contextmanager
def only_the_second_loopback_is_private() -> Iterator[None]:
    """127.0.0.1 passes for public, 127.0.0.2 for private: the guard's table is changed, and nothing else."""
    table = dict(NOT_PUBLIC_NETWORKS)
    NOT_PUBLIC_NETWORKS[ip_network("127.0.0.2/32")] = NOT_PUBLIC_NETWORKS.pop(ip_network("127.0.0.0/8"))
    try:
        yield
    finally:
        NOT_PUBLIC_NETWORKS.clear()
        NOT_PUBLIC_NETWORKS.update(table)


@pytest.mark.parametrize("how", ["location", "refresh"])
@ensureDeferred
async def test_a_redirect_is_judged_at_each_hop(how: str) -> None:
    with TortureServer((CASE,), host="127.0.0.2") as inside:
        aim = f"http://127.0.0.2:{inside.port}/plain".encode()
        refresh = b'<meta http-equiv="refresh" content="0; url=' + aim + b'">'
        message = (
            answer("302 Found", b"Location: " + aim, body=b"")
            if how == "location"
            else answer("200 OK", b"Content-Type: text/html", body=refresh)
        )
        shelf = Shelf()
        with TortureServer((Case("hop", (message,)),)) as outside, only_the_second_loopback_is_private():
            result = await crawl(
                [Request(f"{outside.url}/hop")], shelf, EDITIONS_ALLOW_PRIVATE_ADDRESSES=False, REDIRECT_ENABLED=True
            )
        assert [entry.path for entry in outside.log] == ["/hop"]
        assert inside.connections == 0
    assert [type(error) for error in result.errors.values()] == [PrivateAddressError]
    hop, refused = shelf.captures
    assert (hop.ip, refused.url, refused.request) == ("127.0.0.1", aim.decode(), b"")
    shelf.close()


ODD_PLACES = (
    b"file:///etc/passwd",
    b"data:text/html,<p>x",
    b"ftp://127.0.0.1/a",
    b"javascript:alert(1)",
    b"gopher://127.0.0.1:1/",
    b"HTTP+unix://%2Frun%2Fdocker.sock/",
    b"s3://bucket/key",
    b"about:blank",
    b"//",
    b"http://",
    b"http://[::1",
    b"http://127.0.0.1:99999999/",
)


@ensureDeferred
async def test_redirects_to_odd_places_end_where_they_began() -> None:
    """As the answer with status 302, or as an error in words: never with a connection elsewhere."""
    cases = tuple(
        Case(f"odd-{n}", (answer("302 Found", b"Location: " + place, body=b"x"),))
        for n, place in enumerate(ODD_PLACES)
    )
    with TortureServer(cases) as server:
        requests = [Request(f"{server.url}/{case.name}") for case in cases]
        result = await crawl(requests, None, REDIRECT_ENABLED=True)
        assert {entry.path for entry in server.log} == {f"/{case.name}" for case in cases}
    assert len(result.responses) + len(result.errors) == len(cases)
    assert {response.status for response in result.responses.values()} == {302}


def test_an_endpoint_that_it_does_not_know_is_refused() -> None:
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", 1)
    with pytest.raises(TypeError, match="cannot look into"):
        AddressGuard().guarded(endpoint)
