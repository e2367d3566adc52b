"""People of peer hubs who act here for their organizations, as rows: one person as their own hub names
them, and one authorization for each organization that they act for.

They are in no team, have no account and no address, and so no way in but by the word of their hub.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.actors import TeamRole
from domain.alliances import AllianceStatus
from domain.events import EventHostStatus
from domain.sharing import MembershipStatus
from storage.credential_tables import grants
from storage.tables import (
    alliance_members,
    alliances,
    event_hosts,
    events,
    hubs,
    organizations,
    persons,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody acts here. `scopes` are all that they may be given today; a token holds some."""

    hub_id: str
    client_id: str
    person_id: str
    organization_id: str
    display_name: str
    role: TeamRole
    scopes: tuple[str, ...]
    authenticated_at: datetime | None
    methods: tuple[str, ...]


def is_of(connection: Connection, organization_id: str, hub_id: str) -> bool:
    """Whether that organization is known here, and known to be of that hub."""
    found = exists().where(organizations.c.id == organization_id, organizations.c.hub_id == hub_id)
    return bool(connection.scalar(select(found)))


def works_with_ours(connection: Connection, organization_id: str) -> bool:
    """It stands in an alliance with an organization of this hub, or on an event of one."""
    ours = organizations.alias("ours")
    theirs, beside = alliance_members.alias("theirs"), alliance_members.alias("beside")
    allied = (
        exists()
        .where(
            theirs.c.organization_id == organization_id,
            theirs.c.status == MembershipStatus.ACTIVE.value,
            alliances.c.id == theirs.c.alliance_id,
            alliances.c.status != AllianceStatus.DISSOLVED.value,
            beside.c.alliance_id == theirs.c.alliance_id,
            beside.c.status == MembershipStatus.ACTIVE.value,
            ours.c.id == beside.c.organization_id,
            hubs.c.id == ours.c.hub_id,
            hubs.c.is_local,
        )
        .correlate(None)
    )
    hosting = (
        exists()
        .where(
            event_hosts.c.organization_id == organization_id,
            event_hosts.c.status == EventHostStatus.ACCEPTED.value,
            events.c.id == event_hosts.c.event_id,
            ours.c.id == events.c.organization_id,
            hubs.c.id == ours.c.hub_id,
            hubs.c.is_local,
        )
        .correlate(None)
    )
    return bool(connection.scalar(select(allied | hosting)))


def keep(connection: Connection, visit: Visit, new_grant_id: str, at: datetime) -> str:
    """The id of the authorization: the one that there is, as their hub has it now, or a new one."""
    _keep_person(connection, visit.person_id, visit.display_name, at)
    stands = {
        "client_id": visit.client_id,
        "role": visit.role.value,
        "scopes": list(visit.scopes),
        "authenticated_at": visit.authenticated_at,
        "methods": list(visit.methods),
        "last_used_at": at,
        "revoked_at": None,
        "revoked_why": None,
    }
    adding = (
        insert(grants)
        .values(
            id=new_grant_id,
            hub_id=visit.hub_id,
            person_id=visit.person_id,
            organization_id=visit.organization_id,
            created_at=at,
            **stands,
        )
        .on_conflict_do_update(
            index_elements=["hub_id", "person_id", "organization_id"],
            index_where=and_(grants.c.hub_id.is_not(None), grants.c.person_id.is_not(None)),
            set_=stands,
        )
        .returning(grants.c.id)
    )
    return str(connection.execute(adding).scalar_one())


def _keep_person(connection: Connection, person_id: str, name: str, at: datetime) -> None:
    """Called as their hub calls them by now."""
    adding = insert(persons).values(id=person_id, display_name=name, created_at=at)
    added = connection.execute(adding.on_conflict_do_nothing())
    if not added.rowcount:
        connection.execute(
            update(persons)
            .where(persons.c.id == person_id, persons.c.display_name != name)
            .values(display_name=name)
        )
