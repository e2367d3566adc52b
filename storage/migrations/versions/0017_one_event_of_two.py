"""Two entries of one event become one, and can be told apart again; and how such are found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WORD = sa.Text(collation="C")


def upgrade() -> None:
    op.create_table(
        "event_merges",
        sa.Column("duplicate_id", WORD, nullable=False),
        sa.Column("into_id", WORD, nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["duplicate_id"], ["events.id"], name=op.f("event_merges_duplicate_id_fkey")
        ),
        sa.ForeignKeyConstraint(["into_id"], ["events.id"], name=op.f("event_merges_into_id_fkey")),
        sa.PrimaryKeyConstraint("duplicate_id", name=op.f("event_merges_pkey")),
    )
    op.create_index(op.f("event_merges_into_id_ix"), "event_merges", ["into_id"])
    op.create_index("identifiers_by_name_ix", "identifiers", ["system", "value"])
    op.create_index(op.f("import_items_uid_ix"), "import_items", ["uid"])


def downgrade() -> None:
    op.drop_index(op.f("import_items_uid_ix"), "import_items")
    op.drop_index("identifiers_by_name_ix", "identifiers")
    op.drop_table("event_merges")
