"""The whole contract in one place, and the schema built from it: `graphql_schema`.

What a token may read is in the contract itself (`schema.access`) and enforced here, at the end.
"""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema import words as words  # gives the enums their words, before a type names them
from schema.access import enforce
from schema.agreement_changes import AgreementMutations
from schema.alliance_changes import AllianceMutations
from schema.alliances import AllianceQueries
from schema.audit import AuditQueries
from schema.co_hosting_changes import CoHostingMutations
from schema.duplicates import DuplicateQueries
from schema.entities import read_strictly
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
from schema.people import GroupMembership, TeamMember
from schema.proposal_changes import ProposalMutations
from schema.publishing_changes import PublishingMutations
from schema.report_changes import ReportMutations
from schema.rsvp_changes import RsvpMutations
from schema.scalars import SCALARS
from schema.search import SearchQueries
from schema.series_changes import SeriesMutations
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
    HandoverMutations,
    AllianceMutations,
    MembershipMutations,
    AgreementMutations,
    ProposalMutations,
): ...


graphql_schema = strawberry.federation.Schema(
    query=Query,
    mutation=Mutation,
    types=[EventHost, GroupMembership, TeamMember],
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    federation_version="2.7",
)
read_strictly(graphql_schema)
needs = enforce(graphql_schema)
