// openid-client, as its documentation has it, through every way to get a token that a hub has.
import { machines } from "./openid-client-machines.mjs";
import {
  AS_JSON, VIEWER, browser, finished, flow, halfHash, hub, imported, library, refused, sorted, step,
  typed,
} from "./telling.mjs";

const client = await library("openid-client", "build/index.js");
const issuer = new URL(hub.issuer);
const plainly = { execute: [client.allowInsecureRequests] };
const checkingSignatures = {
  execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
};
const CALLBACK = "http://127.0.0.1:4999/signed-in";
const SCOPE = "openid offline_access events:read groups:read";

async function viewer(config, tokens) {
  const url = new URL(hub.resource);
  const answer = await client.fetchProtectedResource(
    config, tokens.access_token, url, "POST", VIEWER, AS_JSON(),
  );
  return answer.json();
}

// Where the app sends a browser, and what it keeps to check the answer with.
async function asking(config, more = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
  };
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...more,
  });
  return { address, checks };
}

async function allowed(config, more = {}) {
  const { address, checks } = await asking(config, more);
  return client.authorizationCodeGrant(config, await browser(address), checks);
}

const registered = {};

await flow(async () => {
  const documents = [];
  for (const algorithm of ["oidc", "oauth2"]) {
    const config = await step(
      `discovery: ${algorithm}`,
      () => client.discovery(issuer, "any", undefined, client.None(), { ...plainly, algorithm }),
      (found) => ({ issuer: found.serverMetadata().issuer, pkce: found.serverMetadata().supportsPKCE() }),
    );
    documents.push(JSON.stringify(config.serverMetadata()));
  }
  await step("discovery: both say the same", async () => documents[0] === documents[1]);
});

await flow(async () => {
  const show = (config) => {
    const { client_secret, client_id, ...known } = config.clientMetadata();
    return { has_secret: Boolean(client_secret), client_id: typeof client_id, ...known };
  };
  registered.website = await step(
    "registration: a website",
    () =>
      client.dynamicClientRegistration(
        issuer,
        {
          client_name: "Website",
          redirect_uris: [CALLBACK],
          grant_types: ["authorization_code", "refresh_token"],
          scope: SCOPE,
        },
        client.ClientSecretBasic(),
        checkingSignatures,
      ),
    show,
  );
  registered.phone = await step(
    "registration: an app without a secret",
    () =>
      client.dynamicClientRegistration(
        issuer,
        {
          client_name: "Phone",
          redirect_uris: ["http://127.0.0.1/signed-in"],
          token_endpoint_auth_method: "none",
          scope: SCOPE,
        },
        client.None(),
        checkingSignatures,
      ),
    show,
  );
  registered.screen = await step(
    "registration: a screen",
    () =>
      client.dynamicClientRegistration(
        issuer,
        {
          client_name: "Screen",
          redirect_uris: [],
          response_types: [],
          grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
          token_endpoint_auth_method: "none",
        },
        client.None(),
        checkingSignatures,
      ),
    show,
  );
  registered.signer = await step(
    "registration: a website that signs",
    async () =>
      client.dynamicClientRegistration(
        issuer,
        {
          client_name: "Signer",
          redirect_uris: [CALLBACK],
          token_endpoint_auth_method: "private_key_jwt",
          jwks: { keys: [hub.signing.public] },
          scope: SCOPE,
        },
        client.PrivateKeyJwt({ key: await imported(hub.signing.private), kid: hub.signing.private.kid }),
        checkingSignatures,
      ),
    show,
  );
  await refused("registration: an address with a fragment", () =>
    client.dynamicClientRegistration(
      issuer, { redirect_uris: ["https://app.example/#here"] }, client.None(), plainly,
    ),
  );
  await refused("registration: a scope for the hub's own parts", () =>
    client.dynamicClientRegistration(
      issuer, { redirect_uris: [CALLBACK], scope: "organization:admin" }, client.None(), plainly,
    ),
  );
});

