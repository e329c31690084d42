import { beforeEach, describe, expect, it } from 'vitest';
import { aResource, someHands, type TestHands } from '../../../tests/support/hands.ts';
import { toyKind, World } from '../../../tests/support/world.ts';
import { BlockedError, ProviderError, WaitingError } from './errors.ts';
import { execute } from './execute.ts';
import type { ErasedKind } from './kind.ts';
import { scopeOf } from './observe.ts';
import type { Resource } from './resource.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

function start(hands: TestHands, resource: Resource = aResource()) {
  const kind = hands.kinds.get('toy') as ErasedKind;
  const scope = scopeOf(resource, { name: 'acme-toy', color: 'red' }, hands);
  return execute({ resource, kind, scope, hands, created: () => undefined });
}

describe('execute', () => {
  it('creates what is absent, with an intent before it and its id right after', async () => {
    const hands = someHands({ toy: toyKind(world) });
    const done = await start(hands);
    expect(done).toMatchObject({ result: 'created', id: 'id-1', outputs: { id: 'id-1', color: 'red' } });
    expect(hands.checkpoints).toEqual(['toy {"intent":"2026-01-01T00:00:00Z"}', 'toy {"id":"id-1"}']);
  });

  it('leaves what is as it should be alone: no write, no checkpoint', async () => {
    world.put({ name: 'acme-toy' });
    const hands = someHands({ toy: toyKind(world) }, { recorded: new Map([['toy', { id: 'id-1' }]]) });
    expect((await start(hands)).result).toBe('unchanged');
    expect(world.writes).toEqual([]);
    expect(hands.checkpoints).toEqual([]);
    expect(hands.events).toEqual([]);
  });

  it('records what is ours and unrecorded, without a write', async () => {
    world.put({ name: 'acme-toy' });
    const hands = someHands({ toy: toyKind(world) });
    expect((await start(hands)).result).toBe('recovered');
    expect(world.writes).toEqual([]);
    expect(hands.recorded.get('toy')).toEqual({ id: 'id-1' });
  });

  it('updates only when something differs, and looks again afterwards', async () => {
    world.put({ name: 'acme-toy', color: 'blue' });
    const hands = someHands({ toy: toyKind(world) }, { recorded: new Map([['toy', { id: 'id-1' }]]) });
    expect((await start(hands)).result).toBe('updated');
    expect(world.writes).toEqual(['update acme-toy']);
    expect(world.things[0]?.color).toBe('red');
  });

  it('gives up on a thing that never becomes what it was set to', async () => {
    world.put({ name: 'acme-toy', color: 'blue' });
    const stubborn = toyKind(world, { update: async () => void world.writes.push('update') });
    await expect(start(someHands({ toy: stubborn }))).rejects.toThrow('does not stay as it was set');
    expect(world.writes).toHaveLength(3);
  });

  describe('when an answer is lost', () => {
    it('finds what was created instead of creating it again', async () => {
      world.mood.loseAnswers = 1;
      const hands = someHands({ toy: toyKind(world) });
      expect((await start(hands)).result).toBe('created');
      expect(world.writes).toEqual(['create acme-toy']);
    });

    it('goes on looking as long as the vendor’s list may be stale', async () => {
      world.mood = { ...world.mood, loseAnswers: 1, hideForLooks: 4 };
      const hands = someHands({ toy: toyKind(world) });
      expect((await start(hands)).id).toBe('id-1');
      expect(world.things).toHaveLength(1);
      expect(hands.clock.slept.length).toBeGreaterThanOrEqual(4);
    });

    it('creates again once absence can be believed', async () => {
      let lost = false;
      const kind = toyKind(world, {
        create: async ({ inputs }) => {
          if (lost) return { id: 'id-9', actual: world.put({ id: 'id-9', name: inputs.name }) };
          lost = true;
          throw new ProviderError(
            { vendor: 'toy', operation: 'create', transient: true, ambiguous: true },
            'lost',
            'Run again.',
          );
        },
      });
      const hands = someHands({ toy: kind });
      expect((await start(hands)).id).toBe('id-9');
      expect(hands.clock.elapsed()).toBeGreaterThanOrEqual(5_000);
    });

    it('sees that an update was done', async () => {
      world.put({ name: 'acme-toy', color: 'blue' });
      world.mood.loseAnswers = 1;
      expect((await start(someHands({ toy: toyKind(world) }))).result).toBe('updated');
      expect(world.writes).toEqual(['update acme-toy']);
    });

    it('ends with the vendor’s error when every answer is lost', async () => {
      world.put({ name: 'acme-toy', color: 'blue' });
      const kind = toyKind(world, {
        update: async () => {
          throw new ProviderError(
            { vendor: 'toy', operation: 'update', transient: true, ambiguous: true },
            'lost for ever',
            'Run again.',
          );
        },
      });
      await expect(start(someHands({ toy: kind }))).rejects.toThrow('lost for ever');
    });
  });

  it('looks after a kill for what no record shows, as long as the vendor’s list may be stale', async () => {
    world.put({ name: 'acme-toy' });
    world.mood.hideForLooks = 3;
    const hands = someHands({ toy: toyKind(world) }, { afterKill: true });
    expect((await start(hands)).result).toBe('recovered');
    expect(world.writes).toEqual([]);
  });

  it('creates after a kill what was not created, with an intent of its own', async () => {
    const hands = someHands({ toy: toyKind(world) }, { afterKill: true });
    expect((await start(hands)).result).toBe('created');
    expect(hands.clock.elapsed()).toBeGreaterThanOrEqual(5_000);
    expect(hands.checkpoints).toHaveLength(2);
  });

  it('settles an open intent of an earlier run by looking, not by creating', async () => {
    world.put({ name: 'acme-toy' });
    world.mood.hideForLooks = 3;
    const hands = someHands(
      { toy: toyKind(world) },
      { recorded: new Map([['toy', { intent: '2025-12-31T23:59:59Z' }]]) },
    );
    expect((await start(hands)).id).toBe('id-1');
    expect(world.writes).toEqual([]);
  });

  it('keeps what the new thing takes the place of until that exists', async () => {
    const hands = someHands(
      { toy: toyKind(world, { identify: async () => ({ state: 'absent' }) }) },
      { recorded: new Map([['toy', { id: 'old', fact: 'x' }]]) },
    );
    await start(hands);
    expect(hands.checkpoints).toEqual([
      'toy {"id":"old","fact":"x","intent":"2026-01-01T00:00:00Z"}',
      'toy {"id":"id-1"}',
    ]);
  });

  it('forgets what vanished before it creates anew, so that a later run looks for the new thing', async () => {
    const hands = someHands(
      { toy: toyKind(world) },
      { permits: new Set(['toy:recreate:id-7']), recorded: new Map([['toy', { id: 'id-7' }]]) },
    );
    await start(hands, aResource({ allow: { recreate: 'id-7' } }));
    expect(hands.checkpoints[0]).toBe('toy {"intent":"2026-01-01T00:00:00Z"}');
  });

  describe('with what cannot be read back', () => {
    const always = { diff: () => [{ path: 'secret', writeOnly: true }] };
    const known = { recorded: new Map([['toy', { id: 'id-1' }]]) };

    it('takes an answered update for done', async () => {
      world.put({ name: 'acme-toy' });
      expect((await start(someHands({ toy: toyKind(world, always) }, known))).result).toBe('updated');
      expect(world.writes).toEqual(['update acme-toy']);
    });

    it('writes it again when the answer was lost', async () => {
      world.put({ name: 'acme-toy' });
      world.mood.loseAnswers = 1;
      await start(someHands({ toy: toyKind(world, always) }, known));
      expect(world.writes).toEqual(['update acme-toy', 'update acme-toy']);
    });
  });

  it('does not try again what was plainly refused', async () => {
    world.mood.refuse = 1;
    await expect(start(someHands({ toy: toyKind(world) }))).rejects.toThrow('toy refused');
    expect(world.writes).toEqual([]);
  });

  describe('blocks, and writes nothing', () => {
    it('when what was recorded has vanished', async () => {
      const hands = someHands({ toy: toyKind(world) }, { recorded: new Map([['toy', { id: 'id-7' }]]) });
      const end = start(hands);
      await expect(end).rejects.toBeInstanceOf(BlockedError);
      await expect(end).rejects.toMatchObject({
        message: expect.stringContaining('id-7 is gone'),
        remedy: expect.stringContaining('spec.recreate'),
      });
      expect(world.writes).toEqual([]);
    });

    it('when the recorded id leads to another agency’s thing', async () => {
      world.put({ name: 'other', mark: 'uid-2' });
      const hands = someHands({ toy: toyKind(world) }, { recorded: new Map([['toy', { id: 'id-1' }]]) });
      await expect(start(hands)).rejects.toThrow('it lost our mark');
      expect(world.things[0]).toMatchObject({ name: 'other', mark: 'uid-2', color: 'red' });
    });

    it('when a foreign thing stands there, naming the way to allow it', async () => {
      world.put({ name: 'acme-toy', mark: 'somebody' });
      await expect(start(someHands({ toy: toyKind(world) }))).rejects.toMatchObject({
        remedy: expect.stringContaining('spec.adopt: { toy: id-1 }'),
      });
      expect(world.writes).toEqual([]);
    });

    it('when two things match', async () => {
      world.put({ name: 'acme-toy' });
      world.put({ name: 'acme-toy' });
      await expect(start(someHands({ toy: toyKind(world) }))).rejects.toThrow('two things are called acme-toy');
      expect(world.writes).toEqual([]);
    });

    it('when a dangerous change was not reviewed', async () => {
      world.put({ name: 'acme-toy', mark: 'somebody' });
      await expect(start(someHands({ toy: toyKind(world) }), aResource({ allow: { adopt: 'id-1' } }))).rejects.toThrow(
        'did not show "adopt"',
      );
      expect(world.writes).toEqual([]);
    });

    it('when the lease is lost', async () => {
      const hands = someHands(
        { toy: toyKind(world) },
        {
          assertLease: async () => {
            throw new WaitingError('another run took the lease', 'Run again.');
          },
        },
      );
      await expect(start(hands)).rejects.toBeInstanceOf(WaitingError);
      expect(world.writes).toEqual([]);
    });
  });

  it('adopts exactly the thing that was allowed and reviewed', async () => {
    world.put({ name: 'acme-toy', mark: 'somebody' });
    const hands = someHands({ toy: toyKind(world) }, { permits: new Set(['toy:adopt:id-1']) });
    expect((await start(hands, aResource({ allow: { adopt: 'id-1' } }))).result).toBe('adopted');
    expect(world.things[0]?.mark).toBe('uid-1');
  });

  it('adopts one of two that bear our name, and records at once which', async () => {
    world.put({ name: 'acme-toy', mark: 'somebody' });
    world.put({ name: 'acme-toy', mark: 'somebody' });
    const hands = someHands({ toy: toyKind(world) }, { permits: new Set(['toy:adopt:id-2']) });
    expect(await start(hands, aResource({ allow: { adopt: 'id-2' } }))).toMatchObject({
      result: 'adopted',
      id: 'id-2',
    });
    expect(world.things.map(({ mark }) => mark)).toEqual(['somebody', 'uid-1']);
    expect(hands.checkpoints).toEqual(['toy {"id":"id-2"}']);
  });

  it('creates a vanished thing anew when that was allowed and reviewed', async () => {
    const hands = someHands(
      { toy: toyKind(world) },
      { permits: new Set(['toy:recreate:id-7']), recorded: new Map([['toy', { id: 'id-7' }]]) },
    );
    expect((await start(hands, aResource({ allow: { recreate: 'id-7' } }))).result).toBe('created');
    expect(hands.recorded.get('toy')).toEqual({ id: 'id-1' });
  });

  it('does not recreate one thing because another was once allowed to be', async () => {
    const recorded = new Map([['toy', { id: 'id-8' }]]);
    const hands = someHands({ toy: toyKind(world) }, { permits: new Set(['toy:recreate:id-7']), recorded });
    await expect(start(hands, aResource({ allow: { recreate: 'id-7' } }))).rejects.toThrow('id-8 is gone');
    expect(world.writes).toEqual([]);
  });

  it('creates a vanished thing anew when it holds no data', async () => {
    const hands = someHands(
      { toy: toyKind(world, { holdsData: false }) },
      { recorded: new Map([['toy', { id: 'id-7' }]]) },
    );
    expect((await start(hands)).result).toBe('created');
  });

  describe('until ready', () => {
    const down = new ProviderError(
      { vendor: 'toy', operation: 'read', status: 502, transient: true, ambiguous: false },
      'toy is down',
      'Run again.',
    );

    it('waits, and says once for what', async () => {
      world.mood.readyAfter = 3;
      const hands = someHands({ toy: toyKind(world) });
      await start(hands);
      expect(hands.events.filter(({ type }) => type === 'waiting')).toEqual([
        { type: 'waiting', agency: 'acme', address: 'toy', on: 'its paint to dry' },
      ]);
    });

    it('ends as Waiting when time is up; the id is recorded', async () => {
      world.mood.readyAfter = 1_000;
      const hands = someHands({ toy: toyKind(world) });
      await expect(start(hands)).rejects.toThrow('waiting for its paint to dry');
      expect(hands.recorded.get('toy')).toEqual({ id: 'id-1' });
    });

    it('bears a vendor that fails for a while, and gives up on one that fails for long', async () => {
      const failing = (times: number) => {
        let left = times;
        return toyKind(world, {
          ready: async (_, found) => {
            left -= 1;
            if (left >= 0) throw down;
            return { state: 'ready', found };
          },
          pace: { everyMs: 10_000, forMs: 600_000 },
        });
      };
      const hands = someHands({ toy: failing(5) });
      expect((await start(hands)).result).toBe('created');
      expect(hands.events).toContainEqual({
        type: 'waiting',
        agency: 'acme',
        address: 'toy',
        on: 'the vendor to answer',
      });
      await expect(start(someHands({ toy: failing(50) }))).rejects.toThrow('toy is down');
    });

    it('ends with the vendor’s error when time is up and the last look failed', async () => {
      let looks = 0;
      const failing = toyKind(world, {
        ready: async () => {
          looks += 1;
          if (looks > 1) throw down;
          return { state: 'waiting', on: 'its paint to dry' };
        },
        pace: { everyMs: 10_000, forMs: 20_000 },
      });
      await expect(start(someHands({ toy: failing }))).rejects.toBe(down);
    });

    it('ends as Waiting when time is up and the vendor had recovered', async () => {
      let looks = 0;
      const recovering = toyKind(world, {
        ready: async () => {
          looks += 1;
          if (looks === 1) throw down;
          return { state: 'waiting', on: 'its paint to dry' };
        },
        pace: { everyMs: 10_000, forMs: 20_000 },
      });
      await expect(start(someHands({ toy: recovering }))).rejects.toThrow('waiting for its paint to dry');
    });

    it('fails with the vendor’s cause when it cannot become ready', async () => {
      world.mood.broken = 'the build failed';
      await expect(start(someHands({ toy: toyKind(world) }))).rejects.toMatchObject({
        class: 'provider',
        message: expect.stringContaining('the build failed'),
      });
    });
  });
});
