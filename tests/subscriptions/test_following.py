"""Who follows something is told how it stands, and again when that is different, and no more."""

import pytest
from sqlalchemy import text

from domain.sharing import Visibility
from resolvers import events
from storage.engine import Database
from tests.cast import Cast, MakeContext, publish
from tests.outside import StandingClock
from tests.subscriptions.followers import Hubs, Socket

OF_ALLIANCE = (
    "subscription ($id: ID!) { allianceChanged(id: $id) { name version members { totalCount } } }"
)
OF_FEED = "subscription ($channel: ID) { feedAdvanced(channel: $channel) { channel movedAt } }"
PANTRY, SHELTER, LIBRARY = "river-city-pantry", "harbor-shelter", "northside-library"


async def rename(context: MakeContext, cast: Cast, event: str, version: int, title: str) -> None:
    await events.update(context(cast.anna), event, version, {"title": title})


async def change(database: Database, statement: str, **values: str) -> None:
    async with database.writing() as db:
        await db.execute(text(statement), values)


@pytest.mark.parametrize("at", [0, 1])
async def test_an_edit_in_one_process_is_told_in_every_other(
    hubs: Hubs, context: MakeContext, cast: Cast, at: int
) -> None:
    event = await publish(context, cast.anna)
    async with hubs.following(at=at) as anybody:
        await anybody.subscribe(id=event)
        assert await anybody.told() == {"id": event, "title": "Food drive", "version": 1}
        for version in (1, 2):
            await rename(context, cast, event, version, f"Food drive {version}")
            assert (await anybody.told())["title"] == f"Food drive {version}"
        assert await anybody.hears_nothing()


async def test_what_one_asks_of_one_process_is_told_by_the_other(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna)
    edit = """mutation ($id: ID!) { updateEvent(input: {id: $id, version: 1, title: "Soup"}) {
      userErrors { message } } }"""
    token = await hubs.token(PANTRY)
    async with hubs.following(at=1) as anybody:
        await anybody.subscribe(id=event)
        await anybody.told()
        body = {"query": edit, "variables": {"id": event}}
        answer = await hubs.http.post(
            "/graphql", json=body, headers={"authorization": f"Bearer {token}"}
        )
        assert answer.json() == {"data": {"updateEvent": {"userErrors": []}}}
        assert (await anybody.told())["title"] == "Soup"


