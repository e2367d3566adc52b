// Mercurius, its queries compiled by graphql-jit.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { perRequest, resolvers, typeDefs } from './schema.mjs';

const app = Fastify({ logger: false });
app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  context: async () => perRequest(),
  jit: 1,
  graphiql: false,
});
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
