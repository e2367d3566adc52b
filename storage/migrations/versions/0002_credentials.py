"""The tables of credentials, as `storage.credential_tables` had them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "denied_tokens",
        sa.Column("jti", sa.Text(collation="C"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("denied_tokens_pkey")),
    )
    op.create_index(
        op.f("denied_tokens_expires_at_ix"), "denied_tokens", ["expires_at"], unique=False
    )
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text(collation="C"), nullable=False),
        sa.Column("purpose", sa.Text(collation="C"), nullable=False),
        sa.Column("slot", sa.Text(collation="C"), nullable=False),
        sa.Column("public_jwk", JSONB(), nullable=False),
        sa.Column("sealed_private_jwk", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("signing_keys_pkey")),
    )
    op.create_index(
        "signing_keys_one_in_a_slot_ix",
        "signing_keys",
        ["purpose", "slot"],
        unique=True,
        postgresql_where=sa.text("slot in ('NEXT','ACTIVE')"),
    )
    op.create_table(
        "clients",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("clients_organization_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("clients_pkey")),
    )
    op.create_index(
        op.f("clients_organization_id_ix"), "clients", ["organization_id"], unique=False
    )
    op.create_table(
        "client_secrets",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("client_secrets_client_id_fkey")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("client_secrets_pkey")),
    )
    op.create_index(
        op.f("client_secrets_client_id_ix"), "client_secrets", ["client_id"], unique=False
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=True),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("grants_client_id_fkey")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("grants_organization_id_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("grants_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("grants_pkey")),
    )
    op.create_index(
        "grants_one_of_a_machine_ix",
        "grants",
        ["client_id"],
        unique=True,
        postgresql_where=sa.text("person_id is null"),
    )
    op.create_index(op.f("grants_organization_id_ix"), "grants", ["organization_id"], unique=False)
    op.create_index(op.f("grants_person_id_ix"), "grants", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("grants")
    op.drop_table("client_secrets")
    op.drop_table("clients")
    op.drop_table("signing_keys")
    op.drop_table("denied_tokens")
