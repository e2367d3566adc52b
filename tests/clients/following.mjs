// What graphql-ws and graphql-sse are told of an event, and how they come again: each answer is a
// line of JSON on standard output; a token is asked for there, and answered on standard input.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [, , directory, given] = process.argv;
const { kind, url, query, id } = JSON.parse(given);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function library(path) {
  return import(pathToFileURL(`${directory}/node_modules/${path}`));
}

function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function authorization() {
  tell({ ask: "token" });
  return `Bearer ${JSON.parse((await answers.next()).value).token}`;
}

async function client() {
  const patient = { retryAttempts: 5 };
  if (kind === "graphql-ws") {
    const { createClient } = await library("graphql-ws/dist/client.js");
    const connectionParams = async () => ({ authorization: await authorization() });
    return createClient({ url, connectionParams, retryWait: async () => {}, ...patient });
  }
  const { createClient } = await library("graphql-sse/lib/client.js");
  const headers = async () => ({ authorization: await authorization() });
  return createClient({ url, headers, retry: async () => {}, ...patient });
}

(await client()).subscribe(
  { query, variables: { id } },
  {
    next: (answer) => tell({ next: answer }),
    error: (error) => {
      tell({ error: { code: error.code, status: error.response?.status, errors: Array.isArray(error) ? error : undefined, message: error.message } });
      process.exit();
    },
    complete: () => {
      tell({ complete: true });
      process.exit();
    },
  },
);
