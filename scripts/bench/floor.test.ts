import { describe, expect, it } from 'vitest';
import { blueprint } from '../../action/src/blueprint.ts';
import { aRoom } from '../../action/src/manifest/builders.ts';
import { loadControlRoom } from '../../action/src/manifest/load.ts';
import { resolveTarget, type Target } from '../../action/src/manifest/target.ts';
import { instantProfile, type Profile, vendorProfile } from '../../local-cloud/latency.ts';
import { aKeyring } from '../../tests/support/hands.ts';
import { longestChain } from './chain.ts';
import { vendorSpans, withSpans } from './floor.ts';

function aTarget(): Target {
  const { fleet, agencies, migrations } = loadControlRoom(aRoom());
  const manifest = agencies[0]?.manifest;
  if (!fleet || !manifest) throw new Error('the builders made a bad room');
  return resolveTarget({ fleet, manifest, migrations, revisions: new Map() });
}

const second: Profile = { ...instantProfile, otherMs: 1_000 };

describe('vendorSpans', () => {
  it('counts calls by what each takes: a look, the create, and the read of what came of it', () => {
    expect(vendorSpans(second).get('vercel.env')).toEqual({ createdMs: 3_000, readyMs: 3_000 });
    expect(vendorSpans(vendorProfile).get('vercel.project')).toEqual({ createdMs: 900, readyMs: 900 });
  });

  it('adds readiness behind the create, and what tells of it', () => {
    const spans = vendorSpans(vendorProfile);
    expect(spans.get('supabase.project')).toEqual({ createdMs: 1_600, readyMs: 1_600 + 60_000 + 4_800 + 200 });
    expect(spans.get('vercel.deployment')).toEqual({ createdMs: 200, readyMs: 200 + 45_000 + 1_500 + 100 });
  });

  it('is nothing where the vendors take no time', () => {
    expect([...vendorSpans(instantProfile).values()].every(({ readyMs }) => readyMs === 0)).toBe(true);
  });
});

describe('withSpans', () => {
  const resources = () =>
    blueprint({ target: aTarget(), recorded: new Map(), keyring: aKeyring(), secret: () => undefined });

  it('knows every resource of the blueprint, and finds the database to be the longest way to Ready', () => {
    const { path } = longestChain(withSpans(resources(), vendorProfile), 'acceptance');
    expect(path).toEqual(['supabase.project', 'supabase.auth', 'supabase.migrations', 'supabase.owner', 'acceptance']);
  });

  it('refuses a resource that it was not told of', () => {
    expect(() => withSpans([{ address: 'new.kind', after: [] }], vendorProfile)).toThrow('new.kind');
  });
});
