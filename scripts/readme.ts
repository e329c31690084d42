import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { blueprint } from '../action/src/blueprint.ts';
import type { Resource } from '../action/src/engine/resource.ts';
import { keyring } from '../action/src/lib/keyring.ts';
import { Secret } from '../action/src/lib/secret.ts';
import { loadControlRoom } from '../action/src/manifest/load.ts';
import { newManifest } from '../action/src/manifest/new.ts';
import { agenciesOf } from '../action/src/selection.ts';
import { ABOUT } from '../action/src/variables.ts';
import { COMMANDS } from './cli.ts';
import type { JsonSchema } from './readme/fields.ts';
import {
  type ActionFile,
  actionTable,
  commandTable,
  fieldTable,
  fill,
  graph,
  variableTable,
} from './readme/sections.ts';

const root = join(import.meta.dirname, '..');
const readme = join(root, 'README.md');

/** What README.md shows of the code, by the name of its markers. */
const sections: Readonly<Record<string, () => string>> = {
  blueprint: () => graph(resources()),
  action: () => actionTable(parse(readFileSync(join(root, 'action/action.yml'), 'utf8')) as ActionFile),
  commands: () => commandTable(COMMANDS),
  variables: () => variableTable(ABOUT),
  manifest: () => fieldTable(schemaIn('agencies/agency.schema.json')),
  fleet: () => fieldTable(schemaIn('fleet.schema.json')),
};

function schemaIn(file: string): JsonSchema {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as JsonSchema;
}

/** What any agency consists of: that of an example under the fleet of this folder, before its first run. */
function resources(): Resource[] {
  const owner = { email: 'owner@acme.example', name: 'Acme Owner' };
  const { text } = newManifest({ slug: 'acme-studio', displayName: 'Acme Studio', owner, uid: 'k7c1e4b9' });
  const fleet = { file: 'fleet.yaml', text: readFileSync(join(root, 'fleet.yaml'), 'utf8') };
  const agencies = [{ file: 'agencies/acme-studio.yaml', text }];
  const room = loadControlRoom({ fleet, agencies, migrations: [] });
  const [agency] = room.fleet ? agenciesOf(room, room.fleet, new Map()).agencies : [];
  if (!agency) throw new Error(`fleet.yaml has problems: ${room.problems.map(({ message }) => message).join('; ')}`);
  const nothing = new Secret(randomBytes(32).toString('hex'));
  return blueprint({ target: agency.target, recorded: new Map(), keyring: keyring(nothing), secret: () => nothing });
}

const before = readFileSync(readme, 'utf8');
const fresh = fill(before, Object.fromEntries(Object.entries(sections).map(([name, render]) => [name, render()])));
if (before !== fresh && process.argv.includes('--check')) {
  console.error('README.md is stale: run `npm run readme` and commit the result.');
  process.exitCode = 1;
} else if (before !== fresh) {
  writeFileSync(readme, fresh);
  console.log('wrote README.md');
}
