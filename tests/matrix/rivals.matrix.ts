import { describe, expect, inject, it } from 'vitest';
import { expectSettled, held, until } from './cases.ts';
import { apply, type Ended, startApply } from './child.ts';
import { nameOf } from './sites.ts';
import { aWorld, disturb } from './world.ts';

const { program } = inject('programs');
const HELD_BY = /another run (is at work \(process \d+ on \S+\)|took the lease)/;
const RACES = 4;

function expectTurnedAway({ code, events, said }: Ended): void {
  expect(code, said).toBe(1);
  expect(events.at(-1)).toMatchObject({ type: 'run', result: 'waiting', error: { class: 'waiting' } });
  expect(said).toMatch(HELD_BY);
}

describe('two applies over one control room', () => {
  it('the second stops at once, says who is at work, and calls no vendor', async () => {
    const world = await aWorld();
    const site = inject('sites').find((one) => nameOf(one) === 'supabase POST /v1/projects#1');
    if (!site) throw new Error('no call site creates a project');
    await disturb(world, site, { effect: 'hold' });
    const first = startApply(program, world);
    await held(world, first, site);
    const before = (await world.requests()).length;
    const second = await apply(program, world);
    expectTurnedAway(second);
    expect(second.said).toContain(`process ${first.process.pid} on`);
    // The first one may look at what needs no project meanwhile; it is the only one that is there.
    const after = (await world.requests()).slice(before).map(({ method }) => method);
    expect(after.filter((method) => method !== 'GET')).toEqual([]);
    await world.ask('DELETE', '/_cloud/faults');
    await world.ask('POST', '/_cloud/release');
    const { code, said } = await first.ended;
    expect(code, said).toBe(0);
    await expectSettled(world);
  });

  it.each(Array.from({ length: RACES }, (_, race) => race + 1))('started together, race %i', async () => {
    const world = await aWorld();
    const both = await Promise.all([apply(program, world), apply(program, world)]);
    const [winner, loser] = both.toSorted((a, b) => (a.code ?? 9) - (b.code ?? 9));
    expect(winner?.code, winner?.said).toBe(0);
    if (!loser) throw new Error('there were two');
    expectTurnedAway(loser);
    await until(async () => (await world.holds()).length === 0);
    await expectSettled(world);
  });
});
