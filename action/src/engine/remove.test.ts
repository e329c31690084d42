import { beforeEach, describe, expect, it } from 'vitest';
import { aResource, someHands, type TestHands } from '../../../tests/support/hands.ts';
import { toyKind, World } from '../../../tests/support/world.ts';
import { execute } from './execute.ts';
import type { ErasedKind } from './kind.ts';
import { scopeOf } from './observe.ts';
import type { Resource } from './resource.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const doomed = (over: Partial<Resource> = {}) => aResource({ wish: 'absent', allow: { destroy: 'id-1' }, ...over });
const permits = new Set(['toy:delete:id-1']);
const recorded = new Map([['toy', { id: 'id-1' }]]);
const hands = (over: Partial<TestHands> = {}, traits = {}) =>
  someHands({ toy: toyKind(world, traits) }, { recorded, permits, ...over });

function remove(by: TestHands, resource = doomed()) {
  const kind = by.kinds.get('toy') as ErasedKind;
  const scope = scopeOf(resource, { name: 'acme-toy', color: 'red' }, by);
  return execute({ resource, kind, scope, hands: by, created: () => undefined });
}

describe('a resource that is wished absent', () => {
  it('is deleted, looked for again, and only then forgotten together with its parts', async () => {
    world.put({ name: 'acme-toy' });
    const by = hands({ recorded: new Map([...recorded, ['toy.lid', { id: 'lid' }], ['other', { id: 'x' }]]) });
    const done = await remove(by, doomed({ parts: ['toy.lid', 'toy.never-made'] }));
    expect(done).toEqual({ result: 'deleted', id: 'id-1', outputs: {} });
    expect(world.things).toEqual([]);
    expect([...by.recorded.keys()]).toEqual(['other']);
    expect(by.checkpoints).toEqual(['toy forgotten toy.lid toy.never-made']);
    expect(by.events).toEqual([{ type: 'started', agency: 'acme', address: 'toy', action: 'delete' }]);
  });

  it('is only forgotten when it is gone already, as after a crash', async () => {
    const by = hands();
    expect((await remove(by)).result).toBe('deleted');
    expect(world.writes).toEqual([]);
    expect(by.recorded.size).toBe(0);
  });

  it('is nothing to do where nothing was ever recorded, whatever stands there', async () => {
    expect((await remove(hands({ recorded: new Map() }))).result).toBe('unchanged');
    world.put({ name: 'acme-toy', mark: 'somebody' });
    expect((await remove(hands({ recorded: new Map() }))).result).toBe('unchanged');
    expect(world.writes).toEqual([]);
  });

  it.each([
    [
      'another id',
      doomed({ allow: { destroy: 'id-2' } }),
      {},
      'id-1 stands there, and nobody named it to be destroyed',
    ],
    ['no id', doomed({ allow: {} }), {}, 'nobody named it'],
    ['nothing that was reviewed', doomed(), { permits: new Set<string>() }, 'the reviewed plan did not show "delete"'],
    ['another permit', doomed(), { permits: new Set(['toy:delete:id-2']) }, 'the reviewed plan did not show "delete"'],
  ])('stays with %s', async (_, resource, over, why) => {
    world.put({ name: 'acme-toy' });
    await expect(remove(hands(over), resource)).rejects.toMatchObject({
      class: 'blocked',
      message: expect.stringContaining(why),
    });
    expect(world.writes).toEqual([]);
  });

  it('stays when what is recorded is not provably ours any more', async () => {
    world.put({ name: 'acme-toy', mark: 'somebody' });
    const by = hands();
    await expect(remove(by)).rejects.toMatchObject({ class: 'blocked', message: 'toy is blocked: it lost our mark' });
    expect([world.writes, by.recorded.size]).toEqual([[], 1]);
  });

  it('is looked for when the answer was lost, and not deleted twice', async () => {
    world.put({ name: 'acme-toy' });
    world.mood.loseAnswers = 1;
    expect((await remove(hands())).result).toBe('deleted');
    expect(world.writes).toEqual(['delete id-1']);
  });

  it('waits while the vendor still shows it', async () => {
    world.put({ name: 'acme-toy' });
    let shown = 3;
    const actual = world.things[0];
    const identify = async () => {
      if (world.things.length > 0 || shown-- > 0) return { state: 'found', id: 'id-1', actual } as const;
      return { state: 'vanished', id: 'id-1', because: 'it is gone' } as const;
    };
    expect((await remove(hands({}, { identify }))).result).toBe('deleted');
    expect(world.writes).toEqual(['delete id-1']);
  });

  it('stays recorded when the vendor refuses, or says yes and keeps it', async () => {
    world.put({ name: 'acme-toy' });
    world.mood.refuse = 1;
    const by = hands();
    await expect(remove(by)).rejects.toThrow('toy refused to delete id-1');
    const kept = hands({}, { delete: async () => undefined });
    await expect(remove(kept)).rejects.toThrow('toy does not stay as it was set');
    expect([by.recorded.size, kept.recorded.size]).toEqual([1, 1]);
  });

  it('is not touched by a run that lost its lease', async () => {
    world.put({ name: 'acme-toy' });
    const assertLease = async () => {
      throw new Error('another run took over');
    };
    await expect(remove(hands({ assertLease }))).rejects.toThrow('another run took over');
    expect(world.writes).toEqual([]);
  });
});

describe('a resource that is only kept', () => {
  const kept = (over: Partial<Resource> = {}) => aResource({ wish: 'kept', ...over });

  it('is tended where it stands', async () => {
    world.put({ name: 'acme-toy', color: 'blue' });
    expect((await remove(hands(), kept())).result).toBe('updated');
  });

  it('is not made where it does not, and an open intent is forgotten', async () => {
    const by = hands({ recorded: new Map([['toy', { intent: '2026-01-01T00:00:00Z' }]]) });
    expect(await remove(by, kept())).toEqual({ result: 'unchanged', outputs: {} });
    expect([world.writes, by.checkpoints]).toEqual([[], ['toy forgotten']]);
  });

  it('is found again when its create was begun and not heard of', async () => {
    world.put({ name: 'acme-toy' });
    world.mood.hideForLooks = 2;
    const by = hands({ recorded: new Map([['toy', { intent: '2026-01-01T00:00:00Z' }]]) });
    expect((await remove(by, kept())).result).toBe('recovered');
    expect(by.recorded.get('toy')).toEqual({ id: 'id-1' });
  });

  it('is a person’s to look after when it held data and vanished', async () => {
    await expect(remove(hands(), kept())).rejects.toMatchObject({ class: 'blocked' });
    expect((await remove(hands({}, { holdsData: false }), kept())).result).toBe('unchanged');
    expect(world.writes).toEqual([]);
  });
});
