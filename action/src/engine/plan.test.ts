import { describe, expect, it } from 'vitest';
import { aResource, someHands } from '../../../tests/support/hands.ts';
import { toyKind, World } from '../../../tests/support/world.ts';
import { Secret } from '../lib/secret.ts';
import { ProviderError } from './errors.ts';
import type { Difference } from './kind.ts';
import { observe } from './observe.ts';
import { hasChanges, plan } from './plan.ts';
import { gate, permitsOf } from './policy.ts';
import { Ref, type Resource } from './resource.ts';

const parent = aResource({ address: 'parent' });
const child = aResource({
  address: 'child',
  inputs: { name: new Ref('parent', 'id'), color: new Ref('parent', 'color') },
  after: [{ address: 'parent', stage: 'ready' }],
});

async function planOf(world: World, resources: Resource[], over: Parameters<typeof someHands>[1] = {}, traits = {}) {
  const hands = someHands({ toy: toyKind(world, traits) }, over);
  return plan('sha256:x', resources, await observe(resources, hands), hands);
}

describe('plan', () => {
  it('creates what is absent; what refers to it is known after apply', async () => {
    const { changes } = await planOf(new World(), [child, parent]);
    expect(changes.map(({ address, action, knownAfter }) => [address, action, knownAfter])).toEqual([
      ['parent', 'create', []],
      ['child', 'create', ['parent.id', 'parent.color']],
    ]);
    expect(changes[0]?.differences).toEqual([
      { path: 'name', after: 'acme-toy' },
      { path: 'color', after: 'red' },
    ]);
  });

  it('has nothing to do when all is as wished', async () => {
    const world = new World();
    world.put({ name: 'acme-toy' });
    world.put({ name: 'id-1' });
    const recorded = new Map([
      ['parent', { id: 'id-1' }],
      ['child', { id: 'id-2' }],
    ]);
    const planned = await planOf(world, [parent, child], { recorded });
    expect(planned.changes.map(({ action }) => action)).toEqual(['noop', 'noop']);
    expect(hasChanges(planned)).toBe(false);
  });

  it('does not promise that what depends on a changing output stays', async () => {
    const world = new World();
    world.put({ name: 'acme-toy', color: 'blue' });
    world.put({ name: 'id-1', color: 'blue' });
    const recorded = new Map([
      ['parent', { id: 'id-1' }],
      ['child', { id: 'id-2' }],
    ]);
    const { changes } = await planOf(world, [parent, child], { recorded });
    expect(changes[0]).toMatchObject({
      action: 'update',
      differences: [{ path: 'color', before: 'blue', after: 'red' }],
    });
    expect(changes[1]).toMatchObject({ action: 'update', id: 'id-2', knownAfter: ['parent.color'] });
  });

  it('shows that another one will be made of what is superseded rather than changed', async () => {
    const world = new World();
    world.put({ name: 'acme-toy', color: 'blue' });
    world.put({ name: 'id-1' });
    const recorded = new Map([
      ['parent', { id: 'id-1' }],
      ['child', { id: 'id-2' }],
    ]);
    const { changes } = await planOf(world, [parent, child], { recorded }, { superseded: true });
    expect(changes[1]).toMatchObject({ action: 'create', id: 'id-2', knownAfter: ['parent.color'] });
  });

  it('shows an update of what stands by itself as soon as its parent does', async () => {
    const { changes } = await planOf(new World(), [parent, child], {}, { given: true });
    expect(changes[1]).toMatchObject({ action: 'update', knownAfter: ['parent.id', 'parent.color'] });
  });

  it('is the same value for the same world, in order, and survives JSON', async () => {
    const make = async (resources: Resource[]) => JSON.stringify(await planOf(new World(), resources));
    expect(await make([parent, child])).toBe(await make([child, parent]));
    expect(JSON.parse(await make([parent, child]))).toMatchObject({
      version: 1,
      agency: 'acme',
      targetDigest: 'sha256:x',
    });
  });

  it('never writes', async () => {
    const world = new World();
    world.put({ name: 'acme-toy', color: 'blue' });
    await planOf(world, [parent, child]);
    expect(world.writes).toEqual([]);
  });

  it('holds no secret, wherever one stands among the inputs', async () => {
    const resource = aResource({ inputs: { name: 'acme-toy', color: new Secret('canary-secret-value') } });
    const world = new World();
    world.put({ name: 'acme-toy', color: 'blue' });
    const traits = { diff: (): Difference[] => [{ path: 'color', after: String(new Secret('canary-secret-value')) }] };
    expect(JSON.stringify(await planOf(world, [resource], {}, traits))).not.toContain('canary');
  });

  it('shows what cannot be read as blocked, with what to do', async () => {
    const traits = {
      identify: async () => {
        throw new ProviderError(
          { vendor: 'toy', operation: 'read', status: 401, transient: false, ambiguous: false },
          'toy said no',
          'Check TOY_TOKEN.',
        );
      },
    };
    const { changes } = await planOf(new World(), [parent], {}, traits);
    expect(changes[0]).toMatchObject({
      action: 'blocked',
      because: 'toy said no',
      remedy: 'Check TOY_TOKEN.',
      error: { class: 'provider' },
    });
  });

  it('blocks a change of what cannot change, naming both values', async () => {
    const world = new World();
    world.put({ name: 'acme-toy' });
    const traits = { diff: () => [{ path: 'region', before: 'us', after: 'eu', immutable: true }] };
    const { changes } = await planOf(world, [parent], {}, traits);
    expect(changes[0]).toMatchObject({ action: 'blocked', because: 'region (us -> eu) cannot change once it exists' });
  });

  it.each([
    ['the way that the kind names, where putting the value back leads nowhere', 'Ask the owner.', 'Ask the owner.'],
    ['to put the value back', undefined, expect.stringMatching(/^Put the value back in the manifest/)],
  ])('tells how to go on after such a change: %s', async (_which, own, remedy) => {
    const world = new World();
    world.put({ name: 'acme-toy' });
    const traits = { diff: () => [{ path: 'password', immutable: true, ...(own !== undefined && { remedy: own }) }] };
    const { changes } = await planOf(world, [parent], {}, traits);
    expect(changes[0]).toMatchObject({ action: 'blocked', remedy });
  });

  it('reports what is somebody else’s to change, and does not repair it', async () => {
    const world = new World();
    world.put({ name: 'acme-toy' });
    const traits = { diff: () => [{ path: 'email', after: 'the owner changed their mail', reportOnly: true }] };
    const { changes } = await planOf(world, [parent], { recorded: new Map([['parent', { id: 'id-1' }]]) }, traits);
    expect(changes[0]).toMatchObject({ action: 'noop', because: 'the owner changed their mail', differences: [] });
  });
});

