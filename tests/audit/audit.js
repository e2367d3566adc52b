// Runs the audits of the graphql-http package against the address given, and prints what came out.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , installed, url] = process.argv;
const { auditServer } = createRequire(pathToFileURL(`${installed}/`))("graphql-http");
const results = await auditServer({ url });
const told = results.map(({ id, name, status, reason }) => ({ id, name, status, reason }));
process.stdout.write(JSON.stringify(told));
