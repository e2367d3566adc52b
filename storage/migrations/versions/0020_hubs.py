"""What this hub has with others: peerings, how far it has read of each, and what waits to be told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Word = sa.Text(collation="C")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mirror_channels",
        sa.Column("hub_id", Word, nullable=False),
        sa.Column("channel", Word, nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_reading_anew", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("pulled_at", Instant),
        sa.Column("current_at", Instant),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("last_error", sa.Text()),
        sa.Column("last_error_at", Instant),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name="mirror_channels_hub_id_fkey"),
        sa.PrimaryKeyConstraint("hub_id", "channel", name="mirror_channels_pkey"),
    )
    op.create_table(
        "mirror_entries",
        sa.Column("thing_id", Word, nullable=False),
        sa.Column("channel", Word, nullable=False),
        sa.Column("hub_id", Word, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name="mirror_entries_hub_id_fkey"),
        sa.PrimaryKeyConstraint("thing_id", "channel", name="mirror_entries_pkey"),
    )
    op.create_index(
        "mirror_entries_of_channel_ix", "mirror_entries", ["hub_id", "channel", "generation"]
    )
    op.create_table(
        "mirror_refusals",
        sa.Column("hub_id", Word, nullable=False),
        sa.Column("channel", Word, nullable=False),
        sa.Column("thing_id", Word, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("first_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name="mirror_refusals_hub_id_fkey"),
        sa.PrimaryKeyConstraint("hub_id", "channel", "thing_id", name="mirror_refusals_pkey"),
    )
    op.create_table(
        "peerings",
        sa.Column("hub_id", Word, nullable=False),
        sa.Column("status", Word, nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("we_agreed_at", Instant),
        sa.Column("they_agreed_at", Instant),
        sa.Column("suspended_why", sa.Text()),
        sa.Column("graphql_url", sa.Text(), nullable=False),
        sa.Column("issuer", Word, nullable=False),
        sa.Column("token_endpoint", sa.Text(), nullable=False),
        sa.Column("client_id", Word, nullable=False),
        sa.Column("poke_url", sa.Text()),
        sa.Column("schema_version", sa.Text(), nullable=False),
        sa.Column("most_a_page", sa.Integer(), nullable=False),
        sa.Column("jwks_uri", sa.Text(), nullable=False),
        sa.Column("client_jwks_uri", sa.Text(), nullable=False),
        sa.Column("thumbprints", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("client_thumbprints", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("keys_replaced_at", Instant),
        sa.Column("looked_at", Instant, nullable=False),
        sa.Column("last_synced_at", Instant),
        sa.Column("faults", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("last_error_at", Instant),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name="peerings_hub_id_fkey"),
        sa.PrimaryKeyConstraint("hub_id", name="peerings_pkey"),
        sa.UniqueConstraint("client_id", name="peerings_client_id_key"),
        sa.UniqueConstraint("issuer", name="peerings_issuer_key"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", Word, nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("hub_id", Word, nullable=False),
        sa.Column("organization_id", Word),
        sa.Column("person_id", Word),
        sa.Column("client_id", Word),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("variables", JSONB(), nullable=False),
        sa.Column("subject_id", Word),
        sa.Column("status", Word, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("next_at", Instant, nullable=False),
        sa.Column("settled_at", Instant),
        sa.Column("last_error", sa.Text()),
        sa.Column("answer", JSONB()),
        sa.CheckConstraint(
            "(status = 'PENDING') = (settled_at is null)", name="deliveries_settled_once_check"
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name="deliveries_hub_id_fkey"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="deliveries_organization_id_fkey"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="deliveries_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="deliveries_pkey"),
        sa.UniqueConstraint("position", name="deliveries_position_key"),
    )
    op.create_index("deliveries_subject_id_ix", "deliveries", ["subject_id"])
    op.create_index(
        "deliveries_waiting_ix",
        "deliveries",
        ["hub_id", "position"],
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.create_table(
        "joined_elsewhere",
        sa.Column("alliance_id", Word, nullable=False),
        sa.Column("organization_id", Word, nullable=False),
        sa.Column("person_id", Word),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="joined_elsewhere_organization_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name="joined_elsewhere_person_id_fkey"
        ),
        sa.PrimaryKeyConstraint("alliance_id", "organization_id", name="joined_elsewhere_pkey"),
    )
    op.add_column("grants", sa.Column("hub_id", Word))
    op.add_column("grants", sa.Column("role", Word))
    op.alter_column("grants", "organization_id", existing_type=Word, nullable=True)
    op.create_index(
        "grants_one_of_a_peers_person_ix",
        "grants",
        ["hub_id", "person_id", "organization_id"],
        unique=True,
        postgresql_where=sa.text("hub_id is not null and person_id is not null"),
    )
    op.create_check_constraint(
        "grants_of_somebody_check", "grants", "organization_id is not null or hub_id is not null"
    )
    op.create_foreign_key("grants_hub_id_fkey", "grants", "hubs", ["hub_id"], ["id"])


def downgrade() -> None:
    op.execute("delete from grants where hub_id is not null")
    op.execute("delete from clients where registered_by = 'PEER'")
    op.drop_constraint("grants_of_somebody_check", "grants", type_="check")
    op.drop_constraint("grants_hub_id_fkey", "grants", type_="foreignkey")
    op.drop_index(
        "grants_one_of_a_peers_person_ix",
        table_name="grants",
        postgresql_where=sa.text("hub_id is not null and person_id is not null"),
    )
    op.alter_column("grants", "organization_id", existing_type=Word, nullable=False)
    op.drop_column("grants", "role")
    op.drop_column("grants", "hub_id")
    op.drop_table("joined_elsewhere")
    op.drop_index(
        "deliveries_waiting_ix",
        table_name="deliveries",
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.drop_index("deliveries_subject_id_ix", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_table("peerings")
    op.drop_table("mirror_refusals")
    op.drop_index("mirror_entries_of_channel_ix", table_name="mirror_entries")
    op.drop_table("mirror_entries")
    op.drop_table("mirror_channels")
