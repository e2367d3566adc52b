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
    Index,
    Integer,
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
    Column("joined_at", Instant),
    Index(None, "group_id", "status"),
    Index(None, "person_id"),
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
    Index(None, "alliance_id", "status"),
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
    Column("created_at", Instant, nullable=False),
    Column("responded_at", Instant),
    *_times_of_event(),
    Index(None, "organization_id", "status"),
    Index(None, "event_id", "status"),
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
)

audit_entries = Table(
    "audit_entries",
    metadata,
    _id(),
    Column("at", Instant, nullable=False),
    Column("action", Text(collation="C"), nullable=False),
    Column("subject_id", Id),
    Column("person_id", Id),
    Column("organization_id", Id),
    Column("client_id", Text(collation="C")),
    Column("request_id", Text, nullable=False),
    Column("detail", Text),
    Index(None, "subject_id", "at"),
    Index(None, "organization_id", "at"),
)

rsvps = Table(
    "rsvps",
    metadata,
    _id(),
    _to("event_id", "events"),
    Column("occurrence_id", Id, ForeignKey("occurrences.id", ondelete="CASCADE"), nullable=False),
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
    CheckConstraint("num_nonnulls(person_id, guest_name) = 1", name="a_person_or_a_guest"),
    CheckConstraint("guest_email is null or guest_name is not null", name="an_address_is_a_guests"),
    CheckConstraint("additional_guests >= 0", name="guests_are_not_negative"),
    Index(None, "event_id"),
    Index(None, "occurrence_id", "status"),
    Index(None, "person_id"),
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

trusted_documents = Table(
    "trusted_documents",
    metadata,
    Column("sha256", Text(collation="C"), primary_key=True),  # of the text, in hexadecimal
    Column("document", Text, nullable=False),
    _words("operations"),
    Column("added_at", Instant, nullable=False),
)
