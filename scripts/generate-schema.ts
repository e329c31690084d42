import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { isCode } from '../action/src/lib/errno.ts';
import { agencySchema, fleetSchema } from '../action/src/manifest/schema.ts';

const root = join(import.meta.dirname, '..');

/** The generated files, by their path from the root. */
const schemas: Readonly<Record<string, () => string>> = {
  'agencies/agency.schema.json': () => jsonSchema(agencySchema, 'An agency'),
  'fleet.schema.json': () => jsonSchema(fleetSchema, 'The fleet'),
};

/** What people may write, as JSON schema. Draft 7 is what editors' YAML support understands best. */
function jsonSchema(schema: z.ZodType, title: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw error;
  }
}

const check = process.argv.includes('--check');
for (const [file, generate] of Object.entries(schemas)) {
  const path = join(root, file);
  const fresh = generate();
  if (read(path) === fresh) continue;
  if (check) {
    console.error(`${file} is stale: run \`npm run schema\` and commit the result.`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, fresh);
    console.log(`wrote ${file}`);
  }
}
