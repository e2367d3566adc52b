"""What nobody but the allies of its owner finds is told in their alliances; and what shows another thing
is told again where that comes to be seen, or no more.

A thing is told as it is seen: an event names its group, the event that it was merged into and the
organizations on it to those who may know them. So who comes to know them is told of the event again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# PUBLIC, of an organization that is for allies: each alliance in which that stands today. With those
# that it was shared with (migration 0019) the twin of `domain.channels`.
AUDIENCES = """
create function convoke_audiences_of(of_kind text, thing text) returns setof text
language plpgsql stable as $$
begin
  return query select c from convoke_audiences_by_share(of_kind, thing) c;
  case of_kind
    when 'groups' then
      return query
        select m.alliance_id from groups g join hubs h on h.id = g.hub_id and h.is_local
          join alliance_members m on m.organization_id = g.organization_id and m.status = 'ACTIVE'
          join alliances a on a.id = m.alliance_id and a.status <> 'DISSOLVED'
          where g.id = thing and g.visibility = 'PUBLIC' and g.owner_visibility = 'ALLIANCE'
            and not exists (select from group_shares s
              where s.group_id = g.id and s.alliance_id = m.alliance_id);
    when 'events' then
      return query
        select m.alliance_id from events e join hubs h on h.id = e.hub_id and h.is_local
          join alliance_members m on m.organization_id = e.organization_id and m.status = 'ACTIVE'
          join alliances a on a.id = m.alliance_id and a.status <> 'DISSOLVED'
          where e.id = thing and e.visibility = 'PUBLIC' and e.owner_visibility = 'ALLIANCE'
            and e.publication_status in ('PUBLISHED', 'ARCHIVED')
            and not exists (select from event_shares s
              where s.event_id = e.id and s.alliance_id = m.alliance_id);
    when 'alliances' then
      return query
        select m.alliance_id from alliances c join hubs h on h.id = c.hub_id and h.is_local
          join organizations o on o.id = c.convener_id and o.visibility = 'ALLIANCE'
          join alliance_members m on m.organization_id = o.id and m.status = 'ACTIVE'
          join alliances a on a.id = m.alliance_id and a.status <> 'DISSOLVED'
          where c.id = thing and c.visibility = 'PUBLIC' and m.alliance_id <> c.id;
    else null;
  end case;
end $$
"""
# As it was; made again, so that no session goes on with the audiences of before.
CHANNELS = """
create or replace function convoke_channels_of(of_kind text, thing text) returns setof text
language plpgsql stable as $$
begin
  return query select c from convoke_audiences_of(of_kind, thing) c;
  if convoke_is_ours(of_kind, thing) then
    return query select c from convoke_hubs_concerned(of_kind, thing) c;
  end if;
end $$
"""
# It is for all allies as before, and its owner stands there: then it was hidden by its owner.
WHY = """
create function convoke_why_removed(of_kind text, thing text, was_in text) returns text
language plpgsql stable as $$
declare
  why text := convoke_why_unshared(of_kind, thing, was_in);
begin
  if why = 'UNSHARED' and exists (
    select from alliance_members m join (
        select g.id, g.organization_id, g.visibility, g.owner_visibility from groups g
        union all
        select e.id, e.organization_id, e.visibility, e.owner_visibility from events e) own
      on own.organization_id = m.organization_id
    where own.id = thing and own.visibility = 'PUBLIC'
      and own.owner_visibility not in ('PUBLIC', 'UNLISTED')
      and m.alliance_id = was_in and m.status = 'ACTIVE')
  then
    return 'NO_LONGER_VISIBLE';
  end if;
  return why;
end $$
"""
# Things of ours that show this one to those who see it.
SHOWING = """
create function convoke_showing(of_kind text, thing text)
returns table (kind text, id text) language plpgsql stable as $$
begin
  case of_kind
    when 'organizations' then
      return query
        select 'events', e.id from events e join hubs h on h.id = e.hub_id and h.is_local
          where e.organization_id <> thing and e.id in (
            select p.event_id from event_hosts p where p.organization_id = thing
              and p.status in ('INVITED', 'REQUESTED', 'ACCEPTED'))
        union all
        select 'alliances', a.id from alliances a join hubs h on h.id = a.hub_id and h.is_local
          where a.id in (
            select m.alliance_id from alliance_members m where m.organization_id = thing
              and m.status in
                ('INVITED', 'REQUESTED', 'PENDING_AGREEMENT', 'ACTIVE', 'SUSPENDED'));
    when 'groups' then
      return query
        select 'events', e.id from events e where e.group_id = thing
        union all
        select 'groups', g.id from groups g where g.parent_id = thing;
    when 'events' then
      return query
        select 'events', e.id from events e where e.replaced_by_id = thing
        union all
        select 'events', e.id from events e where e.follows_id = thing;
    else null;
  end case;
end $$
"""
# What shows it is told of once this one has come to a channel or left one, under the same lock: a look
# from before might miss who shows it since.
NOTE = """
create function convoke_note_in_feeds(of_kind text, thing text, has_changed boolean default true)
returns void language plpgsql as $$
declare
  stood text[];
  stands text[];
begin
  if not convoke_is_ours(of_kind, thing)
      and not exists (select from feed_entries f where f.thing_id = thing) then
    return;
  end if;
  if of_kind not in ('groups', 'events') then
    perform convoke_note_alone(of_kind, thing, has_changed);
    return;
  end if;
  perform pg_advisory_xact_lock(hashtext('convoke feeds'));
  select array_agg(f.channel order by f.channel) into stood
    from feed_entries f where f.thing_id = thing and f.removed is null;
  perform convoke_note_alone(of_kind, thing, has_changed);
  select array_agg(f.channel order by f.channel) into stands
    from feed_entries f where f.thing_id = thing and f.removed is null;
  if stood is distinct from stands then
    perform convoke_note_alone(s.kind, s.id) from convoke_showing(of_kind, thing) s;
  end if;
