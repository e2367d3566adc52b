"""Whether this process can do what it is there for: each thing that may keep it from that, looked at.

What it looks at is kept for a moment, so that whoever asks often asks the database no more often,
and all who ask at once hear one answer. Other hubs are none of it: a peer that is down must not
take this one from its people.
"""

import asyncio
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Problem
from domain.outside import Clock
from storage import operating
from storage.engine import Database
from storage.migrating import State, standing_of
from web.operating.leaving import Leaving

DEADLINE_SECONDS = 2.0  # of one look; who asks waits no longer
KEPT_SECONDS = 1.0

log = logging.getLogger("convoke.readiness")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: `check` for programs, and the rest for people."""

    check: str
    says: str


class Readiness:
    """One for each process. `least_free_bytes` is the floor of the disk that holds `data`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        leaving: Leaving,
        data: Path,
        least_free_bytes: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._leaving = leaving
        self._data = data
        self._least_free_bytes = least_free_bytes
        self._is_current: str | None = None  # the revision that was found to be one of ours
        self._look: asyncio.Task[tuple[Reason, ...]] | None = None
        self._looked_at = float("-inf")
        self._is_told = False

    async def reasons(self) -> tuple[Reason, ...]:
        """None where it is ready."""
        if self._leaving.is_leaving:
            return (Reason("leaving", "This process was told to stop. Ask another."),)
        now = asyncio.get_running_loop().time()
        if self._look is None or (self._look.done() and now - self._looked_at >= KEPT_SECONDS):
            self._look = asyncio.create_task(self._looked())
        return await asyncio.shield(self._look)

    async def _looked(self) -> tuple[Reason, ...]:
        try:
            found = (*self._of_disk(), *await self._of_database())
        finally:
            self._looked_at = asyncio.get_running_loop().time()
        if bool(found) != self._is_told:
            self._is_told = bool(found)
            said = " ".join(reason.says for reason in found)
            log.warning("Not ready: %s" if found else "Ready again.%s", said)
        return found

    def _of_disk(self) -> tuple[Reason, ...]:
        free = free_bytes(self._data)
        if free >= self._least_free_bytes:
            return ()
        says = (
            f"{free // 2**20} MB are free on the disk of the data directory, and "
            f"{self._least_free_bytes // 2**20} are the least (CONVOKE_DISK_FLOOR_MB): make room."
        )
        return (Reason("disk", says),)

    async def _of_database(self) -> tuple[Reason, ...]:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS), self._database.writing() as db:
                await operating.probe(db, self._clock.now())
                found = await operating.revision(db)
        except TimeoutError:
            says = f"The database did not take a row within {DEADLINE_SECONDS:g} seconds."
            return (Reason("database", says),)
        except Exception as trouble:
            # Whatever it is: whoever asks is told that, and the log what it was.
            log.info("The database took no row: %r", trouble)
            said = trouble.message if isinstance(trouble, Problem) else type(trouble).__name__
            return (Reason("database", f"The database takes no row: {said}"),)
        return () if self._knows(found) else (_of_tables(found),)

    def _knows(self, found: str) -> bool:
        """Tables of a newer Convoke are no reason: this one works with them (CONTRIBUTING.md)."""
        if found != self._is_current:
            state = standing_of(found).state
            if state not in (State.CURRENT, State.NEWER):
                return False
            self._is_current = found
        return True


def _of_tables(found: str) -> Reason:
    wanted = standing_of(found).wanted
    says = f"The tables are at {found or 'nothing'}, and {wanted} is wanted: ./convoke migrate"
    return Reason("tables", says)


def free_bytes(data: Path) -> int:
    """On the disk that holds the directory, or will hold it."""
    there = next(place for place in (data, *data.parents) if place.exists())
    return shutil.disk_usage(there).free