async def test_another_thing_s_change_is_not_told(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event, other = [await publish(context, cast.anna) for _ in range(2)]
    async with hubs.following() as anybody:
        await anybody.subscribe(id=event)
        await anybody.told()
        await rename(context, cast, other, 1, "Another")
        assert await anybody.hears_nothing()


async def test_a_change_is_told_to_who_asked_for_nothing_that_it_changed(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna)
    async with hubs.following() as anybody:
        await anybody.subscribe(
            "subscription ($id: ID!) { eventChanged(id: $id) { id } }", id=event
        )
        assert await anybody.told() == {"id": event}
        await rename(context, cast, event, 1, "Soup")
        assert await anybody.told() == {"id": event}


async def test_what_one_may_not_see_of_a_thing_is_not_told_by_its_moving(
    hubs: Hubs, database: Database, context: MakeContext, cast: Cast
) -> None:
    """The Shelter is asked to host with them, which is no business of anybody else's."""
    event = await publish(context, cast.anna)
    invited = """insert into event_hosts (id, event_id, organization_id, role, status, initiated_by,
      may_edit, attendee_sharing, created_at)
      select 'evh_01MG052TM0HNBY1ZFZ74PXW10W@hub.test', id, :shelter, 'COHOST', 'INVITED', 'HOST',
      false, 'NUMBERS', now() from events where id = :event"""
    query = "subscription ($id: ID!) { eventChanged(id: $id) { hosts { totalCount } } }"
    async with hubs.following() as anybody, hubs.following(await hubs.token(SHELTER)) as shelter:
        for each in (anybody, shelter):
            await each.subscribe(query, id=event)
            assert await each.told() == {"hosts": {"totalCount": 1}}
        await change(database, invited, event=event, shelter=cast.shelter)
        assert await shelter.told() == {"hosts": {"totalCount": 2}}
        assert await anybody.hears_nothing()


async def test_a_draft_is_told_to_its_own_and_is_nothing_to_anybody_else(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    async with (
        hubs.following(await hubs.token(PANTRY), at=1) as own,
        hubs.following(await hubs.token(LIBRARY)) as other,
    ):
        await own.subscribe(id=event)
        await own.told()
        await other.subscribe(id=event)
        assert await other.refused() == "NOT_FOUND"
        await rename(context, cast, event, 1, "Soup")
        assert (await own.told())["title"] == "Soup"
        assert await other.hears_nothing()


async def test_what_is_hidden_looks_as_what_never_was(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    hidden = await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    never = f"evt_01AAAAAAAAAAAAAAAAAAAAAAAA@{hidden.partition('@')[2]}"
    heard = []
    async with hubs.following() as anybody:
        for identifier in (hidden, never, "evt", cast.pantry, "", "\x00"):
            await anybody.subscribe(id=identifier)
            heard.append(await anybody.hear())
    assert heard[0]["payload"][0]["extensions"] == {"code": "NOT_FOUND"}
    assert heard == [heard[0]] * 6


@pytest.mark.parametrize(
    "narrowed",
    [
        "update events set visibility = 'ORGANIZATION' where id = :event",
        "update events set publication_status = 'DRAFT' where id = :event",
        "update organizations set visibility = 'PRIVATE' where id = :pantry",
        "delete from event_shares where event_id = :event",
        "update alliance_members set status = 'LEFT' where organization_id = :shelter",
        "update alliance_members set status = 'LEFT' where organization_id = :pantry",
        "update alliances set status = 'DISSOLVED' where id = :alliance",
    ],
)
async def test_whose_sight_was_narrowed_is_told_nothing_more_and_not_why(
    hubs: Hubs, database: Database, context: MakeContext, cast: Cast, narrowed: str
) -> None:
    event = await publish(
        context, cast.anna, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    async with (
        hubs.following(await hubs.token(SHELTER)) as shelter,
        hubs.following(await hubs.token(PANTRY)) as own,
    ):
        for each in (shelter, own):
            await each.subscribe(id=event)
            await each.told()
        values = {
            "event": event,
            "pantry": cast.pantry,
            "shelter": cast.shelter,
            "alliance": cast.city_table,
        }
        await change(
            database,
            narrowed,
            **{name: value for name, value in values.items() if f":{name}" in narrowed},
        )
        await shelter.completed()
        await change(database, "update events set version = 7 where id = :event", event=event)
        assert await shelter.hears_nothing()
        while (await own.told())["version"] != 7:
            pass
        await shelter.subscribe(id=event)
        assert await shelter.refused() == "NOT_FOUND"


async def test_an_alliance_is_told_as_its_members_come_and_go(
    hubs: Hubs, database: Database, cast: Cast
) -> None:
    async with hubs.following(await hubs.token(SHELTER)) as shelter:
        await shelter.subscribe(OF_ALLIANCE, id=cast.city_table)
        assert (await shelter.told())["members"] == {"totalCount": 2}
        await change(
            database,
            "update alliance_members set status = 'SUSPENDED', suspended_by = 'ALLIANCE' "
            "where organization_id = :pantry",
            pantry=cast.pantry,
        )
        assert (await shelter.told())["members"] == {"totalCount": 1}


async def test_a_feed_is_told_whenever_it_moves(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    async with hubs.following(at=1) as anybody:
        await anybody.subscribe(OF_FEED)
        first = await anybody.told()
        assert first["channel"] == "public"
        event = await publish(context, cast.anna)
        second = await anybody.told()
        assert second["movedAt"] > first["movedAt"]
        only = "subscription { feedAdvanced { channel } }"
        await anybody.subscribe(only, "only")
        assert await anybody.told("only") == {"channel": "public"}
        await rename(context, cast, event, 1, "Soup")
        heard = [await anybody.hear(), await anybody.hear()]
        assert {each["id"] for each in heard} == {"1", "only"}


async def test_an_alliance_s_feed_is_told_to_its_members_while_they_are(
    hubs: Hubs, database: Database, context: MakeContext, cast: Cast
) -> None:
    async with (
        hubs.following(await hubs.token(SHELTER)) as shelter,
        hubs.following(await hubs.token(LIBRARY)) as library,
        hubs.following() as anybody,
    ):
        for each in (library, anybody):
            await each.subscribe(OF_FEED, channel=cast.city_table)
            assert await each.refused() == "NOT_FOUND"
        await shelter.subscribe(OF_FEED, channel=cast.city_table)
        assert (await shelter.told())["channel"] == cast.city_table
        await publish(
            context, cast.anna, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
        )
        assert (await shelter.told())["channel"] == cast.city_table
        await change(
            database,
            "update alliance_members set status = 'LEFT' where organization_id = :shelter",
            shelter=cast.shelter,
        )
        await shelter.completed()


async def test_scopes_are_asked_for_as_elsewhere(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna)
    token = await hubs.token(PANTRY, "organizations:read")
    async with hubs.following(token) as app:
        await app.subscribe(id=event)
        assert await app.refused() == "INSUFFICIENT_SCOPE"
        await app.subscribe(OF_FEED)
        assert (await app.told())["channel"] == "public"
        with_answers = "subscription ($id: ID!) { eventChanged(id: $id) { rsvps { totalCount } } }"
    async with hubs.following(await hubs.token(PANTRY)) as app:
        await app.subscribe(with_answers, id=event)
        heard = await app.hear()
        assert heard["payload"]["data"] == {"eventChanged": {"rsvps": None}}
        (error,) = heard["payload"]["errors"]
        assert error["extensions"]["code"] == "INSUFFICIENT_SCOPE"
        assert error["path"] == ["eventChanged", "rsvps"]


async def test_a_token_s_end_ends_what_it_let_one_follow(
    hubs: Hubs, context: MakeContext, cast: Cast, clock: StandingClock
) -> None:
    event = await publish(context, cast.anna)
    async with hubs.following(await hubs.token(PANTRY)) as app, hubs.following() as anybody:
        for each in (app, anybody):
            await each.subscribe(id=event)
            await each.told()
        clock.forward(seconds=301)
        code, words = await app.closed()
        assert code == 4403  # graphql-ws comes again, and asks for the token anew
        assert words == "The token counts no longer: connect again with another one."
        await rename(context, cast, event, 1, "Soup")
        assert (await anybody.told())["title"] == "Soup"


async def test_an_app_that_was_turned_away_is_told_nothing_more(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna)
    async with hubs.following(await hubs.token(PANTRY), at=1) as app:
        await app.subscribe(id=event)
        await app.told()
        await hubs.desk.revoke(hubs.apps[PANTRY].client.id)
        await rename(context, cast, event, 1, "Soup")
        code, _ = await app.closed()
        assert code == 4403


async def test_many_changes_at_once_are_told_by_the_last(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna)
    async with hubs.following() as anybody:
        await anybody.subscribe(id=event)
        await anybody.told()
        for version in range(1, 31):
            await rename(context, cast, event, version, f"Food drive {version}")
        told = 1
        while (await anybody.told())["version"] != 31:
            told += 1
        assert told < 30


async def test_two_follow_different_things_on_one_socket(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    soup, bread = [await publish(context, cast.anna) for _ in range(2)]
    async with hubs.following() as anybody:
        await anybody.subscribe(name="soup", id=soup)
        await anybody.told("soup")
        await anybody.subscribe(name="bread", id=bread)
        await anybody.told("bread")
        await rename(context, cast, bread, 1, "Bread")
        assert (await anybody.told("bread"))["title"] == "Bread"
        await anybody.say(id="bread", type="complete")
        await rename(context, cast, bread, 2, "Old bread")
        await rename(context, cast, soup, 1, "Soup")
        assert (await anybody.told("soup"))["title"] == "Soup"
        await anybody.subscribe(name="bread", id=bread)
        assert (await anybody.told("bread"))["title"] == "Old bread"


async def test_nothing_is_watched_when_nobody_follows(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna)

    async def come_and_go(how: str) -> Socket:
        async with hubs.following() as anybody:
            await anybody.subscribe(id=event)
            await anybody.told()
            if how == "says so":
                await anybody.say(id="1", type="complete")
                assert await anybody.hears_nothing()
            if how == "cut off":
                anybody.connection.transport.abort()
        return anybody

    for how in ("says so", "closes", "cut off"):
        await come_and_go(how)
    await hubs.until_nobody_follows()