await flow(async () => {
  const config = registered.website;
  const { address, checks } = await asking(config, { max_age: "3600", resource: hub.resource });
  const back = await step(
    "code: the browser comes back",
    () => browser(address),
    (url) => ({
      to: url.origin + url.pathname,
      iss: url.searchParams.get("iss"),
      names: [...url.searchParams.keys()].sort(),
    }),
  );
  const elsewhere = new URL(back);
  elsewhere.searchParams.set("iss", "https://other.example");
  await refused("code: an answer of another issuer", () =>
    client.authorizationCodeGrant(config, elsewhere, checks),
  );
  elsewhere.searchParams.delete("iss");
  await refused("code: an answer that names no issuer", () =>
    client.authorizationCodeGrant(config, elsewhere, checks),
  );
  await refused("code: a wrong verifier", () =>
    client.authorizationCodeGrant(config, back, {
      ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier(),
    }),
  );
  await refused("code: another redirect_uri", () =>
    client.authorizationCodeGrant(
      config, new URL(back.href.replace("/signed-in", "/elsewhere")), checks,
    ),
  );
  await refused("code: another app", () =>
    client.authorizationCodeGrant(registered.phone, back, checks),
  );
  const tokens = await step(
    "code: tokens",
    () =>
      client.authorizationCodeGrant(config, back, { ...checks, maxAge: 3600 }, {
        resource: hub.resource,
      }),
    (got) => ({
      type: got.token_type,
      seconds: got.expires_in,
      scope: sorted(got.scope),
      refresh: Boolean(got.refresh_token),
    }),
  );
  const claims = tokens.claims();
  await step("code: the ID token", async () => ({
    sub: claims.sub,
    aud: claims.aud,
    is_for_it: claims.aud === config.clientMetadata().client_id,
    at_hash: claims.at_hash === (await halfHash(tokens.access_token)),
    auth_time: claims.iat - claims.auth_time < 3600,
    amr: claims.amr,
  }));
  await step("code: userinfo", () => client.fetchUserInfo(config, tokens.access_token, claims.sub));
  await step("code: a query", () => viewer(config, tokens));
  await refused("code: userinfo of somebody else", () =>
    client.fetchUserInfo(config, tokens.access_token, "per_other"),
  );
  await step(
    "introspection: an access token",
    () => client.tokenIntrospection(config, tokens.access_token),
    (said) => ({ ...said, jti: typeof said.jti, scope: sorted(said.scope), exp: said.exp - claims.iat }),
  );
  await step(
    "introspection: a refresh token",
    () => client.tokenIntrospection(config, tokens.refresh_token),
    ({ active, sub, scope }) => ({ active, sub, scope: sorted(scope) }),
  );
  await step("introspection: no token", () => client.tokenIntrospection(config, "nonsense"));
  await refused("introspection: by an app without a secret", () =>
    client.tokenIntrospection(registered.phone, tokens.access_token),
  );

  const less = await step(
    "refresh: for less",
    () => client.refreshTokenGrant(config, tokens.refresh_token, { scope: "openid events:read" }),
    (got) => ({
      scope: sorted(got.scope),
      sub: got.claims()?.sub,
      another: got.refresh_token !== tokens.refresh_token,
    }),
  );
  await step("refresh: a query", () => viewer(config, less));
  const again = await step(
    "refresh: for all again",
    () => client.refreshTokenGrant(config, less.refresh_token),
    (got) => ({ scope: sorted(got.scope) }),
  );
  await refused("refresh: for more", () =>
    client.refreshTokenGrant(config, again.refresh_token, { scope: "events:write" }),
  );
  await refused("refresh: one that is spent", () =>
    client.refreshTokenGrant(config, tokens.refresh_token),
  );
  await refused("refresh: the last of a family that ended", () =>
    client.refreshTokenGrant(config, again.refresh_token),
  );
  await refused("refresh: a query with a token of that family", () => viewer(config, again));
});

await flow(async () => {
  const config = registered.website;
  const { address, checks } = await asking(config);
  const back = await browser(address);
  const tokens = await step(
    "replay: tokens", () => client.authorizationCodeGrant(config, back, checks), () => "tokens",
  );
  await refused("replay: the code once more", () =>
    client.authorizationCodeGrant(config, back, checks),
  );
  await refused("replay: a query with what it gave", () => viewer(config, tokens));
});

