"""Indexes that give every list in its order, and the columns beside them that indexes need.

An event's times stand beside its shares and hosts too, and each date of a series says since when
it is the next one. Triggers keep them, so that no writer can forget. docs/decisions/0018 tells how
lists are put together of these.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# How long something lasts, in classes. What is going on at a moment began, class by class, within
# a known time before it: each class is a short stretch of an index, most of which is an answer.
SPAN = """
create function convoke_span(begins timestamptz, ends timestamptz) returns integer
language sql immutable parallel safe
return case
  when ends is null or ends <= begins then 0
  when not (isfinite(begins) and isfinite(ends)) then 11
  when ends - begins <= interval '3 hours' then 1
  when ends - begins <= interval '12 hours' then 2
  when ends - begins <= interval '25 hours' then 3
  when ends - begins <= interval '48 hours' then 4
  when ends - begins <= interval '169 hours' then 5
  when ends - begins <= interval '337 hours' then 6
  when ends - begins <= interval '745 hours' then 7
  when ends - begins <= interval '841 hours' then 8
  when ends - begins <= interval '2233 hours' then 9
  when ends - begins <= interval '8785 hours' then 10
  else 11
end
"""

# As in 0003, and in one expression, which PostgreSQL writes into the statement: a call for each row
# took longer than everything else that is asked of it.
DISTANCE = """
create or replace function convoke_distance_km(
  latitude double precision, longitude double precision,
  other_latitude double precision, other_longitude double precision) returns double precision
language sql immutable parallel safe
return case
  when latitude is not null and longitude is not null
    and other_latitude is not null and other_longitude is not null
  then 2 * 6371.0088 * asin(sqrt(least(1.0,
    sin((radians(other_latitude + 1000 - 1000) - radians(latitude + 1000 - 1000)) / 2) ^ 2
    + cos(radians(latitude + 1000 - 1000)) * cos(radians(other_latitude + 1000 - 1000))
    * sin(radians((other_longitude + 1000) - (longitude + 1000)) / 2) ^ 2)))
end
"""
DISTANCE_BEFORE = """
create or replace function convoke_distance_km(
  latitude double precision, longitude double precision,
  other_latitude double precision, other_longitude double precision) returns double precision
language sql immutable strict parallel safe
begin atomic
  select 2 * 6371.0088 * asin(sqrt(least(1.0,
    sin((b - a) / 2) ^ 2 + cos(a) * cos(b) * sin(across / 2) ^ 2)))
  from (select
    radians(latitude + 1000 - 1000) as a,
    radians(other_latitude + 1000 - 1000) as b,
    radians((other_longitude + 1000) - (longitude + 1000)) as across) as angles;
end
"""

# FOR SHARE: the event's times do not change between this look at them and the end of the writer's
# transaction, so that whoever changes them then finds the row and changes it too.
TIMES_OF_SHARE = """
create function convoke_times_of_share() returns trigger language plpgsql as $$
begin
  select e.organization_id, e.starts_at, e.over_at, e.rrule is not null
    into new.organization_id, new.starts_at, new.over_at, new.recurring
    from events e where e.id = new.event_id for share;
  return new;
end $$
"""
TIMES_OF_HOST = """
create function convoke_times_of_host() returns trigger language plpgsql as $$
begin
  select e.starts_at, e.over_at, e.rrule is not null
    into new.starts_at, new.over_at, new.recurring
    from events e where e.id = new.event_id for share;
  return new;
end $$
"""
TIMES_OF_EVENT = """
create function convoke_times_of_event() returns trigger language plpgsql as $$
begin
  update event_shares
    set organization_id = new.organization_id, starts_at = new.starts_at, over_at = new.over_at,
      recurring = new.rrule is not null
    where event_id = new.id;
  update event_hosts
    set starts_at = new.starts_at, over_at = new.over_at, recurring = new.rrule is not null
    where event_id = new.id;
  if (old.rrule is null) <> (new.rrule is null) then
    perform convoke_place_dates(array[new.id]);
  end if;
  return new;
