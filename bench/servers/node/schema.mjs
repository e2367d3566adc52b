// The schema of same.graphql and its resolvers, for the servers that run graphql-js.
// `perRequest` makes the DataLoaders of one request, as dataloader's documentation asks.
import { readFileSync } from 'node:fs';
import DataLoader from 'dataloader';
import { GraphQLScalarType } from 'graphql';
import { cellsNear } from './cells.mjs';
import * as statements from './statements.mjs';

export const typeDefs = readFileSync(new URL('same.graphql', import.meta.url), 'utf8');

export const perRequest = () => ({
  organizations: new DataLoader(statements.organizations),
  groups: new DataLoader(statements.groups),
  accepted: new DataLoader(statements.accepted),
  descriptions: new DataLoader(statements.descriptions),
  hosts: new DataLoader(statements.hosts),
});

const DateTime = new GraphQLScalarType({
  name: 'DateTime',
  serialize: (moment) => moment.toISOString(),
  parseValue: (text) => new Date(text),
});

const cursor = (event) =>
  Buffer.from(JSON.stringify([event.starts_at.getTime(), event.id])).toString('base64url');
const page = (events, first) => ({ events: events.slice(0, first), more: events.length > first });

const remaining = (event, occurrence) =>
  event.capacity === null || !occurrence ? null : Math.max(0, event.capacity - occurrence.accepted);
const hostsOf = (hosts, { roles, first }) => ({
  nodes: hosts.filter((host) => !roles || roles.includes(host.role)).slice(0, first),
});

// The questions always give a filter: of all events a place and a window, of an alliance's a day.
export const resolvers = {
  DateTime,
  Query: {
    event: (_, { id }) => statements.event(id),
    alliance: (_, { id }) => statements.alliance(id),
    events: async (_, { first, filter: { from, to, near } }) => {
      const cells = cellsNear(near.latitude, near.longitude, near.radiusKm);
      const asked = { ...near, cells, from, to, limit: first + 1 };
      return page(await statements.eventsNear(asked), first);
    },
  },
  Alliance: {
    members: async (alliance, { first }) => ({
      nodes: await statements.membersOfAlliance(alliance.id, first),
    }),
    events: async (alliance, { first, filter: { from } }) =>
      page(await statements.eventsOfAlliance(alliance.id, from, first + 1), first),
  },
  AllianceMembership: { organization: (member) => member },
  EventConnection: { edges: (found) => found.events, pageInfo: (found) => found },
  EventEdge: { node: (event) => event, cursor },
  PageInfo: {
    hasNextPage: ({ more }) => more,
    endCursor: ({ events }) => (events.length ? cursor(events.at(-1)) : null),
  },
  EventHost: { organization: (host) => host },
  Event: {
    startsAt: (event) => event.starts_at,
    endsAt: (event) => event.ends_at,
    timeZone: (event) => event.time_zone,
    place: (event) => (event.place_precision === null ? null : event),
    description: (event, _, { descriptions }) =>
      event.description === undefined ? descriptions.load(event.id) : event.description,
    host: (event, _, { organizations }) => organizations.load(event.organization_id),
    group: (event, _, { groups }) => event.group_id && groups.load(event.group_id),
    hosts: async (event, asked, { hosts }) => hostsOf(await hosts.load(event.id), asked),
    remainingCapacity: async (event, _, { accepted }) =>
      remaining(event, event.capacity === null ? null : await accepted.load(event.id)),
  },
  Place: {
    name: (event) => event.place_name,
    locality: (event) => event.place_locality,
    latitude: (event) => event.place_latitude,
    longitude: (event) => event.place_longitude,
  },
};
