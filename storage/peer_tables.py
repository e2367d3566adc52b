"""The tables of what this hub has with others: who they are, what it holds of theirs and how far it
has read, and what it has yet to tell them (migration 0020).

What is held of another hub stands in the ordinary tables, with that hub's `hub_id`.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.credential_tables import Word
from storage.tables import Id, Instant, metadata

# How it stands between this hub and another. Both sides agree, each by one of its people (or by its
# policy), before anything is read.
peerings = Table(
    "peerings",
    metadata,
    Column("hub_id", Id, ForeignKey("hubs.id"), primary_key=True),
    Column("status", Word, nullable=False),  # PROPOSED, ACTIVE, SUSPENDED, ENDED
    Column("since", Instant, nullable=False),  # it stands so
    Column("we_agreed_at", Instant),
    Column("they_agreed_at", Instant),
    Column("suspended_why", Text),
    # Where it is asked, as its documents said when somebody here agreed.
    Column("graphql_url", Text, nullable=False),
    Column("issuer", Word, nullable=False, unique=True),
    Column("token_endpoint", Text, nullable=False),
    Column("client_id", Word, nullable=False, unique=True),  # of its metadata document, with us
    Column("poke_url", Text),  # null: it cannot be reached, and asks by itself
    Column("schema_version", Text, nullable=False),
    Column("most_a_page", Integer, nullable=False),  # changes that it gives at once
    # Two rings: what vouches for its people, and what shows that it is the one who asks.
    Column("jwks_uri", Text, nullable=False),
    Column("client_jwks_uri", Text, nullable=False),
    Column("thumbprints", ARRAY(Text), nullable=False),  # RFC 7638, of the first ring
    Column("client_thumbprints", ARRAY(Text), nullable=False),
    # None of the keys we knew is among those it has now: its people act here no more until somebody
    # has confirmed the new ones.
    Column("keys_replaced_at", Instant),
    Column("looked_at", Instant, nullable=False),  # its documents and keys were
    Column("last_synced_at", Instant),  # everything that it published by then is here
    Column("faults", Integer, nullable=False, server_default="0"),  # in a row
    Column("last_error", Text),
    Column("last_error_at", Instant),
)

# How far we have read of what a peer publishes. The cursor is theirs, and kept in the transaction
# that applies the page before it.
mirror_channels = Table(
    "mirror_channels",
    metadata,
    Column("hub_id", Id, ForeignKey("hubs.id"), primary_key=True),
    # "public", an alliance's id, or our own hub's: what concerns our organizations by name.
    Column("channel", Word, primary_key=True),
    Column("cursor", Text),  # null: from its start
    # Rises where the channel is read again from its start; what is not met again is dropped.
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("is_reading_anew", Boolean, nullable=False, server_default="true"),
    Column("pulled_at", Instant),
    Column("current_at", Instant),  # when its end was last reached
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("next_at", Instant),  # not before; null: at once
    Column("last_error", Text),
    Column("last_error_at", Instant),
)

# By which channels something is held: it goes when it has left the last of them.
mirror_entries = Table(
    "mirror_entries",
    metadata,
    Column("thing_id", Id, primary_key=True),
    Column("channel", Word, primary_key=True),
    Column("hub_id", Id, ForeignKey("hubs.id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Index("mirror_entries_of_channel_ix", "hub_id", "channel", "generation"),
)

# What a peer told us that was not believed, and why: for its admins to see, and ours.
mirror_refusals = Table(
    "mirror_refusals",
    metadata,
    Column("hub_id", Id, ForeignKey("hubs.id"), primary_key=True),
    Column("channel", Word, primary_key=True),
    Column("thing_id", Text(collation="C"), primary_key=True),  # as it was said, cut short
    Column("reason", Text, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)

# That somebody here joined a thing of another hub for their organization: an alliance, an event that
# they asked to host, or a place on one that they accepted. A hub that says so of ours without it is not
# believed: its members see who keeps to its alliances, and everybody who hosts its events.
joined_elsewhere = Table(
    "joined_elsewhere",
    metadata,
    Column("thing_id", Id, primary_key=True),
    Column("organization_id", Id, ForeignKey("organizations.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("persons.id")),
    Column("at", Instant, nullable=False),
)

# What somebody here did to a thing of another hub, until its owner has answered: in order for each
# hub, and once, by `id` as its idempotency key.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Word, primary_key=True),
    Column("position", BigInteger, Identity(), nullable=False, unique=True),
    Column("hub_id", Id, ForeignKey("hubs.id"), nullable=False),
    Column("organization_id", Id, ForeignKey("organizations.id")),
    Column("person_id", Id, ForeignKey("persons.id")),
    Column("client_id", Word),
    Column("request_id", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("document", Text, nullable=False),
    Column("variables", JSONB, nullable=False),
    Column("subject_id", Id),  # the row here that shows how it stands
    Column("status", Word, nullable=False),  # PENDING, DELIVERED, FAILED
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("last_error", Text),
    Column("answer", JSONB),
    CheckConstraint("(status = 'PENDING') = (settled_at is null)", name="settled_once"),
    Index(
        "deliveries_waiting_ix",
        "hub_id",
        "position",
        postgresql_where=text("status = 'PENDING'"),
    ),
    Index(None, "subject_id"),
)
