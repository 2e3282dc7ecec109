"""No request is begun while as many as may be have captures that are not on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import wraps

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred

from archive.capture import Location
from archive.errors import ArchiveWriteError
from crawler.frontier.unsaved import Unsaved

PLACE = Location("a.warc.gz", 0, 1, "urn:uuid:1", "sha256:0", "response")


class Wire:
    """Requests that end when the test says so, and captures that are on disk when it says so."""

    def __init__(self, most: int) -> None:
        self.nudges = 0
        self.unsaved = Unsaved(most, on_room=self.nudge)
        self.begun: list[str] = []
        self.answers: dict[str, asyncio.Event] = {}
        self.written: dict[str, Future[Location]] = {}

    def nudge(self) -> None:
        self.nudges += 1

    async def ask(self, name: str) -> None:
        self.answers[name] = asyncio.Event()
        async with self.unsaved.request():
            self.begun.append(name)
            await self.answers[name].wait()
            self.written[name] = Future()
            self.unsaved.add(self.written[name])

    def answer(self, name: str) -> None:
        self.answers[name].set()

    def save(self, name: str) -> None:
        self.written[name].set_result(PLACE)
        self.unsaved.settle()


def on_the_loop(scenario: Callable[[], Coroutine[None, None, None]]) -> Callable[[], object]:
    """Run a test as a task of asyncio's."""

    @ensureDeferred
    async def test() -> None:
        await Deferred.fromFuture(asyncio.ensure_future(scenario()))

    return wraps(scenario)(test)


async def reached(condition: Callable[[], bool]) -> None:
    for _ in range(20):
        await asyncio.sleep(0)
    assert condition()


@on_the_loop
async def test_a_request_waits_until_a_capture_is_on_disk_not_only_until_an_answer_came() -> None:
    wire = Wire(2)
    asked = [asyncio.ensure_future(wire.ask(name)) for name in "abcd"]
    await reached(lambda: wire.begun == ["a", "b"])
    wire.answer("a")
    await reached(lambda: "a" in wire.written and wire.begun == ["a", "b"])
    wire.save("a")
    await reached(lambda: wire.begun == ["a", "b", "c"])
    for name in "bc":
        wire.answer(name)
    await reached(lambda: wire.begun == ["a", "b", "c"])
    wire.save("c")
    await reached(lambda: wire.begun == ["a", "b", "c", "d"])
    wire.answer("d")
    await asyncio.gather(*asked)


@on_the_loop
async def test_a_request_that_is_given_up_or_leaves_no_capture_makes_room() -> None:
    wire = Wire(1)
    first, waiting, last = (asyncio.ensure_future(wire.ask(name)) for name in "abc")
    await reached(lambda: wire.begun == ["a"])
    waiting.cancel()
    first.cancel()
    await reached(lambda: wire.begun == ["a", "c"])
    wire.answer("c")
    await last


@pytest.mark.parametrize(("most", "under_way", "room"), [(1, 0, True), (1, 1, False), (8, 7, True), (0, 999, True)])
def test_what_is_about_to_be_asked_counts(most: int, under_way: int, room: bool) -> None:
    assert Wire(most).unsaved.leaves_room(under_way) is room


def test_who_was_refused_is_nudged_once_there_may_be_room() -> None:
    wire = Wire(2)
    written: list[Future[Location]] = [Future(), Future()]
    for one in written:
        wire.unsaved.add(one)
    wire.unsaved.settle()
    assert wire.nudges == 0
    assert not wire.unsaved.leaves_room(0)
    written[0].set_result(PLACE)
    wire.unsaved.settle()
    assert wire.nudges == 1
    assert wire.unsaved.leaves_room(0)
    assert not wire.unsaved.leaves_room(1)


@on_the_loop
async def test_after_a_capture_that_could_not_be_written_none_begins_and_none_hangs() -> None:
    wire = Wire(1)
    first, waiting = (asyncio.ensure_future(wire.ask(name)) for name in "ab")
    await reached(lambda: wire.begun == ["a"])
    wire.answer("a")
    await first
    wire.written["a"].set_exception(ArchiveWriteError("full"))
    wire.unsaved.settle()
    await reached(lambda: wire.begun == ["a", "b"])  # it was under way: a crawl that closes waits for it
    wire.answer("b")
    await waiting
    wire.save("b")
    assert not wire.unsaved.leaves_room(0)
