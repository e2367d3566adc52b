"""Where a thing is published is said twice: in `domain.channels`, and to PostgreSQL (migrations 0019, 0021 and 0022)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from sqlalchemy import Text, func, literal, select, union_all

from domain.channels import PUBLIC, channels_of, may_read
from domain.policy import CONCERNED
from domain.reach import OrganizationReach, Reach
from domain.sharing import FINAL_STATUSES
from storage import pokes
from storage.engine import Database, Writing
from storage.visibility import Eyes, parameters, reads_channel
from tests.storage.test_visibility_agrees_with_policy import every_case
from tests.storage.worlds import HUB, KINDS, PEERS, World
from tests.storage.worlds_by_chance import ALLIANCES, undone, worlds

Channels = dict[tuple[str, str], frozenset[str]]


async def both(db: Writing, world: World) -> tuple[Channels, Channels]:
    """By policy, and by SQL. What belongs to another hub is published nowhere."""
    await world.put_in(db)
    things = await world.things(db)
    homes = {row["id"]: row["hub_id"] for row in world.rows["organizations"]}
    abroad = {one: home for one, home in homes.items() if home != HUB}
    ours = {row["id"] for kind in KINDS for row in world.rows.get(kind[1].name, []) if is_ours(row)}
    by_policy = {
        (kind, name): channels_of(answering(world, thing), abroad) if name in ours else frozenset()
        for (kind, name), thing in things.items()
    }
    by_sql = {
        (kind, name): frozenset(
            (await db.scalars(select(func.convoke_channels_of(f"{kind}s", name)))).all()
        )
        for kind, name in things
    }
    return by_policy, by_sql


def is_ours(row: Mapping[str, Any]) -> bool:
    return bool(row["hub_id"] == HUB)


def answering(world: World, thing: Reach) -> Reach:
    """With all for whom it answers, which policy asks only of what is hidden."""
    if not isinstance(thing, OrganizationReach):
        return thing
    rows = {name: world.rows.get(name, []) for name in world.rows}
    convened = {row["id"] for row in rows.get("alliances", []) if row["convener_id"] == thing.id}
    events = {row["id"] for row in rows.get("events", []) if row["organization_id"] == thing.id}
    return replace(
        thing,
        convenes_for=frozenset(
            row["organization_id"]
            for row in rows.get("alliance_members", [])
            if row["alliance_id"] in convened and row["status"] not in FINAL_STATUSES
        ),
        hosts_with=frozenset(
            row["organization_id"]
            for row in rows.get("event_hosts", [])
            if row["event_id"] in events and row["status"] in CONCERNED
        ),
    )


@given(worlds())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_thing_is_published_where_policy_says(database: Database, world: World) -> None:
    async with undone(database) as db:
        by_policy, by_sql = await both(db, world)
        assert by_sql == by_policy


@given(worlds())
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_channel_is_open_to_whom_policy_says(database: Database, world: World) -> None:
    channels = (*ALLIANCES, HUB, *PEERS, "nothing-like-it")
    async with undone(database) as db:
        await world.put_in(db)
        for viewer in await world.viewers(db):
            eyes = Eyes.of(viewer)
            asked = [
                select(literal(each, Text).label("channel")).where(
                    reads_channel(eyes, literal(each, Text))
                )
                for each in channels
            ]
            by_sql = set((await db.scalars(union_all(*asked), parameters(viewer))).all())
            assert by_sql == {each for each in channels if may_read(viewer, each)}, viewer
            assert may_read(viewer, PUBLIC)


@given(worlds())
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_hubs_are_poked_for_what_they_may_read(database: Database, world: World) -> None:
    async with undone(database) as db:
        await world.put_in(db)
        hubs = [viewer for viewer in await world.viewers(db) if viewer.is_hub]
        for channel in (PUBLIC, *ALLIANCES, *PEERS):
            reading = {viewer.hub_id for viewer in hubs if may_read(viewer, channel)}
            assert set(await pokes.concerned(db, [channel])) == reading


async def test_they_agree_on_every_case_there_is(database: Database) -> None:
    async with undone(database) as db:
        by_policy, by_sql = await both(db, every_case())
    assert by_sql == by_policy
    # And the cases are cases.
    everywhere = set().union(*by_policy.values())
    assert PUBLIC in everywhere
    assert len(everywhere) > 2
    assert frozenset() in by_policy.values()
