"""Handing over, what is said of places in groups, and what a host tells after an event."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MEMBERS = "group_members"
ASKED = (("message", sa.Text()), ("asked_at", sa.DateTime(timezone=True)))
ENDED = ("ended_at", sa.DateTime(timezone=True))
REPORT: tuple[tuple[str, Any], ...] = (
    ("report_text", sa.Text()),
    ("report_attended", sa.Integer()),
    ("report_published_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for name, kind in (*ASKED, ENDED):
        op.add_column(MEMBERS, sa.Column(name, kind))
    op.create_index(
        "group_members_awaited_ix",
        MEMBERS,
        ["group_id", "asked_at", "id"],
        postgresql_where=sa.text("status in ('INVITED','REQUESTED')"),
    )
    for name, kind in REPORT:
        op.add_column("events", sa.Column(name, kind))
    make_handovers()


def make_handovers() -> None:
    word, moment = sa.Text(collation="C"), sa.DateTime(timezone=True)
    op.create_table(
        "handovers",
        sa.Column("id", word, nullable=False),
        sa.Column("subject_id", word, nullable=False),
        sa.Column("giver_id", word, nullable=False),
        sa.Column("taker_id", word, nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("status", word, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("responded_at", moment),
        sa.Column("effective_at", moment),
        sa.Column("ended_at", moment),
        sa.Column("end_reason", sa.Text()),
        sa.CheckConstraint("giver_id <> taker_id", name=op.f("handovers_two_sides_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("handovers_pkey")),
    )
    op.create_index("handovers_of_subject_ix", "handovers", ["subject_id"])
    for side in ("giver", "taker"):
        op.create_index(f"handovers_of_{side}_ix", "handovers", [f"{side}_id", "created_at", "id"])
    op.create_index(
        "handovers_unanswered_ix",
        "handovers",
        ["expires_at"],
        postgresql_where=sa.text("status = 'PROPOSED'"),
    )
    op.create_index(
        "handovers_cooling_ix",
        "handovers",
        ["effective_at"],
        postgresql_where=sa.text("status in ('ACCEPTED','EFFECTIVE')"),
    )
    op.create_index(
        "handovers_one_under_way_ix",
        "handovers",
        ["subject_id"],
        unique=True,
        postgresql_where=sa.text("status in ('PROPOSED','ACCEPTED')"),
    )


def downgrade() -> None:
    op.drop_table("handovers")
    for name, _ in REPORT:
        op.drop_column("events", name)
    op.drop_index("group_members_awaited_ix", MEMBERS)
    for name, _ in (*ASKED, ENDED):
        op.drop_column(MEMBERS, name)
