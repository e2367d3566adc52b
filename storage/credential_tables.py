"""The tables of credentials: who may ask, under which authorization, and the keys that vouch for it.

Nothing here can be used by whoever reads it: of a secret only its SHA-256 is kept (it is 256 bits
of chance, so nothing slower is needed), and private keys are sealed with the hub's secret, which
is not in the database (see `auth/sealing.py`). Access tokens themselves are not stored at all.
"""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables import Id, Instant, metadata

Word = Text(collation="C")

clients = Table(
    "clients",
    metadata,
    # [A-Za-z0-9_-]: a ':' would end the name in HTTP Basic (RFC 7617 s2). A peer hub's is the address
    # of its metadata document; it never asks by Basic.
    Column("id", Word, primary_key=True),
    Column("organization_id", Id, ForeignKey("organizations.id")),  # null: it registered itself
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),  # what it may ask for; a token may hold less
    # OPERATOR, TEAM (of the organization), ITSELF (RFC 7591: nobody vouches for it), BUILT_IN or PEER.
    Column("registered_by", Word, nullable=False, server_default="OPERATOR"),
    Column("person_id", Id, ForeignKey("persons.id")),  # of the team, who registered it
    Column("grant_types", ARRAY(Text), nullable=False, server_default="{client_credentials}"),
    # RFC 7591 s2 token_endpoint_auth_method.
    Column("auth_method", Word, nullable=False, server_default="client_secret_basic"),
    Column("redirect_uris", ARRAY(Text), nullable=False, server_default="{}"),
    Column("jwks", JSONB),  # the public keys of private_key_jwt, or where they are:
    Column("jwks_uri", Text),
    Column("client_uri", Text),
    Column("policy_uri", Text),
    Column("tos_uri", Text),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),  # when it last got a token, to the minute
    Column("revoked_at", Instant),
    Index(None, "organization_id"),
)

# A client has two secrets while it changes from one to the next, so that nothing stops meanwhile.
client_secrets = Table(
    "client_secrets",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("client_id", Word, ForeignKey("clients.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),  # set on the old one when a new one is made
    Index(None, "client_id"),
)

# One authorization: everything issued under it dies with it. A machine has one, made when it is
# registered; each consent of a person to an app is another row, with `person_id`. It is locked
# first by whoever spends a code or a refresh token of it, so that no two of them deadlock.
# Of a peer hub: one as a machine, for no organization; and one for each of its people who acts here
# for an organization of that hub, whose role there their hub vouches for.
grants = Table(
    "grants",
    metadata,
    Column("id", Word, primary_key=True),
    Column("client_id", Word, ForeignKey("clients.id"), nullable=False),
    Column("organization_id", Id, ForeignKey("organizations.id")),  # null: a peer hub's own
    Column("person_id", Id, ForeignKey("persons.id")),
    Column("hub_id", Id, ForeignKey("hubs.id")),  # of a peer, or of its people
    Column("role", Word),  # of its people, in their organization
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("authenticated_at", Instant),  # when the person last showed who they are: auth_time
    Column("methods", ARRAY(Text), nullable=False, server_default="{}"),  # how: amr, RFC 8176
    Column("last_used_at", Instant),  # to the minute
    Column("revoked_at", Instant),
    Column("revoked_why", Word),  # PERSON, APP, ORGANIZATION, CODE_REPLAY, REFRESH_REPLAY
    CheckConstraint("organization_id is not null or hub_id is not null", name="of_somebody"),
    Index(
        "grants_one_of_a_peers_person_ix",
        "hub_id",
        "person_id",
        "organization_id",
        unique=True,
        postgresql_where=text("hub_id is not null and person_id is not null"),
    ),
    Index(
        "grants_one_of_a_machine_ix",
        "client_id",
        unique=True,
        postgresql_where=text("person_id is null"),
    ),
    Index(None, "organization_id"),
    Index(None, "person_id"),
)

# Single tokens refused before their time; a row may go when the token would have expired anyway.
denied_tokens = Table(
    "denied_tokens",
    metadata,
    Column("jti", Word, primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Index(None, "expires_at"),
)

# NEXT is published and not yet used, ACTIVE signs, RETIRED is published until what it signed is over.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Word, primary_key=True),  # RFC 7638 thumbprint: never the name of another key
    Column("purpose", Word, nullable=False),  # what this ring signs: one leaked ring is not both
    Column("slot", Word, nullable=False),
    Column("public_jwk", JSONB, nullable=False),
    Column("sealed_private_jwk", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("retired_at", Instant),
    Index(
        "signing_keys_one_in_a_slot_ix",
        "purpose",
        "slot",
        unique=True,
        postgresql_where=text("slot in ('NEXT','ACTIVE')"),
    ),
)

# RFC 6749 s4.1.2: spent once. A row stays until its time is over, so that a second use is noticed,
# which ends the whole authorization.
authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("grant_id", Word, ForeignKey("grants.id"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", Word, nullable=False),  # always S256
    Column("nonce", Text),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "grant_id"),
    Index(None, "expires_at"),
)

# One family for each authorization: each is spent once for the next, and a second use of one ends
# all of them (RFC 9700 s4.14.2).
refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("grant_id", Word, ForeignKey("grants.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "grant_id"),
    Index(None, "expires_at"),
)

# RFC 8628: what a screen without a keyboard shows, until somebody answers for it elsewhere.
device_codes = Table(
    "device_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_code", Word, nullable=False, unique=True),  # typed by a person; without its dash
    Column("client_id", Word, ForeignKey("clients.id"), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("asked_at", Instant),  # when the device last asked
    Column("grant_id", Word, ForeignKey("grants.id")),  # once a person said yes
    Column("is_denied", Boolean, nullable=False, server_default="false"),
    Column("used_at", Instant),
    Index(None, "client_id"),
    Index(None, "grant_id"),
    Index(None, "expires_at"),
)

# The jti of each assertion that was believed, until it would be too old anyway: `issuer` is who
# signed it, with what it was (RFC 7523 s3).
used_assertions = Table(
    "used_assertions",
    metadata,
    Column("issuer", Word, primary_key=True),
    Column("jti", Word, primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Index(None, "expires_at"),
)
