"""The benchmark's data, made small, in a database of the run's own server."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bench.compare import Plan
from bench.contest import address
from bench.data import KERNEL_EVENTS, Scale
from bench.loading import connected
from storage.embedded import EmbeddedPostgres
from storage.embedded_process import running

SMALL = Scale(
    events=KERNEL_EVENTS, rsvps=800, organizations=40, groups=60, alliances=12, kernel=True
)
PLAN = Plan(scale=SMALL, rounds=1, seconds=0.15, warm_seconds=0.05, checked=10)


@dataclass(frozen=True, slots=True)
class Made:
    """A database that holds the data."""

    server: EmbeddedPostgres
    name: str
    directory: Path

    @property
    def url(self) -> str:
        return address(self.server, self.name)

    @property
    def postgres_pid(self) -> int:
        ((place,),) = self.ask("show data_directory")
        found = running(Path(str(place)))
        assert found is not None
        return found.pid

    def ask(self, statement: str, database: str | None = None) -> list[tuple[object, ...]]:
        async def asked() -> list[tuple[object, ...]]:
            async with connected(self.server, database or self.name) as connection:
                return [tuple(row) for row in await connection.fetch(statement)]

        return asyncio.run(asked())


def silent(_: str) -> None:
    return
