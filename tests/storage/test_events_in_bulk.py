"""Many events written at once are the same rows as those written one by one."""

from dataclasses import replace

from sqlalchemy import select

from domain.events import Event
from domain.places import Place
from domain.recurrence import Recurrence
from storage import events
from storage.engine import Database
from storage.tables import events as rows
from tests.cast import ENDS, STARTS, Cast, MakeContext, publish


async def test_written_together_or_one_by_one_events_are_the_same_rows(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    first_id = await publish(context, cast.anna, title="Soup for <b>all</b>", causes=("food",))
    async with database.reading() as db:
        first = (await events.by_ids(db, [first_id]))[first_id]
    given = [
        first,
        replace(first, id="evt_2", languages=("es", "en"), description="<p>Sopa</p>", place=None),
        replace(first, id="evt_3", translations={"es": {"title": "Sopa"}}),
        replace(first, id="evt_4", recurrence=Recurrence("FREQ=WEEKLY"), place=Place(name="Hall")),
        replace(first, id="evt_5", all_day=True, ends_at=None, starts_at=STARTS),
    ]
    one_by_one = [replace(event, id=f"{event.id}_1") for event in given]
    together = [replace(event, id=f"{event.id}_2", ends_at=event.ends_at) for event in given]
    async with database.writing() as db:
        for event in one_by_one:
            await events.add(db, event)
        await events.add_many(db, together)
        await events.add_many(db, [])
    assert first.ends_at == ENDS
    assert await _written(database, one_by_one) == await _written(database, together)


async def _written(database: Database, given: list[Event]) -> list[dict[str, object]]:
    """Every column but the id, and the search column among them."""
    async with database.reading() as db:
        found = await db.execute(select(rows).where(rows.c.id.in_([event.id for event in given])))
        by_id = {row["id"]: dict(row) for row in found.mappings()}
    return [
        {name: value for name, value in by_id[event.id].items() if name != "id"} for event in given
    ]
