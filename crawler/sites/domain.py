"""Domains of a site, ``host`` or ``host:port``, and which URLs they cover."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit

from crawler.urls import normalise, split

_DOMAIN = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/:@?#\\\[\]]+)(?::(?P<port>\d{1,5}))?")
_IP_ADDRESS = re.compile(r"\[.*\]|[\d.]+")


def read_domain(written: str) -> str:
    """A domain in normal form: lower case, punycode, its port if it has one.

    Raises:
        ValueError: it is no host or host:port; the text names it and what was probably meant.
    """
    match = _DOMAIN.fullmatch(written)
    if match is not None and int(match["port"] or 1) in range(1, 65536):
        with suppress(ValueError):
            host = split(normalise(f"http://{match['host']}/")).host
            return f"{host}:{int(match['port'])}" if match["port"] else host
    meant = urlsplit(written if "://" in written else f"//{written}").netloc.rpartition("@")[2]
    hint = f"; did you mean {meant!r}?" if meant != written and _DOMAIN.fullmatch(meant) else ""
    raise ValueError(f"{written!r} is no host or host:port{hint}")


def covering(domains: Iterable[str]) -> re.Pattern[str]:
    """What matches the ``host:port`` of the URLs that domains cover.

    A domain with a port covers that port alone, one without any port. It covers its subdomains too
    (``www.example.org``), unless it is an IP address.
    """
    return re.compile("|".join(map(_covering, domains)))


def _covering(domain: str) -> str:
    match = _DOMAIN.fullmatch(domain)
    if match is None:
        raise ValueError(f"{domain!r} is no host or host:port")
    subdomains = "" if _IP_ADDRESS.fullmatch(match["host"]) else r"(?:[^:]+\.)?"
    return f"{subdomains}{re.escape(match['host'])}:{match['port'] or r'[0-9]+'}"
