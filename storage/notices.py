"""Telling every process of a hub that something was written: one NOTIFY behind commits, not in them.

In each transaction it would halve how many can commit: PostgreSQL puts those that notify in line.
It says nothing but that there is something to look at, and one that is lost costs the look that
every process takes now and then by itself (`storage.moved`).
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.refusals import log

CHANNEL = "convoke_moved"
PAUSE_SECONDS = 0.075
LONGEST_SECONDS = 2.0
RETRY_SECONDS = 5.0

Connection = Any  # asyncpg has no types


class Notices:
    """The first commit is told at once; those that follow it closely are told together. On a
    connection of its own, opened at the first: nobody who asks waits for that."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._connection: Connection | None = None
        self._telling: asyncio.Task[None] | None = None
        self._again = False
        self._closing = asyncio.Event()

    def soon(self) -> None:
        """Something was committed. Waits for nothing."""
        self._again = True
        if self._telling is None:
            self._telling = asyncio.ensure_future(self._tell())

    async def close(self) -> None:
        """What was committed is told, where anybody can still be told."""
        self._closing.set()
        if self._telling is not None:
            await asyncio.wait([self._telling])  # no longer than `_notify` takes, twice
        self._closing.clear()  # a database may be used again after it was closed
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=LONGEST_SECONDS)
            except Exception:
                connection.terminate()  # it was going anyhow
                log.debug("A connection was not closed in good order.", exc_info=True)

    async def _tell(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._notify()
                await self._pause()
        finally:
            self._telling = None

    async def _notify(self) -> None:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(**self._options)
                await self._connection.execute(f"notify {CHANNEL}")
        except Exception as error:  # whatever it is: it was committed, and will be looked at
            log.info("Other processes were not told of a change, and will look: %r", error)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._closing.wait()
        except TimeoutError:
            return


async def hear(engine: AsyncEngine, wake: Callable[[], None]) -> None:
    """Calls that whenever a process says that something was written, until it is cancelled. On a
    connection of its own; while there is none, nobody is woken."""
    _, options = engine.dialect.create_connect_args(engine.url)
    while True:
        try:
            await _hear_on(options, wake)
        except Exception as error:  # whatever it is: whoever is not woken looks by themselves
            log.info("Nothing is heard of what other processes write: %r", error)
        await asyncio.sleep(RETRY_SECONDS)


async def _hear_on(options: Mapping[str, Any], wake: Callable[[], None]) -> None:
    lost = asyncio.Event()
    async with asyncio.timeout(LONGEST_SECONDS):
        connection: Connection = await asyncpg.connect(**options)
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, lambda *_: wake())
        wake()  # for what was said before
        await lost.wait()
    finally:
        connection.terminate()