end $$
"""
# All that allies find of an organization because they are its allies, shared or not.
FOR_ALLIES = """
create function convoke_for_allies(owner text)
returns table (kind text, id text) language sql stable as $$
  select 'events', e.id from events e where e.organization_id = owner and e.visibility = 'PUBLIC'
  union all
  select 'groups', g.id from groups g where g.organization_id = owner and g.visibility = 'PUBLIC'
  union all
  select 'alliances', a.id from alliances a
    where a.convener_id = owner and a.visibility = 'PUBLIC'
$$
"""
# It has other allies: they find what it has for allies, and know it where it is named.
ALLIED = """
create function convoke_note_of_allied(organization text) returns void language plpgsql as $$
begin
  if exists (select from organizations o where o.id = organization and o.visibility = 'ALLIANCE')
  then
    perform convoke_note_in_feeds(t.kind, t.id, false) from convoke_for_allies(organization) t;
    perform convoke_note_in_feeds(t.kind, t.id) from convoke_showing('organizations', organization) t;
  end if;
end $$
"""
OF_ALLY = """
create function convoke_feed_of_ally() returns trigger language plpgsql as $$
begin
  if (old.status is not distinct from 'ACTIVE') <> (new.status is not distinct from 'ACTIVE') then
    perform convoke_note_of_allied(coalesce(new.organization_id, old.organization_id));
  end if;
  return null;
end $$
"""
OF_ALLIES = """
create function convoke_feed_of_allies() returns trigger language plpgsql as $$
begin
  perform convoke_note_of_allied(m.organization_id) from alliance_members m
    where m.alliance_id = new.id and m.status = 'ACTIVE';
  return null;
end $$
"""
# Others know it, or no more, and find the alliances that it convenes.
OF_KNOWN = """
create function convoke_feed_of_known() returns trigger language plpgsql as $$
begin
  perform convoke_note_in_feeds('alliances', a.id, false) from alliances a
    where a.convener_id = new.id;
  perform convoke_note_in_feeds(t.kind, t.id) from convoke_showing('organizations', new.id) t;
  return null;
end $$
"""
RENAMED = (
    ("convoke_audiences_of(text, text)", "convoke_audiences_by_share"),
    ("convoke_why_removed(text, text, text)", "convoke_why_unshared"),
    ("convoke_note_in_feeds(text, text, boolean)", "convoke_note_alone"),
)
FUNCTIONS = (
    ("convoke_audiences_of(text, text)", AUDIENCES),
    ("convoke_why_removed(text, text, text)", WHY),
    ("convoke_showing(text, text)", SHOWING),
    ("convoke_note_in_feeds(text, text, boolean)", NOTE),
    ("convoke_for_allies(text)", FOR_ALLIES),
    ("convoke_note_of_allied(text)", ALLIED),
    ("convoke_feed_of_ally()", OF_ALLY),
    ("convoke_feed_of_allies()", OF_ALLIES),
    ("convoke_feed_of_known()", OF_KNOWN),
)
TRIGGERS = {
    "alliance_members_feed_ally": (
        "after insert or delete or update of status on alliance_members",
        "",
        "ally",
    ),
    "alliances_feed_allies": (
        "after update of status on alliances",
        "when ((old.status = 'DISSOLVED') <> (new.status = 'DISSOLVED'))",
        "allies",
    ),
    "organizations_feed_known": (
        "after update of visibility on organizations",
        "when (old.visibility is distinct from new.visibility)",
        "known",
    ),
}
SHOWN = {"events_replaced_by_ix": "replaced_by_id", "events_follows_ix": "follows_id"}


def upgrade() -> None:
    for name, column in SHOWN.items():
        found = sa.text(f"{column} is not null")
        op.create_index(name, "events", [column], postgresql_where=found)
    for signature, name in RENAMED:
        op.execute(f"alter function {signature} rename to {name}")
    for _, function in FUNCTIONS:
        op.execute(function)
    op.execute(CHANNELS)
    for name, (when, where, whose) in TRIGGERS.items():
        op.execute(
            f"create constraint trigger {name} {when} deferrable initially deferred"
            f" for each row {where} execute function convoke_feed_of_{whose}()"
        )
    _told_where_it_belongs()


def _told_where_it_belongs() -> None:
    """Alliances, too, whose convener was hidden since they were told of."""
    op.execute(
        "select convoke_note_in_feeds(kind, id, false) from ("
        " select 'alliances' as kind, a.id, a.created_at from alliances a"
        " union all select 'groups', g.id, g.created_at from groups g"
        "   where g.visibility = 'PUBLIC' and g.owner_visibility = 'ALLIANCE'"
        " union all select 'events', e.id, e.created_at from events e"
        "   where e.visibility = 'PUBLIC' and e.owner_visibility = 'ALLIANCE'"
        " order by created_at, id) those"
    )


def downgrade() -> None:
    for name, (when, _, _) in TRIGGERS.items():
        op.execute(f"drop trigger {name} on {when.rsplit(' ', 1)[1]}")
    for signature, _ in reversed(FUNCTIONS):
        op.execute(f"drop function {signature}")
    for signature, name in RENAMED:
        was, arguments = signature.split("(")
        op.execute(f"alter function {name}({arguments} rename to {was}")
    op.execute(CHANNELS)
    for name in SHOWN:
        op.drop_index(name, "events")
    _told_where_it_belongs()
