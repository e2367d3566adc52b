"""Places on an event are asked for, answered and ended; and why an event was cancelled."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OF_A_PLACE = (
    ("message", sa.Text()),
    ("expires_at", INSTANT),
    ("ended_at", INSTANT),
    ("end_reason", sa.Text()),
)


def upgrade() -> None:
    for name, kind in OF_A_PLACE:
        op.add_column("event_hosts", sa.Column(name, kind))
    # What is awaited today gets the days that it would have got.
    op.execute(
        "update event_hosts set expires_at = created_at + interval '30 days'"
        " where status in ('INVITED','REQUESTED')"
    )
    op.create_index(
        "event_hosts_awaited_ix",
        "event_hosts",
        ["expires_at", "id"],
        postgresql_where=sa.text("status in ('INVITED','REQUESTED')"),
    )
    op.add_column("events", sa.Column("cancellation_reason", sa.Text()))


def downgrade() -> None:
    op.drop_column("events", "cancellation_reason")
    op.drop_index("event_hosts_awaited_ix", "event_hosts")
    for name, _ in reversed(OF_A_PLACE):
        op.drop_column("event_hosts", name)
