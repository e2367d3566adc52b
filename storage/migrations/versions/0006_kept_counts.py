"""RSVPs, and two counts that the database keeps: who comes to a date, and who is in a group.

Each is a sum over other rows, and triggers of those rows keep it, so that no writer can forget
(docs/decisions/0019). What a statement changes is added up from its transition tables and written
once for each row that is counted for: a thousand answers to one date are one update of that date.
"""

from dataclasses import asdict, dataclass

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


@dataclass(frozen=True)
class Count:
    """`column` of `thing` is the sum of `each` over those `rows` that name it by `key` and are
    `counted`."""

    thing: str
    column: str
    rows: str
    key: str
    each: str
    counted: str


ACCEPTED = Count(
    thing="occurrences",
    column="accepted",
    rows="rsvps",
    key="occurrence_id",
    each="1 + additional_guests",
    counted="status = 'ACCEPTED'",
)
MEMBERS = Count(
    thing="groups",
    column="member_count",
    rows="group_members",
    key="group_id",
    each="1",
    counted="status = 'ACTIVE'",
)
COUNTS = (ACCEPTED, MEMBERS)

# What a statement changed, as PostgreSQL hands it over: the rows as it found and as it left them.
WENT = "select {key} as id, - ({each}) as change from went where {counted}"
CAME = "select {key} as id, {each} as change from came where {counted}"
CHANGES = {
    "insert": ("new table as came", CAME),
    "update": ("old table as went new table as came", f"{WENT} union all {CAME}"),
    "delete": ("old table as went", WENT),
}
# An update takes the lock of the row that is counted for, and adds to what it finds then: of two
# at once, none is lost. The locks are taken in the order of ids: two do not wait for each other.
KEEPING = """
create function convoke_{column}_on_{on}() returns trigger language plpgsql as $$
declare
  one record;
begin
  for one in
    select id, sum(change) as change from ({changes}) as changes
    group by id having sum(change) <> 0 order by id
  loop
    update {thing} set {column} = {column} + one.change where id = one.id;
  end loop;
  return null;
end $$
"""
KEEPS = """
create trigger {column}_on_{on} after {on} on {rows} referencing {handed}
for each statement execute function convoke_{column}_on_{on}()
"""

# TRUNCATE hands over no rows: there are none left.
EMPTYING = """
create function convoke_{column}_on_truncate() returns trigger language plpgsql as $$
begin
  update {thing} set {column} = 0 where {column} <> 0;
  return null;
end $$
"""
EMPTIES = """
create trigger {column}_on_truncate after truncate on {rows}
for each statement execute function convoke_{column}_on_truncate()
"""

# Nobody is counted yet for a new row, whatever its writer says: one that copies rows, or loads
# data alone, writes those that count after it. Where the count is left out, it is 0 already, and
# the function is not called.
BEGINNING = """
create function convoke_{column}_begins() returns trigger language plpgsql as $$
begin
  new.{column} := 0;
  return new;
end $$
"""
BEGINS = """
create trigger {column}_begins before insert on {thing} for each row
when (new.{column} is distinct from 0) execute function convoke_{column}_begins()
"""


def follow(count: Count) -> None:
    words = asdict(count)
    for on, (handed, rows) in CHANGES.items():
        changes = rows.format_map(words)
        op.execute(KEEPING.format(**words, on=on, changes=changes))
        op.execute(KEEPS.format(**words, on=on, handed=handed))
    for statement in (EMPTYING, EMPTIES, BEGINNING, BEGINS):
        op.execute(statement.format_map(words))


def unfollow(count: Count) -> None:
    for function in (*(f"on_{on}" for on in CHANGES), "on_truncate", "begins"):
        op.execute(f"drop function convoke_{count.column}_{function} cascade")  # and its trigger


def upgrade() -> None:
    # Writers take the members' lock before the group's; in another order both could wait.
    op.execute("lock table group_members in share row exclusive mode")
    for count in COUNTS:
        number = sa.Column(count.column, sa.Integer(), nullable=False, server_default="0")
        op.add_column(count.thing, number)
    make_rsvps()
    for count in COUNTS:
        follow(count)
    # From here on no member is missed, and those that there were are counted.
    op.execute(
        """
        update groups set member_count = members.count
        from (select group_id, count(*) from group_members where status = 'ACTIVE' group by group_id)
          as members
        where members.group_id = groups.id
        """
    )


def make_rsvps() -> None:
    word, moment = sa.Text(collation="C"), sa.DateTime(timezone=True)
    op.create_table(
        "rsvps",
        sa.Column("id", word, nullable=False),
        sa.Column("event_id", word, nullable=False),
        sa.Column("occurrence_id", word, nullable=False),
        sa.Column("person_id", word),
        sa.Column("guest_name", sa.Text()),
        sa.Column("guest_email", sa.Text()),
        sa.Column("status", word, nullable=False),
        sa.Column("additional_guests", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("attended", sa.Boolean()),
        sa.Column("checked_in_at", moment),
        sa.Column("referred_by_id", word),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(person_id, guest_name) = 1", name=op.f("rsvps_a_person_or_a_guest_check")
        ),
        sa.CheckConstraint(
            "guest_email is null or guest_name is not null",
            name=op.f("rsvps_an_address_is_a_guests_check"),
        ),
        sa.CheckConstraint(
            "additional_guests >= 0", name=op.f("rsvps_guests_are_not_negative_check")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("rsvps_event_id_fkey")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrences.id"],
            name=op.f("rsvps_occurrence_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("rsvps_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["referred_by_id"], ["organizations.id"], name=op.f("rsvps_referred_by_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("rsvps_pkey")),
    )
    op.create_index(op.f("rsvps_event_id_ix"), "rsvps", ["event_id"])
    op.create_index(op.f("rsvps_occurrence_id_status_ix"), "rsvps", ["occurrence_id", "status"])
    op.create_index(op.f("rsvps_person_id_ix"), "rsvps", ["person_id"])
    op.create_index(
        "rsvps_one_under_way_ix",
        "rsvps",
        ["occurrence_id", "person_id"],
        unique=True,
        postgresql_where=sa.text(
            "status in ('NEEDS_ACTION','ACCEPTED','TENTATIVE','PENDING_APPROVAL','WAITLISTED')"
        ),
    )


def downgrade() -> None:
    op.execute("lock table group_members in share row exclusive mode")
    op.drop_table("rsvps")
    for count in COUNTS:
        unfollow(count)
        op.drop_column(count.thing, count.column)
