"""Ends the process that finds this module on its path when it reaches for the network."""

import os
import sys

NETWORK = frozenset(
    "socket.connect socket.sendto socket.sendmsg socket.getaddrinfo socket.gethostbyname "
    "socket.gethostbyaddr socket.getnameinfo".split()
)
CAUGHT = 99


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in NETWORK:
        os.write(2, f"reached for the network: {event}\n".encode())
        os._exit(CAUGHT)


sys.addaudithook(refuse)
