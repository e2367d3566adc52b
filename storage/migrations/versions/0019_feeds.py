"""What was published, in the order in which it was kept: one feed for everybody, one for each alliance.

A number is given when a transaction ends, under one lock that only the end of another waits for, so
that whoever has read up to a number has read everything before it. (A sequence numbers as rows are
written: a transaction that ends later than one with a higher number is passed by.) Triggers see to
it, so that no writer can forget.

A feed holds each thing once, where it changed last; of what left its audience, that it did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

Word = sa.Text(collation="C")
Instant = sa.DateTime(timezone=True)

# Where a thing of this hub is published: the twin of `domain.policy.sees` for nobody, and for any
# member of an alliance by that alliance alone. What was merged stays: its name is still answered.
CHANNELS = """
create function convoke_channels_of(of_kind text, thing text) returns setof text
language plpgsql stable as $$
begin
  case of_kind
    when 'organizations' then
      return query
        select 'public' from organizations o join hubs h on h.id = o.hub_id and h.is_local
          where o.id = thing and o.visibility = 'PUBLIC'
        union all
        select m.alliance_id from organizations o join hubs h on h.id = o.hub_id and h.is_local
          join alliance_members m on m.organization_id = o.id and m.status = 'ACTIVE'
          join alliances a on a.id = m.alliance_id and a.status <> 'DISSOLVED'
          where o.id = thing and o.visibility in ('PUBLIC', 'UNLISTED', 'ALLIANCE');
    when 'groups' then
      return query
        select 'public' from groups g join hubs h on h.id = g.hub_id and h.is_local
          where g.id = thing and g.visibility = 'PUBLIC'
            and g.owner_visibility in ('PUBLIC', 'UNLISTED')
        union all
        select s.alliance_id from groups g join hubs h on h.id = g.hub_id and h.is_local
          join group_shares s on s.group_id = g.id
          join alliance_members m on m.alliance_id = s.alliance_id
            and m.organization_id = g.organization_id and m.status = 'ACTIVE'
          join alliances a on a.id = s.alliance_id and a.status <> 'DISSOLVED'
          where g.id = thing and g.visibility in ('PUBLIC', 'UNLISTED', 'ALLIANCE')
            and g.owner_visibility in ('PUBLIC', 'UNLISTED', 'ALLIANCE');
    when 'events' then
      return query
        select 'public' from events e join hubs h on h.id = e.hub_id and h.is_local
          where e.id = thing and e.visibility = 'PUBLIC'
            and e.publication_status in ('PUBLISHED', 'ARCHIVED')
            and e.owner_visibility in ('PUBLIC', 'UNLISTED')
        union all
        select s.alliance_id from events e join hubs h on h.id = e.hub_id and h.is_local
          join event_shares s on s.event_id = e.id
          join alliance_members m on m.alliance_id = s.alliance_id
            and m.organization_id = e.organization_id and m.status = 'ACTIVE'
          join alliances a on a.id = s.alliance_id and a.status <> 'DISSOLVED'
          where e.id = thing and e.visibility in ('PUBLIC', 'UNLISTED', 'ALLIANCE')
            and e.publication_status in ('PUBLISHED', 'ARCHIVED')
            and e.owner_visibility in ('PUBLIC', 'UNLISTED', 'ALLIANCE');
    when 'alliances' then
      return query
        select 'public' from alliances a join hubs h on h.id = a.hub_id and h.is_local
          join organizations o on o.id = a.convener_id
          where a.id = thing and a.visibility = 'PUBLIC'
            and o.visibility in ('PUBLIC', 'UNLISTED')
        union all
        select a.id from alliances a join hubs h on h.id = a.hub_id and h.is_local
          where a.id = thing;
    else null;
  end case;
