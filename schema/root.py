"""The whole contract in one place, and the schema built from it: `graphql_schema`.

What a token may read is in the contract itself (`schema.access`) and enforced here, at the end.
"""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.access import enforce
from schema.alliances import AllianceQueries
from schema.events import EventHost, EventQueries
from schema.groups import GroupQueries
from schema.hubs import HubQueries
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


graphql_schema = strawberry.federation.Schema(
    query=Query,
    types=[EventHost, GroupMembership, TeamMember],
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    federation_version="2.7",
)
needs = enforce(graphql_schema)