end $$
"""

# A date is the next one from the moment the dates before it are over. One without an end is over
# as soon as its start is past, and times are kept to the microsecond.
PLACE_DATES = """
create function convoke_place_dates(of_events text[]) returns void language plpgsql as $$
begin
  if cardinality(of_events) = 0 then  -- an update of no rows, too, would come back here
    return;
  end if;
  update occurrences o set follows_at = placed.follows_at
  from (
    select d.id, case when e.rrule is not null then coalesce(
        max(greatest(d.ends_at, d.starts_at + interval '1 microsecond')) over (
          partition by d.event_id order by d.starts_at, d.id
          rows between unbounded preceding and 1 preceding),
        '-infinity') end as follows_at
    from occurrences d join events e on e.id = d.event_id
    where d.event_id = any(of_events)) as placed
  where o.id = placed.id and o.follows_at is distinct from placed.follows_at;
end $$
"""
DATES_CAME = """
create function convoke_dates_came() returns trigger language plpgsql as $$
begin
  perform convoke_place_dates(array(
    select distinct d.event_id from came d join events e on e.id = d.event_id
    where e.rrule is not null or d.follows_at is not null));
  return null;
end $$
"""
DATES_WENT = """
create function convoke_dates_went() returns trigger language plpgsql as $$
begin
  perform convoke_place_dates(array(
    select distinct event_id from went where follows_at is not null));
  return null;
end $$
"""
DATES_MOVED = """
create function convoke_dates_moved() returns trigger language plpgsql as $$
begin
  perform convoke_place_dates(array(
    select moved.event_id
    from came join went using (id)
    cross join lateral (values (came.event_id), (went.event_id)) as moved (event_id)
    where (came.event_id, came.starts_at, came.ends_at)
      is distinct from (went.event_id, went.starts_at, went.ends_at)
    group by moved.event_id));
  return null;
