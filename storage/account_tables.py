"""The tables of people who sign in: how they show who they are, their sessions and invitations.

A person is found by a passkey, by a confirmed address that a letter reaches, by a password beside
that address, or by (issuer, subject) at a provider their organization trusts. An address alone
never joins two accounts. Of what opens anything only a digest is kept.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.credential_tables import Word
from storage.tables import Id, Instant, metadata

# Whoever may sign in at this hub. People known only by name have none.
accounts = Table(
    "accounts",
    metadata,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    # WebAuthn s5.4.3: 64 bytes of chance, so that a passkey tells a site nothing of the person.
    Column("handle", LargeBinary, nullable=False, unique=True),
    Column("password_hash", Text),  # Argon2id, in its own notation
    Column("password_changed_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("closed_at", Instant),
)

# Addresses a person has shown to read: a letter to one signs them in.
sign_in_addresses = Table(
    "sign_in_addresses",
    metadata,
    Column("address", Word, primary_key=True),  # in lower case
    Column("person_id", Id, ForeignKey("accounts.person_id"), nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    Index(None, "person_id"),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", LargeBinary, primary_key=True),
    Column("id", Word, nullable=False, unique=True),  # to name it in a form
    Column("person_id", Id, ForeignKey("accounts.person_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", ARRAY(Text), nullable=False, server_default="{}"),
    Column("is_backed_up", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Index(None, "person_id"),
)

# An organization's own OpenID provider (Google, Microsoft, Keycloak), for the people of its team.
sign_in_providers = Table(
    "sign_in_providers",
    metadata,
    Column("id", Word, primary_key=True),
    Column("organization_id", Id, ForeignKey("organizations.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column(
        "sealed_client_secret", LargeBinary
    ),  # sealed under the provider's id; null: a public client
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Index(None, "organization_id"),
)

external_identities = Table(
    "external_identities",
    metadata,
    Column("issuer", Word, primary_key=True),
    Column("subject", Word, primary_key=True),
    Column("person_id", Id, ForeignKey("accounts.person_id"), nullable=False),
    Column("provider_id", Word, ForeignKey("sign_in_providers.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Index(None, "person_id"),
    Index(None, "provider_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # of what the cookie holds
    Column("id", Word, nullable=False, unique=True),  # to name it in a form
    Column("person_id", Id, ForeignKey("accounts.person_id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),  # to the minute
    Column("authenticated_at", Instant, nullable=False),  # the last time they showed who they are
    Column("methods", ARRAY(Text), nullable=False),  # how, RFC 8176: pop, pwd, otp, fed
    Column("device", Text, nullable=False),  # in words: Firefox on Android
    Column("ended_at", Instant),
    Index(None, "person_id"),
    Index(None, "last_seen_at"),
)

# What somebody began and has yet to finish: a letter on its way, a passkey's challenge, a way to a
# provider and back. Bound to the browser it began in by `visit`, a digest of its cookie.
ceremonies = Table(
    "ceremonies",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # of the secret that finishes it
    Column("kind", Word, nullable=False),
    Column("visit", LargeBinary, nullable=False),
    Column("person_id", Id, ForeignKey("persons.id")),
    Column("address", Word),
    Column("code_digest", LargeBinary),  # of the code to type, where it has one
    Column("details", JSONB, nullable=False, server_default=text("'{}'")),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "visit"),
    Index(None, "expires_at"),
)

# Into an organization's team: whoever holds the letter may accept, once.
team_invitations = Table(
    "team_invitations",
    metadata,
    Column("id", Word, primary_key=True),
    Column("organization_id", Id, ForeignKey("organizations.id"), nullable=False),
    Column("address", Word, nullable=False),
    Column("role", Word, nullable=False),
    Column("invited_by", Id, ForeignKey("persons.id")),  # null: the hub's operator
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("accepted_by", Id, ForeignKey("persons.id")),
    Column("ended_at", Instant),  # answered, withdrawn, or replaced when it was over
    Column("outcome", Word),  # ACCEPTED, DECLINED, WITHDRAWN, EXPIRED
    Index(None, "organization_id"),
    Index(
        "team_invitations_one_waits_ix",
        "organization_id",
        "address",
        unique=True,
        postgresql_where=text("ended_at is null"),
    ),
)

# How much somebody asked of late (`auth/throttle.py`): drains with time. Lost with the server, which
# is no loss.
throttles = Table(
    "throttles",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("level", Double, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "at"),
    prefixes=["UNLOGGED"],
)
