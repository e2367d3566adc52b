"""Where the offers are kept: one SQLite file, which is enough for an example."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")
TABLE = """
    create table if not exists carpools (
        id integer primary key,
        event text not null,
        organization text not null,
        start text not null,
        leaves_at text not null,
        seats integer not null
    )"""
BY_EVENT = "create index if not exists carpools_of_event on carpools (event)"
# At most 100 of each event, and of an organization.
OF_EVENTS = """
    select id, event, organization, start, leaves_at, seats from (
        select *, row_number() over (partition by event order by leaves_at, id) as place
        from carpools where event in (select value from json_each(?))
    ) where place <= 100 order by leaves_at, id"""
OF_ORGANIZATION = """
    select id, event, organization, start, leaves_at, seats
    from carpools where organization = ? order by id desc limit 100"""
NEW = """
    insert into carpools (event, organization, start, leaves_at, seats) values (?, ?, ?, ?, ?)
    returning id, event, organization, start, leaves_at, seats"""


@dataclass(frozen=True, slots=True)
class Offer:
    """`organization` offers some `seats` from `start`."""

    id: int
    event: str
    organization: str
    start: str
    leaves_at: datetime
    seats: int


class Shelf:
    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(TABLE)
            db.execute(BY_EVENT)

    async def of_events(self, events: Sequence[str]) -> dict[str, list[Offer]]:
        """The offers for each of these events, those that leave first before the others."""
        found: dict[str, list[Offer]] = {event: [] for event in events}
        asked = (json.dumps(list(events)),)
        for offer in await self._do(lambda db: offers(db.execute(OF_EVENTS, asked))):
            found[offer.event].append(offer)
        return found

    async def of_organization(self, organization: str) -> list[Offer]:
        """What it offers, the newest first."""
        return await self._do(lambda db: offers(db.execute(OF_ORGANIZATION, (organization,))))

    async def offer(
        self, event: str, organization: str, start: str, leaves_at: datetime, seats: int
    ) -> Offer:
        """`leaves_at` in UTC, as which they are told apart."""
        new = (event, organization, start, leaves_at.isoformat(), seats)
        (made,) = await self._do(lambda db: offers(db.execute(NEW, new)))
        return made

    async def _do(self, use: Callable[[sqlite3.Connection], Found]) -> Found:
        """One transaction, in a thread: SQLite has nobody waiting for the disk but who asks."""

        def done() -> Found:
            with closing(sqlite3.connect(self.path)) as db, db:
                return use(db)

        return await asyncio.to_thread(done)


def offers(rows: Iterable[tuple[int, str, str, str, str, int]]) -> list[Offer]:
    return [Offer(*row[:4], datetime.fromisoformat(row[4]), row[5]) for row in rows]
