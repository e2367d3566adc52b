"""A hub with as many events as one likes, made by the database itself.

Among them are series of every kind, events that are going on at `NOW`, some of them for weeks,
and many that share a start. One alliance (`GREAT`) has a fifth of all organizations and most of
what they hold; another (`SMALL`) has three members. A third of the events lie in River City.
"""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
GREAT, SMALL = "alliance-great", "alliance-small"
MEMBER = "org-5"  # of both alliances
GROUP = "group-3"
RIVER_CITY = (39.1653, -86.5264)
# Tables that grow with the hub.
LARGE = (
    "events",
    "occurrences",
    "event_shares",
    "event_hosts",
    "organizations",
    "groups",
    "audit_entries",
    "audit_concerned",
    "proposals",
    "ballots",
)


async def fill(connection: AsyncConnection, events: int) -> None:
    organizations, groups = max(20, events // 10), max(5, events // 500)
    sizes = {"events": events, "organizations": organizations, "groups": groups}
    for statement in STATEMENTS:
        made = statement.format(**sizes, now=f"timestamptz '{NOW.isoformat()}'")
        await connection.execute(text(made))


STATEMENTS = (
    "insert into hubs (id, authority, url, name, software, is_local, created_at)"
    " values ('hub', 'hub.test', 'http://hub.test', 'hub', 'convoke', true, {now})",
    """
    insert into organizations (id, hub_id, visibility, version, created_at, updated_at, slug, name,
      time_zone, causes, place_latitude, place_longitude, place_precision, geo_cell)
    select 'org-' || n, 'hub', case when n % 40 = 7 then 'PRIVATE' else 'PUBLIC' end, 1, {now}, {now},
      'org-' || n, 'Organization ' || n % 1000, 'UTC', array['food'], null, null, null, null
    from generate_series(1, {organizations}) n
    """,
    """
    insert into alliances (id, hub_id, visibility, version, created_at, updated_at, convener_id,
      slug, name, purpose, kind, status, join_policy, decision_rule, default_event_visibility,
      member_editing, attendee_sharing)
    select 'alliance-' || name, 'hub', 'PUBLIC', 1, {now}, {now}, 'org-5', name, name, name,
      'COALITION', 'ACTIVE', 'OPEN', 'CONVENER', 'PUBLIC', 'NONE', 'NONE'
    from unnest(array['great', 'small'] || array(select 'a' || n from generate_series(1, 40) n))
      as named (name)
    """,
    """
    insert into alliance_members (id, alliance_id, organization_id, role, status, initiated_by,
      created_at, joined_at)
    select alliance || '-' || organization, alliance, organization, 'MEMBER',
      case when n % 50 = 10 then 'LEFT' else 'ACTIVE' end, 'ALLIANCE',
      {now} + n % 100 * interval '1 hour', {now}
    from (
      select 'alliance-great' as alliance, 'org-' || n as organization, n
        from generate_series(5, {organizations}, 5) n
      union all select 'alliance-small', 'org-' || n, n from generate_series(5, 15, 5) n
      union all select 'alliance-a' || (n % 40 + 1), 'org-' || n, n
        from generate_series(1, {organizations}, 3) n) as members
    """,
    """
    insert into groups (id, hub_id, visibility, version, created_at, updated_at, organization_id,
      slug, name, kind, join_policy)
    select 'group-' || n, 'hub', 'PUBLIC', 1, {now}, {now},
      'org-' || 1 + n % {organizations}, 'group-' || n, 'Group ' || n % 500, 'LOCAL',
      'OPEN'
    from generate_series(1, {organizations} * 2) n
    """,
    """
    insert into events (id, hub_id, visibility, version, created_at, updated_at, organization_id,
      group_id, title, starts_at, ends_at, over_at, time_zone, rrule, status, publication_status,
      attendance_mode, join_mode, causes, search, place_latitude, place_longitude,
      place_precision, geo_cell)
    select id, 'hub', case when n % 20 = 3 then 'ALLIANCE' else 'PUBLIC' end, 1, {now},
      {now} - (n * 7919 % 1000003) * interval '1 minute',
      'org-' || owner, case when n % 10 = 0 then 'group-' || 1 + n / 10 % {groups} end, 'Event ' || n,
      starts_at, starts_at + lasts,
      case when rrule is null then coalesce(starts_at + lasts, starts_at)
        when n % 140 = 20 then 'infinity'
        else starts_at + coalesce(lasts, interval '0') + case rrule when 'FREQ=DAILY' then interval '40 days'
          when 'FREQ=WEEKLY' then interval '210 days' else interval '360 days' end end,
      'UTC', rrule, case when n % 30 = 1 then 'CANCELLED' else 'SCHEDULED' end,
      case when n % 25 = 2 then 'DRAFT' else 'PUBLISHED' end, 'IN_PERSON', 'OPEN',
      array['cause-' || n % 50], array_to_tsvector(array['word' || n % 300, 'every']),
      latitude, longitude, case when latitude is not null then 'PRECISE' end,
      case when latitude is not null then
        (floor((latitude + 90) * 4) * 1440
          + floor((longitude + 180) / 360
            * ceil(round(cast(1440 * cos(radians(floor(latitude * 4) / 4)) as numeric), 6))))::int
      end
    from (
      select n, 'event-' || lpad(n::text, 8, '0') as id,
        1 + (n * 31 + n / 7) % {organizations} as owner,
        -- to the quarter of an hour, so that there are ties
        date_trunc('hour', {now} + ((n * 7919::bigint % 1000003) / 1000003.0 - 0.5)
          * interval '730 days') + n % 4 * interval '15 minutes' as starts_at,
        case when n % 10 in (1, 2, 3) or n % 60 = 40 then null
          when n % 10 = 4 then interval '8 hours' when n % 100 = 5 then interval '3 days' when n % 500 = 6 then interval '30 days'
          else interval '2 hours' end as lasts,
        case n % 20 when 0 then case n % 60 when 0 then 'FREQ=DAILY' when 20 then 'FREQ=WEEKLY'
          else 'FREQ=MONTHLY' end end as rrule,
        case when n % 8 = 1 then null when n % 3 = 0 then 39.1653 + (n % 101 - 50) / 300.0
          else 30 + (n * 104729::bigint % 10007) / 10007.0 * 15 end as latitude,
        case when n % 8 = 1 then null when n % 3 = 0 then -86.5264 + (n % 97 - 48) / 300.0
          else -100 + (n * 15485863::bigint % 10009) / 10009.0 * 25 end as longitude
      from generate_series(1, {events}) n) as made
    """,
    """
    insert into occurrences (id, event_id, recurrence_id, starts_at, ends_at, status)
    select 'date-' || substr(id, 7) || '-' || number, id, starts_at + number * step,
      starts_at + number * step
        - case when number % 11 = 10 then interval '5 hours' else interval '0' end,
      ends_at + number * step,
      case when number % 9 = 8 then 'CANCELLED' else status end
    from events
    cross join lateral (select case rrule when 'FREQ=DAILY' then interval '1 day'
      when 'FREQ=WEEKLY' then interval '7 days' else interval '30 days' end as step) as steps
    cross join lateral generate_series(0, case rrule when 'FREQ=DAILY' then 40
      when 'FREQ=WEEKLY' then 30 when 'FREQ=MONTHLY' then 12 else 0 end) as number
    """,
    # Once a series' dates, moved by themselves, and now the only date of their events.
    """
    update occurrences set overrides = '{{starts_at}}', starts_at = starts_at + interval '1 hour',
      ends_at = ends_at + interval '1 hour'
    where right(id, 4) in ('24-0', '57-0')
    """,
    """
    insert into event_hosts (id, event_id, organization_id, role, status, initiated_by, may_edit,
      attendee_sharing, created_at)
    select 'host-' || id, id, organization_id, 'HOST', 'ACCEPTED', 'OWNER', 'ALL', 'NONE', {now}
    from events
    union all
    select 'co-host-' || e.id, e.id, o.id, 'CO_HOST', 'ACCEPTED', 'OWNER', 'ALL', 'NONE', {now}
    from events e
    join organizations o on o.id = 'org-5' and o.id <> e.organization_id
    where right(e.id, 2) = '17'
    """,
    """
    insert into event_shares (event_id, alliance_id, shared_at)
    select e.id, m.alliance_id, {now} from events e
    join alliance_members m on m.organization_id = e.organization_id
    where right(e.id, 1) <> '9'
    """,
    # Of each event one entry, and of one of them, which a member changes all day long, thousands.
    """
    insert into audit_entries (id, at, action, subject_id, organization_id, client_id, request_id)
    select 'entry-' || id, updated_at, 'event.updated', id, organization_id, 'app', 'req'
    from events
    union all
    select 'entry-often-' || n, {now} - n * interval '1 minute', 'event.updated', 'event-00000060',
      'org-5', 'app', 'req'
    from generate_series(1, {events} / 5) n
    """,
    # The members of an alliance that meets all day long, and what they said to its last question.
    """
    insert into proposals (id, alliance_id, organization_id, title, body, kind, decision_rule, status,
      opens_at, closes_at, decided_at)
    select 'question-' || alliance || '-' || n, alliance, 'org-5', 'Question', 'Why?', 'OTHER',
      'MAJORITY', case when n % 9 = 1 then 'OPEN' else 'PASSED' end, {now} - n * interval '1 hour',
      {now} + interval '1 day', case when n % 9 <> 1 then {now} end
    from generate_series(1, {events} / 5) n, unnest(array['alliance-great', 'alliance-a7']) alliance
    """,
    """
    insert into ballots (id, proposal_id, organization_id, choice, cast_at)
    select 'ballot-' || p.id || '-' || m.organization_id, p.id, m.organization_id, 'AGREE',
      {now} + substr(m.organization_id, 5)::int * interval '1 second'
    from alliance_members m
    join proposals p on p.id in ('question-alliance-great-1', 'question-alliance-great-2')
    where m.alliance_id = 'alliance-great'
    """,
    """
    insert into group_shares (group_id, alliance_id, shared_at)
    select g.id, m.alliance_id, {now} from groups g
    join alliance_members m on m.organization_id = g.organization_id
    where right(g.id, 1) in ('1', '5')
    """,
    "analyze",
)
