"""Which schedules share a host: those crawl one after the other, never at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.sites.profile import Profile


def lanes(hosts: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Each site's lane, by the hosts of each: sites that share a host, with others between them or not, share it.

    A host and its subdomains are one. A lane is named by its first host in alphabetical order.
    """
    found: list[set[str]] = []
    for own in hosts.values():
        joined = set(own)
        apart = []
        for lane in found:
            if _touch(lane, joined):
                joined |= lane
            else:
                apart.append(lane)
        found = [*apart, joined]
    return {site: min(next(lane for lane in found if _touch(lane, own))) for site, own in hosts.items()}


def hosts_of(profile: Profile) -> tuple[str, ...]:
    """A site's hosts, without ports."""
    return tuple(dict.fromkeys(str(urlsplit(f"//{domain}").hostname) for domain in profile.domains))


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts that are crawled at the moment.

    Lanes alone do not do: they change with the schedules, and a crawl that goes on is in the lane it began in.
    """

    _used: list[tuple[str, ...]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def held(self, own: tuple[str, ...]) -> Iterator[None]:
        """Hold the hosts until the block ends; waits until nobody else holds one of them."""
        with self._changed:
            self._changed.wait_for(lambda: not any(_touch(own, used) for used in self._used))
            self._used.append(own)
        try:
            yield
        finally:
            with self._changed:
                self._used.remove(own)
                self._changed.notify_all()


def _touch(some: Iterable[str], others: Iterable[str]) -> bool:
    return any(one == other or _under(one, other) or _under(other, one) for one in some for other in others)


def _under(host: str, domain: str) -> bool:
    return host.endswith(f".{domain}") and not domain.replace(".", "").isdigit()