end $$
"""
FUNCTIONS = (
    SPAN,
    TIMES_OF_SHARE,
    TIMES_OF_HOST,
    PLACE_DATES,
    TIMES_OF_EVENT,
    DATES_CAME,
    DATES_WENT,
    DATES_MOVED,
)

COLUMNS = (
    'alter table event_shares add organization_id text collate "C" references organizations (id),'
    " add starts_at timestamptz, add over_at timestamptz, add recurring boolean",
    "alter table event_hosts"
    " add starts_at timestamptz, add over_at timestamptz, add recurring boolean",
    "alter table occurrences add follows_at timestamptz",
)
FILLED = (
    "update event_shares s set organization_id = e.organization_id, starts_at = e.starts_at,"
    " over_at = e.over_at, recurring = e.rrule is not null from events e where e.id = s.event_id",
    "update event_hosts h set starts_at = e.starts_at, over_at = e.over_at,"
    " recurring = e.rrule is not null from events e where e.id = h.event_id",
    "select convoke_place_dates(array(select id from events where rrule is not null))",
    "alter table event_shares alter organization_id set not null, alter starts_at set not null,"
    " alter over_at set not null, alter recurring set not null",
    "alter table event_hosts alter starts_at set not null, alter over_at set not null,"
    " alter recurring set not null",
)
TRIGGERS = (
    "create trigger event_shares_times before insert or update of event_id on event_shares"
    " for each row execute function convoke_times_of_share()",
    "create trigger event_hosts_times before insert or update of event_id on event_hosts"
    " for each row execute function convoke_times_of_host()",
    "create trigger events_times after update on events for each row when"
    " ((old.organization_id, old.starts_at, old.over_at, old.rrule is null)"
    " is distinct from (new.organization_id, new.starts_at, new.over_at, new.rrule is null))"
    " execute function convoke_times_of_event()",
    "create trigger occurrences_came after insert on occurrences referencing new table as came"
    " for each statement execute function convoke_dates_came()",
    "create trigger occurrences_went after delete on occurrences referencing old table as went"
    " for each statement execute function convoke_dates_went()",
    "create trigger occurrences_moved after update on occurrences"
    " referencing old table as went new table as came"
    " for each statement execute function convoke_dates_moved()",
)

# What may be going on long after its start: what recurs, and what takes more than a day.
LASTING_EVENT = "where rrule is not null or convoke_span(starts_at, over_at) > 3"
LASTING = "(recurring or convoke_span(starts_at, over_at) > 3)"
ACCEPTED = "status = 'ACCEPTED'"
INDEXES = {
    "organizations_of_hub_ix": "organizations (hub_id, name, id)",
    "team_members_by_time_ix": "team_members (organization_id, since, id)",
    "groups_of_organization_ix": "groups (organization_id, name, id)",
    "groups_of_parent_ix": "groups (parent_id, name, id)",
    "group_members_by_time_ix": "group_members (group_id, joined_at, id)",
    "alliance_members_by_time_ix": "alliance_members (alliance_id, created_at, id)",
    "events_by_span_ix": (
        "events (convoke_span(starts_at, over_at), starts_at, id) where rrule is null"
    ),
    "events_lasting_of_group_ix": f"events (group_id, over_at) {LASTING_EVENT}",
    "events_lasting_near_ix": f"events (geo_cell, over_at) {LASTING_EVENT}",
    "occurrences_by_span_ix": "occurrences (convoke_span(starts_at, ends_at), starts_at, id)",
    "occurrences_next_ix": (
        "occurrences (convoke_span(follows_at, starts_at), starts_at, event_id)"
        " where follows_at is not null"
    ),
    "occurrences_moved_ix": (
        "occurrences (starts_at, id) where follows_at is null and overrides <> '{}'"
    ),
    "event_hosts_by_time_ix": "event_hosts (event_id, created_at, id)",
    "event_hosts_by_start_ix": (
        f"event_hosts (organization_id, starts_at, event_id) where {ACCEPTED}"
    ),
    "event_hosts_lasting_ix": (
        f"event_hosts (organization_id, over_at) where {ACCEPTED} and {LASTING}"
    ),
    "event_shares_by_start_ix": "event_shares (alliance_id, starts_at, event_id)",
    "event_shares_lasting_ix": f"event_shares (alliance_id, over_at) where {LASTING}",
    "identifiers_of_subject_ix": "identifiers (subject_id, system, value)",
    "occurrences_of_event_ix": "occurrences (event_id, starts_at, id) include (ends_at, follows_at)",
}
# Those that the new ones begin with, or stand for.
BEFORE = {
    "groups_parent_id_ix": "groups (parent_id)",
    "event_shares_alliance_id_ix": "event_shares (alliance_id)",
    "events_recurring_ix": "events (over_at) where rrule is not null",
    "identifiers_subject_id_ix": "identifiers (subject_id)",
    "occurrences_of_event_ix": "occurrences (event_id, starts_at, id)",
}


def upgrade() -> None:
    for statement in (DISTANCE, *FUNCTIONS, *COLUMNS, *FILLED):
        op.execute(statement)
    for name in BEFORE:
        op.execute(f"drop index {name}")
    for name, columns in INDEXES.items():
        op.execute(f"create index {name} on {columns}")
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    for statement in reversed(TRIGGERS):
        _, _, name, *rest = statement.split()
        op.execute(f"drop trigger {name} on {rest[rest.index('on') + 1]}")
    for name in INDEXES:
        op.execute(f"drop index {name}")
    for name, columns in BEFORE.items():
        op.execute(f"create index {name} on {columns}")
    op.execute("alter table occurrences drop follows_at")
    op.execute("alter table event_hosts drop starts_at, drop over_at, drop recurring")
    op.execute(
        "alter table event_shares"
        " drop organization_id, drop starts_at, drop over_at, drop recurring"
    )
    op.execute(DISTANCE_BEFORE)
    for function in reversed(FUNCTIONS):
        name = function.split("(")[0].split()[-1]
        op.execute(f"drop function {name}")
