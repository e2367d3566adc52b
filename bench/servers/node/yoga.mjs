// GraphQL Yoga, with DataLoader.
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { perRequest, resolvers, typeDefs } from './schema.mjs';

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: perRequest,
  logging: false,
  graphiql: false,
  landingPage: false,
});
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
