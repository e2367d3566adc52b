"""What an import source remembers: when it was run of late, and how its events were published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_sources", sa.Column("visibility", sa.Text(collation="C")))
    runs = postgresql.ARRAY(sa.DateTime(timezone=True))
    op.add_column(
        "import_sources", sa.Column("recent_runs", runs, nullable=False, server_default="{}")
    )


def downgrade() -> None:
    op.drop_column("import_sources", "recent_runs")
    op.drop_column("import_sources", "visibility")
