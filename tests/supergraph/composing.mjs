// Composes what stands on standard input, [{name, url, sdl}], by each composer, and tells what came
// of it: {composer: {errors: [{code, message}], supergraph}}.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(`${process.argv[2]}/package.json`);
const { parse } = require('graphql');
const composers = ['@apollo/composition', '@theguild/federation-composition'];

const parts = JSON.parse(readFileSync(0, 'utf8'));
const told = {};
for (const composer of composers) {
  const { composeServices } = require(composer);
  const services = parts.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));
  const { errors = [], supergraphSdl } = composeServices(services);
  told[composer] = {
    errors: errors.map(({ message, extensions }) => ({ code: extensions?.code, message })),
    supergraph: supergraphSdl,
  };
}
console.log(JSON.stringify(told));
