"""People who sign in: accounts, sessions, apps that act for them, and what letters still wait."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "throttles",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("throttles_pkey")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("throttles_at_ix"), "throttles", ["at"], unique=False)
    op.create_table(
        "used_assertions",
        sa.Column("issuer", sa.Text(collation="C"), nullable=False),
        sa.Column("jti", sa.Text(collation="C"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti", name=op.f("used_assertions_pkey")),
    )
    op.create_index(
        op.f("used_assertions_expires_at_ix"), "used_assertions", ["expires_at"], unique=False
    )
    op.create_table(
        "accounts",
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("accounts_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("accounts_pkey")),
        sa.UniqueConstraint("handle", name=op.f("accounts_handle_key")),
    )
    op.create_table(
        "ceremonies",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("visit", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=True),
        sa.Column("address", sa.Text(collation="C"), nullable=True),
        sa.Column("code_digest", sa.LargeBinary(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("ceremonies_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("ceremonies_pkey")),
    )
    op.create_index(op.f("ceremonies_expires_at_ix"), "ceremonies", ["expires_at"], unique=False)
    op.create_index(op.f("ceremonies_visit_ix"), "ceremonies", ["visit"], unique=False)
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.person_id"], name=op.f("passkeys_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("passkeys_pkey")),
        sa.UniqueConstraint("id", name=op.f("passkeys_id_key")),
    )
    op.create_index(op.f("passkeys_person_id_ix"), "passkeys", ["person_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("methods", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.person_id"], name=op.f("sessions_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("sessions_pkey")),
        sa.UniqueConstraint("id", name=op.f("sessions_id_key")),
    )
    op.create_index(op.f("sessions_last_seen_at_ix"), "sessions", ["last_seen_at"], unique=False)
    op.create_index(op.f("sessions_person_id_ix"), "sessions", ["person_id"], unique=False)
    op.create_table(
        "sign_in_addresses",
        sa.Column("address", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.person_id"], name=op.f("sign_in_addresses_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("address", name=op.f("sign_in_addresses_pkey")),
    )
    op.create_index(
        op.f("sign_in_addresses_person_id_ix"), "sign_in_addresses", ["person_id"], unique=False
    )
    op.create_table(
        "sign_in_providers",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("sealed_client_secret", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("sign_in_providers_organization_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_providers_pkey")),
    )
    op.create_index(
        op.f("sign_in_providers_organization_id_ix"),
        "sign_in_providers",
        ["organization_id"],
        unique=False,
    )
    op.create_table(
        "team_invitations",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("address", sa.Text(collation="C"), nullable=False),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column("invited_by", sa.Text(collation="C"), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.Text(collation="C"), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(collation="C"), nullable=True),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["persons.id"], name=op.f("team_invitations_accepted_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["persons.id"], name=op.f("team_invitations_invited_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("team_invitations_organization_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("team_invitations_pkey")),
        sa.UniqueConstraint("digest", name=op.f("team_invitations_digest_key")),
    )
    op.create_index(
        "team_invitations_one_waits_ix",
        "team_invitations",
        ["organization_id", "address"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index(
        op.f("team_invitations_organization_id_ix"),
        "team_invitations",
        ["organization_id"],
        unique=False,
    )
    op.create_table(
        "external_identities",
        sa.Column("issuer", sa.Text(collation="C"), nullable=False),
        sa.Column("subject", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.person_id"], name=op.f("external_identities_person_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["sign_in_providers.id"],
            name=op.f("external_identities_provider_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("external_identities_pkey")),
    )
    op.create_index(
        op.f("external_identities_person_id_ix"), "external_identities", ["person_id"], unique=False
    )
    op.create_index(
        op.f("external_identities_provider_id_ix"),
        "external_identities",
        ["provider_id"],
        unique=False,
    )
    op.create_table(
        "authorization_codes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(collation="C"), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("authorization_codes_grant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("authorization_codes_pkey")),
    )
    op.create_index(
        op.f("authorization_codes_expires_at_ix"),
        "authorization_codes",
        ["expires_at"],
        unique=False,
    )
    op.create_index(
        op.f("authorization_codes_grant_id_ix"), "authorization_codes", ["grant_id"], unique=False
    )
    op.create_table(
        "device_codes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_code", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grant_id", sa.Text(collation="C"), nullable=True),
        sa.Column("is_denied", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("device_codes_client_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("device_codes_grant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("device_codes_pkey")),
        sa.UniqueConstraint("user_code", name=op.f("device_codes_user_code_key")),
    )
    op.create_index(op.f("device_codes_client_id_ix"), "device_codes", ["client_id"], unique=False)
    op.create_index(
        op.f("device_codes_expires_at_ix"), "device_codes", ["expires_at"], unique=False
    )
    op.create_index(op.f("device_codes_grant_id_ix"), "device_codes", ["grant_id"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("refresh_tokens_grant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("refresh_tokens_pkey")),
    )
    op.create_index(
        op.f("refresh_tokens_expires_at_ix"), "refresh_tokens", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("refresh_tokens_grant_id_ix"), "refresh_tokens", ["grant_id"], unique=False
    )
    op.add_column(
        "clients",
        sa.Column(
            "registered_by", sa.Text(collation="C"), server_default="OPERATOR", nullable=False
        ),
    )
    op.add_column("clients", sa.Column("person_id", sa.Text(collation="C"), nullable=True))
    op.add_column(
        "clients",
        sa.Column(
            "grant_types",
            sa.ARRAY(sa.Text()),
            server_default="{client_credentials}",
            nullable=False,
        ),
    )
    op.add_column(
        "clients",
        sa.Column(
            "auth_method",
            sa.Text(collation="C"),
            server_default="client_secret_basic",
            nullable=False,
        ),
    )
    op.add_column(
        "clients",
        sa.Column("redirect_uris", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("clients", sa.Column("jwks", postgresql.JSONB(), nullable=True))
    op.add_column("clients", sa.Column("jwks_uri", sa.Text(), nullable=True))
    op.add_column("clients", sa.Column("client_uri", sa.Text(), nullable=True))
    op.add_column("clients", sa.Column("policy_uri", sa.Text(), nullable=True))
    op.add_column("clients", sa.Column("tos_uri", sa.Text(), nullable=True))
    op.alter_column("clients", "organization_id", nullable=True)
    op.create_foreign_key(
        op.f("clients_person_id_fkey"), "clients", "persons", ["person_id"], ["id"]
    )
    op.add_column(
        "grants", sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "grants", sa.Column("methods", sa.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("grants", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("grants", sa.Column("revoked_why", sa.Text(collation="C"), nullable=True))
    op.add_column("outgoing_mail", sa.Column("due_at", sa.DateTime(timezone=True)))
    op.execute("update outgoing_mail set due_at = created_at")
    op.alter_column("outgoing_mail", "due_at", nullable=False)
    op.add_column(
        "outgoing_mail", sa.Column("tries", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "outgoing_mail", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("outgoing_mail", sa.Column("problem", sa.Text(), nullable=True))
    op.drop_index(
        op.f("outgoing_mail_waiting_ix"),
        table_name="outgoing_mail",
        postgresql_where="(sent_at IS NULL)",
    )
    op.create_index(
        "outgoing_mail_waiting_ix",
        "outgoing_mail",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("sent_at is null and failed_at is null"),
    )


def downgrade() -> None:
    op.drop_index(
        "outgoing_mail_waiting_ix",
        table_name="outgoing_mail",
        postgresql_where=sa.text("sent_at is null and failed_at is null"),
    )
    op.create_index(
        op.f("outgoing_mail_waiting_ix"),
        "outgoing_mail",
        ["created_at", "id"],
        unique=False,
        postgresql_where="(sent_at IS NULL)",
    )
    op.drop_column("outgoing_mail", "problem")
    op.drop_column("outgoing_mail", "failed_at")
    op.drop_column("outgoing_mail", "tries")
    op.drop_column("outgoing_mail", "due_at")
    op.drop_column("grants", "revoked_why")
    op.drop_column("grants", "last_used_at")
    op.drop_column("grants", "methods")
    op.drop_column("grants", "authenticated_at")
    op.drop_constraint(op.f("clients_person_id_fkey"), "clients", type_="foreignkey")
    op.drop_column("clients", "tos_uri")
    op.drop_column("clients", "policy_uri")
    op.drop_column("clients", "client_uri")
    op.drop_column("clients", "jwks_uri")
    op.drop_column("clients", "jwks")
    op.drop_column("clients", "redirect_uris")
    op.drop_column("clients", "auth_method")
    op.drop_column("clients", "grant_types")
    op.drop_column("clients", "person_id")
    op.drop_column("clients", "registered_by")
    op.drop_index(op.f("refresh_tokens_grant_id_ix"), table_name="refresh_tokens")
    op.drop_index(op.f("refresh_tokens_expires_at_ix"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index(op.f("device_codes_grant_id_ix"), table_name="device_codes")
    op.drop_index(op.f("device_codes_expires_at_ix"), table_name="device_codes")
    op.drop_index(op.f("device_codes_client_id_ix"), table_name="device_codes")
    op.drop_table("device_codes")
    op.drop_index(op.f("authorization_codes_grant_id_ix"), table_name="authorization_codes")
    op.drop_index(op.f("authorization_codes_expires_at_ix"), table_name="authorization_codes")
    op.drop_table("authorization_codes")
    op.drop_index(op.f("external_identities_provider_id_ix"), table_name="external_identities")
    op.drop_index(op.f("external_identities_person_id_ix"), table_name="external_identities")
    op.drop_table("external_identities")
    op.drop_index(op.f("team_invitations_organization_id_ix"), table_name="team_invitations")
    op.drop_index(
        "team_invitations_one_waits_ix",
        table_name="team_invitations",
        postgresql_where=sa.text("ended_at is null"),
    )
    op.drop_table("team_invitations")
    op.drop_index(op.f("sign_in_providers_organization_id_ix"), table_name="sign_in_providers")
    op.drop_table("sign_in_providers")
    op.drop_index(op.f("sign_in_addresses_person_id_ix"), table_name="sign_in_addresses")
    op.drop_table("sign_in_addresses")
    op.drop_index(op.f("sessions_person_id_ix"), table_name="sessions")
    op.drop_index(op.f("sessions_last_seen_at_ix"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("passkeys_person_id_ix"), table_name="passkeys")
    op.drop_table("passkeys")
    op.drop_index(op.f("ceremonies_visit_ix"), table_name="ceremonies")
    op.drop_index(op.f("ceremonies_expires_at_ix"), table_name="ceremonies")
    op.drop_table("ceremonies")
    op.drop_table("accounts")
    op.drop_index(op.f("used_assertions_expires_at_ix"), table_name="used_assertions")
    op.drop_table("used_assertions")
    op.drop_index(op.f("throttles_at_ix"), table_name="throttles")
    op.drop_table("throttles")
    # An app that registered itself has nobody to belong to again.
    for table in ("grants", "client_secrets"):
        op.execute(
            f"delete from {table} using clients"  # noqa: S608
            " where clients.id = client_id and clients.organization_id is null"
        )
    op.execute("delete from clients where organization_id is null")
    op.alter_column("clients", "organization_id", nullable=False)