describe('gate', () => {
  const dangerous = aResource({ allow: { adopt: 'id-1' } });

  it('opens for a dangerous change that was reviewed, and for no other', async () => {
    const world = new World();
    world.put({ name: 'acme-toy', mark: 'somebody' });
    const planned = await planOf(world, [dangerous]);
    expect(planned.changes[0]).toMatchObject({ action: 'adopt', danger: 'adopt', id: 'id-1' });
    expect(gate(planned, permitsOf(planned)).open).toBe(true);
    expect(gate(planned, new Set(['toy:adopt:id-2']))).toMatchObject({
      open: false,
      because: expect.stringContaining('adopt toy'),
    });
  });

  it('asks for review before protection is lowered', async () => {
    const world = new World();
    world.put({ name: 'acme-toy' });
    const traits = { diff: () => [{ path: 'sign-up', before: 'closed', after: 'open', lowersProtection: true }] };
    const planned = await planOf(world, [aResource()], {}, traits);
    expect(gate(planned, new Set()).open).toBe(false);
  });

  it('shows a recreation as dangerous even where the thing cannot be looked for yet', async () => {
    const resource = { ...child, allow: { recreate: 'id-2' } };
    const planned = await planOf(new World(), [parent, resource], { recorded: new Map([['child', { id: 'id-2' }]]) });
    expect(planned.changes[1]).toMatchObject({ danger: 'recreate' });
  });

  it('lets a plan without danger through', async () => {
    expect(gate(await planOf(new World(), [parent]), new Set()).open).toBe(true);
  });
});

describe('a plan that deletes', () => {
  const gone = (address: string, after: string[] = []) =>
    aResource({
      address,
      inputs: { name: address, color: 'red' },
      after: after.map((one) => ({ address: one, stage: 'ready' })),
      wish: 'absent',
      allow: { destroy: `id-${address}` },
      parts: [`${address}.part`],
    });
  const both = [gone('base'), gone('top', ['base'])];
  const aWorld = (mark = 'uid-1') => {
    const world = new World();
    world.put({ id: 'id-base', name: 'base', mark });
    world.put({ id: 'id-top', name: 'top' });
    return world;
  };
  const recorded = new Map(['base', 'top'].map((address) => [address, { id: `id-${address}` }]));

  it('shows each act in the order in which it is done, as dangerous, and what goes with it', async () => {
    const planned = await planOf(aWorld(), both, { recorded });
    expect(planned.changes).toMatchObject([
      { address: 'top', action: 'delete', danger: 'delete', id: 'id-top', because: 'with it go top.part' },
      { address: 'base', action: 'delete', danger: 'delete', id: 'id-base', because: 'with it go base.part' },
    ]);
    expect([...permitsOf(planned)]).toEqual(['top:delete:id-top', 'base:delete:id-base']);
    expect(gate(planned, new Set(['top:delete:id-top'])).open).toBe(false);
    expect(gate(planned, permitsOf(planned)).open).toBe(true);
  });

  it('is not begun while any of it is blocked', async () => {
    const planned = await planOf(aWorld('somebody'), both, { recorded });
    expect(planned.changes.map(({ action }) => action)).toEqual(['delete', 'blocked']);
    expect(gate(planned, permitsOf(planned))).toMatchObject({
      open: false,
      because: 'nothing is deleted, because base is blocked: it lost our mark',
    });
  });

  it('has nothing to do for what is gone', async () => {
    expect(hasChanges(await planOf(new World(), both, { recorded }))).toBe(false);
  });
});
