// Hive Gateway over a supergraph, on this machine alone.
//
//   node gateway.mjs <supergraph file> <the hub's address> <port>
//
// It looks at a token once, to refuse what the contract's directives say that token may not ask for,
// and passes it on: each service behind it looks again, and decides.
import { createServer } from 'node:http';
import { createGatewayRuntime, createLoggerFromLogging } from '@graphql-hive/gateway-runtime';
import { GraphQLError } from 'graphql';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const [supergraph, hub, port] = process.argv.slice(2);

// The hub's own tokens and no others (RFC 9068 s4): never an ID token, never another hub's.
const about = await fetch(`${hub}/.well-known/oauth-authorization-server`);
const keys = createRemoteJWKSet(new URL((await about.json()).jwks_uri));
const counts = { issuer: hub, audience: `${hub}/graphql`, typ: 'at+jwt', algorithms: ['ES256'] };

async function whoAsks({ request }) {
  const authorization = request.headers.get('authorization');
  if (authorization === null) return null; // nobody: a field that needs a token is refused
  try {
    return (await jwtVerify(authorization.replace(/^Bearer /i, ''), keys, counts)).payload;
  } catch (error) {
    throw new GraphQLError(`The token is not taken: ${error.message}`, {
      extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
    });
  }
}

const gateway = createGatewayRuntime({
  supergraph,
  logging: createLoggerFromLogging('warn'),
  // Refuses, as a whole, an operation with a field that the token may not ask for.
  genericAuth: { mode: 'protect-granular', resolveUserFn: whoAsks },
  propagateHeaders: {
    fromClientToSubgraphs: ({ request, context }) => ({
      authorization: request.headers.get('authorization') ?? undefined,
      'idempotency-key': request.headers.get('idempotency-key') ?? undefined,
      // Believed by a hub that names this machine in CONVOKE_PROXIES: each of those who ask has
      // turns of their own then.
      'x-forwarded-for': context.req?.socket.remoteAddress,
    }),
  },
  upstreamTimeout: () => 10_000,
  maskedErrors: true,
  landingPage: false,
});

const server = createServer(gateway);
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    await gateway[Symbol.asyncDispose]();
  });
}
