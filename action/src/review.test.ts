import { describe, expect, test } from 'vitest';
import { type Agency, anAgency, fleetText } from '../../tests/support/agency-manifest.ts';
import { manualClock } from '../../tests/support/clock.ts';
import { ProviderError } from './engine/errors.ts';
import type { RoomInput } from './manifest/load.ts';
import type { Status } from './manifest/schema.ts';
import { spliceStatus } from './manifest/status.ts';
import { review, reviewedPermits } from './review.ts';

const COMMIT = 'c'.repeat(40);
const acme = anAgency('acme-studio');
const clock = manualClock(Date.parse('2026-11-25T00:00:00Z'));

const ports = {
  revisions: async (refs: ReadonlySet<string>) => new Map([...refs].map((ref) => [ref, COMMIT])),
  clock,
  signal: new AbortController().signal,
};

/** A room with these agencies; of those with a status it is recorded. */
function aRoom(agencies: readonly (Agency | readonly [Agency, Status])[], fleet: object = {}): RoomInput {
  return {
    fleet: { file: 'fleet.yaml', text: fleetText({ SUPABASE_ORG_ID: 'org', VERCEL_TEAM_ID: 'team_x' }, { ...fleet }) },
    agencies: agencies.map((one) => {
      const [agency, status] = 'slug' in one ? [one, undefined] : one;
      return { file: agency.file, text: status ? spliceStatus(agency.text(), status) : agency.text() };
    }),
    migrations: [{ file: 'migrations/agency/20260101000000_begin.sql', text: 'create table a (id int);\n' }],
  };
}

const ready: Status = {
  conditions: ['Ready', 'Notified'].map((type) => ({
    type,
    status: 'True' as const,
    reason: 'Fine',
    message: 'fine',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })),
  outputs: { instanceUrl: 'https://acme.test' },
  resources: {
    'supabase.project': { id: 'abcdefghijklmnopqrst', region: 'us-east-1' },
    'supabase.auth': { id: 'abcdefghijklmnopqrst' },
    'supabase.keys': { id: 'abcdefghijklmnopqrst' },
    'vercel.project': { id: 'prj_1' },
    'vercel.env': { id: 'prj_1' },
    'vercel.deployment': { id: 'dpl_1' },
  },
};

const actions = (plan: { changes: readonly { address: string; action: string }[] } | undefined) =>
  Object.fromEntries((plan?.changes ?? []).map(({ address, action }) => [address, action]));

