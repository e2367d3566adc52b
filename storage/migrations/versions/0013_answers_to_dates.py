"""What belongs to an answer: its place in line, what was agreed to, links without an account, mail.

A guest without an account answers once to a date, by address, as a person does. Links are kept as
digests: whoever reads the table can follow none of them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UNDER_WAY = "status in ('NEEDS_ACTION','ACCEPTED','TENTATIVE','PENDING_APPROVAL','WAITLISTED')"
WORD, MOMENT = sa.Text(collation="C"), sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("rsvps", sa.Column("in_line", sa.BigInteger()))
    in_line = "row_number() over (partition by occurrence_id order by created_at, id)"
    op.execute(
        f"""
        update rsvps set in_line = line.place
        from (select id, {in_line} as place from rsvps where status = 'WAITLISTED') as line
        where line.id = rsvps.id
        """  # noqa: S608 - the words are ours
    )
    op.create_check_constraint(
        op.f("rsvps_in_line_while_it_waits_check"),
        "rsvps",
        "in_line is null or status = 'WAITLISTED'",
    )
    op.create_index(
        "rsvps_line_ix",
        "rsvps",
        ["occurrence_id", "in_line", "id"],
        postgresql_where=sa.text("status = 'WAITLISTED'"),
    )
    op.create_index("rsvps_by_time_ix", "rsvps", ["event_id", "created_at", "id"])
    op.drop_index(op.f("rsvps_event_id_ix"), "rsvps")
    address = sa.text("lower(guest_email)")
    op.create_index("rsvps_of_address_ix", "rsvps", [address])
    op.create_index(
        "rsvps_one_of_address_under_way_ix",
        "rsvps",
        ["occurrence_id", address],
        unique=True,
        postgresql_where=sa.text(UNDER_WAY),
    )
    make_consents()
    make_links()
    make_mail()


def make_consents() -> None:
    op.create_table(
        "rsvp_consents",
        sa.Column("id", WORD, nullable=False),
        sa.Column("rsvp_id", WORD, nullable=False),
        sa.Column("organization_id", WORD, nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.ForeignKeyConstraint(["rsvp_id"], ["rsvps.id"], name=op.f("rsvp_consents_rsvp_id_fkey")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("rsvp_consents_organization_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("rsvp_consents_pkey")),
    )
    op.create_index(
        "rsvp_consents_in_force_ix",
        "rsvp_consents",
        ["rsvp_id", "organization_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_index(
        op.f("rsvp_consents_organization_id_rsvp_id_ix"),
        "rsvp_consents",
        ["organization_id", "rsvp_id"],
    )


def make_links() -> None:
    op.create_table(
        "rsvp_links",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("rsvp_id", WORD, nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("wish", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.ForeignKeyConstraint(["rsvp_id"], ["rsvps.id"], name=op.f("rsvp_links_rsvp_id_fkey")),
        sa.PrimaryKeyConstraint("digest", name=op.f("rsvp_links_pkey")),
    )
    op.create_index(
        op.f("rsvp_links_rsvp_id_created_at_ix"), "rsvp_links", ["rsvp_id", "created_at"]
    )


def make_mail() -> None:
    op.create_table(
        "outgoing_mail",
        sa.Column("id", WORD, nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("outgoing_mail_pkey")),
    )
    op.create_index(
        "outgoing_mail_waiting_ix",
        "outgoing_mail",
        ["created_at", "id"],
        postgresql_where=sa.text("sent_at is null"),
    )


def downgrade() -> None:
    for table in ("outgoing_mail", "rsvp_links", "rsvp_consents"):
        op.drop_table(table)
    op.drop_index("rsvps_one_of_address_under_way_ix", "rsvps")
    op.drop_index("rsvps_of_address_ix", "rsvps")
    op.create_index(op.f("rsvps_event_id_ix"), "rsvps", ["event_id"])
    op.drop_index("rsvps_by_time_ix", "rsvps")
    op.drop_index("rsvps_line_ix", "rsvps")
    op.drop_constraint(op.f("rsvps_in_line_while_it_waits_check"), "rsvps")
    op.drop_column("rsvps", "in_line")
