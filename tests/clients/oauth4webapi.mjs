// oauth4webapi, one request and one answer at a time, through every endpoint that a hub has.
import {
  AS_JSON, VIEWER, browser, finished, flow, halfHash, hub, imported, library, refused, sorted, step,
  typed,
} from "./telling.mjs";

const oauth = await library("oauth4webapi", "build/index.js");
const issuer = new URL(hub.issuer);
const PLAINLY = { [oauth.allowInsecureRequests]: true };
const CALLBACK = "http://127.0.0.1:4999/signed-in";
const SCOPE = "openid offline_access events:read organizations:read";
let server;

async function discovered(algorithm) {
  const options = { algorithm, ...PLAINLY };
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
}

async function registered(metadata) {
  const answer = await oauth.dynamicClientRegistrationRequest(server, metadata, PLAINLY);
  return oauth.processDynamicClientRegistrationResponse(answer);
}

async function viewer(tokens) {
  const url = new URL(hub.resource);
  const answer = await oauth.protectedResourceRequest(
    tokens.access_token, "POST", url, AS_JSON(), VIEWER, PLAINLY,
  );
  return answer.json();
}

// As a server would that is sent the token: RFC 9068 s4.
function accepted(tokens, audience = hub.resource) {
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const request = new Request(audience, { method: "POST", headers });
  return oauth.validateJwtAccessToken(server, request, audience, PLAINLY);
}

async function introspected(app, token) {
  const answer = await oauth.introspectionRequest(server, app.client, app.auth, token, PLAINLY);
  return oauth.processIntrospectionResponse(server, app.client, answer);
}

async function revoked(app, token) {
  const answer = await oauth.revocationRequest(server, app.client, app.auth, token, PLAINLY);
  return oauth.processRevocationResponse(answer);
}

async function refreshed(app, token, parameters) {
  const options = { ...PLAINLY, additionalParameters: parameters };
  const answer = await oauth.refreshTokenGrantRequest(server, app.client, app.auth, token, options);
  const tokens = await oauth.processRefreshTokenResponse(server, app.client, answer);
  await oauth.validateApplicationLevelSignature(server, answer, PLAINLY);
  return tokens;
}

async function userinfo(app, tokens, subject) {
  const answer = await oauth.userInfoRequest(server, app.client, tokens.access_token, PLAINLY);
  return oauth.processUserInfoResponse(server, app.client, subject, answer);
}

async function ofMachine(app, parameters) {
  const answer = await oauth.clientCredentialsGrantRequest(
    server, app.client, app.auth, parameters, PLAINLY,
  );
  return oauth.processClientCredentialsResponse(server, app.client, answer);
}

async function asking(app, more = {}) {
  const kept = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  };
  const address = new URL(server.authorization_endpoint);
  address.search = new URLSearchParams({
    response_type: "code",
    client_id: app.client.client_id,
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: kept.state,
    nonce: kept.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(kept.verifier),
    code_challenge_method: "S256",
    ...more,
  });
  return { address, ...kept };
}

async function redeemed(app, given, kept, options = {}) {
  const answer = await oauth.authorizationCodeGrantRequest(
    server, app.client, app.auth, given, CALLBACK, kept.verifier,
    { ...PLAINLY, additionalParameters: { resource: hub.resource } },
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, app.client, answer, {
    expectedNonce: kept.nonce, requireIdToken: true, ...options,
  });
  await oauth.validateApplicationLevelSignature(server, answer, PLAINLY);
  return tokens;
}

async function codes(app, scope) {
  const parameters = { scope, resource: hub.resource };
  const answer = await oauth.deviceAuthorizationRequest(
    server, app.client, app.auth, parameters, PLAINLY,
  );
  return oauth.processDeviceAuthorizationResponse(server, app.client, answer);
}

async function polled(app, deviceCode) {
  const answer = await oauth.deviceCodeGrantRequest(
    server, app.client, app.auth, deviceCode, PLAINLY,
  );
  return oauth.processDeviceCodeResponse(server, app.client, answer);
}

const apps = {};

