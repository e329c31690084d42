import { describe, expect, it } from 'vitest';
import { aResource, someHands } from '../../../tests/support/hands.ts';
import { toyKind, World } from '../../../tests/support/world.ts';
import { Secret } from '../lib/secret.ts';
import { Ref } from './resource.ts';
import { executeAll } from './schedule.ts';

const a = aResource({ address: 'a', inputs: { name: 'a', color: 'red' } });
const afterA = (address: string, stage: 'created' | 'ready') =>
  aResource({ address, inputs: { name: new Ref('a', 'id'), color: address }, after: [{ address: 'a', stage }] });

describe('executeAll', () => {
  it('starts what waits for "created" before "ready" is reached', async () => {
    const world = new World();
    world.mood.readyAfter = 3;
    const hands = someHands({ toy: toyKind(world, { identify: async () => ({ state: 'absent' }) }) });
    await executeAll([a, afterA('early', 'created'), afterA('late', 'ready')], hands);
    const ends = hands.events.map((event) => ('address' in event ? `${event.type} ${event.address}` : event.type));
    expect(ends.indexOf('started early')).toBeLessThan(ends.indexOf('outcome a'));
    expect(ends.indexOf('started late')).toBeGreaterThan(ends.indexOf('outcome a'));
  });

  it('counts of each resource only its own time', async () => {
    const world = new World();
    world.mood.readyAfter = 10;
    const hands = someHands({
      toy: toyKind(world, {
        ready: async (scope, thing) => {
          await scope.clock.sleep(thing.actual.name === 'a' ? 50_000 : 1_000);
          return { state: 'ready', found: thing };
        },
      }),
    });
    const { outcomes } = await executeAll([a, afterA('b', 'ready')], hands);
    expect(outcomes.map(({ ms }) => ms)).toEqual([50_000, 1_000]);
  });

  it('skips what depends on a failure, naming it, and goes on with the rest', async () => {
    const world = new World();
    world.put({ name: 'a', mark: 'somebody' });
    const lone = aResource({ address: 'lone', inputs: { name: 'lone', color: 'red' } });
    const hands = someHands({ toy: toyKind(world) });
    const { outcomes } = await executeAll(
      [a, afterA('b', 'created'), { ...afterA('c', 'ready'), after: [{ address: 'b', stage: 'ready' }] }, lone],
      hands,
    );
    expect(outcomes.map(({ address, result, because }) => [address, result, because])).toEqual([
      ['a', 'blocked', expect.stringContaining('is not ours')],
      ['b', 'skipped', 'a did not get ready'],
      ['c', 'skipped', 'b did not get ready'],
      ['lone', 'created', undefined],
    ]);
  });

  it('fails what waits for "ready" of a thing that only got created', async () => {
    const world = new World();
    world.mood.broken = 'out of paint';
    const hands = someHands({ toy: toyKind(world) });
    const { outcomes } = await executeAll([a, afterA('late', 'ready')], hands);
    expect(outcomes.map(({ result }) => result)).toEqual(['failed', 'skipped']);
    expect(hands.recorded.get('a')).toEqual({ id: 'id-1' });
  });

  it('calls a thrown bug a bug, and still ends every resource', async () => {
    const hands = someHands({
      toy: toyKind(new World(), {
        create: async () => {
          throw new TypeError('x is undefined');
        },
      }),
    });
    const { outcomes } = await executeAll([a], hands);
    expect(outcomes[0]).toMatchObject({
      result: 'failed',
      error: { class: 'internal', message: expect.stringContaining('x is undefined') },
    });
  });

  it('refuses a blueprint that waits in a circle or for nothing', async () => {
    const hands = someHands({ toy: toyKind(new World()) });
    const b = aResource({ address: 'b', after: [{ address: 'a', stage: 'ready' }] });
    await expect(executeAll([{ ...a, after: [{ address: 'b', stage: 'ready' }] }, b], hands)).rejects.toThrow(
      'in a circle: a, b',
    );
    await expect(executeAll([b], hands)).rejects.toThrow('b waits for a, which does not exist');
  });

  it('hands a secret from one resource to another without putting it into an event or a checkpoint', async () => {
    const world = new World();
    const token = new Secret('canary-token-of-a');
    const kind = toyKind(world, { outputs: (_, { id }) => ({ id, token }), diff: () => [] });
    const hands = someHands({ toy: kind });
    const b = aResource({
      address: 'b',
      inputs: { name: 'b', color: new Ref('a', 'token') },
      after: [{ address: 'a', stage: 'ready' }],
    });
    await executeAll([a, b], hands);
    expect(world.things[1]?.color).toBe(token);
    expect(JSON.stringify([hands.events, hands.checkpoints])).not.toContain('canary');
  });

  describe('of what is to go', () => {
    const gone = (address: string, after: string[]) =>
      aResource({
        address,
        inputs: { name: address, color: 'red' },
        after: after.map((one) => ({ address: one, stage: 'ready' })),
        wish: 'absent',
        allow: { destroy: `id-${address}` },
      });
    const chain = [gone('base', []), gone('middle', ['base']), gone('top', ['middle', 'base'])];
    const aWorld = () => {
      const world = new World();
      for (const { address } of chain) world.put({ id: `id-${address}`, name: address });
      const recorded = new Map(chain.map(({ address }) => [address, { id: `id-${address}` }]));
      const permits = new Set(chain.map(({ address }) => `${address}:delete:id-${address}`));
      return { world, hands: someHands({ toy: toyKind(world) }, { recorded, permits }) };
    };

    it('removes each only when what stands on it is gone', async () => {
      const { world, hands } = aWorld();
      const { outcomes } = await executeAll(chain, hands);
      expect(world.writes).toEqual(['delete id-top', 'delete id-middle', 'delete id-base']);
      expect(outcomes.map(({ address, result }) => [address, result])).toEqual([
        ['top', 'deleted'],
        ['middle', 'deleted'],
        ['base', 'deleted'],
      ]);
      expect(hands.recorded.size).toBe(0);
    });

    it('leaves what others that could not be removed stand on', async () => {
      const { world, hands } = aWorld();
      const stuck = { ...hands, permits: new Set([...hands.permits].filter((permit) => !permit.startsWith('middle'))) };
      const { outcomes } = await executeAll(chain, stuck);
      expect(outcomes.map(({ result, because }) => [result, because])).toEqual([
        ['deleted', undefined],
        ['blocked', expect.stringContaining('the reviewed plan did not show')],
        ['skipped', 'middle did not get removed'],
      ]);
      expect(world.things.map(({ id }) => id)).toEqual(['id-base', 'id-middle']);
    });

    it('never takes the ground from what is to stay', async () => {
      const { world, hands } = aWorld();
      const stays = { ...gone('top', ['base']), wish: 'present' } as const;
      await expect(executeAll([gone('base', []), stays], hands)).rejects.toThrow('top waits for base, which is to go');
      expect(world.writes).toEqual([]);
    });
  });
});
