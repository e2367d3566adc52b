"""The whole contract in one place, and the schema built from it: `graphql_schema`.

What a token may read is in the contract itself (`schema.access`) and enforced here, at the end.
"""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema import words as words  # gives the enums their words, before a type names them
from schema.access import enforce
from schema.alliance_changes import AllianceMutations
from schema.alliances import AllianceQueries
from schema.entities import read_strictly
from schema.event_changes import EventMutations
from schema.events import EventHost, EventQueries
from schema.group_changes import GroupMutations
from schema.groups import GroupQueries
from schema.hubs import HubQueries
from schema.organization_changes import OrganizationMutations
from schema.organizations import OrganizationQueries
from schema.people import GroupMembership, TeamMember
from schema.scalars import SCALARS
from schema.search import SearchQueries
from schema.viewer import ViewerQueries


@strawberry.type(description="What can be read.")
class Query(
    SearchQueries,
    ViewerQueries,
    HubQueries,
    OrganizationQueries,
    GroupQueries,
    EventQueries,
    AllianceQueries,
): ...


@strawberry.type(description="What can be changed.")
class Mutation(OrganizationMutations, GroupMutations, EventMutations, AllianceMutations): ...


graphql_schema = strawberry.federation.Schema(
    query=Query,
    mutation=Mutation,
    types=[EventHost, GroupMembership, TeamMember],
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    federation_version="2.7",
)
read_strictly(graphql_schema)
needs = enforce(graphql_schema)
