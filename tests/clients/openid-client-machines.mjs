// The part of openid-client.mjs that is about an organization's own servers: nobody is asked.
import { flow, hub, imported, refused, step } from "./telling.mjs";

// `viewer(config, tokens)` asks the graph who it is talking to.
export async function machines(client, website, viewer) {
  const issuer = new URL(hub.issuer);
  const plainly = { execute: [client.allowInsecureRequests] };

  await flow(async () => {
    const { id, secret } = hub.machine;
    const config = await client.discovery(issuer, id, secret, client.ClientSecretBasic(secret), plainly);
    const tokens = await step(
      "machine: tokens by a secret",
      () => client.clientCredentialsGrant(config, { scope: "events:read", resource: hub.resource }),
      (got) => ({
        type: got.token_type,
        scope: got.scope,
        refresh: "refresh_token" in got,
        id: "id_token" in got,
      }),
    );
    await step("machine: a query", () => viewer(config, tokens));
    await step(
      "machine: introspection",
      () => client.tokenIntrospection(config, tokens.access_token),
      ({ active, client_id, sub }) => ({ active, is_its_own: client_id === id && sub === id }),
    );
    await refused("machine: it is nobody, to userinfo", () =>
      client.fetchUserInfo(config, tokens.access_token, client.skipSubjectCheck),
    );
    await step("machine: revocation", () => client.tokenRevocation(config, tokens.access_token));
    await refused("machine: revoked", () => viewer(config, tokens));
    await refused("machine: for another resource", () =>
      client.clientCredentialsGrant(config, { resource: "https://other.example/graphql" }),
    );
    await refused("machine: a scope that there is not", () =>
      client.clientCredentialsGrant(config, { scope: "everything" }),
    );
    await refused("machine: a scope it is not registered for", () =>
      client.clientCredentialsGrant(config, { scope: "groups:write" }),
    );
    await refused("machine: a way there is not", () =>
      client.genericGrantRequest(config, "password", { username: "anna", password: "anna" }),
    );
    await refused("machine: a wrong secret", async () =>
      client.clientCredentialsGrant(
        await client.discovery(issuer, id, undefined, client.ClientSecretBasic("wrong"), plainly),
      ),
    );
    await refused("machine: its secret in the body", async () =>
      client.clientCredentialsGrant(
        await client.discovery(issuer, id, undefined, client.ClientSecretPost(secret), plainly),
      ),
    );
    await refused("machine: a website is none", () => client.clientCredentialsGrant(website));
  });

  for (const signer of hub.signers) {
    await flow(async () => {
      const key = { key: await imported(signer.private), kid: signer.private.kid };
      const config = await client.discovery(
        issuer, signer.id, undefined, client.PrivateKeyJwt(key), { ...plainly, algorithm: "oauth2" },
      );
      const tokens = await step(
        `machine: tokens by ${signer.algorithm}`,
        () => client.clientCredentialsGrant(config, { scope: "events:read", resource: hub.resource }),
        (got) => got.scope,
      );
      await step(`machine: a query by ${signer.algorithm}`, () => viewer(config, tokens));
      await step(
        `machine: introspection by ${signer.algorithm}`,
        () => client.tokenIntrospection(config, tokens.access_token),
        ({ active }) => active,
      );
      await step(`machine: revocation by ${signer.algorithm}`, () =>
        client.tokenRevocation(config, tokens.access_token),
      );
      await refused(`machine: revoked by ${signer.algorithm}`, () => viewer(config, tokens));
      await refused(`machine: another's key by ${signer.algorithm}`, async () => {
        const others = { key: await imported(hub.signing.private), kid: signer.private.kid };
        return client.clientCredentialsGrant(
          await client.discovery(issuer, signer.id, undefined, client.PrivateKeyJwt(others), plainly),
        );
      });
    });
  }
}
