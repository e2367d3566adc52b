"""What an organization is asked comes to those of its team who can answer; and a letter each week to
whoever chose it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from domain.actors import BY_TIME, TeamRole
from domain.events import EventStatus
from domain.sharing import Visibility
from resolvers import memberships, organizations, people
from resolvers.operating import operator_for
from resolvers.people import NewPerson
from resolvers.post import digests
from storage.account_tables import accounts
from storage.engine import Database
from storage.post_tables import digests as wanted
from tests.cast import STARTS, Cast, MakeContext, publish
from tests.mailbox import Mailbox
from tests.outside import StandingClock
from tests.resolvers.hosting import Table

SAM, ANNA = "sam@harbor-shelter.example", "anna@river-city-pantry.example"


@pytest.fixture
async def mailbox(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> Mailbox:
    made = Mailbox(context, database, clock)
    await made.turn()  # what the cast was told while it was made
    return made


async def test_whom_the_host_invites_is_written_by_those_who_can_answer(
    table: Table, context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    viewer = await people.create(context(operator_for()), NewPerson(display_name="Vi"))
    await organizations.add_team_member(
        context(operator_for(cast.shelter)), cast.shelter, viewer, TeamRole.VIEWER
    )
    await table.ask(cast.anna, cast.shelter, message="Bring\n<b>soup</b>\u202e")
    letter = await mailbox.one()
    assert (letter.to, letter.subject) == (SAM, "Host together: Food drive")
    assert "River City Pantry invites your organization to host “Food drive” too." in letter.text
    assert "> Bring\n> <b>soup</b>\n" in letter.text
    assert letter.html is not None
    assert "&lt;b&gt;soup&lt;/b&gt;" in letter.html
    assert await mailbox.turn() == []


async def test_who_asks_for_a_place_waits_for_the_host(
    context: MakeContext, cast: Cast, table: Table, mailbox: Mailbox
) -> None:
    await table.ask(cast.sam, cast.shelter)
    letter = await mailbox.one()
    assert letter.to == ANNA
    assert "Harbor Shelter asks to host “Food drive” together with you." in letter.text


async def test_an_invitation_taken_back_before_anybody_was_written_is_no_letter(
    cast: Cast, table: Table, mailbox: Mailbox
) -> None:
    place_id = await table.ask(cast.anna, cast.shelter)
    await table.withdraw(cast.anna, place_id)
    assert await mailbox.turn() == []


async def test_an_alliance_writes_to_whom_it_invites(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    await memberships.invite(context(cast.anna), cast.city_table, cast.library)
    letter = await mailbox.one()
    assert letter.to == "lee@northside-library.example"
    assert "River City Pantry invites your organization into “City Table”." in letter.text
    assert f"/alliances/{cast.city_table}" in letter.text


# ── each week ────────────────────────────────────────────────────────────────────────────────────


async def wants(
    database: Database, clock: StandingClock, person_id: str, *organizations: str
) -> None:
    async with database.writing() as db:
        await db.execute(
            insert(accounts).values(person_id=person_id, handle=b"h" * 64, created_at=clock.now())
        )
        await db.execute(
            insert(wanted),
            [
                {"person_id": person_id, "organization_id": each, "due_at": clock.now()}
                for each in organizations
            ],
        )


async def test_who_chose_it_hears_each_week_what_is_to_come(
    context: MakeContext, cast: Cast, mailbox: Mailbox, database: Database, clock: StandingClock
) -> None:
    drive = await publish(context, cast.anna)
    await publish(
        context, cast.anna, title="Late", starts_at=STARTS + timedelta(days=40), ends_at=None
    )
    await publish(context, cast.anna, title="Secret", visibility=Visibility.ORGANIZATION)
    await publish(context, cast.anna, title="Off", status=EventStatus.CANCELLED)
    await publish(context, cast.sam, title="Of others")
    await wants(database, clock, cast.lee_id, cast.pantry)
    assert await digests.write(context(BY_TIME), clock.now(), 10) == 1
    (letter,) = await mailbox.all()
    assert letter.subject == "River City Pantry: what is to come"
    assert "* Food drive\n  Saturday, 6 March 2027, 09:00 (America/Indiana/Indianapolis)" in (
        letter.text
    )
    assert f"/events/{drive}" in letter.text
    for title in ("Late", "Secret", "Of others"):
        assert title not in letter.text
    assert "* Off" in letter.text
    assert "Called off" in letter.text
    assert await digests.write(context(BY_TIME), clock.now(), 10) == 0
    clock.forward(days=7)
    assert await digests.write(context(BY_TIME), clock.now(), 10) == 1
    assert len(await mailbox.all()) == 1  # nothing is to come in those two weeks


async def test_a_closed_account_gets_none(
    context: MakeContext, cast: Cast, mailbox: Mailbox, database: Database, clock: StandingClock
) -> None:
    await publish(context, cast.anna)
    await wants(database, clock, cast.lee_id, cast.pantry)
    async with database.writing() as db:
        await db.execute(accounts.update().values(closed_at=clock.now()))
    await digests.write(context(BY_TIME), clock.now(), 10)
    assert await mailbox.all() == []
