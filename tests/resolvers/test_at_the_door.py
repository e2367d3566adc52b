"""Who stands at the door and is on no list: written down and checked in at once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.actors import Viewer
from domain.errors import Invalid, Problem, Refused
from domain.sharing import HostEditing
from resolvers import co_hosting, rsvps
from resolvers.operating import operator_for
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import event_hosts
from storage.tables import rsvps as rows
from tests.cast import Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import StandingClock


@pytest.fixture
async def drive(context: MakeContext, cast: Cast, clock: StandingClock) -> str:
    """Half an hour before it begins."""
    starts = clock.now() + timedelta(minutes=30)
    ends = starts + timedelta(hours=3)
    return await publish(context, cast.anna, starts_at=starts, ends_at=ends)


async def here(context: MakeContext, viewer: Viewer, event_id: str, name: str, **given: Any) -> str:
    wish = NewRsvp(event_id=event_id, guest_name=name, attended=True, **given)
    made = await rsvps.answer(context(viewer), wish)
    assert made is not None
    return made


async def list_of(database: Database) -> list[tuple[str, bool | None, int]]:
    async with database.reading(fresh=True) as db:
        found = await db.execute(select(rows).order_by(rows.c.guest_name, rows.c.id))
        return [(row.guest_name, row.attended, row.additional_guests) for row in found]


async def test_whoever_walks_in_is_on_the_list_and_here(
    context: MakeContext, cast: Cast, database: Database, drive: str
) -> None:
    await here(context, cast.anna, drive, "Ali", additional_guests=2)
    assert await list_of(database) == [("Ali", True, 2)]


async def test_who_is_expected_by_that_name_is_checked_in_and_not_written_down_twice(
    context: MakeContext, cast: Cast, database: Database, drive: str
) -> None:
    expected = NewRsvp(event_id=drive, guest_name="Vera", additional_guests=1)
    vera = await rsvps.answer(context(cast.anna), expected)
    assert await here(context, cast.anna, drive, "vera") == vera
    assert await list_of(database) == [("Vera", True, 1)]
    another = await here(context, cast.anna, drive, "Vera")  # of the same name: the first is here
    assert another != vera
    assert sorted(await list_of(database)) == [("Vera", True, 0), ("Vera", True, 1)]


async def test_before_the_door_opens_nobody_is_written_down_as_here(
    context: MakeContext, cast: Cast, clock: StandingClock, contents: Contents, drive: str
) -> None:
    clock.forward(hours=-2)
    before = await contents()
    with pytest.raises(Problem, match="one hour before the start"):
        await here(context, cast.anna, drive, "Ali")
    assert await contents() == before


async def test_who_has_an_address_or_an_account_is_not_checked_in_by_their_answer(
    context: MakeContext, cast: Cast, contents: Contents, drive: str
) -> None:
    before = await contents()
    with pytest.raises(Invalid) as refusal:
        await here(context, cast.anna, drive, "Ali", guest_email="ali@example.org")
    assert refusal.value.field == ("attended",)
    with pytest.raises(Invalid) as refusal:
        await rsvps.answer(context(cast.lee), NewRsvp(event_id=drive, attended=True))
    assert refusal.value.field == ("attended",)
    assert await contents() == before


async def test_a_co_host_at_the_door_writes_people_down_and_others_do_not(
    context: MakeContext, cast: Cast, database: Database, contents: Contents, drive: str
) -> None:
    operator = context(operator_for(cast.pantry))
    async with operator.writing() as db:
        await co_hosting.add_by_operator(operator, db, drive, cast.shelter)
    await here(context, cast.sam, drive, "Ali")
    assert await list_of(database) == [("Ali", True, 0)]
    async with database.writing() as db:
        await db.execute(
            update(event_hosts)
            .where(event_hosts.c.organization_id == cast.shelter)
            .values(may_edit=HostEditing.NONE)
        )
    before = await contents()
    for viewer in (cast.sam, cast.lee):
        with pytest.raises((Invalid, Refused)):
            await here(context, viewer, drive, "Bo")
    assert await contents() == before
