"""What there is to hand over, and a look at what became of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, select

from domain.groups import GroupRole
from resolvers import (
    co_hosting,
    group_memberships,
    groups,
)
from resolvers.operating import operator_for
from storage.engine import Database
from storage.tables import handovers as handover_rows
from tests.cast import Cast, MakeContext, publish, start_group


async def rows(database: Database, table: Table, names: Sequence[str], **of: Any) -> list[Any]:
    """These columns of the rows that hold these values, in order."""
    asked = select(*(table.c[name] for name in names))
    for name, value in of.items():
        asked = asked.where(table.c[name] == value)
    async with database.reading() as db:
        return sorted(tuple(row) for row in await db.execute(asked))


async def status(database: Database, handover_id: str) -> str:
    ((found,),) = await rows(database, handover_rows, ["status"], id=handover_id)
    return str(found)


async def shared_event(context: MakeContext, cast: Cast, **given: Any) -> str:
    """A food drive of the Pantry, with the Shelter as its co-host."""
    event = await publish(context, cast.anna, **given)
    operator = context(operator_for(cast.pantry))
    async with operator.writing() as db:
        await co_hosting.add_by_operator(operator, db, event, cast.shelter)
    return event


async def crew_of(context: MakeContext, cast: Cast) -> str:
    """A group of the Pantry that Lee leads and Sam is in."""
    crew = await start_group(context, cast.anna, "kitchen-crew")
    await groups.add_member(context(operator_for(cast.pantry)), crew, cast.lee_id, GroupRole.ADMIN)
    await group_memberships.join(context(cast.sam), crew)
    return crew
