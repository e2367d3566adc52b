"""One feed for each other hub: what concerns its organizations by name, though no other feed says so.

Things of other hubs are never told on, and keep nobody waiting. What belongs to an alliance's terms,
and the dates that a series goes on to, are told as well.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Word = sa.Text(collation="C")

IS_OURS = """
create function convoke_is_ours(of_kind text, thing text) returns boolean
language plpgsql stable as $$
begin
  return case of_kind
    when 'organizations' then exists (
      select from organizations t join hubs h on h.id = t.hub_id where t.id = thing and h.is_local)
    when 'groups' then exists (
      select from groups t join hubs h on h.id = t.hub_id where t.id = thing and h.is_local)
    when 'events' then exists (
      select from events t join hubs h on h.id = t.hub_id where t.id = thing and h.is_local)
    when 'alliances' then exists (
      select from alliances t join hubs h on h.id = t.hub_id where t.id = thing and h.is_local)
    else false end;
end $$
"""
# The other hubs of which an organization is let in by name: the twin of `domain.policy.is_concerned`
# for each of them. Of an organization, where it answers for what they were let into.
HUBS = """
create function convoke_hubs_concerned(of_kind text, thing text) returns setof text
language plpgsql stable as $$
begin
  case of_kind
    when 'organizations' then
      return query
        select n.hub_id from alliances a
          join alliance_members m on m.alliance_id = a.id and m.status in
            ('INVITED', 'REQUESTED', 'PENDING_AGREEMENT', 'ACTIVE', 'SUSPENDED')
          join organizations n on n.id = m.organization_id
          join hubs h on h.id = n.hub_id and not h.is_local
          where a.convener_id = thing
        union
        select n.hub_id from events e
          join event_hosts p on p.event_id = e.id
            and p.status in ('INVITED', 'REQUESTED', 'ACCEPTED')
          join organizations n on n.id = p.organization_id
          join hubs h on h.id = n.hub_id and not h.is_local
          where e.organization_id = thing;
    when 'events' then
      return query
        select distinct n.hub_id from event_hosts p
          join organizations n on n.id = p.organization_id
          join hubs h on h.id = n.hub_id and not h.is_local
          where p.event_id = thing and p.status in ('INVITED', 'REQUESTED', 'ACCEPTED');
    when 'alliances' then
      return query
        select distinct n.hub_id from alliance_members m
          join organizations n on n.id = m.organization_id
          join hubs h on h.id = n.hub_id and not h.is_local
          where m.alliance_id = thing and m.status in
            ('INVITED', 'REQUESTED', 'PENDING_AGREEMENT', 'ACTIVE', 'SUSPENDED');
    else null;
  end case;
end $$
"""
CHANNELS = """
create function convoke_channels_of(of_kind text, thing text) returns setof text
language plpgsql stable as $$
begin
  return query select c from convoke_audiences_of(of_kind, thing) c;
  if convoke_is_ours(of_kind, thing) then
    return query select c from convoke_hubs_concerned(of_kind, thing) c;
  end if;
end $$
"""
# As in 0019, and: nobody waits for a thing of another hub, of which nothing is told (one of ours that
# is gone has left its name where it was told of). Where the thing itself is as it was (`has_changed`
# is not so) only the channels are looked at that it comes to or leaves.
NOTE = """
create function convoke_note_in_feeds(of_kind text, thing text, has_changed boolean default true)
returns void language plpgsql as $$
declare
  belongs text[];
  each text;
begin
  if not convoke_is_ours(of_kind, thing)
      and not exists (select from feed_entries f where f.thing_id = thing) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtext('convoke feeds'));
  select coalesce(array_agg(c), '{}') into belongs from convoke_channels_of(of_kind, thing) c;
  foreach each in array belongs loop
    continue when exists (
      select from feed_entries f where f.channel = each and f.thing_id = thing
        and f.removed is null
        and (not has_changed or (f.xmin = pg_current_xact_id()::xid and f.at >= now())));
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
NOTE_BEFORE = """
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
# An organization of another hub is let in by name, or no more: so it learns by whom.
OF_CONCERNED = """
create function convoke_feed_of_concerned() returns trigger language plpgsql as $$
declare
  named text := coalesce(new.organization_id, old.organization_id);
begin
  if convoke_is_ours('organizations', named) then
    return null;
  end if;
  if tg_table_name = 'event_hosts' then
    perform convoke_note_in_feeds('organizations', e.organization_id, false)
      from events e where e.id = coalesce(new.event_id, old.event_id);
  else
    perform convoke_note_in_feeds('organizations', a.convener_id, false)
      from alliances a where a.id = coalesce(new.alliance_id, old.alliance_id);
  end if;
  return null;
