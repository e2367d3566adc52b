"""The whole contract in one place, and the schema built from it: `graphql_schema`.

What a token may read is in the contract itself (`schema.access`) and enforced here, at the end.
"""

from typing import Any

import strawberry
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig

from schema import elsewhere
from schema import words as words  # gives the enums their words, before a type names them
from schema.access import Needs, enforce
from schema.agreement_changes import AgreementMutations
from schema.alliance_changes import AllianceMutations
from schema.alliances import AllianceQueries
from schema.audit import AuditQueries
from schema.changes import ChangeQueries
from schema.co_hosting_changes import CoHostingMutations
from schema.duplicates import DuplicateQueries
from schema.event_changes import EventMutations
from schema.events import EventHost, EventQueries
from schema.group_changes import GroupMutations
from schema.group_membership_changes import GroupMembershipMutations
from schema.groups import GroupQueries
from schema.handover_changes import HandoverMutations
from schema.hubs import HubQueries
from schema.membership_changes import MembershipMutations
from schema.merging_changes import MergingMutations
from schema.organization_changes import OrganizationMutations
from schema.organizations import OrganizationQueries
from schema.peering_changes import PeeringMutations
from schema.people import GroupMembership, TeamMember
from schema.proposal_changes import ProposalMutations
from schema.publishing_changes import PublishingMutations
from schema.report_changes import ReportMutations
from schema.rsvp_changes import RsvpMutations
from schema.scalars import SCALARS
from schema.search import SearchQueries
from schema.series_changes import SeriesMutations
from schema.subscriptions import Subscription
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
    AuditQueries,
    DuplicateQueries,
    ChangeQueries,
): ...


@strawberry.type(description="What can be changed.")
class Mutation(
    OrganizationMutations,
    GroupMutations,
    GroupMembershipMutations,
    EventMutations,
    SeriesMutations,
    PublishingMutations,
    CoHostingMutations,
    MergingMutations,
    RsvpMutations,
    ReportMutations,
    PeeringMutations,
    HandoverMutations,
    AllianceMutations,
    MembershipMutations,
    AgreementMutations,
    ProposalMutations,
): ...


class Direct(Schema):
    """As everybody asks it. What gateways ask besides is in `schema.subgraph`."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        del self._schema.type_map["_Any"]  # which `_entities` alone takes

    def _get_federation_query_type(self, query: Any, *_: Any, **__: Any) -> Any:
        """As it is: Strawberry adds `_service` and `_entities` here."""
        return query


def built(kind: type[Schema]) -> tuple[Schema, Needs]:
    """The schema, guarded; and what every field of it needs."""
    schema = kind(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[EventHost, GroupMembership, TeamMember],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        federation_version="2.7",
    )
    table = enforce(schema)
    elsewhere.send(schema._schema, table)
    return schema, table


graphql_schema, needs = built(Direct)
