"""Dates that people answered to stay, series go on as time passes, and who does what is due.

An answer belongs to a date and is of that date's event: one foreign key holds both, so that a date
which moves to another event takes its answers along, and none is lost with a date.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ANSWERED = "rsvps_occurrence_id_fkey"
ANSWERED_OF_EVENT = "rsvps_event_id_occurrence_id_fkey"


def upgrade() -> None:
    keep_answers()
    op.add_column("events", sa.Column("follows_id", sa.Text(collation="C"), nullable=True))
    op.create_foreign_key(
        op.f("events_follows_id_fkey"), "events", "events", ["follows_id"], ["id"]
    )
    op.add_column("events", sa.Column("rolls_on_at", sa.DateTime(timezone=True), nullable=True))
    # What was made before is looked at at the first turn.
    op.execute("update events set rolls_on_at = now() where rrule is not null and over_at > now()")
    op.create_index(
        "events_rolling_on_ix",
        "events",
        ["rolls_on_at", "id"],
        postgresql_where=sa.text("rolls_on_at is not null"),
    )
    op.create_table(
        "duties",
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("duties_pkey")),
    )


def keep_answers() -> None:
    op.create_unique_constraint(
        op.f("occurrences_event_id_id_key"), "occurrences", ["event_id", "id"]
    )
    op.execute(
        "update rsvps set event_id = d.event_id from occurrences d"
        " where d.id = rsvps.occurrence_id and d.event_id <> rsvps.event_id"
    )
    op.drop_constraint(ANSWERED, "rsvps", type_="foreignkey")
    op.create_foreign_key(
        op.f(ANSWERED_OF_EVENT),
        "rsvps",
        "occurrences",
        ["event_id", "occurrence_id"],
        ["event_id", "id"],
        onupdate="CASCADE",
        ondelete="RESTRICT",
    )


def downgrade() -> None:
    op.drop_table("duties")
    op.drop_index("events_rolling_on_ix", "events")
    op.drop_column("events", "rolls_on_at")
    op.drop_column("events", "follows_id")
    op.drop_constraint(ANSWERED_OF_EVENT, "rsvps", type_="foreignkey")
    op.create_foreign_key(
        op.f(ANSWERED), "rsvps", "occurrences", ["occurrence_id"], ["id"], ondelete="CASCADE"
    )
    op.drop_constraint("occurrences_event_id_id_key", "occurrences", type_="unique")
