"""Questions put to an alliance's members, and what each organization said to them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ONE_OPEN = "status = 'OPEN' and kind in ('ADMIT_MEMBER','REMOVE_MEMBER','DISSOLVE')"


def _word(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "proposals",
        _word("id"),
        _word("alliance_id"),
        _word("organization_id"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _word("kind"),
        _word("subject_id", nullable=True),
        _word("decision_rule"),
        _word("status"),
        _moment("opens_at"),
        _moment("closes_at"),
        _moment("decided_at", nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="proposals_pkey"),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliances.id"], name="proposals_alliance_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="proposals_organization_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["alliance_members.id"], name="proposals_subject_id_fkey"
        ),
        sa.CheckConstraint(
            "closes_at > opens_at", name=op.f("proposals_closes_after_it_opens_check")
        ),
        sa.CheckConstraint(
            "(status = 'OPEN') = (decided_at is null)",
            name=op.f("proposals_open_until_decided_check"),
        ),
    )
    op.create_index("proposals_by_time_ix", "proposals", ["alliance_id", "opens_at", "id"])
    op.create_index("proposals_of_organization_ix", "proposals", ["organization_id", "alliance_id"])
    op.create_index(
        "proposals_due_ix",
        "proposals",
        ["closes_at", "id"],
        postgresql_where=sa.text("status = 'OPEN'"),
    )
    op.create_index(
        "proposals_one_open_ix",
        "proposals",
        ["alliance_id", "kind", sa.text("coalesce(subject_id, '')")],
        unique=True,
        postgresql_where=sa.text(ONE_OPEN),
    )
    op.create_table(
        "ballots",
        _word("id"),
        _word("proposal_id"),
        _word("organization_id"),
        _word("choice"),
        sa.Column("reason", sa.Text(), nullable=True),
        _moment("cast_at"),
        sa.PrimaryKeyConstraint("id", name="ballots_pkey"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="ballots_proposal_id_fkey"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="ballots_organization_id_fkey"
        ),
        sa.UniqueConstraint(
            "proposal_id", "organization_id", name="ballots_proposal_id_organization_id_key"
        ),
    )
    op.create_index("ballots_by_time_ix", "ballots", ["proposal_id", "cast_at", "id"])


def downgrade() -> None:
    op.drop_table("ballots")
    op.drop_table("proposals")
