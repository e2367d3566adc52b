"""Work that ends when its client leaves, and only then."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from web.leaving import WhileConnected


class Line:
    """A client at the other end of a line, who leaves when `gone` is set."""

    def __init__(self) -> None:
        self.watched = asyncio.Event()
        self.gone = asyncio.Event()
        self.broken: Exception | None = None

    async def receive(self) -> Message:
        self.watched.set()
        await self.gone.wait()
        if self.broken is not None:
            raise self.broken
        return {"type": "http.disconnect"}

    async def during(self, work: Callable[[], Awaitable[object]]) -> int:
        """How many cancellations are left to come when the work was done."""
        async with WhileConnected(self.receive):
            await work()
        for _ in range(5):
            await asyncio.sleep(0)  # what was to come in these turns of the loop has come
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()


async def test_who_stays_is_worked_for_to_the_end() -> None:
    line = Line()
    assert await line.during(line.watched.wait) == 0


async def test_a_short_work_is_done_before_anybody_looks() -> None:
    line = Line()
    assert await line.during(lambda: asyncio.sleep(0)) == 0
    assert not line.watched.is_set()


async def test_who_leaves_ends_the_work() -> None:
    line = Line()
    ended: list[str] = []

    async def work() -> None:
        try:
            await line.watched.wait()
            line.gone.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # what is to be put in order takes its time
            ended.append("in order")

    with pytest.raises(ClientDisconnect):
        await line.during(work)
    assert ended == ["in order"]


async def test_a_line_that_breaks_is_a_client_that_left() -> None:
    line = Line()
    line.broken = ConnectionResetError()

    async def work() -> None:
        await line.watched.wait()
        line.gone.set()
        await asyncio.Event().wait()

    with pytest.raises(ClientDisconnect):
        await line.during(work)


async def test_leaving_in_the_very_moment_of_the_answer_stops_nothing_later() -> None:
    line = Line()

    async def work() -> None:
        await line.watched.wait()
        await asyncio.sleep(0)  # behind the line, in the row of those who wait for this
        asyncio.get_running_loop().call_soon(line.gone.set)
        await line.gone.wait()

    assert await line.during(work) == 0


async def test_who_stops_the_hub_is_not_taken_for_a_client() -> None:
    line = Line()
    working = asyncio.create_task(line.during(asyncio.Event().wait))
    await line.watched.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
