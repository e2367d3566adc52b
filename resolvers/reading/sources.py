"""The rows behind each type of the schema, and who sees them one by one.

A thing is opened by its id when the viewer may see it by link; a part of a thing (a host's place
on an event, a membership) when the viewer sees the whole, and the part is meant for them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    column,
    func,
    literal_column,
    select,
    true,
)

from domain.ids import Kind, kind_of
from resolvers.reading.given import Given
from storage import tables as t
from storage import visibility as v
from storage import visibility_of_parts as parts
from storage.visibility import Eyes
from storage.visibility_of_answers import sees_answer, shows_answer
from storage.visibility_of_audit import sees_audit_entry
from storage.visibility_of_handovers import sees_handover

Sees = Callable[[Eyes, FromClause], ColumnElement[bool]]
# What stands beside a row for indexes alone; of a host, the times of its event.
UNSEEN = frozenset({"search", "follows_at", "rolls_on_at", "in_line", "guest_email"})
OF_EVENT = frozenset({"starts_at", "over_at", "recurring"})


@dataclass(frozen=True, slots=True)
class Source:
    """`type_name` is the type's name in the schema; `sees` who may open a row of it by its id.
    `shows` says of a part what else must hold where the whole is seen."""

    type_name: str
    kind: Kind
    table: Table
    sees: Sees
    shows: Sees | None = None

    def rows(self, eyes: Eyes) -> tuple[FromClause, Select[Any]]:
        """An alias of the table, and the rows of it that the viewer may open."""
        row = self.table.alias()
        return row, columns_of(self, row).where(self.sees(eyes, row))

    def rows_of_seen(self, eyes: Eyes) -> tuple[FromClause, Select[Any]]:
        """The same for parts that are reached from a whole which the viewer sees."""
        row = self.table.alias()
        return row, columns_of(self, row).where((self.shows or self.sees)(eyes, row))


def columns_of(source: Source, row: FromClause) -> Select[Any]:
    """Everything a row of this source shows. A date of an event tells its event's time zone."""
    unseen = UNSEEN | OF_EVENT if source.table is t.event_hosts else UNSEEN
    shown = [column for column in row.c if column.name not in unseen]
    if source.table is not t.occurrences:
        return select(*shown)
    event = t.events.alias()
    words = [event.c[name].label(f"event_{name}") for name in ("title", "description")]
    of_event = (event.c.time_zone, event.c.language, *words)
    return select(*shown, *of_event, event.c.translations).join(event, event.c.id == row.c.event_id)


def looked_up(
    source: Source,
    few: FromClause,
    key: ColumnElement[str],
    asked: Callable[[FromClause], Sequence[ColumnElement[bool]]],
) -> tuple[FromClause, Select[Any]]:
    """The things that a few rows name by their ids, each looked up: a join is also made by reading
    all there are, where PostgreSQL takes the few for many."""
    row = source.table.alias()
    found = columns_of(source, row).where(row.c.id == key, *asked(row))
    thing = found.limit(literal_column("1", Integer)).lateral()
    return thing, select(*thing.c).select_from(few.join(thing, true()))


def _by_link(
    rule: Callable[..., ColumnElement[bool]],
) -> Sees:
    return lambda eyes, row: rule(eyes, row, by_link=True)