end $$
"""
# UNSHARED: it is not shared there any more, or whose it is left; whatever else, it is hidden.
WHY = """
create function convoke_why_removed(of_kind text, thing text, was_in text) returns text
language plpgsql stable as $$
begin
  case of_kind
    when 'organizations' then
      if was_in <> 'public' and exists (select from organizations where id = thing) then
        return case when exists (
          select from alliance_members
            where organization_id = thing and alliance_id = was_in and status = 'ACTIVE')
          then 'NO_LONGER_VISIBLE' else 'UNSHARED' end;
      end if;
      if exists (select from organizations where id = thing) then
        return 'NO_LONGER_VISIBLE';
      end if;
    when 'groups' then
      if exists (select from groups where id = thing) then
        return case when was_in = 'public' or exists (
          select from group_shares s join groups g on g.id = s.group_id
            join alliance_members m on m.alliance_id = s.alliance_id
              and m.organization_id = g.organization_id and m.status = 'ACTIVE'
            where s.group_id = thing and s.alliance_id = was_in)
          then 'NO_LONGER_VISIBLE' else 'UNSHARED' end;
      end if;
    when 'events' then
      if exists (select from events where id = thing) then
        return case when was_in = 'public' or exists (
          select from event_shares s join events e on e.id = s.event_id
            join alliance_members m on m.alliance_id = s.alliance_id
              and m.organization_id = e.organization_id and m.status = 'ACTIVE'
            where s.event_id = thing and s.alliance_id = was_in)
          then 'NO_LONGER_VISIBLE' else 'UNSHARED' end;
      end if;
    when 'alliances' then
      if exists (select from alliances where id = thing) then
        return 'NO_LONGER_VISIBLE';
      end if;
    else null;
  end case;
  return 'DELETED';
end $$
"""
# One more than the last that was given: the index ends with it, also among thousands in one
# transaction, which would each have to pass by all versions of a counter's row before.
NEXT = """
create function convoke_next_in_feed(of_channel text) returns bigint language sql volatile as $$
  select 1 + greatest(f.compacted_to, (
      select e.seq from feed_entries e where e.channel = of_channel order by e.seq desc limit 1))
    from feeds f where f.channel = of_channel
$$
"""
# A thing that changes in several rows is noted once: what this transaction has written already (xmin,
# and since it began, as such numbers come round again) says how the thing stands at its end.
# The lock is held by one ending transaction at a time, and taken before anything is looked at: who
# is behind sees all that those before it kept. It is the last one taken, so none waits in a circle.
NOTE = """
create function convoke_note_in_feeds(of_kind text, thing text) returns void language plpgsql as $$
declare
  belongs text[];
  each text;
begin
  perform pg_advisory_xact_lock(hashtext('convoke feeds'));
  select coalesce(array_agg(c), '{}') into belongs from convoke_channels_of(of_kind, thing) c;
  foreach each in array belongs loop
    continue when exists (
      select from feed_entries f where f.channel = each and f.thing_id = thing
        and f.removed is null and f.xmin = pg_current_xact_id()::xid and f.at >= now());
    insert into feeds (channel) values (each) on conflict do nothing;
    insert into feed_entries (channel, thing_id, kind, seq, at)
      values (each, thing, of_kind, convoke_next_in_feed(each), clock_timestamp())
      on conflict (channel, thing_id) do update set seq = excluded.seq, at = excluded.at,
        removed = null;
  end loop;
  for each in
    select f.channel from feed_entries f
      where f.thing_id = thing and f.removed is null and f.channel <> all (belongs)
  loop
    update feed_entries f
      set seq = convoke_next_in_feed(each), at = clock_timestamp(),
        removed = convoke_why_removed(of_kind, thing, each)
      where f.channel = each and f.thing_id = thing;
  end loop;
end $$
"""
OF_THING = """
create function convoke_feed_of_thing() returns trigger language plpgsql as $$
begin
  perform convoke_note_in_feeds(tg_table_name, coalesce(new.id, old.id));
  return null;
end $$
"""
OF_EVENTS_PART = """
create function convoke_feed_of_event() returns trigger language plpgsql as $$
begin
  perform convoke_note_in_feeds('events', coalesce(new.event_id, old.event_id));
  return null;
end $$
"""
OF_GROUPS_PART = """
create function convoke_feed_of_group() returns trigger language plpgsql as $$
begin
  perform convoke_note_in_feeds('groups', coalesce(new.group_id, old.group_id));
  return null;
end $$
"""
# Who comes into force in an alliance, or leaves it, brings and takes along what was shared with it.
OF_MEMBERS = """
create function convoke_feed_of_member() returns trigger language plpgsql as $$
declare
  theirs text := coalesce(new.organization_id, old.organization_id);
  alliance text := coalesce(new.alliance_id, old.alliance_id);
  each record;
begin
  perform convoke_note_in_feeds('alliances', alliance);
  perform convoke_note_in_feeds('organizations', theirs);
  for each in
    select 'events' as kind, s.event_id as id from event_shares s join events e on e.id = s.event_id
      where s.alliance_id = alliance and e.organization_id = theirs
    union all
    select 'groups', s.group_id from group_shares s join groups g on g.id = s.group_id
      where s.alliance_id = alliance and g.organization_id = theirs
  loop
    perform convoke_note_in_feeds(each.kind, each.id);
  end loop;
  return null;
end $$
"""
OF_DISSOLVED = """
create function convoke_feed_of_alliance() returns trigger language plpgsql as $$
declare
  each record;