await flow(async () => {
  // Where one begins who knows the GraphQL address alone.
  let challenge;
  await step("resource: asked with a bad token", async () => {
    try {
      await viewer({ access_token: "bad" });
    } catch (error) {
      if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
      [challenge] = error.cause;
    }
    return challenge;
  });
  const known = await step("resource: what the challenge names", async () => {
    const answer = await fetch(challenge.parameters.resource_metadata);
    return oauth.processResourceDiscoveryResponse(new URL(hub.resource), answer);
  });
  await step("resource: found by its address", async () => {
    const url = new URL(hub.resource);
    const answer = await oauth.resourceDiscoveryRequest(url, PLAINLY);
    const found = await oauth.processResourceDiscoveryResponse(url, answer);
    return JSON.stringify(found) === JSON.stringify(known);
  });
  await step("resource: its server", async () => {
    const named = new URL(known.authorization_servers[0]);
    const answer = await oauth.discoveryRequest(named, { algorithm: "oauth2", ...PLAINLY });
    return (await oauth.processDiscoveryResponse(named, answer)).protected_resources;
  });
});

await flow(async () => {
  server = await step("discovery: oauth2", () => discovered("oauth2"));
  await step("discovery: oidc", async () =>
    JSON.stringify(await discovered("oidc")) === JSON.stringify(server),
  );
});

await flow(async () => {
  const made = async (name, metadata, auth) => {
    const client = await step(`registration: ${name}`, () => registered(metadata), (got) => ({
      auth: got.token_endpoint_auth_method, grants: got.grant_types, scope: sorted(got.scope),
    }));
    return { client, auth: await auth(client) };
  };
  apps.website = await made(
    "a website",
    {
      client_name: "Website",
      redirect_uris: [CALLBACK],
      grant_types: ["authorization_code", "refresh_token"],
      scope: SCOPE,
    },
    (client) => oauth.ClientSecretBasic(client.client_secret),
  );
  apps.signer = await made(
    "a website that signs",
    {
      client_name: "Signer",
      redirect_uris: [CALLBACK],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [hub.signing.public] },
      scope: SCOPE,
    },
    async () =>
      oauth.PrivateKeyJwt({ key: await imported(hub.signing.private), kid: hub.signing.private.kid }),
  );
  apps.screen = await made(
    "a screen",
    {
      client_name: "Screen",
      redirect_uris: [],
      response_types: [],
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
      token_endpoint_auth_method: "none",
    },
    () => oauth.None(),
  );
  await refused("registration: for itself", () =>
    registered({ redirect_uris: [CALLBACK], grant_types: ["client_credentials"] }),
  );
  await refused("registration: no address", () => registered({ client_name: "Nowhere" }));
});

for (const [name, app] of [["website", apps.website], ["signer", apps.signer]]) {
  await flow(async () => {
    const kept = await asking(app, { max_age: "600", resource: hub.resource });
    const back = await browser(kept.address);
    const given = await step(
      `${name}: the answer`,
      async () => oauth.validateAuthResponse(server, app.client, back, kept.state),
      (parameters) => [...parameters.keys()].sort(),
    );
    await refused(`${name}: a wrong verifier`, () =>
      redeemed(app, given, { ...kept, verifier: oauth.generateRandomCodeVerifier() }),
    );
    const tokens = await step(
      `${name}: tokens`,
      () => redeemed(app, given, kept, { maxAge: 600 }),
      (got) => ({ scope: sorted(got.scope), seconds: got.expires_in }),
    );
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    await step(`${name}: the ID token`, async () => ({
      sub: claims.sub,
      at_hash: claims.at_hash === (await halfHash(tokens.access_token)),
      auth_time: claims.auth_time <= claims.iat,
      nonce: claims.nonce === kept.nonce,
    }));
    await step(`${name}: userinfo`, () => userinfo(app, tokens, claims.sub));
    await step(`${name}: a query`, () => viewer(tokens));
    await step(
      `${name}: a server would accept it`,
      () => accepted(tokens),
      (token) => ({
        sub: token.sub, is_its_own: token.client_id === app.client.client_id,
        scope: sorted(token.scope), seconds: token.exp - token.iat,
      }),
    );
    await refused(`${name}: a server elsewhere would not`, () =>
      accepted(tokens, "https://other.example/graphql"),
    );
    await step(
      `${name}: introspection`, () => introspected(app, tokens.access_token), ({ active }) => active,
    );
    const next = await step(
      `${name}: refreshed`,
      () => refreshed(app, tokens.refresh_token, { resource: hub.resource }),
      (got) => ({
        another: got.refresh_token !== tokens.refresh_token,
        sub: oauth.getValidatedIdTokenClaims(got).sub,
        auth_time: oauth.getValidatedIdTokenClaims(got).auth_time === claims.auth_time,
      }),
    );
    await refused(`${name}: refreshed for another resource`, () =>
      refreshed(app, next.refresh_token, { resource: "https://other.example/" }),
    );
    await refused(`${name}: one that is spent`, () => refreshed(app, tokens.refresh_token));
    await refused(`${name}: the family has ended`, () => refreshed(app, next.refresh_token));
    await refused(`${name}: a query after that`, () => viewer(next));
    await refused(`${name}: userinfo after that`, () => userinfo(app, next, claims.sub));
    await step(`${name}: introspection after that`, () => introspected(app, next.access_token));
  });

  await flow(async () => {
    const kept = await asking(app);
    const given = oauth.validateAuthResponse(server, app.client, await browser(kept.address), kept.state);
    const tokens = await redeemed(app, given, kept);
    await step(`${name}: revocation of an access token`, () => revoked(app, tokens.access_token));
    await refused(`${name}: a query with it`, () => viewer(tokens));
    await step(`${name}: revocation of a refresh token`, () => revoked(app, tokens.refresh_token));
    await refused(`${name}: refreshing with it`, () => refreshed(app, tokens.refresh_token));
  });
}

