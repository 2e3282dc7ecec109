"""The address guard: no connection to an address that is not public, whatever name led to it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IStreamClientEndpoint
from zope.interface import directlyProvides, providedBy

from crawler.errors import PrivateAddressError

Address = IPv4Address | IPv6Address

NOT_PUBLIC = {
    ip_network(network): kind
    for network, kind in (
        ("0.0.0.0/32", "unspecified"),
        ("0.0.0.0/8", "this network"),  # RFC 791, 3.2
        ("10.0.0.0/8", "private"),  # RFC 1918, as the next two
        ("172.16.0.0/12", "private"),
        ("192.168.0.0/16", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),  # RFC 6598
        ("127.0.0.0/8", "loopback"),  # RFC 1122, 3.2.1.3
        ("169.254.0.0/16", "link-local"),  # RFC 3927; where clouds keep their metadata
        ("192.0.0.0/24", "protocol assignment"),  # RFC 6890
        ("192.0.2.0/24", "documentation"),  # RFC 5737, as the next two
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),  # RFC 7526
        ("198.18.0.0/15", "benchmarking"),  # RFC 2544
        ("224.0.0.0/4", "multicast"),  # RFC 5771
        ("240.0.0.0/4", "reserved"),  # RFC 1112, 4
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "local-use NAT64"),  # RFC 8215
        ("100::/64", "discard-only"),  # RFC 6666
        ("2001::/23", "protocol assignment"),  # RFC 2928
        ("2001:db8::/32", "documentation"),  # RFC 3849
        ("3fff::/20", "documentation"),  # RFC 9637
        ("fc00::/7", "private"),  # RFC 4193
        ("fe80::/10", "link-local"),  # RFC 4291, 2.5.6
        ("fec0::/10", "site-local"),  # RFC 3879
        ("ff00::/8", "multicast"),  # RFC 4291, 2.7
    )
}
"""Networks of IANA's registries of special-purpose addresses. A table of our own, as the answers of
``ipaddress`` (is_global and the like) differ between the Python versions that we run on."""

GLOBAL_UNICAST = IPv6Network("2000::/3")

CARRIERS = {
    IPv6Network("::/96"): ((0, 0),),  # IPv4-compatible, RFC 4291, 2.5.5.1
    IPv6Network("::ffff:0:0/96"): ((0, 0),),  # IPv4-mapped, RFC 4291, 2.5.5.2
    IPv6Network("::ffff:0:0:0/96"): ((0, 0),),  # IPv4-translated, RFC 2765
    IPv6Network("64:ff9b::/96"): ((0, 0),),  # NAT64, RFC 6052
    IPv6Network("2002::/16"): ((80, 0),),  # 6to4, RFC 3056
    IPv6Network("2001::/32"): (
        (64, 0),
        (0, 0xFFFF_FFFF),
    ),  # Teredo's server and client, RFC 4380
}
"""Networks whose addresses stand for IPv4 ones: how many bits lie to the right of each, and which are turned."""

ISATAP = (0x5EFE, 0x0200_5EFE)
"""What stands before the IPv4 address in the interface part (RFC 5214, 6.1)."""


def why_not_public(host: str) -> str | None:
    """What kind of address *host* (IPv4 or IPv6, as text) is, where it is not one of the public internet.

    None for a public one. Raises ValueError for what is no address.
    """
    kinds = map(_kind, _meant(ip_address(host)))
    return next((kind for kind in kinds if kind is not None), None)


def _kind(address: Address) -> str | None:
    for network, kind in NOT_PUBLIC.items():
        if address in network:
            return kind
    return None if address.version == 4 or address in GLOBAL_UNICAST else "reserved"


def _meant(address: Address) -> Iterator[Address]:
    """The addresses that a packet for *address* can end at: IPv4 ones where it stands for such."""
    carrier = next((network for network in CARRIERS if address in network), None)
    if carrier is None or int(address) <= 1:  # not :: and ::1, which look as if they were IPv4-compatible
        yield address
    else:
        for shift, turned in CARRIERS[carrier]:
            yield IPv4Address((int(address) >> shift & 0xFFFF_FFFF) ^ turned)
    if address.version == 6 and int(address) >> 32 & 0xFFFF_FFFF in ISATAP:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)


class AddressGuard:
    """Refuses connections to addresses that are not public.

    It stands where the connection is made: what it checks is the address that is dialled, after DNS, for each
    attempt and each hop; a name that resolves anew between a check and its use gains nothing. Through a proxy,
    which is the user's choice and resolves names by itself, only hosts written as addresses can be checked.
    """

    def check_host(self, host: str) -> None:
        """Raises PrivateAddressError where *host*, of a URL, is written as an address that is not public."""
        try:
            _refuse_private(host)
        except ValueError:
            return  # a name

    def guarded(self, endpoint: IStreamClientEndpoint) -> IStreamClientEndpoint:
        """*endpoint*, an agent's for a URL, which now fails with PrivateAddressError where it must not connect.

        Raises TypeError for an endpoint of a kind unknown: better no connection than an unguarded one.
        """
        inner = getattr(endpoint, "_wrappedEndpoint", endpoint)  # wrapClientTLS puts TLS around it
        if not isinstance(inner, HostnameEndpoint) or not hasattr(inner, "_reactor"):
            raise TypeError(f"the address guard cannot look into {endpoint!r}")
        inner._reactor = GuardedReactor(inner._reactor)
        return endpoint


class GuardedReactor:
    """A reactor that dials public addresses only, and is the reactor in all else."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        directlyProvides(self, providedBy(reactor))

    def connectTCP(self, host: str, *args: Any, **kwargs: Any) -> Any:
        """Connect to *host*, an address; raises PrivateAddressError where that is not public."""
        _refuse_private(host)
        return self._reactor.connectTCP(host, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)


def _refuse_private(address: str) -> None:
    kind = why_not_public(address)
    if kind is not None:
        raise PrivateAddressError(address, kind)
