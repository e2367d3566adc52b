"""The tables of credentials: who may ask, under which authorization, and the keys that vouch for it.

Nothing here can be used by whoever reads it: of a secret only its SHA-256 is kept (it is 256 bits
of chance, so nothing slower is needed), and private keys are sealed with the hub's secret, which
is not in the database (see `auth/sealing.py`). Access tokens themselves are not stored at all.
"""

from sqlalchemy import ARRAY, Column, ForeignKey, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables import Id, Instant, metadata

Word = Text(collation="C")

clients = Table(
    "clients",
    metadata,
    # [A-Za-z0-9_-]: a ':' would end the name in HTTP Basic (RFC 7617 s2).
    Column("id", Word, primary_key=True),
    Column("organization_id", Id, ForeignKey("organizations.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),  # what it may ask for; a token may hold less
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
# registered; a person's consent to an app will be another row, with `person_id`.
grants = Table(
    "grants",
    metadata,
    Column("id", Word, primary_key=True),
    Column("client_id", Word, ForeignKey("clients.id"), nullable=False),
    Column("organization_id", Id, ForeignKey("organizations.id"), nullable=False),
    Column("person_id", Id, ForeignKey("persons.id")),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
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
