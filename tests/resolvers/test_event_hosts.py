"""Co-hosts named at the command line: whoever runs the hub acts for both sides."""

import pytest
from sqlalchemy import select

from domain.actors import Viewer
from domain.errors import NotFound, Problem, Refused, Taken
from resolvers import co_hosting
from resolvers.operating import operator_for
from storage.engine import Database
from storage.tables import audit_entries, event_hosts
from tests.cast import Cast, MakeContext, publish


async def parts(database: Database, event_id: str) -> list[tuple[str, str, str, str]]:
    async with database.reading() as db:
        row = event_hosts.c
        found = await db.execute(
            select(row.organization_id, row.role, row.status, row.may_edit)
            .where(row.event_id == event_id)
            .order_by(row.id)
        )
        return [(one[0], one[1], one[2], one[3]) for one in found]


async def beside(context: MakeContext, viewer: Viewer, event_id: str, organization_id: str) -> str:
    ctx = context(viewer)
    async with ctx.writing() as db:
        return await co_hosting.add_by_operator(ctx, db, event_id, organization_id)


async def test_the_shelter_stands_beside_the_pantry(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.pantry_app)
    host_id = await beside(context, operator_for(cast.pantry), event_id, cast.shelter)
    assert host_id.startswith("evh_")
    assert sorted(await parts(database, event_id)) == sorted(
        [
            (cast.pantry, "HOST", "ACCEPTED", "ALL"),
            (cast.shelter, "CO_HOST", "ACCEPTED", "DETAILS"),
        ]
    )
    async with database.reading() as db:
        entry = audit_entries.c
        noted = await db.execute(
            select(entry.action, entry.client_id, entry.organization_id)
            .where(entry.subject_id == host_id)
            .order_by(entry.id)
        )
        assert sorted(tuple(row) for row in noted) == [
            ("event_host.accepted", "operator", cast.shelter),
            ("event_host.invited", "operator", cast.pantry),
        ]


async def test_named_twice_is_named_once(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.pantry_app)
    host_id = await beside(context, operator_for(cast.pantry), event_id, cast.shelter)
    before = await parts(database, event_id)
    assert host_id == await beside(context, operator_for(cast.pantry), event_id, cast.shelter)
    with pytest.raises(Taken):
        await beside(context, operator_for(cast.pantry), event_id, cast.pantry)
    assert await parts(database, event_id) == before


@pytest.mark.parametrize(
    ("who", "organization", "refusal"),
    [
        ("anna", "shelter", Refused),
        ("pantry_app", "shelter", Refused),
        ("shelter_app", "library", Refused),
        ("operator of the shelter", "library", Refused),
        ("operator of the pantry", "nobody", NotFound),
    ],
)
async def test_only_the_operator_names_one_and_only_for_the_host(
    context: MakeContext,
    cast: Cast,
    database: Database,
    who: str,
    organization: str,
    refusal: type[Problem],
) -> None:
    event_id = await publish(context, cast.pantry_app)
    named, _, of = who.partition(" of the ")
    viewer = operator_for(getattr(cast, of)) if of else getattr(cast, named)
    organization_id = getattr(cast, organization, f"org_{'0' * 26}@hub.test")
    before = await parts(database, event_id)
    with pytest.raises(refusal):
        await beside(context, viewer, event_id, organization_id)
    assert await parts(database, event_id) == before
