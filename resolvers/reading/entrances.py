"""Where a list of events is begun: the index that has them in the order of their starts.

All events have one, and so have those of a group, those in a cell of the map, those an
organization hosts, and those shared with an alliance: the last two by rows of their own, beside
which the event's times are kept (migration 0005).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Text,
    any_,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.elements import Grouping

from domain.events import EventHostRole
from resolvers.reading.given import FEW_CELLS, Given, Near
from resolvers.reading.narrowing import (
    Condition,
    Roles,
    alliances_seen,
    in_charge,
    members_today,
    organizations_seen,
    owner_stands_in,
)
from resolvers.reading.wanted import EventsWanted, array_of, has_words, is_within, one_of
from storage import tables as t
from storage.visibility import Eyes, sees_on_its_own
from storage.words import exists_for_row, word

LIVELY = 2_000  # events


@dataclass(frozen=True, slots=True)
class Entrance:
    """`row` has `starts_at` and `over_at`. `where` is what rows are taken by, `checked` what is
    asked of each of them after that, `meets` the parts of the filter that are met by both. `each`
    is as in `listing.Way`; `outer` are the rows of outer statements that `where` speaks of.

    `has_all` events; `is_sorted`: its index has them by start; `is_wide`: in many short runs.
    `parts`: the same, as entrances of their own, so few that a list may be merged of them."""

    row: FromClause
    event_id: ColumnElement[str]
    recurs: Condition
    once: Condition
    where: tuple[Condition, ...] = ()
    checked: Callable[[FromClause], Sequence[Condition]] = lambda row: ()
    meets: frozenset[str] = frozenset()
    each: FromClause | None = None
    outer: tuple[FromClause, ...] = ()
    overlapping: bool = False
    has_all: bool = False
    is_sorted: bool = True
    is_wide: bool = False
    parts: tuple["Entrance", ...] = ()

    @property
    def is_events(self) -> bool:
        """Its rows are the events themselves."""
        return "rrule" in self.row.c


def all_events() -> Entrance:
    return _of_events(t.events.alias(), has_all=True)


def of_group(group: FromClause) -> Entrance:
    row = t.events.alias()
    return _of_events(row, (row.c.group_id == group.c.id,), outer=(group,))


def of_organization(eyes: Eyes, organization: FromClause, roles: Roles) -> Entrance:
    row = t.event_hosts.alias()
    where = (row.c.organization_id == organization.c.id, *in_charge(row, roles))
    hosting = _of_parts(row, where, outer=(organization,))
    # Nobody without a token has reason to know an organization but for what it is itself.
    return replace(hosting, checked=_by_a_known_host(eyes)) if eyes != Eyes() else hosting


def of_alliance(alliance: FromClause) -> Entrance:
    row = t.event_shares.alias()
    # Its members are looked up once for the list, and not for each of its rows. PostgreSQL, which
    # takes them for ten at most, would think few rows are theirs, and sort all there are: of a
    # coalesce it thinks nothing.
    by_members = func.coalesce(row.c.organization_id == any_(members_today(alliance)), false())
    where = (row.c.alliance_id == alliance.c.id, by_members)
    return _of_parts(row, where, outer=(alliance,))


def into(eyes: Eyes, wanted: EventsWanted) -> Entrance:
    """The narrowest that the filter opens."""
    if wanted.groups is not None:
        return _of_groups(wanted.groups)
    if wanted.organizations is not None:
        return _of_organizations(eyes, wanted.organizations, wanted.host_roles)
    if wanted.alliances is not None:
        return _of_alliances(eyes, wanted.alliances)
    if wanted.near is not None:
        return near(wanted.near)
    return all_events()


def by_words(text: Given[str]) -> Entrance:
    """What has these words, in no order."""
    row = t.events.alias()
    found = _of_events(row, (has_words(row, text),), meets=frozenset({"search"}))
    return replace(found, is_sorted=False)


def near(wanted: Near) -> Entrance:
    """Each cell has its events in order. Of a few cells PostgreSQL merges these as far as a page
    goes; of more it takes a page of each, which a list of any length of cells can be asked for."""
    cell = func.unnest(array_of(wanted.cells)).table_valued(column("cell", Integer))
    each = cell.render_derived()
    row = t.events.alias()
    where = (row.c.geo_cell == each.c.cell, is_within(row, wanted))
    entrance = _of_events(row, where, meets=frozenset({"near"}), each=each)
    if not wanted.is_narrow:
        return entrance
    return replace(entrance, parts=tuple(_in_cell(wanted, at) for at in range(1, FEW_CELLS + 1)))


def _in_cell(wanted: Near, at: int) -> Entrance:
    """Where there are fewer cells, its number is null, and nothing lies there."""
    row = t.events.alias()
    where = (row.c.geo_cell == Grouping(array_of(wanted.cells))[at], is_within(row, wanted))
    return _of_events(row, where, meets=frozenset({"near"}))


def around(wanted: Near) -> Entrance:
    """The same with all the cells at once, for more of them than one goes into one by one."""
    row = t.events.alias()
    where = (one_of(row.c.geo_cell, wanted.cells), is_within(row, wanted))
    return replace(_of_events(row, where, meets=frozenset({"near"})), is_wide=True)


def is_lively(wanted: Near, from_: Given[datetime] | None) -> Condition:
    """There is much around there: so much that all events in their order soon show a page of it."""
    row = t.events.alias()
    some = select(row.c.id).where(one_of(row.c.geo_cell, wanted.cells))
    if from_ is not None:
        some = some.where(row.c.starts_at >= from_)
    enough: ColumnElement[int] = literal_column(str(LIVELY), Integer)
    counted = select(func.count()).select_from(some.limit(enough).subquery())
    return counted.scalar_subquery() == enough


def _of_groups(ids: Given[tuple[str, ...]]) -> Entrance:
    named = func.unnest(array_of(ids)).table_valued(column("id", Text)).render_derived()
    each = select(named.c.id).distinct().subquery()
    row = t.events.alias()
    return _of_events(row, (row.c.group_id == each.c.id,), meets=frozenset({"groups"}), each=each)


def _of_organizations(eyes: Eyes, ids: Given[tuple[str, ...]], roles: Roles) -> Entrance:
    organization = t.organizations.alias()
    seen = organizations_seen(eyes, organization, ids)
    each = select(organization.c.id).where(seen).subquery()
    row = t.event_hosts.alias()
    where = (row.c.organization_id == each.c.id, *in_charge(row, roles))
    return _of_parts(row, where, meets=frozenset({"organizations"}), each=each)


def _of_alliances(eyes: Eyes, ids: Given[tuple[str, ...]]) -> Entrance:
    alliance = t.alliances.alias()
    seen = alliances_seen(eyes, alliance, ids)
    each = select(alliance.c.id).where(seen).subquery()
    row = t.event_shares.alias()
    where = (row.c.alliance_id == each.c.id,)
    shares = _of_parts(row, where, meets=frozenset({"alliances"}), each=each)
    return replace(shares, checked=_by_members)


def _by_members(share: FromClause) -> Sequence[Condition]:
    return (owner_stands_in(share),)


def _by_a_known_host(eyes: Eyes) -> Callable[[FromClause], Sequence[Condition]]:
    """An organization may be seen as the host of one event alone (docs/decisions/0022): that does
    not tell where else it is a co-host."""

    def checked(place: FromClause) -> Sequence[Condition]:
        organization = t.organizations.alias()
        known = select(organization.c.id).where(
            organization.c.id == place.c.organization_id,
            sees_on_its_own(eyes, organization, by_link=True),
        )
        return (or_(place.c.role == word(EventHostRole.HOST), exists_for_row(known)),)

    return checked


def _of_events(
    row: FromClause,
    where: tuple[Condition, ...] = (),
    *,
    meets: frozenset[str] = frozenset(),
    each: FromClause | None = None,
    outer: tuple[FromClause, ...] = (),
    has_all: bool = False,
) -> Entrance:
    return Entrance(
        row,
        row.c.id,
        row.c.rrule.is_not(None),
        row.c.rrule.is_(None),
        where,
        meets=meets,
        each=each,
        outer=outer,
        has_all=has_all,
    )


def _of_parts(
    row: FromClause,
    where: tuple[Condition, ...],
    *,
    meets: frozenset[str] = frozenset(),
    each: FromClause | None = None,
    outer: tuple[FromClause, ...] = (),
) -> Entrance:
    """An event may have parts of several of these: it is told once."""
    return Entrance(
        row,
        row.c.event_id,
        row.c.recurring,
        ~row.c.recurring,
        where,
        meets=meets,
        each=each,
        outer=outer,
        overlapping=each is not None,
    )
