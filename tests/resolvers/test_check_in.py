"""Who was there: said by the hosts' staff, at the door or later."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from domain.actors import NOBODY, TeamRole
from domain.errors import Invalid, InvalidTransition, NotFound, Refused
from domain.sharing import HostEditing
from resolvers import check_in, co_hosting, rsvps
from resolvers.operating import operator_for
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import event_hosts
from storage.tables import rsvps as rows
from tests.cast import STARTS, Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import StandingClock

DOOR_OPENS = STARTS - timedelta(hours=1)


async def coming(context: MakeContext, cast: Cast, event_id: str) -> str:
    made = await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id))
    assert made is not None
    return made


async def seen_there(database: Database, rsvp_id: str) -> tuple[bool | None, bool]:
    async with database.reading() as db:
        found = select(rows.c.attended, rows.c.checked_in_at).where(rows.c.id == rsvp_id)
        row = (await db.execute(found)).one()
    return row.attended, row.checked_in_at is not None


async def test_the_host_checks_people_in_from_an_hour_before_and_may_undo_it(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock, contents: Contents
) -> None:
    answer = await coming(context, cast, await publish(context, cast.anna))
    clock.at = DOOR_OPENS - timedelta(seconds=1)
    before = await contents()
    with pytest.raises(Invalid, match="one hour before"):
        await check_in.check_in(context(cast.anna), answer, attended=True)
    assert await contents() == before
    clock.at = DOOR_OPENS
    for attended in (True, False, True):
        for _ in range(2):
            assert await check_in.check_in(context(cast.anna), answer, attended=attended) == answer
            assert await seen_there(database, answer) == (attended, attended)
    once = await contents()
    await check_in.check_in(context(cast.pantry_app), answer, attended=True)
    assert await contents() == once


@pytest.mark.parametrize("may_edit", HostEditing)
async def test_a_co_host_who_may_change_something_works_at_the_door_too(
    context: MakeContext,
    cast: Cast,
    database: Database,
    clock: StandingClock,
    contents: Contents,
    may_edit: HostEditing,
) -> None:
    event_id = await publish(context, cast.anna)
    operator = context(operator_for(cast.pantry))
    async with operator.writing() as db:
        await co_hosting.add_by_operator(operator, db, event_id, cast.shelter)
    async with database.writing() as db:
        places = event_hosts.c.organization_id == cast.shelter
        await db.execute(update(event_hosts).where(places).values(may_edit=may_edit))
    answer = await coming(context, cast, event_id)
    clock.at = STARTS
    walks_in = NewRsvp(event_id=event_id, guest_name="Old Tom")
    if may_edit is not HostEditing.NONE:
        await check_in.check_in(context(cast.sam), answer, attended=True)
        assert await seen_there(database, answer) == (True, True)
        assert await rsvps.answer(context(cast.sam), walks_in)
        return
    before = await contents()
    with pytest.raises(NotFound):  # whose answers are not shared with it either
        await check_in.check_in(context(cast.sam), answer, attended=True)
    with pytest.raises(Invalid, match="Give an address"):
        await rsvps.answer(context(cast.sam), walks_in)
    assert await contents() == before


async def test_nobody_else_checks_anybody_in(
    context: MakeContext, cast: Cast, clock: StandingClock, contents: Contents
) -> None:
    answer = await coming(context, cast, await publish(context, cast.anna))
    clock.at = STARTS
    before = await contents()
    onlooker = replace(cast.anna, role=TeamRole.VIEWER)
    for stranger in (NOBODY, cast.sam, cast.shelter_app, onlooker):
        with pytest.raises(NotFound):
            await check_in.check_in(context(stranger), answer, attended=True)
    with pytest.raises(Refused, match="hosts' event staff"):
        await check_in.check_in(context(cast.lee), answer, attended=True)
    with pytest.raises(NotFound):
        await check_in.check_in(context(cast.anna), "rsv_1", attended=True)
    assert await contents() == before


async def test_who_said_no_is_written_down_anew_if_they_come(
    context: MakeContext, cast: Cast, clock: StandingClock, contents: Contents
) -> None:
    answer = await coming(context, cast, await publish(context, cast.anna))
    await rsvps.cancel(context(cast.lee), answer)
    clock.at = STARTS
    before = await contents()
    with pytest.raises(InvalidTransition, match="add them as a guest"):
        await check_in.check_in(context(cast.anna), answer, attended=True)
    assert await contents() == before
