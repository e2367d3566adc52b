// Two parts of a graph in, one supergraph out: each is asked for its contract (`_service { sdl }`)
// and composed with the other. A contradiction is told, and nothing is written.
//
//   node compose.mjs <file to write> <name>=<address> …
import { rename, writeFile } from 'node:fs/promises';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

const [file, ...parts] = process.argv.slice(2);

async function partOf(told) {
  const [name, url] = told.split(/=(.*)/s);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
    signal: AbortSignal.timeout(10_000),
  }).catch((error) => refused(`${url} does not answer: ${error.cause?.message ?? error.message}`));
  const { data, errors } = await answer.json().catch(() => ({}));
  const sdl = data?._service?.sdl;
  return sdl ? { name, url, typeDefs: parse(sdl) } : refused(`${url} is no subgraph`, errors);
}

function refused(message, errors = []) {
  for (const each of [{ message }, ...errors]) console.error(each.message);
  process.exit(1);
}

const composed = composeServices(await Promise.all(parts.map(partOf)));
if (composed.errors?.length) refused('These contracts contradict each other:', composed.errors);
// The gateway reads the file now and then: it must never find half of one.
await writeFile(`${file}.new`, composed.supergraphSdl);
await rename(`${file}.new`, file);
