"""Two hubs, and what one of them publishes as the other holds it."""

from collections.abc import AsyncIterator

import pytest

from domain.errors import NotFound
from domain.peering import PeeringStatus
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from resolvers import alliances, events, memberships, publishing
from resolvers.alliances import NewAlliance
from resolvers.operating import operator_for
from storage import feeds, mirrors
from storage import tables as t
from storage.feed_tables import feed_entries
from storage.peer_tables import mirror_channels, mirror_entries, mirror_refusals, peerings
from tests.cast import publish, start_group
from tests.federation.neighbourhood import Neighbourhood
from tests.federation.side_by_side import SideBySide, rows, side_by_side

EVENT = """
query ($id: ID!) {
  event(id: $id) {
    id title summary description status startsAt endsAt timeZone url version
    visibility publicationStatus joinMode capacity remainingCapacity
    translations { language title }
    place { name locality latitude precision } accessibility { status } image { url }
    recurrence { rrule dates exceptions }
    host { id name url } group { id name }
    sharedWith { id name }
    hosts { totalCount nodes { id role status mayEdit organization { id name } } }
    occurrences(from: "2027-01-01T00:00:00Z", to: "2029-01-01T00:00:00Z", first: 100) {
      totalCount nodes { id recurrenceId startsAt endsAt status title description }
    }
    identifiers { system value } links { page ics }
  }
}
"""
LISTS = """
{
  organizations { totalCount nodes { id name slug url } }
  groups { totalCount nodes { id name memberCount } }
  alliances(first: 5) { totalCount nodes {
    id name status members(first: 5) { nodes { id role status organization { id name } } }
  } }
  events { totalCount nodes { id title } }
}
"""


@pytest.fixture
async def hubs(neighbourhood: Neighbourhood) -> AsyncIterator[SideBySide]:
    async with side_by_side(neighbourhood) as opened:
        yield opened


async def test_what_is_public_answers_at_the_peer_as_at_home(hubs: SideBySide) -> None:
    group = await start_group(hubs.at_a, hubs.cast.anna, "readers")
    weekly = Recurrence("FREQ=WEEKLY;COUNT=12")
    drive = await publish(
        hubs.at_a,
        hubs.cast.anna,
        recurrence=weekly,
        group_id=group,
        translations={"es": {"title": "Colecta"}},
        capacity=40,
    )

    await hubs.follow()

    home = await hubs.a.ask(EVENT, {"id": drive})
    away = await hubs.b.ask(EVENT, {"id": drive})
    assert home["data"]["event"]["occurrences"]["totalCount"] == 12
    assert away == home
    at_home, abroad = await hubs.a.ask(LISTS), await hubs.b.ask(LISTS)
    abroad["data"]["organizations"]["nodes"] = [
        each for each in abroad["data"]["organizations"]["nodes"] if each["id"] != hubs.mosque
    ]
    abroad["data"]["organizations"]["totalCount"] -= 1
    assert abroad == at_home


async def test_a_copy_says_whose_it_is_and_how_fresh(hubs: SideBySide) -> None:
    drive = await publish(hubs.at_a, hubs.cast.anna)
    await hubs.follow()

    told = await hubs.b.ask(
        "query ($id: ID!) { event(id: $id) { url syncedAt origin { id url isLocal } } }",
        {"id": drive},
    )

    assert told["data"]["event"] == {
        "url": f"https://a.test/events/{drive}",
        "syncedAt": "2027-03-01T09:00:00+00:00",
        "origin": {"id": hubs.a.hub_id, "url": "https://a.test", "isLocal": False},
    }


async def test_what_is_narrowed_is_gone_and_what_is_shared_appears(hubs: SideBySide) -> None:
    drive = await publish(hubs.at_a, hubs.cast.anna)
    await hubs.follow()
    assert await rows(hubs.b.database, t.events, id=drive)

    await events.update(
        hubs.at_a(hubs.cast.anna), drive, 1, {"visibility": Visibility.ORGANIZATION}
    )
    await hubs.follow()
    assert await rows(hubs.b.database, t.events, id=drive) == []
    assert await rows(hubs.b.database, t.occurrences, event_id=drive) == []

    await events.update(hubs.at_a(hubs.cast.anna), drive, 2, {"visibility": Visibility.PUBLIC})
    await hubs.follow()
    assert await rows(hubs.b.database, t.events, id=drive)


async def test_an_allys_event_is_held_while_the_two_are_allies(hubs: SideBySide) -> None:
    drive = await publish(
        hubs.at_a,
        hubs.cast.anna,
        visibility=Visibility.ALLIANCE,
        share_with=(hubs.cast.city_table,),
    )
    await hubs.follow()
    assert await rows(hubs.b.database, t.events, id=drive) == []

    membership = await hubs.ally(hubs.cast.city_table)
    assert await rows(hubs.b.database, t.events, id=drive)
    seen = await hubs.b.ask(EVENT, {"id": drive})
    assert seen["data"]["event"] is None  # nobody without a token sees it

    mosque = hubs.at_a(operator_for(hubs.cast.pantry))
    await memberships.remove(mosque, membership, "They moved away.")
    await hubs.follow()
    assert await rows(hubs.b.database, t.events, id=drive) == []
    channels = {row["channel"] for row in await rows(hubs.b.database, mirror_channels)}
    assert channels == {"public", hubs.b.hub_id}