begin
  for each in
    select 'events' as kind, s.event_id as id from event_shares s where s.alliance_id = new.id
    union all
    select 'groups', s.group_id from group_shares s where s.alliance_id = new.id
    union all
    select 'organizations', m.organization_id from alliance_members m
      where m.alliance_id = new.id
  loop
    perform convoke_note_in_feeds(each.kind, each.id);
  end loop;
  return null;
end $$
"""
FUNCTIONS = (
    ("convoke_channels_of(text, text)", CHANNELS),
    ("convoke_why_removed(text, text, text)", WHY),
    ("convoke_next_in_feed(text)", NEXT),
    ("convoke_note_in_feeds(text, text)", NOTE),
    ("convoke_feed_of_thing()", OF_THING),
    ("convoke_feed_of_event()", OF_EVENTS_PART),
    ("convoke_feed_of_group()", OF_GROUPS_PART),
    ("convoke_feed_of_member()", OF_MEMBERS),
    ("convoke_feed_of_alliance()", OF_DISSOLVED),
)
# What readers are told of: a number that is kept beside a thing (how many come) is none of it.
TOLD = {
    "organizations": ("version", "visibility"),
    "groups": ("version", "visibility", "owner_visibility", "organization_id"),
    "events": (
        "version",
        "visibility",
        "owner_visibility",
        "organization_id",
        "publication_status",
        "replaced_by_id",
    ),
    "alliances": ("version", "visibility", "status", "convener_id"),
}
PARTS = {
    "event_hosts": ("event", ("status", "role", "may_edit")),
    "event_shares": ("event", ()),
    "group_shares": ("group", ()),
    "alliance_members": ("member", ("status", "role")),
}


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("channel", Word, nullable=False),
        sa.Column(
            "epoch", Word, server_default=sa.text("(gen_random_uuid())::text"), nullable=False
        ),
        sa.Column("compacted_to", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("channel", name="feeds_pkey"),
    )
    op.create_table(
        "feed_entries",
        sa.Column("channel", Word, nullable=False),
        sa.Column("thing_id", Word, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("removed", Word),
        sa.ForeignKeyConstraint(["channel"], ["feeds.channel"], name="feed_entries_channel_fkey"),
        sa.PrimaryKeyConstraint("channel", "thing_id", name="feed_entries_pkey"),
    )
    op.create_index("feed_entries_in_order_ix", "feed_entries", ["channel", "seq"], unique=True)
    op.create_index(op.f("feed_entries_thing_id_ix"), "feed_entries", ["thing_id"])
    for _, function in FUNCTIONS:
        op.execute(function)
    _fill()
    for table, columns in TOLD.items():
        _trigger(table, "thing", columns)
    for table, (whose, columns) in PARTS.items():
        _trigger(table, whose, columns)
    op.execute(
        "create constraint trigger alliances_feed_of_all after update on alliances"
        " deferrable initially deferred for each row"
        " when ((old.status = 'DISSOLVED') <> (new.status = 'DISSOLVED'))"
        " execute function convoke_feed_of_alliance()"
    )


def _fill() -> None:
    """What is published already, in the order in which it was made."""
    things = " union all ".join(
        f"select '{table}' as kind, id, created_at from {table}"  # noqa: S608 - names of ours
        for table in ("organizations", "alliances", "groups", "events")
    )
    op.execute(
        f"select convoke_note_in_feeds(kind, id) from (select kind, id from ({things}) made"  # noqa: S608
        " order by created_at, id) ordered"
    )


def _trigger(table: str, whose: str, columns: tuple[str, ...]) -> None:
    given = f"execute function convoke_feed_of_{whose}()"
    deferred = "deferrable initially deferred for each row"
    op.execute(
        f"create constraint trigger {table}_feed after insert or delete on {table}"
        f" {deferred} {given}"
    )
    if columns:
        changed = " or ".join(f"old.{name} is distinct from new.{name}" for name in columns)
        op.execute(
            f"create constraint trigger {table}_feed_changed after update on {table}"
            f" {deferred} when ({changed}) {given}"
        )


def downgrade() -> None:
    op.execute("drop trigger alliances_feed_of_all on alliances")
    for table, columns in {**TOLD, **{name: part[1] for name, part in PARTS.items()}}.items():
        op.execute(f"drop trigger {table}_feed on {table}")
        if columns:
            op.execute(f"drop trigger {table}_feed_changed on {table}")
    for signature, _ in reversed(FUNCTIONS):
        op.execute(f"drop function {signature}")
    op.drop_table("feed_entries")
    op.drop_table("feeds")
