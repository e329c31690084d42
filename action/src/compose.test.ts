import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aKeyring } from '../../tests/support/hands.ts';
import { aTarget } from '../../tests/support/target.ts';
import { blueprint } from './blueprint.ts';
import { composeRun, composeValidation } from './compose.ts';
import { readEnvironment } from './environment.ts';
import { OWNED } from './manifest/fields.ts';
import { loadControlRoom } from './manifest/load.ts';
import { run } from './run.ts';

const variables = {
  SUPABASE_ACCESS_TOKEN: 'sbp_0123456789abcdef',
  VERCEL_TOKEN: 'vercel-token-1',
  RESEND_API_KEY: 're_key_123456',
  PROVISIONER_SECRET: 'p'.repeat(32),
  AGENCY_KEY: 'a-secret-of-agencies',
};
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'compose-'));
  await cp(join(import.meta.dirname, '..', '..', 'fleet.yaml'), join(dir, 'fleet.yaml'));
});
afterAll(() => rm(dir, { recursive: true }));

const here = () => ({ dir, signal: new AbortController().signal, emit: () => undefined });

/** The ports, and the URLs that were asked through them. */
async function ports(more: Record<string, string> = {}) {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    asked.push(new Request(input, init).url);
    return Response.json({ projects: [], pagination: { count: 0, limit: 100, offset: 0, next: null } });
  };
  const composed = await composeRun({ ...here(), fetch }, readEnvironment({ ...variables, ...more }));
  const { fleet } = loadControlRoom(await composed.load());
  if (!fleet) throw new Error('fleet.yaml of this repository is bad');
  return { composed, fleet, asked };
}

test('the vendors are asked for the fleet’s organization and team, or for those of the environment', async () => {
  for (const [more, organization, team] of [
    [{}, 'example-org', 'team_example'],
    [{ SUPABASE_ORG_ID: 'other-org', VERCEL_TEAM_ID: 'team_other' }, 'other-org', 'team_other'],
  ] as const) {
    const { composed, fleet, asked } = await ports(more);
    const kinds = await composed.kinds(fleet);
    await Promise.all([...kinds.values()].map((kind) => kind.survey?.(composed.signal)));
    expect(asked.some((url) => url.includes(`/organizations/${organization}/projects`))).toBe(true);
    expect(asked.some((url) => url.includes(`teamId=${team}`))).toBe(true);
    expect(asked).toHaveLength(2);
  }
});

test('a thing is looked for in the organization of the environment, though the wish names the fleet’s', async () => {
  const { composed, fleet, asked } = await ports({ SUPABASE_ORG_ID: 'other-org' });
  const project = (await composed.kinds(fleet)).get('supabase.project');
  const identity = await project?.identify({
    agency: { slug: 'acme', uid: 'acme1234' },
    address: 'supabase.project',
    inputs: { name: 'pf-acme-acme1234', organization: 'example-org', region: 'us-east-1', size: 'micro' },
    recorded: undefined,
    adopt: undefined,
    keyring: composed.keyring(),
    clock: composed.clock,
    signal: composed.signal,
  });
  expect(identity).toEqual({ state: 'absent' });
  expect(asked.map((url) => new URL(url).pathname)).toEqual(['/v1/organizations/other-org/projects']);
});

test('agencies get their own secrets and never ours', async () => {
  const { composed } = await ports();
  expect(composed.secret('AGENCY_KEY')?.reveal()).toBe('a-secret-of-agencies');
  expect(composed.secret('AGENCY_OTHER')).toBeUndefined();
  expect(composed.secret('VERCEL_TOKEN')).toBeUndefined();
  expect(composed.secret('PROVISIONER_SECRET')).toBeUndefined();
});

test('two runs over one folder do not both get the lease', async () => {
  const { composed } = await ports();
  const lease = await composed.lease();
  await expect(composed.lease()).rejects.toMatchObject({ class: 'waiting' });
  await lease.release();
  await (await composed.lease()).release();
});

test('a validation reads the folder and reaches for nothing else', async () => {
  const report = await run({ mode: 'validate', agencies: [] }, composeValidation(here(), {}));
  expect(report).toEqual({ result: 'done', agencies: [], validated: 0 });
});

test('what a manifest may adopt or recreate is what holds data and is part of an agency', async () => {
  const { composed, fleet } = await ports();
  const holding = [...(await composed.kinds(fleet)).values()].filter(({ holdsData }) => holdsData);
  // A mail that went out is nobody's to take over, and another one is sent by name only.
  const names = holding.map(({ name }) => name).filter((name) => name !== 'resend.welcome');
  expect([...OWNED].sort()).toEqual(names.sort());
  const resources = blueprint({ target: aTarget(), recorded: new Map(), keyring: aKeyring(), secret: () => undefined });
  expect(resources.map(({ address }) => address)).toEqual(expect.arrayContaining([...OWNED]));
});
