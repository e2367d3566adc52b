"""Where a thing is published is said twice: in `domain.channels`, and to PostgreSQL (migration 0019)."""

from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from domain.channels import PUBLIC, channels_of
from storage.engine import Database, Writing
from tests.storage.test_visibility_agrees_with_policy import every_case
from tests.storage.worlds import World
from tests.storage.worlds_by_chance import undone, worlds

Channels = dict[tuple[str, str], frozenset[str]]


async def both(db: Writing, world: World) -> tuple[Channels, Channels]:
    """By policy, and by SQL."""
    await world.put_in(db)
    things = await world.things(db)
    by_policy = {named: channels_of(thing) for named, thing in things.items()}
    by_sql = {
        (kind, name): frozenset(
            (await db.scalars(select(func.convoke_channels_of(f"{kind}s", name)))).all()
        )
        for kind, name in things
    }
    return by_policy, by_sql


@given(worlds())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_thing_is_published_where_policy_says(database: Database, world: World) -> None:
    async with undone(database) as db:
        by_policy, by_sql = await both(db, world)
        assert by_sql == by_policy


async def test_they_agree_on_every_case_there_is(database: Database) -> None:
    async with undone(database) as db:
        by_policy, by_sql = await both(db, every_case())
    assert by_sql == by_policy
    # And the cases are cases.
    everywhere = set().union(*by_policy.values())
    assert PUBLIC in everywhere
    assert len(everywhere) > 2
    assert frozenset() in by_policy.values()
