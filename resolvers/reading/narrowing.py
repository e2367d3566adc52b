"""What is asked of an event by a filter, as conditions on its row."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    Interval,
    Text,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from domain.events import LONGEST_DAYS, EventHostRole, EventHostStatus, EventStatus
from domain.sharing import MembershipStatus
from resolvers.reading.given import Given
from resolvers.reading.wanted import EventsWanted, has_words, is_within, one_of, shares_any
from storage import tables as t
from storage.tables import Instant
from storage.visibility import Eyes, sees_alliance, sees_event, sees_on_its_own
from storage.words import among, exists_for_row, word

Condition = ColumnElement[bool]
Roles = Given[tuple[EventHostRole, ...]] | None

# Whose event it is: those who answer for it, not those who only support or pass it on.
IN_CHARGE = (EventHostRole.HOST, EventHostRole.CO_HOST)


def asked_of(
    eyes: Eyes, event: FromClause, wanted: EventsWanted, but: frozenset[str] = frozenset()
) -> list[Condition]:
    """All of the filter except its times and what it is known to meet, and that it may be found."""
    asked = [*_of_kind(event, wanted), sees_event(eyes, event, by_link=False)]
    if wanted.search is not None and "search" not in but:
        asked.append(has_words(event, wanted.search))
    if wanted.groups is not None and "groups" not in but:
        asked.append(one_of(event.c.group_id, wanted.groups))
    if wanted.hubs is not None:
        asked.append(one_of(event.c.hub_id, wanted.hubs))
    if wanted.near is not None and "near" not in but:
        asked.append(is_within(event, wanted.near))
    if wanted.organizations is not None and "organizations" not in but:
        asked.append(_hosted_by_seen(eyes, event, wanted.organizations, wanted.host_roles))
    if wanted.alliances is not None and "alliances" not in but:
        asked.append(_shared_with_seen(eyes, event, wanted.alliances))
    return asked


def _of_kind(event: FromClause, wanted: EventsWanted) -> list[Condition]:
    """What the event's own row tells."""
    narrow: list[Condition] = [one_of(event.c.publication_status, wanted.publication_statuses)]
    if wanted.statuses is not None:
        narrow.append(one_of(event.c.status, wanted.statuses))
    elif not wanted.include_cancelled:
        narrow.append(event.c.status != word(EventStatus.CANCELLED))
    if wanted.causes is not None:
        narrow.append(shares_any(event.c.causes, wanted.causes))
    if wanted.languages is not None:
        narrow.append(shares_any(event.c.languages, wanted.languages))
    if wanted.attendance_modes is not None:
        narrow.append(one_of(event.c.attendance_mode, wanted.attendance_modes))
    if wanted.accessible is not None:
        said = func.coalesce(event.c.accessibility_status, word("NOT_SURE"))
        accessible = word("ACCESSIBLE")
        narrow.append(said == accessible if wanted.accessible else said != accessible)
    if wanted.updated_since is not None:
        narrow.append(event.c.updated_at >= wanted.updated_since)
    return narrow


# ── times ────────────────────────────────────────────────────────────────────────────────────


def takes_place(event: FromClause, wanted: EventsWanted) -> list[Condition]:
    """Any of its dates lies in the window or reaches into it. One that takes place once is decided
    by its own row, one that recurs by its dates."""
    if wanted.from_ is None and wanted.to is None:
        return []
    narrow: list[Condition] = []
    once: list[Condition] = [event.c.rrule.is_(None)]
    recurring: list[Condition] = [event.c.rrule.is_not(None)]
    if wanted.from_ is not None:
        once.append(reaches(event.c.starts_at, event.c.over_at, wanted.from_))
        recurring.append(event.c.over_at > wanted.from_)
    if wanted.to is not None:
        narrow.append(event.c.starts_at < wanted.to)
    recurring.append(has_date(event.c.id, wanted))
    return [*narrow, or_(and_(*once), and_(*recurring))]


def has_date(event_id: ColumnElement[str], wanted: EventsWanted) -> Condition:
    date = t.occurrences.alias()
    return exists_for_row(
        select(date.c.id).where(
            date.c.event_id == event_id, *in_window(date, wanted.from_, wanted.to)
        )
    )


def in_window(
    date: FromClause, from_: Given[datetime] | None, to: Given[datetime] | None
) -> list[Condition]:
    """Of a date: it lies in the window, or reaches into it."""
    inside: list[Condition] = []
    if from_ is not None:
        reaching = reaches(date.c.starts_at, date.c.ends_at, from_)
        inside += [date.c.starts_at >= longest_before(from_), reaching]
    if to is not None:
        inside.append(date.c.starts_at < to)
    return inside


