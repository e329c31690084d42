import { describe, expect, it } from 'vitest';
import { agencyText, anAgency, aRoom, aStatus, fleetText } from './builders.ts';
import { loadControlRoom } from './load.ts';
import { spliceStatus } from './status.ts';
import { resolveTarget, targetDigest } from './target.ts';

const commit = 'c0ffee'.padEnd(40, '0');
const migration = (version: string, text = 'select 1;') => ({ file: `migrations/agency/${version}_a.sql`, text });

interface Wish {
  readonly agency?: string;
  readonly fleet?: string;
  readonly migrations?: ReturnType<typeof migration>[];
  readonly revisions?: ReadonlyMap<string, string>;
}

function target({ agency = '', fleet = '', migrations = [], revisions = new Map() }: Wish = {}, text = agencyText()) {
  const room = loadControlRoom(
    aRoom({
      fleet: { file: 'fleet.yaml', text: fleetText + fleet },
      agencies: [anAgency('acme-studio', text + agency)],
      migrations,
    }),
  );
  const manifest = room.agencies[0]?.manifest;
  if (!room.fleet || !manifest) throw new Error(JSON.stringify(room.problems));
  return resolveTarget({ fleet: room.fleet, manifest, migrations: room.migrations, revisions });
}

describe('resolveTarget', () => {
  it('names things after prefix, slug and uid', () => {
    expect(target()).toMatchObject({
      slug: 'acme-studio',
      uid: 'acme1234',
      supabaseName: 'pf-acme-studio-acme1234',
      vercelName: 'pf-acme-studio',
      organization: 'example-org',
      team: 'team_example',
      lifecycle: 'active',
      healthPath: '/',
    });
  });

  it('takes the fleet’s values where the agency says nothing', () => {
    expect(target()).toMatchObject({ region: 'us-east-1', size: 'micro', app: { ref: 'v1.4.0', revision: 'v1.4.0' } });
    expect(target({ agency: '  region: eu-west-1\n  size: small\n  app: { ref: v2 }\n' })).toMatchObject({
      region: 'eu-west-1',
      size: 'small',
      app: { repository: 'example/agency-app', ref: 'v2', revision: 'v2' },
    });
  });

  it('lets the agency’s env win, key by key, and leaves secrets as names', () => {
    const wish = {
      fleet: '  env: { A: fleet, B: fleet }\n',
      agency: '  env: { B: own, C: { secret: AGENCY_MAPS_KEY } }\n',
    };
    expect(target(wish).env).toEqual({ A: 'fleet', B: 'own', C: { secret: 'AGENCY_MAPS_KEY' } });
  });

  it('leaves an agency where it stands when the fleet’s default region changes', () => {
    const live = spliceStatus(
      agencyText(),
      aStatus({ resources: { 'supabase.project': { id: 'x', region: 'eu-west-2' } } }),
    );
    expect(target({}, live).region).toBe('eu-west-2');
  });

  it('resolves the ref of this app repository only', () => {
    const revisions = new Map([
      ['example/agency-app@v1.4.0', commit],
      ['example/other@v2', 'other'],
    ]);
    expect(target({ revisions }).app.revision).toBe(commit);
    expect(target({ revisions, agency: '  app: { ref: v2 }\n' }).app.revision).toBe('v2');
  });

  it('asks for the last version of the schema, or for none', () => {
    expect(target().schema).toEqual({ version: '', files: [] });
    const { schema } = target({ migrations: [migration('20260102000000'), migration('20260101000000')] });
    expect(schema.version).toBe('20260102000000');
    expect(schema.files.map(({ version }) => version)).toEqual(['20260101000000', '20260102000000']);
  });
});

describe('targetDigest', () => {
  const before = targetDigest(target({ migrations: [migration('20260101000000')] }));
  const same = { migrations: [migration('20260101000000')] };

  it('is the same for the same wish, however it is written', () => {
    expect(before).toMatch(/^sha256:[0-9a-f]{64}$/);
    const rewritten = agencyText().replace('Acme Studio', '"Acme Studio" # same').replace('owner@', 'Owner@');
    expect(targetDigest(target(same, rewritten))).toBe(before);
    expect(targetDigest(target(same, spliceStatus(agencyText(), aStatus())))).toBe(before);
  });

  it.each<[string, Wish]>([
    ['a setting', { ...same, agency: '  size: small\n' }],
    ['an env value of the fleet', { ...same, fleet: '  env: { A: b }\n' }],
    ['the commit behind the ref', { ...same, revisions: new Map([['example/agency-app@v1.4.0', commit]]) }],
    ['a new migration', { migrations: [migration('20260101000000'), migration('20260102000000')] }],
    ['a migration’s text', { migrations: [migration('20260101000000', 'select 2;')] }],
    ['an allowance', { ...same, agency: '  recreate: { supabase.project: gone }\n' }],
  ])('changes with %s', (_, wish) => {
    expect(targetDigest(target(wish))).not.toBe(before);
  });

  it('of an agency that runs does not change with what only matters at rest', () => {
    const retained = spliceStatus(agencyText(), aStatus({ retainUntil: '2026-02-01T00:00:00Z' }));
    const policy = '  policy: { retentionDays: 90 }\n';
    expect(targetDigest(target({ ...same, fleet: policy }, retained))).toBe(before);
  });

  describe('of an agency at rest', () => {
    const at = (wish: Wish, lifecycle = 'suspended') =>
      targetDigest(target({ ...wish, agency: `  lifecycle: ${lifecycle}\n${wish.agency ?? ''}` }));
    const resting = at(same);

    it('does not change with what is released meanwhile', () => {
      expect(at({ migrations: [migration('20260101000000'), migration('20260102000000')] })).toBe(resting);
      expect(at({ ...same, fleet: '  env: { A: b }\n' })).toBe(resting);
      expect(at({ ...same, revisions: new Map([['example/agency-app@v1.4.0', commit]]) })).toBe(resting);
    });

    it('changes with how it is put to rest', () => {
      const retired = target({ ...same, agency: '  lifecycle: retired\n' });
      const digests = [retired, { ...retired, destroy: { 'vercel.project': 'prj_1' } }].map(targetDigest);
      expect(new Set([before, resting, ...digests]).size).toBe(4);
    });
  });
});
