"""Letters to those who come: what is to be looked at, what each was told last, and what nobody wants.

What may be worth a letter is put in line by triggers, in the transaction that changed it: whoever
writes letters (`resolvers/post`) takes it from there, and looks at how things stand by then. So
nothing is told of what was not done, nothing is forgotten, and several changes become one letter.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

WORD, MOMENT = sa.Text(collation="C"), sa.DateTime(timezone=True)

LINE = """
create function convoke_letter_due() returns trigger language plpgsql as $$
begin
  if tg_argv[0] = 'EVENT' then
    if exists (select from rsvps where event_id = new.id) then
      insert into letters_due (kind, subject_id) values ('EVENT', new.id);
    end if;
  elsif tg_argv[0] = 'DATE' then
    if exists (select from rsvps where occurrence_id = new.id) then
      insert into letters_due (kind, subject_id) values ('DATE', new.id);
    end if;
  else
    insert into letters_due (kind, subject_id) values (tg_argv[0], new.id);
  end if;
  return null;
end $$
"""
PLACE = ("name", "street_address", "locality", "region", "postal_code", "country")
OF_EVENT = (
    *("title", "starts_at", "ends_at", "all_day", "time_zone", "status", "publication_status"),
    *("attendance_mode", "online_url", "replaced_by_id"),
    *(f"place_{part}" for part in PLACE),
)
OF_DATE = (
    *("event_id", "title", "starts_at", "ends_at", "status"),
    *(f"place_{part}" for part in PLACE),
)


def differ(columns: tuple[str, ...]) -> str:
    return " or ".join(f"old.{name} is distinct from new.{name}" for name in columns)


# Nobody answers here to what is another hub's (migration 0023).
OURS = "current_setting('convoke.mirroring', true) is distinct from 'on'"
# An answer that waits for a link in a letter to be followed has had its letter.
TRIGGERS = {
    "rsvps_letter": (
        "after insert on rsvps",
        "new.status <> 'NEEDS_ACTION' and (new.person_id is not null or new.guest_email is not null)",
        "ANSWER",
    ),
    "rsvps_letter_changed": (
        "after update on rsvps",
        "(old.status is distinct from new.status or old.occurrence_id is distinct from new.occurrence_id)"
        " and (new.person_id is not null or new.guest_email is not null)",
        "ANSWER",
    ),
    "events_letter": ("after update on events", f"({differ(OF_EVENT)}) and {OURS}", "EVENT"),
    "occurrences_letter": (
        "after update on occurrences", f"({differ(OF_DATE)}) and {OURS}", "DATE"
    ),
    "event_hosts_letter": (
        "after insert on event_hosts", "new.status in ('INVITED','REQUESTED')", "HOST"
    ),
    "event_hosts_letter_changed": (
        "after update on event_hosts",
        "old.status is distinct from new.status and new.status in ('INVITED','REQUESTED')",
        "HOST",
    ),
    "alliance_members_letter": (
        "after insert on alliance_members", "new.status in ('INVITED','REQUESTED')", "ALLY"
    ),
    "alliance_members_letter_changed": (
        "after update on alliance_members",
        "old.status is distinct from new.status and new.status in ('INVITED','REQUESTED')",
        "ALLY",
    ),
}  # fmt: skip

# What those who are to come know already: their answers were read by themselves.
KNOWN = """
insert into rsvp_letters (
  rsvp_id, uid, recurrence_id, sequence, status, date_status, title, starts_at, ends_at, place,
  online_url, told_at)
select r.id, e.id, case when e.rrule is null then null else o.recurrence_id end, e.version, r.status,
  case when e.status = 'CANCELLED' then e.status else o.status end,
  coalesce(nullif(o.title, ''), e.title), o.starts_at, o.ends_at, null, null, r.updated_at
from rsvps r
join events e on e.id = r.event_id
join occurrences o on o.id = r.occurrence_id
where r.status <> 'NEEDS_ACTION' and (r.person_id is not null or r.guest_email is not null)
"""


def upgrade() -> None:
    make_line()
    make_what_was_told()
    make_wishes()
    op.execute(KNOWN)
    op.execute(LINE)
    for name, (when, condition, kind) in TRIGGERS.items():
        op.execute(
            f"create trigger {name} {when} for each row when ({condition})"
            f" execute function convoke_letter_due('{kind}')"
        )


def make_line() -> None:
    op.create_table(
        "letters_due",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("subject_id", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("letters_due_pkey")),
    )
    op.add_column("outgoing_mail", sa.Column("html", sa.Text()))
    op.add_column("outgoing_mail", sa.Column("calendar", sa.Text()))
    op.add_column("outgoing_mail", sa.Column("stop_url", sa.Text()))


def make_what_was_told() -> None:
    op.create_table(
        "rsvp_letters",
        sa.Column("rsvp_id", WORD, nullable=False),
        sa.Column("uid", WORD, nullable=False),
        sa.Column("recurrence_id", MOMENT),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("date_status", WORD, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT),
        sa.Column("place", sa.Text()),
        sa.Column("online_url", sa.Text()),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("reminded_of", MOMENT),
        sa.ForeignKeyConstraint(
            ["rsvp_id"], ["rsvps.id"], name=op.f("rsvp_letters_rsvp_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rsvp_id", name=op.f("rsvp_letters_pkey")),
    )


def make_wishes() -> None:
    op.create_table(
        "mail_key",
        sa.Column("is_the_one", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("is_the_one", name=op.f("mail_key_there_is_one_check")),
        sa.PrimaryKeyConstraint("is_the_one", name=op.f("mail_key_pkey")),
    )
    op.create_table(
        "mail_refusals",
        sa.Column("reader", sa.LargeBinary(), nullable=False),
        sa.Column("organization_id", WORD, nullable=False),
        sa.Column("refused_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("reader", "organization_id", name=op.f("mail_refusals_pkey")),
    )
    op.create_table(
        "digests",
        sa.Column("person_id", WORD, nullable=False),
        sa.Column("organization_id", WORD, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("digests_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("digests_organization_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "organization_id", name=op.f("digests_pkey")),
    )
    op.create_index(op.f("digests_due_at_ix"), "digests", ["due_at"])
    op.create_table(
        "calendar_keys",
        sa.Column("person_id", WORD, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("calendar_keys_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("calendar_keys_pkey")),
        sa.UniqueConstraint("digest", name=op.f("calendar_keys_digest_key")),
    )


def downgrade() -> None:
    for name, (when, _, _) in TRIGGERS.items():
        op.execute(f"drop trigger {name} on {when.rsplit(' ', 1)[1]}")
    op.execute("drop function convoke_letter_due")
    for table in ("calendar_keys", "digests", "mail_refusals", "mail_key", "rsvp_letters"):
        op.drop_table(table)
    for column in ("stop_url", "calendar", "html"):
        op.drop_column("outgoing_mail", column)
    op.drop_table("letters_due")
