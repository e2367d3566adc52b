// PostGraphile 5 with the Amber preset. Tables and relations are as it makes them of the database;
// what is public, near or shared is said by plans of our own (extendSchema), as it documents them.
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { TYPES, listOfCodec, pgSelect } from 'postgraphile/@dataplan/pg';
import { makePgService } from 'postgraphile/adaptors/pg';
import { connection, lambda, list } from 'postgraphile/grafast';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { extendSchema, gql } from 'postgraphile/utils';
import { cellsNear } from './cells.mjs';
import { pool } from './database.mjs';
import { near, shared } from './lists.mjs';

const placeholder = (given) => given.placeholder;
const andOneMore = ($first) => lambda($first, (first) => first + 1, true);

const whatIsPublic = extendSchema(({ sql, pgResources }) => {
  const { events, alliances, alliance_members, event_hosts } = pgResources;
  const byLink = (row) => sql`${row}.visibility in ('PUBLIC', 'UNLISTED')`;

  const inOrder = ($rows, ...columns) => {
    for (const attribute of columns) $rows.orderBy({ attribute, direction: 'ASC' });
    $rows.setOrderIsUnique();
    return connection($rows);
  };

  return {
    typeDefs: gql`
      extend type Query {
        publicEvent(id: String!): Event
        publicAlliance(id: String!): Alliance
        eventsNear(
          latitude: Float!
          longitude: Float!
          radiusKm: Float!
          from: Datetime!
          to: Datetime!
        ): EventConnection!
      }
      extend type Alliance {
        activeMembers: AllianceMemberConnection!
        eventsOnShow(from: Datetime!): EventConnection!
      }
      extend type Event {
        place: Place
        remainingCapacity: Int
        acceptedHosts(role: String!): EventHostConnection!
      }
      type Place {
        name: String
        locality: String
        latitude: Float
        longitude: Float
      }
    `,
    objects: {
      Query: {
        plans: {
          publicEvent(_, { $id }) {
            const $events = events.find({ id: $id });
            $events.where(byLink($events));
            $events.where(sql`${$events}.publication_status in ('PUBLISHED', 'ARCHIVED')`);
            return $events.single();
          },
          publicAlliance(_, { $id }) {
            const $alliances = alliances.find({ id: $id });
            $alliances.where(byLink($alliances));
            return $alliances.single();
          },
          eventsNear(_, { $latitude, $longitude, $radiusKm, $from, $to, $first }) {
            const $cells = lambda(
              list([$latitude, $longitude, $radiusKm]),
              ([latitude, longitude, km]) => cellsNear(latitude, longitude, km),
              true,
            );
            const args = [
              { step: $cells, pgCodec: listOfCodec(TYPES.int) },
              { step: $latitude, pgCodec: TYPES.float },
              { step: $longitude, pgCodec: TYPES.float },
              { step: $radiusKm, pgCodec: TYPES.float },
              { step: $from, pgCodec: TYPES.timestamptz },
              { step: $to, pgCodec: TYPES.timestamptz },
              { step: andOneMore($first), pgCodec: TYPES.int },
            ];
            const from = (...given) => {
              const [cells, latitude, longitude, radiusKm, from, to, limit] =
                given.map(placeholder);
              const asked = { cells, latitude, longitude, radiusKm, from, to, limit };
              return sql`(${near(sql, sql`e.*`, asked)})`;
            };
            const $events = pgSelect({ resource: events, identifiers: [], args, from });
            return inOrder($events, 'starts_at', 'id');
          },
        },
      },
      Alliance: {
        plans: {
          activeMembers($alliance) {
            const $members = alliance_members.find({ alliance_id: $alliance.get('id') });
            $members.where(sql`${$members}.status = 'ACTIVE'`);
            return inOrder($members, 'created_at', 'id');
          },
          eventsOnShow($alliance, { $from, $first }) {
            const args = [
              { step: $alliance.get('id') },
              { step: $from, pgCodec: TYPES.timestamptz },
              { step: andOneMore($first), pgCodec: TYPES.int },
            ];
            const from = (...given) => {
              const [alliance, from, limit] = given.map(placeholder);
              return sql`(${shared(sql, sql`e.*`, { alliance, from, limit })})`;
            };
            const $events = pgSelect({ resource: events, identifiers: [], args, from });
            const fragment = sql`${$events}.shared_starts_at`;
            $events.orderBy({ fragment, codec: TYPES.timestamptz, direction: 'ASC' });
            return inOrder($events, 'id');
          },
        },
      },
      Event: {
        plans: {
          place: ($event) => $event,
          remainingCapacity: ($event) =>
            $event.select(
              sql`(select greatest(0, ${$event}.capacity - o.accepted) from occurrences o
                where o.event_id = ${$event}.id and ${$event}.capacity is not null)`,
              TYPES.int,
            ),
          acceptedHosts($event, { $role }) {
            const $hosts = event_hosts.find({ event_id: $event.get('id') });
            $hosts.where(sql`${$hosts}.status = 'ACCEPTED'`);
            $hosts.where(sql`${$hosts}.role = ${$hosts.placeholder($role, TYPES.text)}`);
            return inOrder($hosts, 'created_at', 'id');
          },
        },
      },
      Place: {
        plans: {
          name: ($event) => $event.get('place_name'),
          locality: ($event) => $event.get('place_locality'),
          latitude: ($event) => $event.get('place_latitude'),
          longitude: ($event) => $event.get('place_longitude'),
        },
      },
    },
  };
});

const serving = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [whatIsPublic],
  pgServices: [makePgService({ pool, schemas: ['public'] })],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false, outputDataAsString: true },
  grafast: { explain: false },
}).createServ(grafserv);
const server = createServer();
await serving.addTo(server);
server.listen(Number(process.env.PORT), '127.0.0.1');
