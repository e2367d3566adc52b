"""Every table of the shared graph, in one look. Credentials are in `credential_tables`.

Words and states are kept as the text the schema shows, so that a row reads like an answer.
Ids compare byte by byte (collation C): faster, and the same order on every machine.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

Instant = DateTime(timezone=True)
Id = Text(collation="C")


def _id() -> Column[str]:
    return Column("id", Id, primary_key=True)


def _to(column: str, target: str, *, nullable: bool = False) -> Column[str]:
    return Column(column, Id, ForeignKey(f"{target}.id"), nullable=nullable)


def _word(name: str, default: str | None = None) -> Column[str]:
    """A state or kind: one of the words of an enum in `domain`."""
    return Column(name, Text(collation="C"), nullable=False, server_default=default)


def _words(name: str) -> Column[list[str]]:
    return Column(name, ARRAY(Text), nullable=False, server_default="{}")


def _publication() -> list[Column]:  # type: ignore[type-arg]
    """What every published thing has: its owner's hub, who may see it, how fresh it is."""
    return [
        _id(),
        _to("hub_id", "hubs"),
        _word("visibility"),
        Column("version", BigInteger, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("synced_at", Instant),
        Column("language", Text),
        Column("translations", JSONB, nullable=False, server_default="{}"),
        Column("search", TSVECTOR, nullable=False, server_default=""),
        _words("causes"),
    ]


def _of_organization() -> list[Column]:  # type: ignore[type-arg]
    """Whose it is, and how visible that organization is: kept by triggers (migration 0009), never
    written."""
    return [_to("organization_id", "organizations"), _word("owner_visibility")]


def _place() -> list[Column]:  # type: ignore[type-arg]
    """Where it is. `geo_cell` is null where there is no position; see `domain.geo`."""
    return [
        Column("place_name", Text),
        Column("place_street_address", Text),
        Column("place_locality", Text),
        Column("place_region", Text),
        Column("place_postal_code", Text),
        Column("place_country", Text),
        Column("place_latitude", Float),
        Column("place_longitude", Float),
        Column("place_precision", Text(collation="C")),  # null: no place at all
        Column("geo_cell", Integer),
    ]


# How long an event lasts, in classes (migration 0005). What recurs, or takes more than a day, may
# be going on long after its start.
SPAN = text("convoke_span(starts_at, over_at)")
ONCE = text("rrule is null")
LASTING = text("rrule is not null or convoke_span(starts_at, over_at) > 3")
LASTING_PART = text("(recurring or convoke_span(starts_at, over_at) > 3)")
ACCEPTED = text("status = 'ACCEPTED'")
AWAITED_PLACE = text("status in ('INVITED','REQUESTED')")


def _times_of_event() -> list[Column]:  # type: ignore[type-arg]
    """Beside what an event belongs to, so that an index gives a list in order."""
    return [
        Column("starts_at", Instant, nullable=False),
        Column("over_at", Instant, nullable=False),
        Column("recurring", Boolean, nullable=False),
    ]


def _contact() -> list[Column]:  # type: ignore[type-arg]
    return [Column(f"contact_{part}", Text) for part in ("name", "email", "telephone", "url")]


hubs = Table(
    "hubs",
    metadata,
    _id(),
    Column("authority", Text(collation="C"), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("software", Text, nullable=False),
    Column("is_local", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("hubs_one_local_ix", "is_local", unique=True, postgresql_where=text("is_local")),
)

persons = Table(
    "persons",
    metadata,
    _id(),
    Column("display_name", Text, nullable=False),
    Column("preferred_language", Text),
    *_contact(),
    Column("created_at", Instant, nullable=False),
)

organizations = Table(
    "organizations",
    metadata,
    *_publication(),
    Column("slug", Text(collation="C"), nullable=False),
    Column("name", Text, nullable=False),
    Column("summary", Text),
    Column("description", Text),
    Column("website", Text),
    Column("logo_url", Text),
    Column("logo_alternative_text", Text),
    _words("languages"),
    Column("time_zone", Text, nullable=False),
    Column("is_verified", Boolean, nullable=False, server_default="false"),
    *_place(),
    *_contact(),
    UniqueConstraint("hub_id", "slug"),
    Index(None, "search", postgresql_using="gin"),
    Index(None, "causes", postgresql_using="gin"),
    Index(None, "geo_cell"),
    Index("organizations_by_name_ix", "name", "id"),
    Index("organizations_of_hub_ix", "hub_id", "name", "id"),
)

team_members = Table(
    "team_members",
    metadata,
    _id(),
    _to("organization_id", "organizations"),
    _to("person_id", "persons"),
    _word("role"),
    Column("since", Instant, nullable=False),
    UniqueConstraint("organization_id", "person_id"),
    Index(None, "person_id"),
    Index("team_members_by_time_ix", "organization_id", "since", "id"),
)

groups = Table(
    "groups",
    metadata,
    *_publication(),
    *_of_organization(),
    _to("parent_id", "groups", nullable=True),
    Column("slug", Text(collation="C"), nullable=False),
    Column("name", Text, nullable=False),
    Column("purpose", Text),
    Column("description", Text),
    _word("kind"),
    _words("languages"),
    _word("join_policy"),
    _words("links"),
    # Its active members: kept by triggers of `group_members` (migration 0006), never written.
    Column("member_count", Integer, nullable=False, server_default="0"),
    *_place(),
    UniqueConstraint("organization_id", "slug"),
    Index(None, "search", postgresql_using="gin"),
    Index(None, "causes", postgresql_using="gin"),
    Index(None, "geo_cell"),
    Index("groups_by_name_ix", "name", "id"),
    Index("groups_of_organization_ix", "organization_id", "name", "id"),
    Index("groups_of_parent_ix", "parent_id", "name", "id"),
)

group_members = Table(
    "group_members",
    metadata,
    _id(),
    _to("group_id", "groups"),
    _to("person_id", "persons"),
    _word("role"),
    _word("status"),
    Column("message", Text),
    Column("asked_at", Instant),  # null: it needed nobody's answer
    Column("joined_at", Instant),
    Column("ended_at", Instant),
    Index(None, "group_id", "status"),
    Index(None, "person_id"),
    Index(
        "group_members_awaited_ix",
        "group_id",
        "asked_at",
        "id",
        postgresql_where=text("status in ('INVITED','REQUESTED')"),
    ),
    Index("group_members_by_time_ix", "group_id", "joined_at", "id"),
    Index(
        "group_members_one_under_way_ix",
        "group_id",
        "person_id",
        unique=True,
        postgresql_where=text(
            "status in ('INVITED','REQUESTED','PENDING_AGREEMENT','ACTIVE','SUSPENDED')"
        ),
    ),
)

alliances = Table(
    "alliances",
    metadata,
    *_publication(),
    _to("convener_id", "organizations"),
    Column("slug", Text(collation="C"), nullable=False),
    Column("name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("description", Text),
    _word("kind"),
    _word("status"),
    _word("join_policy"),
    _word("decision_rule"),
    _word("default_event_visibility"),
    _word("member_editing"),
    _word("attendee_sharing"),
    Column("review_at", Date),
    UniqueConstraint("hub_id", "slug"),
    Index(None, "search", postgresql_using="gin"),
    Index(None, "causes", postgresql_using="gin"),
    Index("alliances_by_name_ix", "name", "id"),
)

alliance_members = Table(
    "alliance_members",
    metadata,
    _id(),
    _to("alliance_id", "alliances"),
    _to("organization_id", "organizations"),
    _word("role"),
    _word("status"),
    _word("initiated_by"),
    Column("message", Text),
    Column("created_at", Instant, nullable=False),
    Column("joined_at", Instant),
    Column("ended_at", Instant),
    Column("end_reason", Text),
    Column("expires_at", Instant),  # of what awaits an answer
    Column("suspended_by", Text(collation="C")),  # of what is set aside: ALLIANCE or TIME
    Index(None, "alliance_id", "status"),
    Index(
        "alliance_members_expiring_ix",
        "expires_at",
        postgresql_where=text("expires_at is not null"),
    ),
    Index("alliance_members_by_time_ix", "alliance_id", "created_at", "id"),
    # Rows are kept when a membership ends; only one may be under way (docs/domain.md s4.1).
    Index(
        "alliance_members_one_under_way_ix",
        "organization_id",
        "alliance_id",
        unique=True,
        postgresql_where=text(
            "status in ('INVITED','REQUESTED','PENDING_AGREEMENT','ACTIVE','SUSPENDED')"
        ),
    ),
)

agreements = Table(
    "agreements",
    metadata,
    _id(),
    _to("alliance_id", "alliances"),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("language", Text),
    Column("translations", JSONB, nullable=False, server_default="{}"),
    Column("version_number", Integer, nullable=False),
    Column("active_from", Instant, nullable=False),
    Column("required", Boolean, nullable=False),
    UniqueConstraint("alliance_id", "title", "version_number"),
)

agreement_acceptances = Table(
    "agreement_acceptances",
    metadata,
    _id(),
    _to("agreement_id", "agreements"),
    _to("organization_id", "organizations"),
    _to("person_id", "persons", nullable=True),
    Column("version_number", Integer, nullable=False),
    Column("accepted_at", Instant, nullable=False),
    UniqueConstraint("agreement_id", "organization_id"),
)

proposals = Table(
    "proposals",
    metadata,
    _id(),
    _to("alliance_id", "alliances"),
    _to("organization_id", "organizations"),  # that put it
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    _word("kind"),
    # A membership, where it is about one.
    _to("subject_id", "alliance_members", nullable=True),
    _word("decision_rule"),  # the alliance's, as it was when the vote began
    _word("status"),
    Column("opens_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("decided_at", Instant),  # or withdrawn; null while it is open
    Column("failure", Text),  # why what the members wanted could not be done
    CheckConstraint("closes_at > opens_at", name="closes_after_it_opens"),
    CheckConstraint("(status = 'OPEN') = (decided_at is null)", name="open_until_decided"),
    Index("proposals_by_time_ix", "alliance_id", "opens_at", "id"),
    Index("proposals_of_organization_ix", "organization_id", "alliance_id"),
    Index("proposals_due_ix", "closes_at", "id", postgresql_where=text("status = 'OPEN'")),
    # The same question is put once at a time.
    Index(
        "proposals_one_open_ix",
        "alliance_id",
        "kind",
        text("coalesce(subject_id, '')"),
        unique=True,
        postgresql_where=text(
            "status = 'OPEN' and kind in ('ADMIT_MEMBER','REMOVE_MEMBER','DISSOLVE')"
        ),
    ),
)

ballots = Table(
    "ballots",
    metadata,
    _id(),
    _to("proposal_id", "proposals"),
    _to("organization_id", "organizations"),
    _word("choice"),
    Column("reason", Text),
    Column("cast_at", Instant, nullable=False),
    UniqueConstraint("proposal_id", "organization_id"),
    Index("ballots_by_time_ix", "proposal_id", "cast_at", "id"),
)

events = Table(
    "events",
    metadata,
    *_publication(),
    *_of_organization(),
    _to("group_id", "groups", nullable=True),
    Column("title", Text, nullable=False),
    Column("summary", Text),
    Column("description", Text),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("time_zone", Text, nullable=False),
    Column("all_day", Boolean, nullable=False, server_default="false"),
    Column("rrule", Text),  # null: it takes place once
    Column("recurrence_dates", ARRAY(Instant), nullable=False, server_default="{}"),
    Column("recurrence_exceptions", ARRAY(Instant), nullable=False, server_default="{}"),
    # When the last of its dates is over; 'infinity' for a rule without an end.
    Column("over_at", Instant, nullable=False),
    _word("status"),
    Column("cancellation_reason", Text),
    _word("publication_status"),
    _word("attendance_mode"),
    Column("online_url", Text),
    Column("accessibility_status", Text(collation="C")),
    Column("accessibility_notes", Text),
    _words("accessibility_features"),
    Column("image_url", Text),
    Column("image_alternative_text", Text),
    _words("languages"),
    Column("is_free", Boolean),
    Column("capacity", Integer),
    _word("join_mode"),
    Column("registration_url", Text),
    _to("replaced_by_id", "events", nullable=True),
    # What its host tells afterwards (`resolvers.reports`).
    Column("report_text", Text),
    Column("report_attended", Integer),
    Column("report_published_at", Instant),
    _to("follows_id", "events", nullable=True),  # the series that it goes on from
    # When more dates of it are to be made (`storage.rolling`); null where all there are have rows.
    Column("rolls_on_at", Instant),
    *_place(),
    *_contact(),
    CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_it_starts"),
    Index(None, "search", postgresql_using="gin"),
    Index(None, "causes", postgresql_using="gin"),
    Index("events_by_start_ix", "starts_at", "id"),
    Index("events_by_update_ix", "updated_at", "id"),
    Index("events_of_organization_ix", "organization_id", "starts_at", "id"),
    Index("events_of_group_ix", "group_id", "starts_at", "id"),
    Index("events_near_ix", "geo_cell", "starts_at", "id"),
    Index(
        "events_rolling_on_ix",
        "rolls_on_at",
        "id",
        postgresql_where=text("rolls_on_at is not null"),
    ),
    # What shows an event: those merged into it, and those that go on from it.
    Index(
        "events_replaced_by_ix",
        "replaced_by_id",
        postgresql_where=text("replaced_by_id is not null"),
    ),
    Index("events_follows_ix", "follows_id", postgresql_where=text("follows_id is not null")),
    # What goes on past its start: few rows, and every list from a date on asks for them. How a
    # list is put together of these indexes is in docs/decisions/0018.
    Index("events_by_span_ix", SPAN, "starts_at", "id", postgresql_where=ONCE),
    Index("events_lasting_of_group_ix", "group_id", "over_at", postgresql_where=LASTING),
    Index("events_lasting_near_ix", "geo_cell", "over_at", postgresql_where=LASTING),
)

occurrences = Table(
    "occurrences",
    metadata,
    _id(),
    _to("event_id", "events"),
    # The date the rule gives (RFC 5545 RECURRENCE-ID), which stays when this date is moved.
    Column("recurrence_id", Instant, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    _word("status"),
    # Which columns differ on this date from what the series says, so that a change of the series
    # leaves them alone; a title, description or place is null where it does not differ.
    _words("overrides"),
    Column("title", Text),
    Column("description", Text),
    # Who comes, with the guests they bring: kept by triggers of `rsvps`, never written.
    Column("accepted", Integer, nullable=False, server_default="0"),
    *_place(),
    # Of a series: when the dates before it are over, '-infinity' for the first; from then on it is
    # the next one. Null where the event takes place once. Kept by triggers, as every column below
    # that repeats another table's.
    Column("follows_at", Instant),
    UniqueConstraint("event_id", "recurrence_id"),
    UniqueConstraint("event_id", "id"),  # for what is of a date and of its event
    Index("occurrences_by_start_ix", "starts_at", "id"),
    Index("occurrences_of_event_ix", "event_id", "starts_at", "id", postgresql_include=["ends_at"]),
    Index("occurrences_by_span_ix", text("convoke_span(starts_at, ends_at)"), "starts_at", "id"),
    Index(
        "occurrences_next_ix",
        text("convoke_span(follows_at, starts_at)"),
        "starts_at",
        "event_id",
        postgresql_where=text("follows_at is not null"),
    ),
    # Dates that were moved by themselves, of what recurs no more.
    Index(
        "occurrences_moved_ix",
        "starts_at",
        "id",
        postgresql_where=text("follows_at is null and overrides <> '{}'"),
    ),
)

event_hosts = Table(
    "event_hosts",
    metadata,
    _id(),
    _to("event_id", "events"),
    _to("organization_id", "organizations"),
    _word("role"),
    _word("status"),
    _word("initiated_by"),
    _to("via_alliance_id", "alliances", nullable=True),
    _word("may_edit"),
    _word("attendee_sharing"),
    Column("message", Text),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),  # while an answer is awaited
    Column("responded_at", Instant),
    Column("ended_at", Instant),
    Column("end_reason", Text),
    *_times_of_event(),
    Index(None, "organization_id", "status"),
    Index(None, "event_id", "status"),
    Index("event_hosts_awaited_ix", "expires_at", "id", postgresql_where=AWAITED_PLACE),
    Index("event_hosts_by_time_ix", "event_id", "created_at", "id"),
    Index(
        "event_hosts_by_start_ix",
        "organization_id",
        "starts_at",
        "event_id",
        postgresql_where=ACCEPTED,
    ),
    Index(
        "event_hosts_lasting_ix",
        "organization_id",
        "over_at",
        postgresql_where=text(f"{ACCEPTED.text} and {LASTING_PART.text}"),
    ),
    Index(
        "event_hosts_exactly_one_host_ix",
        "event_id",
        unique=True,
        postgresql_where=text("role = 'HOST' and status = 'ACCEPTED'"),
    ),
    Index(
        "event_hosts_one_under_way_ix",
        "event_id",
        "organization_id",
        unique=True,
        postgresql_where=text("status in ('INVITED','REQUESTED','ACCEPTED')"),
    ),
)

event_shares = Table(
    "event_shares",
    metadata,
    Column("event_id", Id, ForeignKey("events.id"), primary_key=True),
    Column("alliance_id", Id, ForeignKey("alliances.id"), primary_key=True),
    Column("shared_at", Instant, nullable=False),
    _to("organization_id", "organizations"),  # the event's owner
    *_times_of_event(),
    Index("event_shares_by_start_ix", "alliance_id", "starts_at", "event_id"),
    Index("event_shares_lasting_ix", "alliance_id", "over_at", postgresql_where=LASTING_PART),
)

# What a merge brought from the duplicate to the event that stays, so that it can be undone.
event_merges = Table(
    "event_merges",
    metadata,
    Column("duplicate_id", Id, ForeignKey("events.id"), primary_key=True),
    _to("into_id", "events"),
    Column("merged_at", Instant, nullable=False),
    Column("moved", JSONB, nullable=False),
    Index(None, "into_id"),
)

group_shares = Table(
    "group_shares",
    metadata,
    Column("group_id", Id, ForeignKey("groups.id"), primary_key=True),
    Column("alliance_id", Id, ForeignKey("alliances.id"), primary_key=True),
    Column("shared_at", Instant, nullable=False),
    Index(None, "alliance_id"),
)

identifiers = Table(
    "identifiers",
    metadata,
    Column("organization_id", Id, ForeignKey("organizations.id"), primary_key=True),
    Column("system", Text(collation="C"), primary_key=True),
    Column("value", Text(collation="C"), primary_key=True),
    # One of our ids: an organization's, a group's, an event's, an alliance's.
    Column("subject_id", Id, nullable=False),
    Index("identifiers_of_subject_ix", "subject_id", "system", "value"),
    Index("identifiers_by_name_ix", "system", "value"),
)

import_sources = Table(
    "import_sources",
    metadata,
    _id(),
    _to("organization_id", "organizations"),
    _word("kind"),
    Column("location", Text, nullable=False),  # an address, or the name of a file
    Column("etag", Text),
    Column("last_modified", Text),
    Column("checksum", Text),
    Column("last_run_at", Instant),
    # How the events of its last run were published; null before one was finished.
    Column("visibility", Text(collation="C")),
    Column("recent_runs", ARRAY(Instant), nullable=False, server_default="{}"),
    UniqueConstraint("organization_id", "kind", "location"),
)

import_items = Table(
    "import_items",
    metadata,
    Column("source_id", Id, ForeignKey("import_sources.id"), primary_key=True),
    Column("uid", Text(collation="C"), primary_key=True),
    # RECURRENCE-ID as text, '' for the series itself: part of the identity of an item.
    Column("recurrence_id", Text(collation="C"), primary_key=True),
    _to("event_id", "events"),
    Column("checksum", Text, nullable=False),
    # What the source said last, field by field: a person's edit shows as a difference from it.
    Column("said", JSONB, nullable=False),
    Column("missing_since", Instant),
    Index(None, "event_id"),
    Index(None, "uid"),
)

handovers = Table(
    "handovers",
    metadata,
    _id(),
    # Ids of several kinds of things: an organization, a group, an alliance or an event; people or
    # organizations.
    Column("subject_id", Id, nullable=False),
    Column("giver_id", Id, nullable=False),
    Column("taker_id", Id, nullable=False),
    Column("message", Text),
    _word("status"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("responded_at", Instant),
    Column("effective_at", Instant),
    Column("ended_at", Instant),
    Column("end_reason", Text),
    CheckConstraint("giver_id <> taker_id", name="two_sides"),
    Index("handovers_of_subject_ix", "subject_id"),
    Index("handovers_of_giver_ix", "giver_id", "created_at", "id"),
    Index("handovers_of_taker_ix", "taker_id", "created_at", "id"),
    Index("handovers_unanswered_ix", "expires_at", postgresql_where=text("status = 'PROPOSED'")),
    Index(
        "handovers_cooling_ix",
        "effective_at",
        postgresql_where=text("status in ('ACCEPTED','EFFECTIVE')"),
    ),
    # A thing is handed over to one at a time.
    Index(
        "handovers_one_under_way_ix",
        "subject_id",
        unique=True,
        postgresql_where=text("status in ('PROPOSED','ACCEPTED')"),
    ),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    _id(),
    Column("at", Instant, nullable=False),
    Column("action", Text(collation="C"), nullable=False),
    Column("subject_id", Id),
    Column("whole_id", Id),  # what the subject is a part of, or the subject itself
    Column("person_id", Id),
    Column("organization_id", Id),
    Column("client_id", Text(collation="C")),
    Column("hub_id", Id),
    Column("request_id", Text, nullable=False),
    Column("detail", Text),
    Index(
        "audit_entries_of_part_ix",
        "subject_id",
        "at",
        "id",
        postgresql_where=text("whole_id <> subject_id"),
    ),
    Index("audit_entries_of_whole_ix", "whole_id", "at", "id"),
)

# Whom an entry concerned when it was made: kept by a trigger (migration 0014). Neither of the two
# tables lets a row be changed or taken away.
audit_concerned = Table(
    "audit_concerned",
    metadata,
    Column("organization_id", Id, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("entry_id", Id, primary_key=True),
)

# What was asked under an Idempotency-Key, by whom, and what was answered (`storage.once`).
done_once = Table(
    "done_once",
    metadata,
    Column("client_id", Text(collation="C"), primary_key=True),
    Column("organization_id", Id, primary_key=True),  # '' for none, as of the person
    Column("person_id", Id, primary_key=True),
    Column("key", Text(collation="C"), primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("working_until", Instant, nullable=False),
    Column("answer", LargeBinary),  # null: at work, or it was lost
    Index("done_once_begun_at_ix", "begun_at"),
)

rsvps = Table(
    "rsvps",
    metadata,
    _id(),
    _to("event_id", "events"),
    Column("occurrence_id", Id, nullable=False),
    _to("person_id", "persons", nullable=True),
    Column("guest_name", Text),
    Column("guest_email", Text),
    _word("status"),
    Column("additional_guests", Integer, nullable=False, server_default="0"),
    Column("attended", Boolean),  # null: nobody said
    Column("checked_in_at", Instant),
    _to("referred_by_id", "organizations", nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column(
        "in_line", BigInteger
    ),  # while it waits: the lowest of its date is offered a place first
    # A date that moves to another event takes its answers along, and none is lost with a date.
    ForeignKeyConstraint(
        ["event_id", "occurrence_id"],
        ["occurrences.event_id", "occurrences.id"],
        onupdate="CASCADE",
        ondelete="RESTRICT",
    ),
    CheckConstraint("num_nonnulls(person_id, guest_name) = 1", name="a_person_or_a_guest"),
    CheckConstraint("guest_email is null or guest_name is not null", name="an_address_is_a_guests"),
    CheckConstraint("additional_guests >= 0", name="guests_are_not_negative"),
    CheckConstraint("in_line is null or status = 'WAITLISTED'", name="in_line_while_it_waits"),
    Index("rsvps_by_time_ix", "event_id", "created_at", "id"),
    Index(None, "occurrence_id", "status"),
    Index(None, "person_id"),
    Index("rsvps_of_address_ix", text("lower(guest_email)")),
    Index(
        "rsvps_line_ix",
        "occurrence_id",
        "in_line",
        "id",
        postgresql_where=text("status = 'WAITLISTED'"),
    ),
    # A guest without an account is one address.
    Index(
        "rsvps_one_of_address_under_way_ix",
        "occurrence_id",
        text("lower(guest_email)"),
        unique=True,
        postgresql_where=text(
            "status in ('NEEDS_ACTION','ACCEPTED','TENTATIVE','PENDING_APPROVAL','WAITLISTED')"
        ),
    ),
    # Rows are kept when somebody cancels; only one answer of a person may be under way.
    Index(
        "rsvps_one_under_way_ix",
        "occurrence_id",
        "person_id",
        unique=True,
        postgresql_where=text(
            "status in ('NEEDS_ACTION','ACCEPTED','TENTATIVE','PENDING_APPROVAL','WAITLISTED')"
        ),
    ),
)

# Who may have somebody's name and contact, in the words they were asked with (docs/domain.md s6).
rsvp_consents = Table(
    "rsvp_consents",
    metadata,
    _id(),
    _to("rsvp_id", "rsvps"),
    _to("organization_id", "organizations"),
    Column("wording", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Index(None, "organization_id", "rsvp_id"),
    Index(
        "rsvp_consents_in_force_ix",
        "rsvp_id",
        "organization_id",
        unique=True,
        postgresql_where=text("withdrawn_at is null"),
    ),
)

# What a guest without an account is sent to act by: only its digest is kept.
rsvp_links = Table(
    "rsvp_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    _to("rsvp_id", "rsvps"),
    _word("purpose"),
    Column("wish", JSONB, nullable=False),  # what the answer is to be, once the link is followed
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "rsvp_id", "created_at"),
)

outgoing_mail = Table(
    "outgoing_mail",
    metadata,
    _id(),
    Column("to", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # not tried before: later each time it fails
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("failed_at", Instant),  # given up, for the reason in `problem`
    Column("problem", Text),
    Column("html", Text),  # the same words; null: it is plain text alone
    Column("calendar", Text),  # iCalendar, for the reader's own (RFC 5546)
    Column("stop_url", Text),  # where whoever reads it ends such letters (RFC 8058)
    Index(
        "outgoing_mail_waiting_ix",
        "due_at",
        "id",
        postgresql_where=text("sent_at is null and failed_at is null"),
    ),
)

trusted_documents = Table(
    "trusted_documents",
    metadata,
    Column("sha256", Text(collation="C"), primary_key=True),  # of the text, in hexadecimal
    Column("document", Text, nullable=False),
    _words("operations"),
    Column("added_at", Instant, nullable=False),
)

# What time brings (`resolvers.what_time_brings`): when each duty was done last, and is due again.
duties = Table(
    "duties",
    metadata,
    Column("name", Text(collation="C"), primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("ran_at", Instant, nullable=False),
    Column("done", Integer, nullable=False),  # how many things, that time
    Column("failures", Integer, nullable=False, server_default="0"),  # one after the other
    Column("request_id", Text, nullable=False),  # as in the log
)
