"""Ports for servers that cannot be asked to choose one themselves."""

from __future__ import annotations

import random
import socket
from contextlib import closing, suppress

BELOW_THE_CLIENTS = range(20_000, 32_768)
"""Linux takes the ports of outgoing connections from above these: what is free here stays free a while."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    for port in random.SystemRandom().sample(BELOW_THE_CLIENTS, 100):
        with suppress(OSError), closing(socket.create_server(("127.0.0.1", port))):
            return port
    raise AssertionError("no port is free")
