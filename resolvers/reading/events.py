"""Finding events and their dates: by time, place, words, and by who shares them with whom."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Select,
    Text,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from domain.errors import BadInput
from domain.events import LONGEST_DAYS, EventHostRole, EventHostStatus, EventStatus
from domain.sharing import MembershipStatus
from resolvers.reading.listing import Key, Listing
from resolvers.reading.organizations import by_name
from resolvers.reading.sources import ALLIANCE, EVENT, EVENT_HOST, OCCURRENCE, columns_of
from resolvers.reading.wanted import EventsWanted, distance_km, has_words, lies_near, shares_any
from storage import tables as t
from storage.tables import Instant
from storage.visibility import Eyes, sees_alliance, sees_event, sees_organization

# Whose event it is: those who answer for it, not those who only support or pass it on.
IN_CHARGE = (EventHostRole.HOST, EventHostRole.CO_HOST)


class EventOrder(StrEnum):
    STARTS_AT_ASC = "STARTS_AT_ASC"
    STARTS_AT_DESC = "STARTS_AT_DESC"
    DISTANCE_ASC = "DISTANCE_ASC"
    UPDATED_AT_DESC = "UPDATED_AT_DESC"


def listed(eyes: Eyes, wanted: EventsWanted, order: EventOrder) -> Listing:
    row = t.events.alias()
    return _ordered(eyes, row, _findable(eyes, row), wanted, order)


def of_organization(
    eyes: Eyes, organization: FromClause, wanted: EventsWanted, order: EventOrder
) -> Listing:
    """What it hosts, alone or with others."""
    row = t.events.alias()
    rows = _findable(eyes, row).where(_hosted_by(row, organization, wanted.host_roles))
    return _ordered(eyes, row, rows, wanted, order)


def of_group(eyes: Eyes, group: FromClause, wanted: EventsWanted, order: EventOrder) -> Listing:
    row = t.events.alias()
    rows = _findable(eyes, row).where(row.c.group_id == group.c.id)
    return _ordered(eyes, row, rows, wanted, order)


def of_alliance(
    eyes: Eyes, alliance: FromClause, wanted: EventsWanted, order: EventOrder
) -> Listing:
    """What its active members share with it."""
    row = t.events.alias()
    rows = _findable(eyes, row).where(_shared(row, alliance))
    return _ordered(eyes, row, rows, wanted, order)


def dates(eyes: Eyes, wanted: EventsWanted) -> Listing:
    """Every date, in order, of the events wanted; the window is `wanted.from_` to `wanted.to`."""
    event = t.events.alias()
    row = t.occurrences.alias()
    narrowed = _narrowed(eyes, event, select(event.c.id), wanted, dates_decide=True)
    rows = columns_of(OCCURRENCE, row).where(
        row.c.event_id.in_(narrowed.where(sees_event(eyes, event, by_link=False)))
    )
    if not wanted.include_cancelled and wanted.statuses is None:
        rows = rows.where(row.c.status != EventStatus.CANCELLED)
    return _dates_between(row, rows, wanted)


def dates_of(eyes: Eyes, event: FromClause, wanted: EventsWanted) -> Listing:
    """The dates of one event the viewer already sees, called-off ones among them."""
    row = t.occurrences.alias()
    rows = columns_of(OCCURRENCE, row).where(row.c.event_id == event.c.id)
    return _dates_between(row, rows, wanted)


def hosts_of(eyes: Eyes, event: FromClause, roles: tuple[EventHostRole, ...] | None) -> Listing:
    row, rows = EVENT_HOST.rows(eyes)
    rows = rows.where(row.c.event_id == event.c.id)
    if roles is not None:
        rows = rows.where(row.c.role.in_(roles))
    keys = (Key("created_at", row.c.created_at, Instant), Key("id", row.c.id, Text()))
    return Listing(EVENT_HOST.type_name, rows, keys, "CREATED_AT")


def alliances_of(eyes: Eyes, event: FromClause) -> Listing:
    """The alliances it is shared with, as far as the viewer may know of them."""
    row, rows = ALLIANCE.rows(eyes)
    shares = t.event_shares.alias()
    rows = rows.join(shares, shares.c.alliance_id == row.c.id)
    return by_name(ALLIANCE, row, rows.where(shares.c.event_id == event.c.id))


def identifiers_of(eyes: Eyes, thing: FromClause) -> Listing:
    """What the thing is called in other systems."""
    row = t.identifiers.alias()
    keys = (Key("system", row.c.system, Text()), Key("value", row.c.value, Text()))
    columns: list[ColumnElement[Any]] = [row.c.system, row.c.value]
    rows = select(*columns).where(row.c.subject_id == thing.c.id)
    return Listing("ExternalIdentifier", rows, keys, "SYSTEM")


def _findable(eyes: Eyes, row: FromClause) -> Select[Any]:
    return columns_of(EVENT, row).where(sees_event(eyes, row, by_link=False))


def _ordered(
    eyes: Eyes,
    row: FromClause,
    rows: Select[Any],
    wanted: EventsWanted,
    order: EventOrder,
) -> Listing:
    rows = _narrowed(eyes, row, rows, wanted)
    last = Key("id", row.c.id, Text())
    match order:
        case EventOrder.STARTS_AT_ASC | EventOrder.STARTS_AT_DESC:
            first = Key("next_at", _next_date(row, wanted), Instant)
        case EventOrder.UPDATED_AT_DESC:
            first = Key("updated_at", row.c.updated_at, Instant)
        case EventOrder.DISTANCE_ASC:
            if wanted.near is None:
                raise BadInput(
                    "orderBy: DISTANCE_ASC needs a position; give filter.near.", ("orderBy",)
                )
            first = Key("distance", distance_km(row, wanted.near), Float())
    return Listing(EVENT.type_name, rows, (first, last), order, descending=order.endswith("DESC"))


def _next_date(row: FromClause, wanted: EventsWanted) -> ColumnElement[Any]:
    """Where it stands in time: its first date that counts in the window asked for. What takes
    place once has its start."""
    if wanted.from_ is None:
        return row.c.starts_at
    date = t.occurrences.alias()
    dates = select(func.min(date.c.starts_at)).where(
        date.c.event_id == row.c.id,
        _reaches(date.c.starts_at, func.coalesce(date.c.ends_at, date.c.starts_at), wanted.from_),
    )
    next_date = func.coalesce(dates.correlate(row).scalar_subquery(), row.c.starts_at)
    return case((row.c.rrule.is_(None), row.c.starts_at), else_=next_date)


def _narrowed(
    eyes: Eyes,
    row: FromClause,
    rows: Select[Any],
    wanted: EventsWanted,
    *,
    dates_decide: bool = False,
) -> Select[Any]:
    rows = rows.where(*_by_kind(row, wanted))
    if wanted.search is not None:
        rows = rows.where(has_words(row, wanted.search))
    if wanted.organizations is not None:
        rows = rows.where(_hosted_by_seen(eyes, row, wanted.organizations, wanted.host_roles))
    if wanted.groups is not None:
        rows = rows.where(row.c.group_id.in_(wanted.groups))
    if wanted.alliances is not None:
        rows = rows.where(_shared_with_seen(eyes, row, wanted.alliances))
    if wanted.hubs is not None:
        rows = rows.where(row.c.hub_id.in_(wanted.hubs))
    if wanted.near is not None:
        rows = rows.where(lies_near(row, wanted.near))
    if not dates_decide:
        rows = rows.where(*_takes_place(row, wanted))
    return rows


def _by_kind(row: FromClause, wanted: EventsWanted) -> list[ColumnElement[bool]]:
    """What the event's own row tells."""
    narrow: list[ColumnElement[bool]] = [row.c.publication_status.in_(wanted.publication_statuses)]
    if wanted.statuses is not None:
        narrow.append(row.c.status.in_(wanted.statuses))
    elif not wanted.include_cancelled:
        narrow.append(row.c.status != EventStatus.CANCELLED)
    if wanted.causes is not None:
        narrow.append(shares_any(row.c.causes, wanted.causes))
    if wanted.languages is not None:
        narrow.append(shares_any(row.c.languages, wanted.languages))
    if wanted.attendance_modes is not None:
        narrow.append(row.c.attendance_mode.in_(wanted.attendance_modes))
    if wanted.accessible is not None:
        said = func.coalesce(row.c.accessibility_status, "NOT_SURE")
        narrow.append((said == "ACCESSIBLE") if wanted.accessible else (said != "ACCESSIBLE"))
    if wanted.updated_since is not None:
        narrow.append(row.c.updated_at >= wanted.updated_since)
    return narrow