end $$
"""
# Another organization answers for it, or none any more.
OF_OWNER = """
create function convoke_feed_of_owner() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'events' then
    perform convoke_note_in_feeds('organizations', old.organization_id, false);
    if tg_op = 'UPDATE' then
      perform convoke_note_in_feeds('organizations', new.organization_id, false);
    end if;
  else
    perform convoke_note_in_feeds('organizations', old.convener_id, false);
    if tg_op = 'UPDATE' then
      perform convoke_note_in_feeds('organizations', new.convener_id, false);
    end if;
  end if;
  return null;
end $$
"""
OF_TERMS = """
create function convoke_feed_of_terms() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'agreements' then
    perform convoke_note_in_feeds('alliances', coalesce(new.alliance_id, old.alliance_id));
  else
    perform convoke_note_in_feeds('alliances', a.alliance_id)
      from agreements a where a.id = coalesce(new.agreement_id, old.agreement_id);
  end if;
  return null;
end $$
"""
FUNCTIONS = (
    ("convoke_is_ours(text, text)", IS_OURS),
    ("convoke_hubs_concerned(text, text)", HUBS),
    ("convoke_channels_of(text, text)", CHANNELS),
    ("convoke_note_in_feeds(text, text, boolean)", NOTE),
    ("convoke_feed_of_concerned()", OF_CONCERNED),
    ("convoke_feed_of_owner()", OF_OWNER),
    ("convoke_feed_of_terms()", OF_TERMS),
)
# Of an event; the last says that dates were made of a series.
TOLD = (
    "version",
    "visibility",
    "owner_visibility",
    "organization_id",
    "publication_status",
    "replaced_by_id",
)
TRIGGERS = {
    "event_hosts_feed_concerned": (
        "after insert or delete or update of status on event_hosts",
        "concerned",
    ),
    "alliance_members_feed_concerned": (
        "after insert or delete or update of status on alliance_members",
        "concerned",
    ),
    "events_feed_owner": ("after delete or update of organization_id on events", "owner"),
    "alliances_feed_owner": ("after delete or update of convener_id on alliances", "owner"),
    "agreements_feed": ("after insert or delete or update on agreements", "terms"),
    "agreement_acceptances_feed": (
        "after insert or delete or update on agreement_acceptances",
        "terms",
    ),
}


def upgrade() -> None:
    # What seals the places that readers are given; nobody is told it.
    op.add_column(
        "feeds",
        sa.Column(
            "seal",
            Word,
            nullable=False,
            server_default=sa.text("((gen_random_uuid())::text || (gen_random_uuid())::text)"),
        ),
    )
    op.create_index(
        "feed_entries_removed_ix",
        "feed_entries",
        ["at"],
        postgresql_where=sa.text("removed is not null"),
    )
    op.execute("alter function convoke_channels_of(text, text) rename to convoke_audiences_of")
    op.execute("drop function convoke_note_in_feeds(text, text)")
    for _, function in FUNCTIONS:
        op.execute(function)
    for name, (when, whose) in TRIGGERS.items():
        op.execute(
            f"create constraint trigger {name} {when} deferrable initially deferred"
            f" for each row execute function convoke_feed_of_{whose}()"
        )
    _told_of_events((*TOLD, "rolls_on_at"))
    _fill()


def _told_of_events(columns: tuple[str, ...]) -> None:
    changed = " or ".join(f"old.{name} is distinct from new.{name}" for name in columns)
    op.execute("drop trigger if exists events_feed_changed on events")
    op.execute(
        "create constraint trigger events_feed_changed after update on events"
        f" deferrable initially deferred for each row when ({changed})"
        " execute function convoke_feed_of_thing()"
    )


def _fill() -> None:
    """What concerns other hubs already, in the order in which it was made."""
    op.execute(
        "select convoke_note_in_feeds(kind, id, false) from ("
        " select 'alliances' as kind, a.id, a.created_at, a.convener_id as owner from alliances a"
        "   where exists (select from convoke_hubs_concerned('alliances', a.id))"
        " union all select 'events', e.id, e.created_at, e.organization_id from events e"
        "   where exists (select from convoke_hubs_concerned('events', e.id))"
        " union all select 'organizations', o.id, o.created_at, o.id from organizations o"
        "   where exists (select from convoke_hubs_concerned('organizations', o.id))"
        " order by created_at, id) concerning"
    )


def downgrade() -> None:
    _told_of_events(TOLD)
    for name, (when, _) in TRIGGERS.items():
        op.execute(f"drop trigger {name} on {when.rsplit(' ', 1)[1]}")
    for signature, _ in reversed(FUNCTIONS):
        op.execute(f"drop function {signature}")
    op.execute("alter function convoke_audiences_of(text, text) rename to convoke_channels_of")
    op.execute(NOTE_BEFORE)
    # What was told to other hubs alone.
    op.execute("delete from feed_entries f using hubs h where h.id = f.channel")
    op.execute("delete from feeds f using hubs h where h.id = f.channel")
    op.drop_index("feed_entries_removed_ix", "feed_entries")
    op.drop_column("feeds", "seal")