await flow(async () => {
  const app = apps.website;
  const told = async (more, answer) => {
    const kept = await asking(app, more);
    const back = await browser(kept.address, answer);
    return oauth.validateAuthResponse(server, app.client, back, kept.state);
  };
  await refused("asking: the person says no", () => told({}, "deny"));
  await refused("asking: a scope that there is not", () => told({ scope: "openid everything" }));
  await refused("asking: another way to answer", () => told({ response_type: "token" }));
  await refused("asking: as a request object", () => told({ request: "a.b.c" }));
});

await flow(async () => {
  const app = apps.screen;
  const first = await step("device: codes", () => codes(app, SCOPE), (got) => ({
    page: got.verification_uri, interval: got.interval, seconds: got.expires_in,
  }));
  await refused("device: nobody has answered", () => polled(app, first.device_code));
  await refused("device: asked too soon", () => polled(app, first.device_code));
  await step("device: she allows it", () => typed(first.user_code));
  const tokens = await step("device: tokens", () => polled(app, first.device_code), (got) => ({
    scope: sorted(got.scope), sub: oauth.getValidatedIdTokenClaims(got).sub,
  }));
  await refused("device: once more", () => polled(app, first.device_code));
  await step("device: a query", () => viewer(tokens));
  await step("device: a server would accept it", () => accepted(tokens), ({ sub }) => sub);
  await step("device: refreshed", () => refreshed(app, tokens.refresh_token), () => "tokens");
  const second = await codes(app, "events:read");
  await step("device: she does not allow it", () => typed(second.user_code, "deny"));
  await refused("device: told so", () => polled(app, second.device_code));
  await refused("device: no code of ours", () => polled(app, "cvk_device_nonsense"));
});

await flow(async () => {
  const client = { client_id: hub.machine.id };
  const machines = [["a secret", { client, auth: oauth.ClientSecretBasic(hub.machine.secret) }]];
  for (const { id, algorithm, private: jwk } of hub.signers) {
    const auth = oauth.PrivateKeyJwt({ key: await imported(jwk), kid: jwk.kid });
    machines.push([algorithm, { client: { client_id: id }, auth }]);
  }
  for (const [name, app] of machines) {
    await flow(async () => {
      const tokens = await step(
        `machine: tokens by ${name}`,
        () => ofMachine(app, { scope: "events:read", resource: hub.resource }),
        (got) => ({ scope: got.scope, refresh: "refresh_token" in got, id: "id_token" in got }),
      );
      await step(`machine: a query by ${name}`, () => viewer(tokens));
      await step(
        `machine: a server would accept it by ${name}`,
        () => accepted(tokens),
        (token) => token.sub === app.client.client_id && token.client_id === token.sub,
      );
      await step(
        `machine: introspection by ${name}`,
        () => introspected(app, tokens.access_token),
        ({ active }) => active,
      );
      await refused(`machine: another resource by ${name}`, () =>
        ofMachine(app, { resource: "https://other.example/" }),
      );
      await refused(`machine: what no machine may by ${name}`, () =>
        ofMachine(app, { scope: "alliances:agree" }),
      );
      await step(`machine: revocation by ${name}`, () => revoked(app, tokens.access_token));
      await refused(`machine: revoked by ${name}`, () => viewer(tokens));
    });
  }
  await refused("machine: a wrong secret", () =>
    ofMachine({ client, auth: oauth.ClientSecretBasic("wrong") }, {}),
  );
  await refused("machine: its secret in the body", () =>
    ofMachine({ client, auth: oauth.ClientSecretPost(hub.machine.secret) }, {}),
  );
  await refused("machine: nothing but its name", () => ofMachine({ client, auth: oauth.None() }, {}));
});

finished();
