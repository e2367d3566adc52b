"""What cannot be written is put aside for a while, so that it keeps nothing else waiting."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters_due", sa.Column("again_at", TIMESTAMP(timezone=True)))


def downgrade() -> None:
    op.drop_column("letters_due", "again_at")
