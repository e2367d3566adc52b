"""The record of who did what, for those whom it concerns and for ever; and doing things once.

An entry says the whole that its subject is a part of, and at which hub it was done. Beside it
stands whom it concerned when it was made, so that an organization's record is read by index.
Triggers keep both, so that no writer can forget; and no entry is changed or taken away.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

RECORD = ("audit_entries", "audit_concerned")
Id = sa.Text(collation="C")
Instant = sa.DateTime(timezone=True)

PLACED = """
create function convoke_audit_placed() returns trigger language plpgsql as $$
begin
  new.whole_id := coalesce(new.whole_id, new.subject_id);
  if new.hub_id is null then
    select id into new.hub_id from hubs where is_local;
  end if;
  return new;
end $$
"""
# Whose thing it is, and who hosts the event with them; of a part, also whose place it is. Who
# answers a date is the business of the event's own organization alone.
CONCERNED = """
create function convoke_concerned_by(entry audit_entries) returns setof text
language plpgsql stable as $$
begin
  if entry.organization_id is not null then
    return next entry.organization_id;
  end if;
  case split_part(entry.whole_id, '_', 1)
    when 'org' then
      return query select o.id from organizations o where o.id = entry.whole_id;
    when 'grp' then
      return query select g.organization_id from groups g where g.id = entry.whole_id;
    when 'evt' then
      return query select e.organization_id from events e where e.id = entry.whole_id;
      if split_part(entry.subject_id, '_', 1) <> 'rsv' then
        return query select h.organization_id from event_hosts h
          where h.event_id = entry.whole_id and h.status = 'ACCEPTED';
      end if;
    when 'aln' then
      return query select a.convener_id from alliances a where a.id = entry.whole_id;
    else null;
  end case;
  case split_part(entry.subject_id, '_', 1)
    when 'evh' then
      return query select h.organization_id from event_hosts h where h.id = entry.subject_id;
    when 'alm' then
      return query select m.organization_id from alliance_members m where m.id = entry.subject_id;
    else null;
  end case;
end $$
"""
CONCERNS = """
create function convoke_audit_concerns() returns trigger language plpgsql as $$
begin
  insert into audit_concerned (organization_id, at, entry_id)
    select distinct concerned, new.at, new.id from convoke_concerned_by(new) concerned;
  return null;
end $$
"""
KEPT = """
create function convoke_audit_kept() returns trigger language plpgsql as $$
begin
  raise exception 'What is in % is never changed and never taken away.', tg_table_name
    using errcode = 'restrict_violation',
      hint = 'Entries are only ever added. What was done in error is undone by a new change.';
end $$
"""


def upgrade() -> None:
    _widen_the_record()
    op.create_table(
        "done_once",
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("request_digest", sa.LargeBinary, nullable=False),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("working_until", Instant, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.PrimaryKeyConstraint(
            "client_id", "organization_id", "person_id", "key", name="done_once_pkey"
        ),
    )
    op.create_index("done_once_begun_at_ix", "done_once", ["begun_at"])


def _widen_the_record() -> None:
    op.add_column("audit_entries", sa.Column("whole_id", Id))
    op.add_column("audit_entries", sa.Column("hub_id", Id))
    op.create_table(
        "audit_concerned",
        sa.Column("organization_id", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "at", "entry_id", name="audit_concerned_pkey"),
    )
    op.execute(
        "update audit_entries set whole_id = subject_id,"
        " hub_id = (select id from hubs where is_local)"
    )
    op.execute(CONCERNED)
    op.execute(
        "insert into audit_concerned (organization_id, at, entry_id)"
        " select distinct concerned, e.at, e.id"
        " from audit_entries e, convoke_concerned_by(e) concerned"
    )
    op.drop_index("audit_entries_subject_id_at_ix", "audit_entries")
    op.drop_index("audit_entries_organization_id_at_ix", "audit_entries")
    op.create_index(
        "audit_entries_of_part_ix",
        "audit_entries",
        ["subject_id", "at", "id"],
        postgresql_where=sa.text("whole_id <> subject_id"),
    )
    op.create_index("audit_entries_of_whole_ix", "audit_entries", ["whole_id", "at", "id"])
    op.execute(PLACED)
    op.execute(CONCERNS)
    op.execute(KEPT)
    op.execute(
        "create trigger audit_entries_placed before insert on audit_entries"
        " for each row execute function convoke_audit_placed()"
    )
    op.execute(
        "create trigger audit_entries_concerns after insert on audit_entries"
        " for each row execute function convoke_audit_concerns()"
    )
    for table in RECORD:
        op.execute(
            f"create trigger {table}_kept before update or delete or truncate on {table}"
            " for each statement execute function convoke_audit_kept()"
        )


def downgrade() -> None:
    op.drop_table("done_once")
    for table in RECORD:
        op.execute(f"drop trigger {table}_kept on {table}")
    op.execute("drop trigger audit_entries_concerns on audit_entries")
    op.execute("drop trigger audit_entries_placed on audit_entries")
    for function in ("audit_kept", "audit_concerns", "audit_placed", "concerned_by"):
        op.execute(f"drop function convoke_{function}")
    op.drop_index("audit_entries_of_whole_ix", "audit_entries")
    op.drop_index("audit_entries_of_part_ix", "audit_entries")
    op.drop_table("audit_concerned")
    op.drop_column("audit_entries", "hub_id")
    op.drop_column("audit_entries", "whole_id")
    op.create_index("audit_entries_subject_id_at_ix", "audit_entries", ["subject_id", "at"])
    op.create_index(
        "audit_entries_organization_id_at_ix", "audit_entries", ["organization_id", "at"]
    )