def _takes_place(row: FromClause, wanted: EventsWanted) -> list[ColumnElement[bool]]:
    """Any of its dates lies in the window or reaches into it.

    An event that takes place once is decided by its own row, within the longest an event lasts
    before the window begins; one that recurs by its dates."""
    if wanted.from_ is None and wanted.to is None:
        return []
    once: list[ColumnElement[bool]] = [row.c.rrule.is_(None)]
    recurring: list[ColumnElement[bool]] = [row.c.rrule.is_not(None)]
    date = t.occurrences.alias()
    in_window: list[ColumnElement[bool]] = [date.c.event_id == row.c.id]
    if wanted.from_ is not None:
        once.append(_reaches(row.c.starts_at, row.c.over_at, wanted.from_))
        recurring.append(row.c.over_at > wanted.from_)
        in_window.append(
            _reaches(
                date.c.starts_at, func.coalesce(date.c.ends_at, date.c.starts_at), wanted.from_
            )
        )
    narrow: list[ColumnElement[bool]] = []
    if wanted.to is not None:
        narrow.append(row.c.starts_at < wanted.to)
        in_window.append(date.c.starts_at < wanted.to)
    recurring.append(exists(select(date.c.id).where(*in_window)))
    return [*narrow, or_(and_(*once), and_(*recurring))]


