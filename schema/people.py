"""People in the contract: reached through a team, a group, or as oneself; never listed."""

from datetime import datetime

import strawberry

from domain.actors import TeamRole
from domain.groups import GroupRole
from domain.sharing import MembershipStatus
from resolvers.reading import group_memberships as reading
from schema.access import requires, signed_in
from schema.later import LaterGroup
from schema.loading import Row
from schema.reading import column, embedded, expression, one
from schema.scalars import Locale
from schema.shared import A_CONTACT, Contact, CountedConnection, Node


@strawberry.type(
    description="Somebody. People belong to no organization; they are reached through a team or a group.",
    directives=[signed_in],
)
class Person(Node):
    display_name: str = column("What they want to be called.")
    preferred_language: Locale | None = column("The language they like to be written to in.")
    contact: Contact | None = embedded("contact_", "How to reach them.", A_CONTACT)

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Person"


@strawberry.type(
    description="A person's place in an organization's team. A team is known to itself.",
    directives=[requires("organizations:read")],
)
class TeamMember(Node):
    person: Person = one("person_id", "Person", "Who it is.")
    role: TeamRole = column("What they may do for the organization.")
    since: datetime = column("Since when.")

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "TeamMember"


@strawberry.type(
    description="A person's place in a group, from invitation to departure.",
    directives=[requires("groups:read")],
)
class GroupMembership(Node):
    group: LaterGroup = one("group_id", "Group", "The group.")
    person: Person = one("person_id", "Person", "Who it is.")
    role: GroupRole = column("Their part in the group.")
    status: MembershipStatus = column("Where it stands.")
    joined_at: datetime | None = column("When they joined.")
    message: str | None = expression(
        reading.message, "What was said with it, between the person and those who answer."
    )
    asked_at: datetime | None = column(
        "When they asked to come in, or were invited; null where nobody had to."
    )
    ended_at: datetime | None = column("When it ended.")
    next_actions: list[str] = expression(
        reading.next_actions, "What you may do to it next: names of mutations."
    )
    is_final: bool = expression(
        reading.is_final, "Nothing changes it any more; a new start is a new place."
    )

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "GroupMembership"


TeamMembers = CountedConnection[TeamMember]
GroupMemberships = CountedConnection[GroupMembership]
