"""What a host tells of an event afterwards."""

from typing import Any

import pytest
from sqlalchemy import select, text

from domain.actors import TeamRole, Viewer
from domain.errors import Invalid, NotFound, Refused
from domain.ids import Kind
from domain.sharing import Visibility
from resolvers import co_hosting, reports
from resolvers.operating import operator_for
from storage.engine import Database
from storage.tables import events, occurrences, rsvps
from tests.cast import ENDS, STARTS, Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import StandingClock


async def told(database: Database, event_id: str) -> tuple[Any, ...]:
    columns = (
        events.c.report_text,
        events.c.report_attended,
        events.c.report_published_at,
        events.c.version,
    )
    async with database.reading() as db:
        found = await db.execute(select(*columns).where(events.c.id == event_id))
        return tuple(found.one())


async def came(context: MakeContext, event_id: str, *guests: int) -> None:
    """Somebody for each of these was checked in, with so many guests."""
    ctx = context()
    async with ctx.writing() as db:
        date = await db.scalar(select(occurrences.c.id).where(occurrences.c.event_id == event_id))
        for number, beside in enumerate(guests):
            await db.execute(
                rsvps.insert().values(
                    id=ctx.names.new(Kind.RSVP),
                    event_id=event_id,
                    occurrence_id=date,
                    guest_name=f"Guest {number}",
                    status="ACCEPTED",
                    additional_guests=beside,
                    attended=True,
                    created_at=ctx.clock.now(),
                    updated_at=ctx.clock.now(),
                )
            )


async def test_anna_tells_how_it_was_and_puts_it_right_later(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    event = await publish(context, cast.anna)
    clock.at = ENDS
    await reports.report(context(cast.anna), event, " 300 meals. ", 120)
    assert await told(database, event) == ("300 meals.", 120, ENDS, 2)
    later = clock.forward(days=1)
    await reports.report(context(cast.pantry_app), event, "310 meals.")
    assert await told(database, event) == ("310 meals.", None, later, 3)
    clock.forward(days=1)
    await reports.report(context(cast.anna), event, "310 meals.")
    assert await told(database, event) == ("310 meals.", None, later, 3)
    async with database.reading() as db:
        noted = await db.execute(
            text("select action, detail from audit_entries where subject_id = :id order by id"),
            {"id": event},
        )
        assert [tuple(row) for row in noted] == [
            ("event.created", None),
            ("event.reported", "report"),
            ("event.reported", "report"),
        ]


async def test_who_was_checked_in_came(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock, contents: Contents
) -> None:
    event = await publish(context, cast.anna)
    clock.at = ENDS
    await came(context, event, 0, 2, 3)
    before = await contents()
    with pytest.raises(Invalid, match="8 people were checked in") as refusal:
        await reports.report(context(cast.anna), event, "Full house.", 120)
    assert refusal.value.field == ("attended",)
    assert await contents() == before
    await reports.report(context(cast.anna), event, "Full house.")
    assert (await told(database, event))[:2] == ("Full house.", 8)


async def test_nobody_tells_of_it_before_it_starts_or_tells_nothing(
    context: MakeContext, cast: Cast, clock: StandingClock, contents: Contents
) -> None:
    event = await publish(context, cast.anna)
    before = await contents()
    with pytest.raises(Invalid, match="not started"):
        await reports.report(context(cast.anna), event, "Full house.")
    clock.at = STARTS
    for words, attended, field in (("  ", None, "text"), ("Full", -1, "attended")):
        with pytest.raises(Invalid) as refusal:
            await reports.report(context(cast.anna), event, words, attended)
        assert refusal.value.field == (field,)
    assert await contents() == before
    await reports.report(context(cast.anna), event, "It begins.", 0)


async def test_only_the_host_tells_of_it(
    context: MakeContext, cast: Cast, clock: StandingClock, contents: Contents
) -> None:
    event = await publish(context, cast.anna)
    hidden = await publish(context, cast.anna, visibility=Visibility.PRIVATE)
    operator = context(operator_for(cast.pantry))
    async with operator.writing() as db:
        await co_hosting.add_by_operator(operator, db, event, cast.shelter)
    clock.at = ENDS
    before = await contents()
    looker = Viewer(cast.pantry, cast.anna_id, TeamRole.VIEWER, "app")
    for viewer in (cast.sam, cast.lee, looker):
        with pytest.raises(Refused, match="event staff of the host may report"):
            await reports.report(context(viewer), event, "Ours!")
    with pytest.raises(NotFound):
        await reports.report(context(cast.lee), hidden, "Ours!")
    assert await contents() == before
