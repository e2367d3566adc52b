"""Who is asking: an organization's app, a person of its team through an app, or nobody."""

from dataclasses import dataclass
from enum import StrEnum


class TeamRole(StrEnum):
    OWNER = "OWNER"
    ADMIN = "ADMIN"
    EDITOR = "EDITOR"
    EVENT_MANAGER = "EVENT_MANAGER"
    VIEWER = "VIEWER"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Credentials, already checked. `auth.authenticate` makes these; nothing else does.

    A token speaks for one organization. Without a person it is that organization's own app.
    `alliance_ids` are the alliances in force in which the organization is an active member;
    `group_ids` the groups in which the person is.

    A peer hub has a token of its own, which speaks for none of its organizations: `partner_ids` are
    those, as they are known here, and `alliance_ids` the alliances of any of them. It sees what one
    of them may see by such a part, and changes nothing. `hub_id` says of its people, too, that they
    come from there.
    """

    organization_id: str | None = None
    person_id: str | None = None
    role: TeamRole | None = None
    client_id: str | None = None
    scopes: frozenset[str] = frozenset()
    alliance_ids: frozenset[str] = frozenset()
    group_ids: frozenset[str] = frozenset()
    hub_id: str | None = None
    partner_ids: frozenset[str] = frozenset()

    @property
    def is_hub(self) -> bool:
        """A peer hub itself, and nobody of one of its organizations."""
        return self.hub_id is not None and self.organization_id is None

    @property
    def stands_for(self) -> frozenset[str]:
        """The organizations whose part in something lets the viewer look at it."""
        if self.organization_id is None:
            return self.partner_ids
        return self.partner_ids | {self.organization_id}

    @property
    def is_nobody(self) -> bool:
        return self.client_id is None

    def works_for(self, organization_id: str) -> bool:
        return self.organization_id is not None and self.organization_id == organization_id

    def acts_for(self, organization_id: str, *roles: TeamRole) -> bool:
        """Its own app (which its scopes bound), or a person of the team in one of these roles."""
        if not self.works_for(organization_id):
            return False
        return self.person_id is None or self.role in roles


NOBODY = Viewer()

# Whoever runs the hub, at its own command line. No token has this client: those are made by chance.
OPERATOR = "operator"

# Nobody: a date has come. No token has this client either.
BY_TIME = Viewer(client_id="time")
