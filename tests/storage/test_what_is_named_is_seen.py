"""What the contract says is never null is seen by whoever sees the thing that names it."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, build_schema
from hypothesis import HealthCheck, given, settings
from sqlalchemy import SelectBase, literal, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from resolvers.reading.sources import SOURCES
from storage.engine import Database
from storage.visibility import Eyes, parameters
from tests.storage.worlds import World
from tests.storage.worlds_by_chance import undone, worlds
from web.settings import TREE

# By which column a row names the other.
NAMED = {
    "Alliance.convener": "convener_id",
    "Event.host": "organization_id",
    "Group.organization": "organization_id",
    "EventHost.event": "event_id",
    "EventHost.organization": "organization_id",
    "Occurrence.event": "event_id",
    "AllianceMembership.alliance": "alliance_id",
    "AllianceMembership.organization": "organization_id",
    "AgreementAcceptance.organization": "organization_id",
    "Proposal.alliance": "alliance_id",
    "Proposal.proposedBy": "organization_id",
    "Ballot.proposal": "proposal_id",
    "Ballot.organization": "organization_id",
    "GroupMembership.group": "group_id",
    "GroupMembership.person": "person_id",
    "Rsvp.event": "event_id",
    "Rsvp.occurrence": "occurrence_id",
    "TeamMember.person": "person_id",
}


def contract() -> GraphQLSchema:
    return build_schema((TREE / "schema" / "schema.graphql").read_text("utf-8"), assume_valid=True)


def never_null(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Each field that leads from a row to exactly one other, and the type it leads to."""
    for type_name in SOURCES:
        found = schema.type_map[type_name]
        assert isinstance(found, GraphQLObjectType)
        for name, field in found.fields.items():
            target = str(field.type).removesuffix("!")
            # Lists leave out what is unseen, and everybody sees hubs.
            if str(field.type).endswith("!") and target in SOURCES and target != "Hub":
                yield f"{type_name}.{name}", target


TARGETS = dict(never_null(contract()))
_STATEMENTS: dict[Eyes, CompoundSelect[Any]] = {}


def named_and_unseen(eyes: Eyes) -> CompoundSelect[Any]:
    if eyes not in _STATEMENTS:
        _STATEMENTS[eyes] = union_all(*(_of_field(eyes, *each) for each in TARGETS.items()))
    return _STATEMENTS[eyes]


def _of_field(eyes: Eyes, field: str, target: str) -> SelectBase:
    source = SOURCES[field.partition(".")[0]]
    row, other = source.table.alias(), SOURCES[target].table.alias()
    seen = select(other.c.id).where(SOURCES[target].sees(eyes, other))
    return select(literal(field), row.c.id).where(
        source.sees(eyes, row), row.c[NAMED[field]].not_in(seen)
    )


def test_every_such_field_of_the_contract_is_held_to_it() -> None:
    assert TARGETS.keys() == NAMED.keys()


@given(worlds())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_nobody_sees_a_thing_and_not_what_it_must_name(
    database: Database, world: World
) -> None:
    async with undone(database) as db:
        await world.put_in(db)
        for viewer in await world.viewers(db):
            eyes = Eyes.of(viewer)
            found = await db.execute(named_and_unseen(eyes), parameters(viewer))
            assert found.all() == [], viewer