def next_date(event_id: ColumnElement[str], from_: Given[datetime]) -> ColumnElement[datetime]:
    """The first date of a series that counts from that moment on; null where there is none.

    As a rule it is the first that starts then or later, which one look at an index finds, and
    which knows whether those before it are over (`follows_at`). Else an earlier one goes on."""
    ahead, begun, later = (t.occurrences.alias() for _ in range(3))
    first = (
        select(case((ahead.c.follows_at <= from_, ahead.c.starts_at)))
        .where(ahead.c.event_id == event_id, ahead.c.starts_at >= from_)
        .order_by(ahead.c.starts_at, ahead.c.id)
        .limit(literal_column("1", Integer))
    )
    going_on = select(func.min(begun.c.starts_at)).where(
        begun.c.event_id == event_id,
        begun.c.starts_at >= longest_before(from_),
        begun.c.starts_at < from_,
        begun.c.ends_at > from_,
    )
    else_ = select(func.min(later.c.starts_at)).where(
        later.c.event_id == event_id, later.c.starts_at >= from_
    )
    return func.coalesce(
        first.scalar_subquery(),
        going_on.scalar_subquery(),
        else_.scalar_subquery(),
        type_=Instant,
    )


def place_in_time(event: FromClause, wanted: EventsWanted) -> ColumnElement[datetime]:
    """Where it stands: its first date that counts in the window asked for. What takes place once
    has its start."""
    if wanted.from_ is None:
        return event.c.starts_at
    first = func.coalesce(next_date(event.c.id, wanted.from_), event.c.starts_at, type_=Instant)
    return case((event.c.rrule.is_(None), event.c.starts_at), else_=first)


def reaches(
    starts_at: ColumnElement[Any], over_at: ColumnElement[Any], from_: Given[datetime]
) -> Condition:
    return or_(starts_at >= from_, over_at > from_)


def longest_before(moment: Given[datetime]) -> ColumnElement[datetime]:
    """As early as what is still going on then can have begun."""
    return moment_of(moment) - literal_column(f"interval '{LONGEST_DAYS} days'", Interval)


def moment_of(moment: Given[datetime]) -> ColumnElement[datetime]:
    return moment if isinstance(moment, ColumnElement) else literal(moment, Instant)


# ── hosts and shares ─────────────────────────────────────────────────────────────────────────


def in_charge(host: FromClause, roles: Roles) -> list[Condition]:
    """Of a host's place on an event: it is one of those whose event it is."""
    role = among(host.c.role, IN_CHARGE) if roles is None else one_of(host.c.role, roles)
    return [host.c.status == word(EventHostStatus.ACCEPTED), role]


def members_today(alliance: FromClause) -> ColumnElement[Any]:
    """The organizations that stand in the alliance, as an array."""
    member = t.alliance_members.alias()
    rows = select(member.c.organization_id).where(
        member.c.alliance_id == alliance.c.id,
        member.c.status == word(MembershipStatus.ACTIVE),
    )
    return func.array(rows.correlate(alliance).scalar_subquery(), type_=ARRAY(Text))


def owner_stands_in(share: FromClause) -> Condition:
    """Of a share: it is an owner's that stands in the alliance today."""
    owner = t.alliance_members.alias()
    return exists_for_row(
        select(owner.c.id).where(
            owner.c.organization_id == share.c.organization_id,
            owner.c.alliance_id == share.c.alliance_id,
            owner.c.status == word(MembershipStatus.ACTIVE),
        )
    )


def shared_with(event: FromClause, alliance: FromClause) -> Condition:
    share = t.event_shares.alias()
    shares = select(share.c.event_id).where(
        share.c.event_id == event.c.id,
        share.c.alliance_id == alliance.c.id,
        owner_stands_in(share),
    )
    return exists_for_row(shares.correlate(event, alliance))


def alliances_seen(eyes: Eyes, alliance: FromClause, ids: Given[tuple[str, ...]]) -> Condition:
    """Only those the viewer sees: a filter must not tell what a field would not."""
    return and_(one_of(alliance.c.id, ids), sees_alliance(eyes, alliance, by_link=True))


def organizations_seen(
    eyes: Eyes, organization: FromClause, ids: Given[tuple[str, ...]]
) -> Condition:
    """On their own: one that is seen as somebody's host here does not tell where else it hosts."""
    return and_(one_of(organization.c.id, ids), sees_on_its_own(eyes, organization, by_link=True))


def _shared_with_seen(eyes: Eyes, event: FromClause, ids: Given[tuple[str, ...]]) -> Condition:
    alliance = t.alliances.alias()
    return exists_for_row(
        select(alliance.c.id).where(
            alliances_seen(eyes, alliance, ids), shared_with(event, alliance)
        )
    )


def _hosted_by_seen(
    eyes: Eyes, event: FromClause, ids: Given[tuple[str, ...]], roles: Roles
) -> Condition:
    host, organization = t.event_hosts.alias(), t.organizations.alias()
    return exists_for_row(
        select(host.c.id)
        .join(organization, organization.c.id == host.c.organization_id)
        .where(
            host.c.event_id == event.c.id,
            *in_charge(host, roles),
            organizations_seen(eyes, organization, ids),
        )
    )
