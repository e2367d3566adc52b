"""Guests have no account that says what they prefer: they go on being written in the language in which
they answered."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rsvp_letters", sa.Column("language", sa.Text()))


def downgrade() -> None:
    op.drop_column("rsvp_letters", "language")
