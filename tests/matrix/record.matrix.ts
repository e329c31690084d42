import { describe, expect, it } from 'vitest';
import { aRecordRoom, settled, underWay } from '../support/record-room.ts';

const begun = underWay({ 'supabase.project': { intent: '2026-01-01T00:00:00Z' } });
const made = underWay({ 'supabase.project': { id: 'abc' } });
const done = settled({ 'supabase.project': { id: 'abc' } });
const MINUTE = 60_000;

describe('a process that dies, or hears nothing, at any call of a landing', () => {
  /** A run over `acme` whose n-th write is the last that arrives, or the first that does not. */
  async function dieAt(at: number, lose: 'before' | 'after', branch: 'open' | 'protected' | 'opened again') {
    const dead = () => {
      // Longer than anybody waits for it to come back.
      rig.clock.advance(5 * MINUTE);
      return Response.json({ message: 'dead' }, { status: 500 });
    };
    let writes = 0;
    const rig = await aRecordRoom({
      as: { as: 'actions' },
      before: ({ method }) => {
        if (method === 'GET') return undefined;
        writes += 1;
        return writes > at || (lose === 'before' && writes === at) ? dead() : undefined;
      },
      after: ({ method }) => (method !== 'GET' && writes >= at ? dead() : undefined),
    });
    if (branch !== 'open') rig.room.protect('main');
    if (branch === 'opened again') {
      const earlier = await rig.second({ as: 'actions' });
      await earlier.save('gamma', begun);
      await earlier.flush();
      rig.room.protect('main', { pullRequest: false });
    }
    await rig.first.save('acme', begun).catch(() => undefined);
    await rig.first.save('acme', made).catch(() => undefined);
    const error = await rig.first.flush().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { ...rig, reached: writes >= at, error };
  }

  const writes = { open: 4, protected: 10, 'opened again': 8 } as const;
  const cases = (['open', 'protected', 'opened again'] as const).flatMap((branch) =>
    (['before', 'after'] as const).flatMap((lose) =>
      Array.from({ length: writes[branch] }, (_, at) => ({ at: at + 1, lose, branch })),
    ),
  );
  it.each(cases)('$branch branch, write $at, $lose it: the next run records all the same', async (one) => {
    const rig = await dieAt(one.at, one.lose, one.branch);
    const later = await rig.second({ as: 'actions' });
    const read = await later.reads('acme');
    expect([undefined, begun, made]).toContainEqual(read);
    if (one.branch === 'opened again') expect(await later.reads('gamma')).toEqual(begun);
    if (!rig.reached) expect(rig.error).toBeUndefined();
    await later.save('acme', done);
    await later.flush();
    expect(await (await rig.second()).reads('acme')).toEqual(done);
    if (one.branch !== 'protected') expect(await rig.room.branches()).toEqual(['main']);
    const log = await rig.room.log();
    expect(log.every(({ parents }) => parents.length <= 1)).toBe(true);
  });
});
