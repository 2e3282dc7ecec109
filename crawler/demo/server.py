"""The demo site on a loopback port: a small HTTP/1.1 server in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from threading import Thread

from crawler.demo.answer import Answer
from crawler.demo.delivery import Request, message
from crawler.demo.expected import Expected, expected
from crawler.demo.site import DemoSite
from crawler.demo.story import Story, load_stories

HOST = "127.0.0.1"

PORT = 8017
"""Of the profile in crawler/sites/demo.toml."""

IDLE = 60.0
"""Seconds that a connection may stay silent."""

LIMIT = 32 * 1024
"""Bytes of a request's head; more is refused."""

REFUSED = 5.0
"""Seconds in which the rest of what was refused is read."""

STOPPING = 60.0
"""Seconds for the server to end."""

RETRY_AFTER = 1
"""Seconds that the busy story asks for."""


CONVERSATION = "conversation"
"""The name of the tasks that each serve one connection."""


@dataclass(frozen=True, slots=True)
class Served:
    """One request that was answered: its time is its place in the log."""

    method: str
    target: str
    status: int
    user_agent: str


class RunningSite:
    """The site while it is served. ``url`` is its origin, without a final slash."""

    def __init__(self, stories: tuple[Story, ...], port: int, state: int, delay: float) -> None:
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.delay = delay
        self._stories = stories
        self._log: list[Served] = []
        self.set_state(state)

    @property
    def log(self) -> tuple[Served, ...]:
        """The requests answered so far, in their order."""
        return tuple(self._log)

    @property
    def site(self) -> DemoSite:
        """The site in its present state."""
        return self._site

    def set_state(self, state: int) -> None:
        """Show the site in *state* (1, 2 or 3) from now on. Raises ValueError for any other."""
        self._site = DemoSite(self._stories, state=state, origin=self.url)
        self._asked: set[str] = set()

    def clear_log(self) -> None:
        """Forget the requests answered so far, and that the busy story was asked for."""
        self._log.clear()
        self._asked.clear()

    def expected(self) -> Expected:
        """What a crawl should find now."""
        return expected(self._site)

    def respond(self, request: Request) -> tuple[bytes, bool, float]:
        """Response bytes, whether the connection stays, and seconds to wait first."""
        answer = self._answer(request)
        data, stays = message(request, answer)
        agent = request.headers.get("user-agent", "")
        self._log.append(Served(request.method, request.target, int(data[9:12]), agent))
        return data, stays, self.delay if answer.manner.slow else 0.0

    def _answer(self, request: Request) -> Answer:
        if request.method not in ("GET", "HEAD"):
            return Answer(405, b"", "text/plain", (("Allow", "GET, HEAD"),))
        answer = self._site.answer(request.target)
        path = request.target.partition("?")[0]
        if answer.manner.busy and path not in self._asked:
            self._asked.add(path)
            return Answer(503, b"Busy, please come again.\n", "text/plain", (("Retry-After", str(RETRY_AFTER)),))
        return answer


@contextmanager
def serve(
    port: int = 0,
    *,
    state: int = 1,
    delay: float = 0.2,
    stories: tuple[Story, ...] | None = None,
) -> Iterator[RunningSite]:
    """The site on 127.0.0.1 while the context lasts.

    *port* 0 takes a free one; *delay* is what the slow stories take, in seconds. Raises OSError for a port that is
    taken, ValueError for a state that the site does not have, StoryError for a story that cannot be read.
    """
    told = load_stories() if stories is None else stories
    with _loop() as loop:
        listening, running = asyncio.run_coroutine_threadsafe(_listen(told, port, state, delay), loop).result()
        try:
            yield running
        finally:
            asyncio.run_coroutine_threadsafe(_close(listening), loop).result(STOPPING)


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own: the caller may have one that runs already."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="demo site", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STOPPING)
        loop.close()


async def _listen(
    stories: tuple[Story, ...], port: int, state: int, delay: float
) -> tuple[asyncio.Server, RunningSite]:
    sites: list[RunningSite] = []
    listening = await asyncio.start_server(lambda r, w: _converse(sites[0], r, w), HOST, port, limit=LIMIT)
    try:
        sites.append(RunningSite(stories, listening.sockets[0].getsockname()[1], state, delay))
    except BaseException:
        listening.close()
        await listening.wait_closed()
        raise
    return listening, sites[0]


async def _close(listening: asyncio.Server) -> None:
    """End every conversation.

    A connection that is just being accepted must have begun before the server closes, or asyncio leaks its socket.
    """
    while _tasks() != _conversations():
        await asyncio.sleep(0.001)
    listening.close()
    for task in _conversations():
        task.cancel()
    await asyncio.gather(*_conversations(), return_exceptions=True)


def _tasks() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def _conversations() -> set[asyncio.Task[object]]:
    return {task for task in _tasks() if task.get_name() == CONVERSATION}


async def _converse(site: RunningSite, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection until one side has had enough."""
    if task := asyncio.current_task():
        task.set_name(CONVERSATION)
    try:
        while await _exchange(site, reader, writer):
            pass
    except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
        pass  # the client went away: nothing is left to say
    except asyncio.CancelledError:
        writer.transport.abort()  # the server stops, and does not wait for who reads slowly
    finally:
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()


async def _say_last(refusal: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send *refusal* and hear the client out (RFC 9112, 9.6).

    Closed with bytes unread, the connection would be reset, and the refusal lost with it.
    """
    writer.write(refusal)
    writer.write_eof()
    with suppress(TimeoutError):
        async with asyncio.timeout(REFUSED):
            while await reader.read(LIMIT):
                pass


async def _exchange(site: RunningSite, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """One request and its answer; false when the connection is to be closed."""
    try:
        async with asyncio.timeout(IDLE):
            request = await _read(reader)
    except (ValueError, asyncio.LimitOverrunError):
        refusal, _ = message(
            Request("GET", "*", "HTTP/1.0", {}), Answer(int(HTTPStatus.BAD_REQUEST), b"", "text/plain")
        )
        await _say_last(refusal, reader, writer)
        return False
    data, stays, wait = site.respond(request)
    if wait:
        await asyncio.sleep(wait)
    writer.write(data)
    await writer.drain()
    return stays


async def _read(reader: asyncio.StreamReader) -> Request:
    """The next request, its body read past. Raises ValueError for what is no request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").lstrip("\r\n").split("\r\n")
    method, target, version = first.split(" ")
    fields = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, version, headers)
