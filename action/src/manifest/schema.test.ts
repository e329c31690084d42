import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { agencyText, aStatus, fleetText } from './builders.ts';
import { spliceStatus } from './status.ts';

/** What an editor says: the generated files, and nothing of the code that checks at run time. */
const root = new URL('../../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const ajv = new Ajv({ strict: true, allErrors: true });
const isAgency = ajv.compile(JSON.parse(read('agencies/agency.schema.json')));
const isFleet = ajv.compile(JSON.parse(read('fleet.schema.json')));

describe('agency.schema.json', () => {
  it.each([
    ['a small one', agencyText()],
    [
      'one with everything',
      `${agencyText()}  region: eu-west-1\n  size: micro\n  app: { ref: v2 }\n  env: { A: b, C: { secret: AGENCY_X } }\n  adopt: { vercel.project: prj_1 }\n  recreate: { supabase.project: gone }\n`,
    ],
    ['one with status', spliceStatus(agencyText(), aStatus())],
  ])('takes %s', (_, text) => {
    expect(isAgency(parse(text)), JSON.stringify(isAgency.errors)).toBe(true);
  });

  it.each([
    ['an unknown key', `${agencyText()}  regoin: x\n`, '/spec'],
    ['a bad slug', agencyText('Acme'), '/metadata/name'],
    ['a bad mail', agencyText().replace('owner@', 'a,b@'), '/spec/owner/email'],
    ['a bad region', `${agencyText()}  region: mars\n`, '/spec/region'],
    ['a lifecycle that there is not', `${agencyText()}  lifecycle: deleted\n`, '/spec/lifecycle'],
    ['a list of what to recreate', `${agencyText()}  recreate: [supabase.project]\n`, '/spec/recreate'],
    ['a slip in what to adopt', `${agencyText()}  adopt: { supabase.projct: x }\n`, '/spec/adopt'],
    ['a slip in what to recreate', `${agencyText()}  recreate: { vercel.proyect: x }\n`, '/spec/recreate'],
    ['a boolean in env', `${agencyText()}  env: { A: true }\n`, '/spec/env/A'],
    ['a name of 101 letters', agencyText().replace('Acme Studio', 'x'.repeat(101)), '/spec/displayName'],
    ['a status of another making', `${agencyText()}status: { mine: 1 }\n`, '/status'],
  ])('refuses %s', (_, text, path) => {
    expect(isAgency(parse(text))).toBe(false);
    expect(isAgency.errors?.map(({ instancePath }) => instancePath)).toContain(path);
  });
});

describe('fleet.schema.json', () => {
  it.each([
    ['the example', read('fleet.yaml')],
    ['a small one', fleetText],
  ])('takes %s', (_, text) => {
    expect(isFleet(parse(text)), JSON.stringify(isFleet.errors)).toBe(true);
  });

  it.each([
    ['a secret key for browsers', '  instanceEnv: { secretKey: NEXT_PUBLIC_X }\n', '/spec/instanceEnv/secretKey'],
    ['a limit of none', '  policy: { maxCreatesPerRun: 0 }\n', '/spec/policy/maxCreatesPerRun'],
    ['an unknown key', '  rollouts: {}\n', '/spec'],
  ])('refuses %s', (_, lines, path) => {
    expect(isFleet(parse(fleetText + lines))).toBe(false);
    expect(isFleet.errors?.map(({ instancePath }) => instancePath)).toContain(path);
  });
});

describe('both', () => {
  it('describe every field, for the editor’s hover', () => {
    const undescribed = [isAgency, isFleet].flatMap(({ schema }) => fieldsWithout('description', schema, ''));
    expect(undescribed).toEqual([]);
  });
});

function fieldsWithout(word: string, schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const properties = 'properties' in schema ? Object.entries(schema.properties as Record<string, object>) : [];
  return properties.flatMap(([key, field]) => [
    ...(word in field ? [] : [`${path}/${key}`]),
    ...fieldsWithout(word, field, `${path}/${key}`),
  ]);
}
