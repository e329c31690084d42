import { describe, expect, it } from 'vitest';
import { aTarget } from '../../tests/support/target.ts';
import { atRest, destroys, restOf } from './at-rest.ts';
import { assertComplete } from './engine/graph.ts';
import type { Recorded } from './engine/resource.ts';
import type { Target } from './manifest/target.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const whole: Record<string, Recorded> = {
  'supabase.project': { id: 'ref' },
  'supabase.keys': { id: 'key' },
  'vercel.project': { id: 'prj' },
  'vercel.env': { id: 'prj' },
  acceptance: { id: 'receipt' },
  'resend.welcome': { id: 'mail' },
};
const destroy = { 'supabase.project': 'ref', 'vercel.project': 'prj' };
const known = { retainUntil: '2026-05-31T00:00:00Z', instanceUrl: 'https://acme.example' };

const suspended = (over: Partial<Target> = {}) => aTarget({ lifecycle: 'suspended', known, ...over });
const doomed = (over: Partial<Target> = {}) => aTarget({ lifecycle: 'retired', known, destroy, ...over });
const expand = (target: Target, inventory = whole, now: number | 'unknown' = NOW) => {
  const recorded = new Map(Object.entries(inventory));
  const resources = atRest({ target, recorded, ...(now !== 'unknown' && { now }) });
  assertComplete(resources);
  return resources;
};
const brief = (resources: ReturnType<typeof expand>) =>
  resources.map(({ address, kind, wish }) => [address, kind, wish]);

describe('an agency that is suspended or retired', () => {
  it.each(['suspended', 'retired'] as const)('is closed, and none of it is made (%s)', (lifecycle) => {
    const resources = expand(suspended({ lifecycle }));
    expect(brief(resources)).toEqual([
      ['supabase.project', 'supabase.project', 'kept'],
      ['supabase.auth', 'supabase.auth', undefined],
      ['vercel.project', 'vercel.project', 'kept'],
      ['acceptance', 'closure', undefined],
    ]);
    const inputs = Object.fromEntries(resources.map((one) => [one.address, one.inputs]));
    expect(inputs).toMatchObject({
      'supabase.project': { suspended: true },
      'supabase.auth': { settings: { disable_signup: true, external_email_enabled: false } },
      'vercel.project': { paused: true },
      acceptance: { url: 'https://acme.example' },
    });
  });

  it('consists of what was made of it', () => {
    expect(expand(suspended(), {})).toEqual([]);
    expect(brief(expand(suspended(), { 'supabase.project': { intent: 'x' } })).flat()).not.toContain('supabase.auth');
    const unseen = suspended({ known: { ...known, instanceUrl: undefined } });
    expect(expand(unseen).map(({ address }) => address)).not.toContain('acceptance');
  });
});

describe('an agency that is destroyed', () => {
  it('goes whole, each thing with its parts', () => {
    expect(expand(doomed())).toMatchObject([
      { address: 'supabase.project', wish: 'absent', parts: ['supabase.keys', 'acceptance', 'resend.welcome'] },
      { address: 'vercel.project', wish: 'absent', parts: ['vercel.env'], after: [{ address: 'supabase.project' }] },
    ]);
  });

  it.each([
    ['it is too early', { known: { ...known, retainUntil: '2026-06-01T00:00:01Z' } }, 'before 2026-06-01T00:00:01Z'],
    ['no date was recorded', { known: { ...known, retainUntil: undefined } }, 'before it was retired'],
    ['the date cannot be read', { known: { ...known, retainUntil: 'soon' } }, 'before soon'],
  ])('not while %s', (_, over, why) => {
    expect(() => expand(doomed(over))).toThrow(`acme may not be destroyed ${why}`);
  });

  it.each([
    ['it is only suspended', doomed({ lifecycle: 'suspended' })],
    ['it runs', doomed({ lifecycle: 'active' })],
    ['nobody named anything', doomed({ destroy: {} })],
  ])('not while %s', (_, target) => {
    expect(expand(target).map(({ wish }) => wish)).not.toContain('absent');
    expect(destroys(target, new Map(Object.entries(whole)))).toBe(false);
  });

  it('not where nobody knows what time it is', () => {
    expect(expand(doomed(), whole, 'unknown').map(({ wish }) => wish)).not.toContain('absent');
  });

  it('consists of nothing once it is gone', () => {
    expect(expand(doomed(), {})).toEqual([]);
  });
});

describe('what is said of an agency at rest', () => {
  const rest = (target: Target, inventory = whole, database?: string) =>
    restOf(
      target,
      new Map(Object.entries(inventory)),
      new Map([['supabase.project', database === undefined ? {} : { database }]]),
      NOW,
    );

  it('is nothing for one that runs', () => {
    expect(rest(aTarget())).toBeUndefined();
  });

  it.each([
    [whole, 'paused', 'its app is paused, sign-in is refused, its database is paused'],
    [
      whole,
      'running',
      'its app is paused, sign-in is refused, its database is kept running, as its plan cannot pause one',
    ],
    [{ 'vercel.project': { id: 'prj' } }, undefined, 'its app is paused'],
    [{}, undefined, 'nothing of it was made'],
  ])('names the kind of suspension', (inventory, database, message) => {
    expect(rest(suspended(), inventory, database)).toEqual({ reason: 'Suspended', message });
  });

  it('counts the days of retention once', () => {
    const fresh = suspended({ lifecycle: 'retired', known: { ...known, retainUntil: undefined }, retentionDays: 10 });
    expect(rest(fresh)).toMatchObject({ reason: 'Retired', retainUntil: '2026-06-11T00:00:00Z' });
    expect(rest(suspended({ lifecycle: 'retired' }))).toMatchObject({ retainUntil: known.retainUntil });
  });

  it('is Destroyed only when nothing is left', () => {
    expect(rest(doomed(), { 'supabase.keys': { id: 'x' } })).toMatchObject({ reason: 'Retired' });
    expect(rest(doomed(), {})).toMatchObject({ reason: 'Destroyed', retainUntil: known.retainUntil });
  });
});
