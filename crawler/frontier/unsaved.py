"""What a kill would have a crawl ask for again: requests whose captures are not on disk. Never more than so many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager

from archive.capture import Location


class Unsaved:
    """Counts requests on the wire, and captures that the archive's writer has and the disk has not.

    *most*: how many there may be, 0 for any number; *on_room* is called by :meth:`settle` when somebody was told
    that there is no room, and there is again. All methods belong to one thread, the reactor's.
    """

    def __init__(self, most: int, on_room: Callable[[], object]) -> None:
        self._most = most or float("inf")
        self._on_room = on_room
        self._on_wire = 0
        self._writing: list[Future[Location]] = []
        self._refused = False
        self._settled = asyncio.Event()

    def leaves_room(self, under_way: int) -> bool:
        """Whether one more request may begin beside *under_way* others, on the wire or about to be.

        Once a capture could not be written none may: the crawl is about to stop.
        """
        room = under_way + self._being_written() < self._most and not any(map(_failed, self._writing))
        self._refused = self._refused or not room
        return room

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """A request on the wire, for as long as the block; it waits for its turn (robots.txt comes unannounced)."""
        while self._on_wire + self._being_written() >= self._most:
            self._settled.clear()
            await self._settled.wait()
        self._on_wire += 1
        try:
            yield
        finally:
            self._on_wire -= 1
            self.settle()

    def add(self, written: Future[Location]) -> None:
        """A capture is on its way to the disk."""
        self._writing.append(written)

    def settle(self) -> None:
        """Let those go on that wait for what may be on disk by now."""
        self._writing = [one for one in self._writing if not one.done() or _failed(one)]
        self._settled.set()
        if self._refused:
            self._refused = False
            self._on_room()

    def _being_written(self) -> int:
        return sum(not one.done() for one in self._writing)


def _failed(written: Future[Location]) -> bool:
    return written.done() and written.exception() is not None