def _reaches(
    starts_at: ColumnElement[object], over_at: ColumnElement[object], from_: object
) -> ColumnElement[bool]:
    return or_(starts_at >= from_, over_at > from_)


def _longest_before(moment: datetime) -> datetime:
    """As early as what is still going on then can have begun; or the beginning of time."""
    longest = timedelta(days=LONGEST_DAYS)
    beginning = datetime.min.replace(tzinfo=UTC)
    return moment - longest if moment - beginning > longest else beginning


def _dates_between(row: FromClause, rows: Select[Any], wanted: EventsWanted) -> Listing:
    if wanted.from_ is not None:
        rows = rows.where(
            row.c.starts_at >= _longest_before(wanted.from_),
            _reaches(row.c.starts_at, func.coalesce(row.c.ends_at, row.c.starts_at), wanted.from_),
        )
    if wanted.to is not None:
        rows = rows.where(row.c.starts_at < wanted.to)
    keys = (Key("starts_at", row.c.starts_at, Instant), Key("id", row.c.id, Text()))
    return Listing(OCCURRENCE.type_name, rows, keys, EventOrder.STARTS_AT_ASC)


def _hosted_by(
    row: FromClause, organization: FromClause, roles: tuple[EventHostRole, ...] | None
) -> ColumnElement[bool]:
    host = t.event_hosts.alias()
    hosted = select(host.c.event_id).where(
        host.c.organization_id == organization.c.id,
        host.c.status == EventHostStatus.ACCEPTED,
        host.c.role.in_(IN_CHARGE if roles is None else roles),
    )
    return row.c.id.in_(hosted.correlate(organization))


def _hosted_by_seen(
    eyes: Eyes,
    row: FromClause,
    organization_ids: tuple[str, ...],
    roles: tuple[EventHostRole, ...] | None,
) -> ColumnElement[bool]:
    """Only by organizations the viewer sees: a filter must not tell what a field would not."""
    organization = t.organizations.alias()
    host = t.event_hosts.alias()
    return row.c.id.in_(
        select(host.c.event_id)
        .join(organization, organization.c.id == host.c.organization_id)
        .where(
            organization.c.id.in_(organization_ids),
            sees_organization(eyes, organization, by_link=True),
            host.c.status == EventHostStatus.ACCEPTED,
            host.c.role.in_(IN_CHARGE if roles is None else roles),
        )
    )


def _shared_with_seen(
    eyes: Eyes, row: FromClause, alliance_ids: tuple[str, ...]
) -> ColumnElement[bool]:
    alliance = t.alliances.alias()
    return exists(
        select(alliance.c.id).where(
            alliance.c.id.in_(alliance_ids),
            sees_alliance(eyes, alliance, by_link=True),
            _shared(row, alliance),
        )
    )


def _shared(row: FromClause, alliance: FromClause) -> ColumnElement[bool]:
    """Shared with the alliance by an owner that stands in it today."""
    shares, owner = t.event_shares.alias(), t.alliance_members.alias()
    shared = (
        select(shares.c.event_id)
        .join(owner, owner.c.alliance_id == shares.c.alliance_id)
        .where(
            shares.c.event_id == row.c.id,
            shares.c.alliance_id == alliance.c.id,
            owner.c.organization_id == row.c.organization_id,
            owner.c.status == MembershipStatus.ACTIVE,
        )
    )
    return exists(shared.correlate(row, alliance))
