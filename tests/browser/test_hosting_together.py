"""Two organizations on two hubs host an event together, each at home; and one of them steps back."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from domain.events import EventHostStatus
from domain.sharing import AttendeeSharing
from resolvers import co_hosting, rsvps
from resolvers.co_hosting import Wish
from resolvers.rsvps import NewRsvp
from storage.peer_tables import joined_elsewhere
from storage.tables import event_hosts
from tests.browser.hands import Hands, Way
from tests.browser.two_hubs import MOSQUE, PANTRY, TwoHubs

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def invites(anna: Hands, event_id: str) -> None:
    await anna.opens(f"{PANTRY}/events/{event_id}/hosts/invite")
    await anna.fills("Its name", "Riverside")
    await anna.presses("Search")
    assert "at home at Hub b.test" in await anna.reads()
    await anna.follows("Invite Riverside Mosque")
    await anna.chooses("radio", "May change its words, picture")
    await anna.fills("A message with it", "Shall we?")
    await anna.presses("Send the invitation")
    assert "Riverside Mosque" in await anna.reads()


async def accepts(hubs: TwoHubs, mina: Hands, title: str) -> None:
    await hubs.both.follow()
    await mina.opens(f"{MOSQUE}/cohosting")
    assert "River City Pantry asks you to host it together." in await mina.reads()
    await mina.follows(title)
    assert "Shall we?" in await mina.reads()
    await mina.presses("Accept the invitation")
    await hubs.both.follow()


async def hosted_together(hubs: TwoHubs, event_id: str) -> None:
    """As after the Mosque has accepted."""
    both = hubs.both
    place = await co_hosting.ask(
        both.at_a(both.cast.anna), Wish(event_id=event_id, organization_id=both.mosque)
    )
    async with both.b.database.writing() as db:
        joining = {"thing_id": event_id, "organization_id": both.mosque}
        await db.execute(insert(joined_elsewhere).values(**joining, at=both.b.clock.now()))
    async with both.a.database.writing() as db:
        accepted = update(event_hosts).where(event_hosts.c.id == place)
        await db.execute(accepted.values(status=EventHostStatus.ACCEPTED))
    await both.follow()


async def some_come(hubs: TwoHubs, event_id: str) -> None:
    """Lee, who agreed that the Mosque learns of it, and Vera, whom the host wrote down."""
    both = hubs.both
    async with both.a.database.writing() as db:
        of_mosque = update(event_hosts).where(
            event_hosts.c.event_id == event_id, event_hosts.c.organization_id == both.mosque
        )
        await db.execute(of_mosque.values(attendee_sharing=AttendeeSharing.ALL_WITH_CONSENT))
    await both.follow()
    lee = NewRsvp(event_id=event_id, consent_to=(both.mosque,))
    await rsvps.answer(both.at_a(both.cast.lee), lee)
    vera = NewRsvp(event_id=event_id, guest_name="Vera")
    await rsvps.answer(both.at_a(both.cast.anna), vera)


async def standing(hubs: TwoHubs, event_id: str) -> str:
    """Of the Mosque on the event, at the hub that keeps it."""
    wanted = select(event_hosts.c.status).where(
        event_hosts.c.event_id == event_id, event_hosts.c.organization_id == hubs.both.mosque
    )
    async with hubs.both.a.database.reading(fresh=True) as db:
        return str((await db.execute(wanted)).scalar_one())


async def test_one_invites_the_other_changes_it_the_first_sees_who_did_and_both_stand_at_the_door(
    hubs: TwoHubs, way: Way
) -> None:
    title = f"Street feast ({way.name})"
    starts = hubs.both.a.clock.now() + timedelta(minutes=30)
    event_id = await hubs.publishes(title, starts_at=starts, ends_at=starts + timedelta(hours=3))
    async with hubs.anna(way) as anna, hubs.mina(way) as mina:
        await invites(anna, event_id)
        assert await standing(hubs, event_id) == EventHostStatus.INVITED
        await accepts(hubs, mina, title)
        assert await standing(hubs, event_id) == EventHostStatus.ACCEPTED

        await mina.opens(f"{MOSQUE}/events/{event_id}")
        assert "It is kept at Hub a.test. What you change goes there." in await mina.reads()
        await mina.follows("Change it")
        await mina.fills("One or two sentences", "Bread, tea and music.")
        await mina.presses("Save the changes")
        await hubs.both.follow()
        await mina.opens(f"{MOSQUE}/events/{event_id}")
        assert "Bread, tea and music." in await mina.reads()

        await anna.opens(f"{PANTRY}/events/{event_id}")
        assert "Bread, tea and music." in await anna.reads()
        await anna.follows("Who changed what")
        told = await anna.reads()
        for line in (
            "Riverside Mosque: changed it\n\nIn short",
            "Riverside Mosque: accepted a place on it",
            "River City Pantry (Anna): invited a co-host",
        ):
            assert line in told

        await some_come(hubs, event_id)
        await mina.opens(f"{MOSQUE}/events/{event_id}/door")
        assert "Vera" not in await mina.reads(), "she agreed to nothing"
        await mina.presses("Lee is here")
        assert "Checked in." in await mina.reads()
        await anna.opens(f"{PANTRY}/events/{event_id}/door")
        assert "1 here, 2 expected" in await anna.reads()
        await anna.presses("Vera is here")
        assert "2 here, 2 expected" in await anna.reads()
        await mina.opens(f"{MOSQUE}/events/{event_id}/door")
        assert "1 name is checked in" in await mina.reads()


async def test_a_co_host_steps_back_and_it_goes_on_with_the_other(hubs: TwoHubs, way: Way) -> None:
    title = f"Clothes swap ({way.name})"
    event_id = await hubs.publishes(title)
    await hosted_together(hubs, event_id)
    async with hubs.anna(way) as anna, hubs.mina(way) as mina, hubs.nobody(way) as visitor:
        await visitor.opens(f"https://a.test/events/{event_id}")
        assert "River City Pantry and Riverside Mosque" in await visitor.reads()

        await mina.opens(f"{MOSQUE}/cohosting")
        await mina.follows(title)
        await mina.fills("A word to the host", "We have no hands that day.")
        await mina.presses("Withdraw from the event")
        assert await standing(hubs, event_id) == EventHostStatus.WITHDRAWN
        await hubs.both.follow()

        await anna.opens(f"{PANTRY}/cohosting")
        await anna.follows(title)
        assert "We have no hands that day." in await anna.reads()
        await visitor.opens(f"https://a.test/events/{event_id}")
        told = await visitor.reads()
        assert "Hosted by River City Pantry" in told
        assert "Riverside Mosque" not in told
        await visitor.follows("I will come")
