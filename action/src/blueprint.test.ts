import { describe, expect, it } from 'vitest';
import { aKeyring } from '../../tests/support/hands.ts';
import { aTarget } from '../../tests/support/target.ts';
import { blueprint, STATUS_OUTPUTS } from './blueprint.ts';
import { assertComplete, inOrder } from './engine/graph.ts';
import { Ref, type Resource } from './engine/resource.ts';
import { Secret } from './lib/secret.ts';
import type { Target } from './manifest/target.ts';

const expand = (
  over: Partial<Target> = {},
  recorded: Record<string, Record<string, string>> = {},
  secrets: Record<string, Secret> = {},
) =>
  blueprint({
    target: aTarget(over),
    recorded: new Map(Object.entries(recorded)),
    keyring: aKeyring(),
    secret: (name) => secrets[name],
  });
const at = (resources: readonly Resource[], address: string) =>
  resources.find((one) => one.address === address) as Resource;
const waits = (resource: Resource) => resource.after.map(({ address, stage }) => `${address} ${stage}`);
const variables = (resources: readonly Resource[]) =>
  at(resources, 'vercel.env').inputs.variables as Record<string, unknown>;

/** Everything a resource waits for, directly or through others. */
function allBefore(resources: readonly Resource[], address: string): Set<string> {
  return new Set(at(resources, address).after.flatMap(({ address: next }) => [next, ...allBefore(resources, next)]));
}

function refsIn(value: unknown): Ref[] {
  if (value instanceof Ref) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(refsIn) : [];
}

describe('blueprint', () => {
  it('is a whole graph in which everything waits for what it refers to', () => {
    const resources = expand();
    assertComplete(resources);
    expect(inOrder(resources)).toHaveLength(resources.length);
    for (const { address, inputs } of resources) {
      for (const ref of refsIn(inputs))
        expect([...allBefore(resources, address)], `${address} uses ${ref}`).toContain(ref.address);
    }
    for (const ref of Object.values(STATUS_OUTPUTS)) expect(at(resources, ref.address)).toBeDefined();
  });

  it('lets the first build run beside the database', () => {
    const before = allBefore(expand(), 'vercel.deployment');
    expect([...before]).not.toContain('supabase.migrations');
    expect(waits(at(expand(), 'supabase.keys'))).toEqual(['supabase.project created']);
  });

  it('holds a later build back until the schema is there', () => {
    const resources = expand({}, { 'vercel.deployment': { id: 'dpl_1' } });
    expect(waits(at(resources, 'vercel.deployment'))).toContain('supabase.migrations ready');
  });

  it('closes sign-up before there is a table', () => {
    expect(waits(at(expand(), 'supabase.migrations'))).toContain('supabase.auth ready');
    expect(at(expand(), 'supabase.auth').inputs.settings).toMatchObject({ disable_signup: true });
  });

  it('mails only an owner who can sign in, and carries Notified with it', () => {
    const welcome = at(expand(), 'resend.welcome');
    expect(waits(welcome)).toEqual(['acceptance ready']);
    expect(welcome.condition).toBe('Notified');
    expect(expand().filter(({ condition }) => condition === 'Ready')).toHaveLength(expand().length - 1);
  });

  it('derives one first password per agency and generation', () => {
    const password = (over: Partial<Target>, generation?: string) => {
      const resources = expand(over, generation ? { 'resend.welcome': { generation } } : {});
      return (at(resources, 'supabase.owner').inputs.password as Secret).reveal();
    };
    expect(password({})).toBe(password({ displayName: 'Renamed' }));
    expect(password({})).toBe(password({}, '1'));
    expect(password({}, '2')).not.toBe(password({}));
    expect(password({ uid: 'ffffffff' })).not.toBe(password({}));
    const lost = expand({}, { 'supabase.owner': { id: 'user', generation: '2' } });
    expect(at(lost, 'resend.welcome').inputs.generation).toBe('2');
  });

  it('lets the instance’s own variables win over what people set', () => {
    expect(variables(expand({ env: { URL: 'https://evil.example', FEATURE: 'on' } }))).toMatchObject({
      FEATURE: 'on',
      URL: expect.any(Ref),
    });
  });

  it('gives the app the secret key only where it is asked for', () => {
    expect(JSON.stringify(variables(expand()))).not.toContain('secretKey');
    const names = { ...aTarget().instanceEnv, secretKey: 'SERVICE_KEY' };
    expect(variables(expand({ instanceEnv: names })).SERVICE_KEY).toEqual(new Ref('supabase.keys', 'secretKey'));
  });

  it('takes a secret by name, and is blocked where the run does not have it', () => {
    const env = { STRIPE: { secret: 'AGENCY_STRIPE' } };
    const stripe = new Secret('canary-stripe-key');
    expect(variables(expand({ env }, {}, { AGENCY_STRIPE: stripe })).STRIPE).toBe(stripe);
    expect(() => expand({ env })).toThrow('the secret AGENCY_STRIPE is not there');
  });

  it('passes on what a person allowed, and nothing more', () => {
    const resources = expand({ adopt: { 'vercel.project': 'prj_1' }, recreate: { 'supabase.project': 'gone' } });
    expect(at(resources, 'vercel.project').allow).toEqual({ adopt: 'prj_1' });
    expect(at(resources, 'supabase.project').allow).toEqual({ recreate: 'gone' });
    expect(at(resources, 'supabase.owner').allow).toBeUndefined();
  });
});