await flow(async () => {
  const config = registered.website;
  const first = await allowed(config);
  await step("revocation: an access token", () => client.tokenRevocation(config, first.access_token));
  await step("revocation: it is told", () => client.tokenIntrospection(config, first.access_token));
  await refused("revocation: it opens nothing", () => viewer(config, first));
  await refused("revocation: nor userinfo", () =>
    client.fetchUserInfo(config, first.access_token, first.claims().sub),
  );
  const second = await step(
    "revocation: the app may go on",
    () => client.refreshTokenGrant(config, first.refresh_token),
    () => "tokens",
  );
  await refused("revocation: by another app", () =>
    client.tokenRevocation(registered.phone, second.refresh_token),
  );
  await step("revocation: a refresh token", () => client.tokenRevocation(config, second.refresh_token));
  await refused("revocation: no more refreshing", () =>
    client.refreshTokenGrant(config, second.refresh_token),
  );
  await refused("revocation: no more asking", () => viewer(config, second));
  await step("revocation: what is no token", () => client.tokenRevocation(config, "nonsense"));
});

await flow(async () => {
  const config = registered.website;
  const asked = async (more, answer, who) => {
    const { address, checks } = await asking(config, more);
    return client.authorizationCodeGrant(config, await browser(address, answer, who), checks);
  };
  await refused("asking: the person says no", () => asked({}, "deny"));
  await refused("asking: a scope that there is not", () => asked({ scope: "openid everything" }));
  await refused("asking: a scope it is not registered for", () =>
    asked({ scope: "openid events:write" }),
  );
  await refused("asking: for another resource", () => asked({ resource: "https://other.example/" }));
  await refused("asking: without a challenge", () => asked({ code_challenge: "" }));
  await refused("asking: with a plain challenge", () => asked({ code_challenge_method: "plain" }));
  await refused("asking: nobody is signed in, and nobody may be asked", () =>
    asked({ prompt: "none" }, "allow", "nobody"),
  );
  await refused("asking: she let it in, and still may not be passed over", () =>
    asked({ prompt: "none" }),
  );
  await step("asking: to be sent elsewhere", async () => {
    const { address } = await asking(config, { redirect_uri: "https://other.example/signed-in" });
    return browser(address);
  });
});

await flow(async () => {
  const tokens = await step(
    "phone: another port of the same device",
    () =>
      allowed(registered.phone, {
        redirect_uri: "http://127.0.0.1:51004/signed-in",
        scope: "openid events:read",
      }),
    (got) => ({ scope: sorted(got.scope), refresh: "refresh_token" in got, sub: got.claims().sub }),
  );
  await step("phone: a query", () => viewer(registered.phone, tokens));
});

await flow(async () => {
  const tokens = await step(
    "signer: tokens",
    () => allowed(registered.signer, { scope: "openid events:read" }),
    (got) => ({ scope: sorted(got.scope), sub: got.claims().sub }),
  );
  await step(
    "signer: introspection",
    () => client.tokenIntrospection(registered.signer, tokens.access_token),
    ({ active }) => active,
  );
  await step("signer: revocation", () => client.tokenRevocation(registered.signer, tokens.access_token));
});

await flow(async () => {
  const config = registered.screen;
  const codes = await step(
    "device: codes",
    () => client.initiateDeviceAuthorization(config, { scope: SCOPE, resource: hub.resource }),
    (got) => ({
      letters: got.user_code.length,
      page: got.verification_uri,
      brings_code: new URL(got.verification_uri_complete).searchParams.get("user_code") === got.user_code,
      interval: got.interval,
    }),
  );
  await step("device: she allows it", () => typed(codes.user_code));
  const tokens = await step(
    "device: tokens",
    // It has been answered: there is nothing to wait for.
    () => client.pollDeviceAuthorizationGrant(config, { ...codes, interval: 0 }),
    (got) => ({ scope: sorted(got.scope), sub: got.claims().sub, refresh: Boolean(got.refresh_token) }),
  );
  await step("device: a query", () => viewer(config, tokens));
  await step(
    "device: refreshed",
    () => client.refreshTokenGrant(config, tokens.refresh_token),
    (got) => sorted(got.scope),
  );
  const others = await client.initiateDeviceAuthorization(config, { scope: "events:read" });
  await step("device: she does not allow it", () => typed(others.user_code, "deny"));
  await refused("device: told so", () =>
    client.pollDeviceAuthorizationGrant(config, { ...others, interval: 0 }),
  );
  await refused("device: a scope that there is not", () =>
    client.initiateDeviceAuthorization(config, { scope: "everything" }),
  );
});

await machines(client, registered.website, viewer);

finished();
