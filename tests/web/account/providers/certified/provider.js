// An OpenID provider as its makers have it (certified by the OpenID Foundation), for one client.
// Asked for by: the directory of its packages, a port, the client's id and secret. What is written
// to it, line by line, is where it may send people back to.
import { generateKeyPairSync } from "node:crypto";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [directory, port, clientId, secret] = process.argv.slice(2);
const entry = pathToFileURL(`${directory}/node_modules/oidc-provider/lib/index.js`);
const { Provider } = await import(entry);
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const issuer = `http://localhost:${port}`;
const back = new Set();

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: secret,
      redirect_uris: ["https://hub.example/told/later"],
      id_token_signed_response_alg: "ES256",
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: "one" }] },
  cookies: { keys: [secret] },
  claims: { openid: ["sub"], email: ["email"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@pantry.example` }),
  }),
});
provider.Client.prototype.redirectUriAllowed = (uri) => back.has(uri);
createInterface({ input: process.stdin }).on("line", (line) => {
  back.add(line);
  console.log(`may send people to ${line}`);
});
const server = provider.listen(Number(port), "127.0.0.1", () => console.log(`answers at ${issuer}`));
server.keepAliveTimeout = 1;
server.on("request", (_, answer) => answer.setHeader("connection", "close"));
