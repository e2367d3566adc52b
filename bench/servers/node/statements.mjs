// What the servers ask of the database, as nobody may see it: only what is public.
import { rows } from './database.mjs';
import { near, shared } from './lists.mjs';

// Without the description, which is long, and loaded where a list is asked for it.
const EVENT = `e.id, e.organization_id, e.group_id, e.title, e.starts_at, e.ends_at,
  e.time_zone, e.visibility, e.capacity, e.place_precision, e.place_name, e.place_locality,
  e.place_latitude, e.place_longitude`;

const ONE_EVENT = `
  select ${EVENT}, e.description from events e
  where e.id = $1 and e.publication_status in ('PUBLISHED', 'ARCHIVED')
    and e.visibility in ('PUBLIC', 'UNLISTED')`;
const EVENTS_NEAR = near(String.raw, EVENT, {
  cells: '$1::int[]',
  latitude: '$2::float8',
  longitude: '$3::float8',
  radiusKm: '$4',
  from: '$5::timestamptz',
  to: '$6',
  limit: '$7::int',
});
const ONE_ALLIANCE = `
  select a.id, a.name from alliances a where a.id = $1 and a.visibility in ('PUBLIC', 'UNLISTED')`;
const EVENTS_OF_ALLIANCE = shared(String.raw, EVENT, {
  alliance: '$1',
  from: '$2::timestamptz',
  limit: '$3',
});
const MEMBERS_OF_ALLIANCE = `
  select o.id, o.slug, o.name, o.website
  from alliance_members m join organizations o on o.id = m.organization_id
  where m.alliance_id = $1 and m.status = 'ACTIVE' order by m.created_at, m.id limit $2`;
const ORGANIZATIONS = `
  select o.id, o.slug, o.name, o.website from organizations o where o.id = any($1)`;
const GROUPS = 'select g.id, g.name from groups g where g.id = any($1)';
const ACCEPTED = 'select o.event_id, o.accepted from occurrences o where o.event_id = any($1)';
const DESCRIPTIONS = 'select e.id, e.description from events e where e.id = any($1)';
const HOSTS = `
  select h.event_id, h.role, o.id, o.slug, o.name, o.website
  from event_hosts h join organizations o on o.id = h.organization_id
  where h.event_id = any($1) and h.status = 'ACCEPTED' order by h.created_at, h.id`;

export const event = async (id) => (await rows('event', ONE_EVENT, [id]))[0];
export const eventsNear = ({ cells, latitude, longitude, radiusKm, from, to, limit }) =>
  rows('near', EVENTS_NEAR, [cells, latitude, longitude, radiusKm, from, to, limit]);
export const alliance = async (id) => (await rows('alliance', ONE_ALLIANCE, [id]))[0];
export const eventsOfAlliance = (id, from, limit) =>
  rows('alliance_events', EVENTS_OF_ALLIANCE, [id, from, limit]);
export const membersOfAlliance = (id, limit) => rows('members', MEMBERS_OF_ALLIANCE, [id, limit]);

/** Each in the order of the ids, as a loader wants them. */
export const organizations = async (ids) =>
  one(ids, await rows('organizations', ORGANIZATIONS, [ids]));
export const groups = async (ids) => one(ids, await rows('groups', GROUPS, [ids]));
export const accepted = async (ids) =>
  one(ids, await rows('accepted', ACCEPTED, [ids]), 'event_id');
export const descriptions = async (ids) =>
  one(ids, await rows('descriptions', DESCRIPTIONS, [ids])).map((row) => row?.description ?? null);
export const hosts = async (ids) => many(ids, await rows('hosts', HOSTS, [ids]), 'event_id');

function one(ids, found, key = 'id') {
  const by = new Map(found.map((row) => [row[key], row]));
  return ids.map((id) => by.get(id) ?? null);
}

function many(ids, found, key) {
  const by = new Map(ids.map((id) => [id, []]));
  for (const row of found) by.get(row[key]).push(row);
  return ids.map((id) => by.get(id));
}
