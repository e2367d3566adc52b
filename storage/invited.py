"""Places that await an organization's word, on events and in alliances, with who can give it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from domain.actors import TeamRole
from domain.alliances import AllianceRole
from domain.events import EventHostStatus
from domain.sharing import MembershipStatus
from storage.engine import Reading
from storage.hubs import is_local
from storage.rsvp_letters import own_address
from storage.tables import (
    alliance_members,
    alliances,
    event_hosts,
    events,
    organizations,
    persons,
    team_members,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """`asker` waits for the word of those who speak for `asked`: one organization, or several. The
    thing is an event, with its time, or an alliance."""

    is_invited: bool  # else they asked for it themselves
    asker_id: str
    asker: str
    asked: tuple[str, ...]
    thing_id: str
    title: str
    message: str | None
    expires_at: datetime | None
    starts_at: datetime | None = None
    time_zone: str | None = None


async def to_events(db: Reading, place_ids: Collection[str]) -> list[Awaited]:
    host, partner = organizations.alias("host"), organizations.alias("partner")
    rows = (
        select(
            event_hosts.c.status,
            event_hosts.c.message,
            event_hosts.c.expires_at,
            events.c.id,
            events.c.title,
            events.c.starts_at,
            events.c.time_zone,
            host.c.id.label("host_id"),
            host.c.name.label("host"),
            partner.c.id.label("partner_id"),
            partner.c.name.label("partner"),
        )
        .join(events, events.c.id == event_hosts.c.event_id)
        .join(host, host.c.id == events.c.organization_id)
        .join(partner, partner.c.id == event_hosts.c.organization_id)
        .where(
            event_hosts.c.id.in_(sorted(place_ids)),
            event_hosts.c.status.in_([EventHostStatus.INVITED, EventHostStatus.REQUESTED]),
        )
        .order_by(event_hosts.c.id)
    )
    found = []
    for row in await db.execute(rows):
        is_invited = row.status == EventHostStatus.INVITED
        found.append(
            Awaited(
                is_invited=is_invited,
                asker_id=row.host_id if is_invited else row.partner_id,
                asker=row.host if is_invited else row.partner,
                asked=(row.partner_id if is_invited else row.host_id,),
                thing_id=row.id,
                title=row.title,
                message=row.message,
                expires_at=row.expires_at,
                starts_at=row.starts_at,
                time_zone=row.time_zone,
            )
        )
    return found


async def to_alliances(db: Reading, membership_ids: Collection[str]) -> list[Awaited]:
    """Who asks to join waits for the convener and the stewards; who is invited, for itself."""
    convener, named = organizations.alias("convener"), organizations.alias("named")
    leading = alliance_members.alias("leading")
    leads = (
        select(func.array_agg(leading.c.organization_id))
        .where(
            leading.c.alliance_id == alliances.c.id,
            leading.c.status == MembershipStatus.ACTIVE.value,
            leading.c.role.in_([AllianceRole.CONVENER.value, AllianceRole.STEWARD.value]),
        )
        .correlate(alliances)
        .scalar_subquery()
    )
    rows = (
        select(
            alliance_members.c.status,
            alliance_members.c.message,
            alliance_members.c.expires_at,
            alliances.c.id,
            alliances.c.name.label("title"),
            convener.c.id.label("convener_id"),
            convener.c.name.label("convener"),
            named.c.id.label("named_id"),
            named.c.name.label("named"),
            leads.label("leads"),
        )
        .join(alliances, alliances.c.id == alliance_members.c.alliance_id)
        .join(convener, convener.c.id == alliances.c.convener_id)
        .join(named, named.c.id == alliance_members.c.organization_id)
        .where(
            alliance_members.c.id.in_(sorted(membership_ids)),
            alliance_members.c.status.in_([MembershipStatus.INVITED, MembershipStatus.REQUESTED]),
        )
        .order_by(alliance_members.c.id)
    )
    found = []
    for row in await db.execute(rows):
        is_invited = row.status == MembershipStatus.INVITED
        found.append(
            Awaited(
                is_invited=is_invited,
                asker_id=row.convener_id if is_invited else row.named_id,
                asker=row.convener if is_invited else row.named,
                asked=(row.named_id,) if is_invited else tuple(row.leads or ()),
                thing_id=row.id,
                title=row.title,
                message=row.message,
                expires_at=row.expires_at,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter goes to, and the language that they prefer."""

    address: str
    language: str | None


async def readers(
    db: Reading, organization_ids: Collection[str], roles: Collection[TeamRole]
) -> Sequence[Reader]:
    """Those who speak for these, each once; of organizations of other hubs nobody's, whose own
    hub tells them."""
    address = own_address(team_members.c.person_id)
    rows = (
        select(address, persons.c.preferred_language)
        .select_from(team_members)
        .join(persons, persons.c.id == team_members.c.person_id)
        .join(organizations, organizations.c.id == team_members.c.organization_id)
        .where(
            team_members.c.organization_id.in_(sorted(organization_ids)),
            team_members.c.role.in_(sorted(roles)),
            is_local(organizations.c.hub_id),
            address.is_not(None),
        )
        .order_by(address, persons.c.preferred_language.desc())
    )
    found = {row[0]: Reader(row[0], row[1]) for row in await db.execute(rows)}
    return list(found.values())
