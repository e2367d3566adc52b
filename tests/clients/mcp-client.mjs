// The TypeScript SDK of the Model Context Protocol asks for a person of another hub, by the flow that it
// knows as Cross-App Access: it finds the hub's metadata, and brings an ID-JAG for a token.
import { finished, flow, hub, library, refused, step } from "./telling.mjs";

const sdk = await library("@modelcontextprotocol/client", "dist/index.mjs");
const jose = await library("jose", "dist/webapi/index.js");

// The SDK's own way to sign names no key, which a hub that looks after several asks for.
function signsBy(jwk) {
  return async (_headers, parameters, _url, metadata) => {
    const key = await jose.importJWK(jwk, "ES256");
    const assertion = await new jose.SignJWT({})
      .setProtectedHeader({ alg: "ES256", typ: "client-authentication+jwt", kid: jwk.kid })
      .setIssuer(hub.client)
      .setSubject(hub.client)
      .setAudience(metadata.issuer)
      .setIssuedAt()
      .setExpirationTime("60s")
      .setJti(crypto.randomUUID())
      .sign(key);
    parameters.set("client_assertion", assertion);
    parameters.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  };
}

function provider(assertion, jwk = hub.key) {
  const made = new sdk.CrossAppAccessProvider({
    assertion: async (asked) => {
      made.asked = { audience: asked.authorizationServerUrl, resource: asked.resourceUrl };
      return assertion;
    },
    clientId: hub.client,
    clientSecret: "",
    expectedIssuer: hub.issuer,
  });
  made.addClientAuthentication = signsBy(jwk);
  return made;
}

async function tokens(by) {
  const came = await sdk.auth(by, { serverUrl: hub.resource, scope: "events:read" });
  if (came !== "AUTHORIZED") throw new Error(came);
  return by.tokens();
}

await flow(async () => {
  const by = provider(hub.assertions.good);
  const got = await step(
    "a token",
    () => tokens(by),
    ({ token_type, scope, expires_in, refresh_token }) => ({
      token_type,
      scope,
      expires_in,
      refresh: refresh_token !== undefined,
      asked: by.asked,
    }),
  );
  await step("who it is for", async () => {
    const answer = await fetch(hub.resource, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${got.access_token}` },
      body: JSON.stringify({ query: "{ viewer { person { id } organization { id } } }" }),
    });
    return (await answer.json()).data.viewer;
  });
  await refused("brought again", () => tokens(provider(hub.assertions.good)));
  await refused("for another hub", () => tokens(provider(hub.assertions.elsewhere)));
  await refused("by another key", () => tokens(provider(hub.assertions.second, hub.other)));
});
finished();
