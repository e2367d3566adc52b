// How a script of this folder is asked, and how it tells what came of each of its steps: a line of
// JSON for each. What takes a person is asked for on standard output, and answered on standard input.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [, , directory, given] = process.argv;
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const SPENT = Symbol("told already");

// Where the hub is, and the apps that its operator registered: see `Told` in conftest.py.
export const hub = JSON.parse(given);

export function library(name, entry) {
  return import(pathToFileURL(`${directory}/node_modules/${name}/${entry}`));
}

function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

let flows = 0;

// Steps that build on each other: where one fails, those after it are not reached.
export async function flow(run) {
  const number = ++flows;
  try {
    await run();
  } catch (error) {
    if (error !== SPENT) tell({ step: `flow ${number}, between its steps`, error: await described(error) });
  }
}

// What it gives is told as `show` says, and handed on as it is.
export async function step(name, run, show = (value) => value ?? null) {
  let value;
  try {
    value = await run();
    tell({ step: name, told: show(value) });
  } catch (error) {
    tell({ step: name, error: await described(error) });
    throw SPENT;
  }
  return value;
}

// Tells how it was refused, in the words of the library.
export async function refused(name, run) {
  try {
    const told = await run();
    tell({ step: name, told: told ?? null });
  } catch (error) {
    tell({ step: name, error: await described(error) });
  }
}

// A browser goes there; its person answers "allow" or "deny". Gives where it was sent in the end,
// or `{ status }` where it was sent nowhere.
export async function browser(address, answer = "allow", who = "anna") {
  const sent = await asked({ ask: "browser", address: String(address), answer, who });
  return "location" in sent ? new URL(sent.location) : sent;
}

// A person types the code that a device shows, and answers.
export function typed(userCode, answer = "allow") {
  return asked({ ask: "device", user_code: userCode, answer });
}

async function asked(question) {
  tell(question);
  const { value, done } = await answers.next();
  if (done) throw new Error("Nobody answers.");
  return JSON.parse(value);
}

export function finished() {
  tell({ finished: true });
  process.stdin.destroy();
}

export function sorted(names) {
  return names.split(" ").sort();
}

export const VIEWER = JSON.stringify({ query: "{ viewer { client scopes person { displayName } } }" });
export const AS_JSON = () =>
  new Headers({ "content-type": "application/json", accept: "application/graphql-response+json" });

// The left half of the SHA-256 of an access token: OpenID Connect Core s3.1.3.6.
export async function halfHash(accessToken) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(accessToken));
  return Buffer.from(digest, 0, 16).toString("base64url");
}

export function imported(jwk) {
  const how = jwk.kty === "OKP" ? { name: "Ed25519" } : { name: "ECDSA", namedCurve: "P-256" };
  return crypto.subtle.importKey("jwk", jwk, how, false, ["sign"]);
}

async function described(error) {
  // The libraries read the challenge of an answer before its body, and not both.
  const challenge = Array.isArray(error.cause) ? error.cause[0] : undefined;
  const body = challenge && (await error.response.json().catch(() => ({})));
  return {
    type: error.constructor.name,
    code: error.code,
    status: error.status,
    error: error.error ?? challenge?.parameters.error ?? body?.error,
    description: error.error_description,
    challenge,
    message: error.message,
    cause: error.cause instanceof Error ? error.cause.message : undefined,
  };
}