describe('a plan from the record', () => {
  test('of a new agency shows everything that is made, and with which settings', async () => {
    const { agencies, room } = await review({ before: aRoom([]), after: aRoom([acme]) }, ports);
    expect(room.problems).toEqual([]);
    expect(agencies).toMatchObject([{ slug: 'acme-studio', isNew: true }]);
    const [one] = agencies;
    expect(one?.error).toBeUndefined();
    expect(actions(one?.plan)).toMatchObject({
      'supabase.project': 'create',
      'supabase.auth': 'update',
      'vercel.project': 'create',
      'vercel.deployment': 'create',
      'resend.welcome': 'create',
    });
    const project = one?.plan?.changes.find(({ address }) => address === 'supabase.project');
    expect(project?.differences).toContainEqual({ path: 'region', after: 'us-east-1' });
  });

  test('leaves out what the change does not touch', async () => {
    const other = anAgency('north-light');
    const before = aRoom([acme, [other, ready]]);
    const after = aRoom([acme.with({ displayName: 'Another name' }), [other, ready]]);
    const { agencies } = await review({ before, after }, ports);
    expect(agencies.map(({ slug, isNew }) => [slug, isNew])).toEqual([['acme-studio', false]]);
  });

  test('shows what a changed wish changes, with both values', async () => {
    const before = aRoom([[acme.with({}, { env: { TONE: 'warm' } }), ready]]);
    const after = aRoom([[acme.with({}, { env: { TONE: 'cold' } }), ready]]);
    const [one] = (await review({ before, after }, ports)).agencies;
    expect(actions(one?.plan)).toMatchObject({ 'supabase.project': 'noop', 'vercel.env': 'update' });
    const env = one?.plan?.changes.find(({ address }) => address === 'vercel.env');
    expect(env?.differences).toEqual([{ path: 'variables.TONE', before: 'warm', after: 'cold' }]);
  });

  test('shows that another secret is named, and no secret', async () => {
    const secrets = ['AGENCY_ONE_KEY', 'AGENCY_TWO_KEY'].map((name) => ({ name, agencies: 'all' }));
    const named = (name: string) => acme.with({}, { env: { KEY: { secret: name } } });
    const before = aRoom([[named('AGENCY_ONE_KEY'), ready]], { secrets });
    const after = aRoom([[named('AGENCY_TWO_KEY'), ready]], { secrets });
    const [one] = (await review({ before, after }, ports)).agencies;
    const env = one?.plan?.changes.find(({ address }) => address === 'vercel.env');
    expect(env?.differences).toEqual([{ path: 'variables.KEY', before: '(secret)', after: '(another secret)' }]);
    expect(JSON.stringify(one?.plan)).not.toMatch(/stand-in/);
  });

  test('of a change of the fleet reaches every agency', async () => {
    const north = anAgency('north-light');
    const app = { repository: 'example/agency-app', ref: 'v2.0.0', framework: 'nextjs' };
    const [before, after] = [aRoom([acme, north]), aRoom([acme, north], { app })];
    const { agencies } = await review({ before, after }, ports);
    expect(agencies.map(({ slug }) => slug)).toEqual(['acme-studio', 'north-light']);
  });

  test('goes on with the ref where the app cannot be read, and says so', async () => {
    const why = new ProviderError(
      { vendor: 'github', operation: 'look up', transient: false, ambiguous: false },
      'the repository does not exist, or the token may not read it',
      'Give it one.',
    );
    const revisions = async (refs: ReadonlySet<string>) => new Map([...refs].map((ref) => [ref, why]));
    const [one] = (await review({ before: aRoom([]), after: aRoom([acme]) }, { ...ports, revisions })).agencies;
    expect(one?.unresolved).toBe(why);
    const deployment = one?.plan?.changes.find(({ address }) => address === 'vercel.deployment');
    expect(deployment?.differences).toContainEqual({ path: 'revision', after: 'v1.4.0' });
  });

  test('judges the change: a status that somebody edited is a problem on its line', async () => {
    const forged = { ...ready, resources: { 'supabase.project': { id: 'tsrqponmlkjihgfedcba' } } };
    const change = { before: aRoom([[acme, ready]]), after: aRoom([[acme, forged]]) };
    const { room, agencies } = await review(change, ports);
    expect(room.problems.map(({ message }) => message)).toEqual(['status: it was edited by hand']);
    expect(agencies).toEqual([]);
  });

  test('names the manifests that are gone', async () => {
    const { removed } = await review({ before: aRoom([acme]), after: aRoom([]) }, ports);
    expect(removed).toEqual(['acme-studio']);
  });
});

describe('what a merge agreed to', () => {
  const permits = async (before: RoomInput, after: RoomInput) =>
    Object.fromEntries(
      [...(await reviewedPermits({ before, after }, ports))].map(([slug, found]) => [slug, [...found]]),
    );

  test('is nothing where nothing is dangerous', async () => {
    expect(await permits(aRoom([]), aRoom([acme]))).toEqual({ 'acme-studio': [] });
  });

  test('is to take over what it names', async () => {
    const adopting = acme.with({}, { adopt: { 'vercel.project': 'prj_foreign' } });
    expect(await permits(aRoom([]), aRoom([adopting]))).toEqual({
      'acme-studio': ['vercel.project:adopt:prj_foreign'],
    });
  });

  test('is to make anew what it names, when that is what is recorded', async () => {
    const before = aRoom([[acme, ready]]);
    const anew = (id: string) => aRoom([[acme.with({}, { recreate: { 'supabase.project': id } }), ready]]);
    expect(await permits(before, anew('abcdefghijklmnopqrst'))).toEqual({
      'acme-studio': ['supabase.project:recreate:abcdefghijklmnopqrst'],
    });
  });

  test('is none of what an earlier change named', async () => {
    const adopting = acme.with({}, { adopt: { 'vercel.project': 'prj_foreign' } });
    const north = anAgency('north-light');
    expect(await permits(aRoom([adopting]), aRoom([adopting, north]))).toEqual({ 'north-light': [] });
  });
});
