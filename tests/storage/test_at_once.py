"""Many at once: one wins, the others are told, and nothing that was accepted is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import func, select

from domain.errors import Problem, Stale, Taken
from domain.identifiers import Identifier
from resolvers import events, organizations
from resolvers.events import EventChanges
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from storage import events as stored
from storage.engine import Database
from storage.tables import audit_entries
from storage.tables import occurrences as occurrences_table
from storage.tables import organizations as organizations_table
from tests.cast import Cast, MakeContext, publish

MANY = 20


async def at_once(act: Callable[[int], Awaitable[str]]) -> list[str | Problem]:
    """What each came to. Anything but a problem people can act on fails the test."""

    async def outcome(number: int) -> str | Problem:
        try:
            return await act(number)
        except Problem as problem:
            return problem

    return await asyncio.gather(*(outcome(number) for number in range(MANY)))


async def count(database: Database, statement: Any) -> int:
    async with database.reading() as db:
        return int(await db.scalar(statement) or 0)


async def test_of_twenty_who_change_what_they_saw_one_wins(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna)

    async def retitle(number: int) -> str:
        changes: EventChanges = {"title": f"Drive {number}"}
        return await events.update(context(cast.anna), event_id, 1, changes)

    outcomes = await at_once(retitle)
    won = [number for number, outcome in enumerate(outcomes) if outcome == event_id]
    assert len(won) == 1
    assert sum(isinstance(outcome, Stale) for outcome in outcomes) == MANY - 1
    async with database.reading() as db:
        event = await stored.by_id(db, event_id)
    assert event is not None
    assert (event.title, event.version) == (f"Drive {won[0]}", 2)
    written = select(func.count()).where(audit_entries.c.action == "event.updated")
    assert await count(database, written) == 1


async def test_nothing_is_lost_where_everybody_looks_again(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, capacity=1)

    async def one_more(_: int) -> str:
        while True:
            async with database.reading() as db:
                seen = await stored.by_id(db, event_id)
            assert seen is not None
            assert seen.capacity is not None
            try:
                more: EventChanges = {"capacity": seen.capacity + 1}
                return await events.update(context(cast.anna), event_id, seen.version, more)
            except Stale:
                continue

    assert await at_once(one_more) == [event_id] * MANY
    async with database.reading() as db:
        event = await stored.by_id(db, event_id)
    assert event is not None
    assert (event.capacity, event.version) == (1 + MANY, 1 + MANY)
    dates = select(func.count()).where(occurrences_table.c.event_id == event_id)
    assert await count(database, dates) == 1


async def test_of_twenty_who_take_a_slug_one_gets_it(
    context: MakeContext, database: Database
) -> None:
    async def found(_: int) -> str:
        new = NewOrganization(slug="soup-kitchen", name="Soup Kitchen", time_zone="UTC")
        return await organizations.create(context(operator_for()), new)

    outcomes = await at_once(found)
    assert sum(isinstance(outcome, Taken) for outcome in outcomes) == MANY - 1
    assert await count(database, select(func.count()).select_from(organizations_table)) == 1
    assert await count(database, select(func.count()).select_from(audit_entries)) == 1


async def test_of_twenty_imports_of_one_thing_one_makes_it(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    async def bring_in(_: int) -> str:
        return await publish(context, cast.anna, identifiers=(Identifier("ical", "drive-1"),))

    outcomes = await at_once(bring_in)
    assert sum(isinstance(outcome, Taken) for outcome in outcomes) == MANY - 1
    written = select(func.count()).where(audit_entries.c.action == "event.created")
    assert await count(database, written) == 1
