"""What people of this hub answered at other hubs, as far as they are written to about it."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

WORD, MOMENT = sa.Text(collation="C"), sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "answers_elsewhere",
        sa.Column("id", WORD, nullable=False),
        sa.Column("event_id", WORD, nullable=False),
        sa.Column("occurrence_id", WORD, nullable=False),
        sa.Column("person_id", WORD, nullable=False),
        sa.Column("organization_id", WORD, nullable=False),
        sa.Column("client_id", WORD),
        sa.Column("status", WORD, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("ask_at", MOMENT),
        sa.Column("read_at", MOMENT),
        sa.Column("told_uid", WORD),
        sa.Column("told_recurrence_id", MOMENT),
        sa.Column("told_sequence", sa.BigInteger()),
        sa.Column("told_status", WORD),
        sa.Column("told_date_status", WORD),
        sa.Column("told_title", sa.Text()),
        sa.Column("told_starts_at", MOMENT),
        sa.Column("told_ends_at", MOMENT),
        sa.Column("told_place", sa.Text()),
        sa.Column("told_online_url", sa.Text()),
        sa.Column("told_reminded_of", MOMENT),
        sa.Column("told_language", sa.Text()),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
            name=op.f("answers_elsewhere_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("answers_elsewhere_organization_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("answers_elsewhere_pkey")),
    )
    op.create_index(op.f("answers_elsewhere_event_id_ix"), "answers_elsewhere", ["event_id"])
    op.create_index(op.f("answers_elsewhere_ask_at_ix"), "answers_elsewhere", ["ask_at"])


def downgrade() -> None:
    op.drop_table("answers_elsewhere")