ORGANIZATION = Source(
    "Organization", Kind.ORGANIZATION, t.organizations, _by_link(v.sees_organization)
)
GROUP = Source("Group", Kind.GROUP, t.groups, _by_link(v.sees_group))
EVENT = Source("Event", Kind.EVENT, t.events, _by_link(v.sees_event))
ALLIANCE = Source("Alliance", Kind.ALLIANCE, t.alliances, _by_link(v.sees_alliance))
HUB = Source("Hub", Kind.HUB, t.hubs, lambda eyes, row: true())
OCCURRENCE = Source("Occurrence", Kind.OCCURRENCE, t.occurrences, parts.sees_occurrence)
EVENT_HOST = Source(
    "EventHost", Kind.EVENT_HOST, t.event_hosts, parts.sees_event_host, parts.shows_event_host
)
ALLIANCE_MEMBERSHIP = Source(
    "AllianceMembership",
    Kind.ALLIANCE_MEMBERSHIP,
    t.alliance_members,
    parts.sees_alliance_membership,
    parts.shows_alliance_membership,
)
AGREEMENT = Source("Agreement", Kind.AGREEMENT, t.agreements, parts.sees_agreement)
AGREEMENT_ACCEPTANCE = Source(
    "AgreementAcceptance",
    Kind.AGREEMENT_ACCEPTANCE,
    t.agreement_acceptances,
    parts.sees_acceptance,
)
PROPOSAL = Source("Proposal", Kind.PROPOSAL, t.proposals, parts.sees_proposal)
BALLOT = Source("Ballot", Kind.BALLOT, t.ballots, parts.sees_ballot, parts.shows_ballot)
PERSON = Source("Person", Kind.PERSON, t.persons, parts.sees_person)
TEAM_MEMBER = Source("TeamMember", Kind.TEAM_MEMBER, t.team_members, parts.sees_team_member)
GROUP_MEMBERSHIP = Source(
    "GroupMembership", Kind.GROUP_MEMBERSHIP, t.group_members, parts.sees_group_membership
)
RSVP = Source("Rsvp", Kind.RSVP, t.rsvps, sees_answer, shows_answer)
HANDOVER = Source("Handover", Kind.HANDOVER, t.handovers, sees_handover)
AUDIT_ENTRY = Source("AuditEntry", Kind.AUDIT_ENTRY, t.audit_entries, sees_audit_entry)

SOURCES = {
    source.type_name: source
    for source in (
        ORGANIZATION,
        GROUP,
        EVENT,
        ALLIANCE,
        HUB,
        OCCURRENCE,
        EVENT_HOST,
        ALLIANCE_MEMBERSHIP,
        AGREEMENT,
        AGREEMENT_ACCEPTANCE,
        PROPOSAL,
        BALLOT,
        PERSON,
        TEAM_MEMBER,
        GROUP_MEMBERSHIP,
        RSVP,
        HANDOVER,
        AUDIT_ENTRY,
    )
}
SOURCE_OF_KIND = {source.kind: source for source in SOURCES.values()}


def type_of(identifier: str) -> str | None:
    """The name of the type that the id names something of."""
    kind = kind_of(identifier)
    source = SOURCE_OF_KIND.get(kind) if kind else None
    return source.type_name if source else None


def by_id(type_name: str) -> Callable[..., Select[Any]]:
    """A statement that finds the thing of that type, by an id."""

    def rows_of(eyes: Eyes, identifier: Given[str]) -> Select[Any]:
        row, rows = SOURCES[type_name].rows(eyes)
        return rows.where(row.c.id == identifier)

    return rows_of


def by_id_or_slug(
    type_name: str, by_slug: Callable[..., Select[Any]]
) -> Callable[..., Select[Any]]:
    """The same, by an id or by a name on this hub."""

    def rows_of(eyes: Eyes, identifier: Given[str] | None, slug: Given[str] | None) -> Select[Any]:
        if identifier is not None:
            return by_id(type_name)(eyes, identifier)
        return by_slug(eyes, slug)

    return rows_of


def named(
    eyes: Eyes,
    type_names: frozenset[str],
    names: Given[tuple[str, ...]],
    identifiers: Given[tuple[str, ...]],
) -> Select[Any]:
    """A row for each of these, in that order: the type that it is said to be of, and its id.
    `type_names` are those there can be: a statement is made for them."""
    each = func.unnest(names, identifiers).table_valued(
        column("type_name", Text),
        column("id", Text),
        with_ordinality="position",
        joins_implicitly=True,
    )
    each = each.render_derived()
    columns: list[ColumnElement[Any]] = [each.c.type_name, each.c.id]
    return select(*columns).order_by(each.c.position)
