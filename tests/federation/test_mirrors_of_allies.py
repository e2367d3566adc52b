"""Who comes to see more of another hub by an alliance holds more of it, and lets go of it with that."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.sharing import Visibility
from resolvers import co_hosting, events, memberships, merging, organizations
from resolvers.operating import operator_for
from storage import tables as t
from storage.peer_tables import mirror_channels
from tests.cast import publish, start_group
from tests.federation.neighbourhood import Neighbourhood
from tests.federation.side_by_side import SideBySide, rows, side_by_side

LISTED = "{ events { nodes { id } } }"


@pytest.fixture
async def hubs(neighbourhood: Neighbourhood) -> AsyncIterator[SideBySide]:
    async with side_by_side(neighbourhood) as opened:
        yield opened


async def held(hubs: SideBySide, event: str) -> dict[str, Any]:
    """The event, as it stands at B."""
    (row,) = await rows(hubs.b.database, t.events, id=event)
    return row


async def listed(hubs: SideBySide) -> set[str]:
    told = await hubs.b.ask(LISTED)
    return {each["id"] for each in told["data"]["events"]["nodes"]}


async def for_allies(hubs: SideBySide) -> None:
    """The Shelter shows itself to its allies alone."""
    (row,) = await rows(hubs.a.database, t.organizations, id=hubs.cast.shelter)
    await organizations.update(
        hubs.at_a(operator_for(hubs.cast.shelter)),
        row["id"],
        row["version"],
        {"visibility": Visibility.ALLIANCE},
    )


async def leave(hubs: SideBySide, membership: str) -> None:
    operator = hubs.at_a(operator_for(hubs.cast.pantry))
    await memberships.remove(operator, membership, "They moved away.")
    await hubs.follow()


async def test_an_ally_holds_what_is_for_everybody_of_who_is_for_allies(hubs: SideBySide) -> None:
    await for_allies(hubs)
    event = await publish(hubs.at_a, hubs.cast.sam)
    group = await start_group(hubs.at_a, hubs.cast.sam, "sewing")
    await hubs.follow()
    assert await rows(hubs.b.database, t.events) == []

    membership = await hubs.ally(hubs.cast.city_table)
    assert (await held(hubs, event))["version"] == 1
    assert (await rows(hubs.b.database, t.groups, id=group))[0]["version"] == 1
    assert await listed(hubs) == set()  # who has no token is no ally

    await leave(hubs, membership)
    assert await rows(hubs.b.database, t.events) == []
    assert await rows(hubs.b.database, t.groups) == []


async def test_an_ally_is_told_again_of_an_event_on_which_an_ally_stands(hubs: SideBySide) -> None:
    await for_allies(hubs)
    cast = hubs.cast
    event = await publish(hubs.at_a, cast.anna)
    wish = co_hosting.Wish(event_id=event, organization_id=cast.shelter)
    place = await co_hosting.ask(hubs.at_a(cast.anna), wish)
    await co_hosting.respond(hubs.at_a(cast.sam), place, accept=True)
    await hubs.follow()
    beside = await rows(hubs.b.database, t.event_hosts, event_id=event)
    assert [row["organization_id"] for row in beside] == [cast.pantry]

    await hubs.ally(cast.city_table)
    await hubs.follow()
    beside = await rows(hubs.b.database, t.event_hosts, event_id=event)
    assert {row["organization_id"] for row in beside} == {cast.pantry, cast.shelter}

    read = {
        row["channel"]: row["generation"] for row in await rows(hubs.b.database, mirror_channels)
    }
    await hubs.follow()
    again = {
        row["channel"]: row["generation"] for row in await rows(hubs.b.database, mirror_channels)
    }
    assert again == read  # once


async def test_an_event_merged_into_one_for_allies_stands_in_no_list_beside_it(
    hubs: SideBySide,
) -> None:
    cast = hubs.cast
    merged = await publish(hubs.at_a, cast.anna)
    into = await publish(
        hubs.at_a, cast.anna, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    await hubs.follow()
    assert await listed(hubs) == {merged}

    await merging.merge(hubs.at_a(cast.anna), merged, into)
    await hubs.follow()
    assert await rows(hubs.b.database, t.events) == []

    membership = await hubs.ally(cast.city_table)
    await hubs.follow()
    assert (await held(hubs, merged))["replaced_by_id"] == into
    assert (await held(hubs, into))["version"] > 0
    assert await listed(hubs) == set()

    await leave(hubs, membership)
    assert await listed(hubs) == set()
    assert (await held(hubs, into))["visibility"] == "PRIVATE"  # all that is left is that it was

    version = (await rows(hubs.a.database, t.events, id=into))[0]["version"]
    await events.update(hubs.at_a(cast.anna), into, version, {"visibility": Visibility.PUBLIC})
    await hubs.follow()
    assert await listed(hubs) == {into}
    assert (await held(hubs, merged))["replaced_by_id"] == into

    await merging.unmerge(hubs.at_a(cast.anna), merged)
    await hubs.follow()
    assert await listed(hubs) == {merged, into}


async def test_what_is_said_with_an_invitation_comes_to_the_hub_of_who_is_invited(
    hubs: SideBySide,
) -> None:
    await hubs.follow_back()
    event = await publish(hubs.at_a, hubs.cast.anna)
    for asked, said in ((hubs.mosque, "Shall we?"), (hubs.cast.shelter, "Between us alone.")):
        wish = co_hosting.Wish(event_id=event, organization_id=asked, message=said)
        place = await co_hosting.ask(hubs.at_a(hubs.cast.anna), wish)
        if asked == hubs.cast.shelter:
            await co_hosting.respond(hubs.at_a(hubs.cast.sam), place, True)
    anna, table = hubs.at_a(hubs.cast.anna), hubs.cast.city_table
    await memberships.invite(anna, table, hubs.mosque, message="Come to our table.")
    await hubs.follow()
    places = {
        each["organization_id"]: each["message"]
        for each in await rows(hubs.b.database, t.event_hosts, event_id=event)
    }
    assert (places[hubs.mosque], places[hubs.cast.shelter]) == ("Shall we?", None)
    members = {
        each["organization_id"]: each["message"]
        for each in await rows(hubs.b.database, t.alliance_members)
    }
    assert members[hubs.mosque] == "Come to our table."
