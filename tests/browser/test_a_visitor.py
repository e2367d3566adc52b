"""A visitor finds something near by, says that they come without an account, and takes it back."""

import re

import pytest
from sqlalchemy import select, update

from domain.sharing import AttendeeSharing
from resolvers import co_hosting
from resolvers.co_hosting import Wish
from storage.tables import event_hosts, rsvp_consents, rsvps
from tests.auth.signing_in import mailbox
from tests.browser.hands import Hands, Way
from tests.browser.two_hubs import TwoHubs

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def hosted_together(hubs: TwoHubs, title: str) -> str:
    """By the Pantry and the Shelter, which may learn of those who agree; the event's id."""
    both = hubs.both
    event_id = await hubs.publishes(title)
    wish = Wish(event_id=event_id, organization_id=both.cast.shelter)
    place = await co_hosting.ask(both.at_a(both.cast.anna), wish)
    await co_hosting.respond(both.at_a(both.cast.sam), place, True)
    async with both.a.database.writing() as db:
        told = update(event_hosts).where(event_hosts.c.id == place)
        await db.execute(told.values(attendee_sharing=AttendeeSharing.ALL_WITH_CONSENT))
    return event_id


async def near_by(visitor: Hands) -> None:
    """A device says where it is, or somebody finds it on the map."""
    if visitor.way.scripts:
        await visitor.presses("Near me")
    else:
        await visitor.follows("On a map")
        await visitor.follows("What else is near")


async def link_in_a_letter(hubs: TwoHubs, address: str, kind: str) -> str:
    letters = "\n".join(await mailbox(hubs.both.a.database, address))
    (link,) = set(re.findall(rf"https://a\.test/rsvp/{kind}\?token=[\w-]+", letters))
    return str(link)


async def answer_of(hubs: TwoHubs, event_id: str) -> tuple[str, int, set[str]]:
    """How it stands, how many come along, and which organizations are told besides the host."""
    async with hubs.both.a.database.reading(fresh=True) as db:
        row = (await db.execute(select(rsvps).where(rsvps.c.event_id == event_id))).one()
        agreed = await db.scalars(
            select(rsvp_consents.c.organization_id).where(rsvp_consents.c.rsvp_id == row.id)
        )
        return row.status, row.additional_guests, set(agreed)


async def test_a_visitor_finds_an_event_near_by_comes_and_takes_it_back(
    hubs: TwoHubs, way: Way
) -> None:
    title, address = f"Soup for all ({way.name})", f"mei.{way.name}@people.example"
    event_id = await hosted_together(hubs, title)
    async with hubs.nobody(way) as mei:
        await mei.opens("https://a.test/")
        await near_by(mei)
        assert await mei.heading() == "Events near you"
        await mei.follows(title)
        await mei.follows("I will come")
        await mei.fills("Your name", "Mei")
        await mei.fills("Your email address", address)
        await mei.fills("How many come with you", "1")
        assert "River City Pantry hosts this and sees your name" in await mei.reads()
        await mei.chooses("checkbox", "Harbor Shelter")
        await mei.presses("Send")
        assert await mei.heading() == "Look into your mail"
        assert await answer_of(hubs, event_id) == ("NEEDS_ACTION", 0, set())

        await mei.opens(await link_in_a_letter(hubs, address, "confirm"))
        assert "given to Harbor Shelter too" in await mei.reads()
        await mei.presses("Yes")
        assert "You are expected" in await mei.reads()
        assert await answer_of(hubs, event_id) == ("ACCEPTED", 1, {hubs.both.cast.shelter})

        await mei.opens(await link_in_a_letter(hubs, address, "cancel"))
        assert await mei.heading() == "Cancel?"
        await mei.presses("Yes")
        assert await mei.heading() == "Thank you"
    status, _, _ = await answer_of(hubs, event_id)
    assert status == "CANCELLED"
