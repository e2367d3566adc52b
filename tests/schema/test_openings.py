"""What somebody may begin with an organization, a group or an alliance: told both ways, and so it is."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from domain.actors import NOBODY, TeamRole, Viewer
from domain.alliances import AllianceRole
from domain.sharing import JoinPolicy
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage.engine import Database
from storage.tables import alliance_members, alliances, team_members
from tests.cast import Cast, MakeContext, start_group

WAYS = (Operations(graphql_schema, Limits()), Operations(graphql_schema, Limits(), planned=False))
SCOPES = frozenset({"organizations:read", "groups:read", "alliances:read"})
DOCUMENT = """query ($organization: ID!, $group: ID!, $alliance: ID!) {
    organization(id: $organization) { nextActions }
    group(id: $group) { nextActions }
    alliance(id: $alliance) { nextActions }
}"""
LEADING = ["updateAlliance", "inviteToAlliance", "publishAgreement", "openProposal"]
NEW = ["createEvent", "createGroup"]


async def openings(context: MakeContext, cast: Cast, viewer: Viewer, group_id: str) -> Any:
    """Of the Pantry, of a group of its, and of City Table, which it convenes."""
    found = []
    for operations in WAYS:
        variables = {"organization": cast.pantry, "group": group_id, "alliance": cast.city_table}
        prepared = operations.prepare(Asked(DOCUMENT, variables=variables))
        assert isinstance(prepared, Prepared)
        seer = viewer if viewer.is_nobody else replace(viewer, scopes=SCOPES)
        async with context(seer) as ctx:
            answer = orjson.loads((await operations.run(prepared, ctx, "req_1")).body)
        assert "errors" not in answer, answer["errors"]
        found.append(
            [answer["data"][name]["nextActions"] for name in ("organization", "group", "alliance")]
        )
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("OWNER", [["updateOrganization", *NEW, "createAlliance"],
                   ["updateGroup", "inviteToGroup"], LEADING]),
        ("EDITOR", [NEW, ["updateGroup", "inviteToGroup"], []]),
        ("EVENT_MANAGER", [["createEvent"], [], []]),
        ("VIEWER", [[], [], []]),
    ],
)  # fmt: skip
async def test_what_somebody_of_the_team_may_begin(
    context: MakeContext, cast: Cast, database: Database, role: str, told: list[list[str]]
) -> None:
    group_id = await start_group(context, cast.anna, "west-side")
    async with database.writing() as db:
        await db.execute(
            update(team_members).where(team_members.c.person_id == cast.anna_id).values(role=role)
        )
    anna = replace(cast.anna, role=TeamRole(role))
    assert await openings(context, cast, anna, group_id) == told


async def test_what_others_may_begin(context: MakeContext, cast: Cast, database: Database) -> None:
    group_id = await start_group(context, cast.anna, "west-side")
    assert await openings(context, cast, NOBODY, group_id) == [[], [], []]
    assert await openings(context, cast, cast.lee, group_id) == [[], [], []]
    # Sam is an editor, which binds his organization to nothing; its app leads it.
    assert await openings(context, cast, cast.sam, group_id) == [[], [], []]
    assert await openings(context, cast, cast.shelter_app, group_id) == [[], [], ["openProposal"]]
    async with database.writing() as db:
        await db.execute(update(alliances).values(join_policy=JoinPolicy.BY_REQUEST))
    asks = [[], [], ["requestToJoinAlliance"]]
    assert await openings(context, cast, cast.lee, group_id) == asks


@pytest.mark.parametrize(
    ("role", "status", "told"),
    [
        (AllianceRole.STEWARD, "ACTIVE", LEADING[1:]),
        (AllianceRole.STEWARD, "SUSPENDED", []),
        (AllianceRole.OBSERVER, "ACTIVE", []),
        (AllianceRole.MEMBER, "INVITED", []),
    ],
)
async def test_what_a_member_may_begin(
    context: MakeContext,
    cast: Cast,
    database: Database,
    role: AllianceRole,
    status: str,
    told: list[str],
) -> None:
    group_id = await start_group(context, cast.anna, "west-side")
    async with database.writing() as db:
        await db.execute(
            update(alliance_members)
            .where(alliance_members.c.organization_id == cast.shelter)
            .values(role=role, status=status)
        )
    assert await openings(context, cast, cast.shelter_app, group_id) == [[], [], told]


async def test_with_a_dissolved_alliance_nothing_begins(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    group_id = await start_group(context, cast.anna, "west-side")
    async with database.writing() as db:
        await db.execute(update(alliances).values(status="DISSOLVED"))
    assert (await openings(context, cast, cast.anna, group_id))[2] == []