async def test_what_an_organization_is_asked_about_by_name_is_held(hubs: SideBySide) -> None:
    await hubs.follow_back()
    table = await alliances.create(
        hubs.at_a(operator_for(hubs.cast.pantry)),
        NewAlliance(
            convener_id=hubs.cast.pantry,
            slug="quiet-table",
            name="Quiet Table",
            purpose="To plan.",
            visibility=Visibility.PRIVATE,
        ),
    )
    await hubs.follow()
    assert await rows(hubs.b.database, t.alliances, id=table) == []

    await memberships.invite(hubs.at_a(hubs.cast.anna), table, hubs.mosque)
    await hubs.follow()

    (asked,) = await rows(hubs.b.database, t.alliance_members, organization_id=hubs.mosque)
    assert asked["status"] == "INVITED"
    assert (await rows(hubs.b.database, t.alliances, id=table))[0]["name"] == "Quiet Table"


async def test_a_hub_never_passes_on_what_is_anothers(hubs: SideBySide) -> None:
    drive = await publish(hubs.at_a, hubs.cast.anna)
    await hubs.follow()
    await hubs.follow_back()

    entries = {row["thing_id"] for row in await rows(hubs.a.database, mirror_entries)}
    assert entries == {hubs.mosque}
    assert (await rows(hubs.a.database, t.events, id=drive))[0]["hub_id"] == hubs.a.hub_id


async def test_after_a_restore_of_the_owner_the_mirror_is_what_was_restored(
    hubs: SideBySide,
) -> None:

    stays = await publish(hubs.at_a, hubs.cast.anna)
    goes = await publish(hubs.at_a, hubs.cast.anna, title="Never happened")
    await hubs.follow()
    async with hubs.a.database.writing() as db:  # as a restore leaves it: without the second
        for table, column in (
            (t.occurrences, "event_id"),
            (t.event_hosts, "event_id"),
            (t.events, "id"),
        ):
            await db.execute(table.delete().where(table.c[column] == goes))
        await feeds.begin_anew(db)
        await db.execute(feed_entries.delete().where(feed_entries.c.thing_id == goes))

    await hubs.follow()

    held = {row["id"] for row in await rows(hubs.b.database, t.events)}
    assert held == {stays}
    assert await rows(hubs.b.database, mirror_refusals) == []


async def test_an_empty_page_is_proof_of_being_up_to_date(hubs: SideBySide) -> None:
    await hubs.follow()
    at = hubs.b.clock.forward(seconds=40)

    await hubs.follow()

    assert (await hubs.b.peer(hubs.a)).last_synced_at == at


async def test_a_peer_that_is_away_is_asked_later_and_later(hubs: SideBySide) -> None:
    drive = await publish(hubs.at_a, hubs.cast.anna)
    await hubs.follow()
    hubs.a.roads.closed.add("a.test")
    pauses = []
    for _ in range(9):
        hubs.b.clock.forward(minutes=11)
        await hubs.pull_b.turn(hubs.a.hub_id)
        (place,) = [
            row
            for row in await rows(hubs.b.database, mirror_channels)
            if row["channel"] == hubs.b.hub_id
        ]
        pauses.append((place["next_at"] - hubs.b.clock.now()).total_seconds())
    peer = await hubs.b.peer(hubs.a)

    assert pauses[0] <= 5 < pauses[3] <= 40
    assert 300 <= pauses[-1] <= 600
    assert peer.status is PeeringStatus.ACTIVE  # to be away is no fault
    assert peer.faults == 0
    assert "Nobody" in str(peer.last_error) or "could not be asked" in str(peer.last_error)
    assert await rows(hubs.b.database, t.events, id=drive)  # and what was told is still told

    hubs.a.roads.closed.clear()
    hubs.b.clock.forward(minutes=11)
    await hubs.pull_b.turn(hubs.a.hub_id)
    peer = await hubs.b.peer(hubs.a)
    assert (peer.last_synced_at, peer.last_error) == (hubs.b.clock.now(), None)


async def test_nothing_is_read_of_a_peering_that_stands_still(hubs: SideBySide) -> None:
    await publish(hubs.at_a, hubs.cast.anna)
    async with hubs.b.database.writing() as db:
        await db.execute(peerings.update().values(status=PeeringStatus.SUSPENDED.value))
    asked = len(hubs.a.roads.asked)

    await hubs.follow()

    assert len(hubs.a.roads.asked) == asked
    assert await rows(hubs.b.database, t.events) == []


async def test_the_end_of_the_peering_leaves_nothing(hubs: SideBySide) -> None:
    await publish(hubs.at_a, hubs.cast.anna)
    await hubs.ally(hubs.cast.city_table)
    assert await rows(hubs.b.database, t.alliance_members)

    async with hubs.b.database.writing() as db:
        await mirrors.purge_peer(db, hubs.a.hub_id)

    for table in (t.events, t.alliances, t.alliance_members, t.occurrences, mirror_entries):
        assert await rows(hubs.b.database, table) == []
    assert [row["id"] for row in await rows(hubs.b.database, t.organizations)] == [hubs.mosque]
    assert await rows(hubs.b.database, mirror_channels) == []


async def test_a_mirrored_thing_is_not_changed_here(hubs: SideBySide) -> None:

    drive = await publish(hubs.at_a, hubs.cast.anna)
    await hubs.follow()
    before = await rows(hubs.b.database, t.events, id=drive)
    as_if_its_host = hubs.cast.anna  # whoever got past the door with her place

    with pytest.raises(NotFound):
        await events.update(hubs.at_b(as_if_its_host), drive, 1, {"title": "Changed"})
    with pytest.raises(NotFound):
        await publishing.cancel(hubs.at_b(as_if_its_host), drive, 1)

    assert await rows(hubs.b.database, t.events, id=drive) == before
