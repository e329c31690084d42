import { describe, expect, inject, it } from 'vitest';
import { expectSettled, killAt, until } from './cases.ts';
import { startApply } from './child.ts';
import { applyHere } from './here.ts';
import { nameOf, type Site } from './sites.ts';
import { aWorld, disturb, type World } from './world.ts';

const sites = inject('sites');
const { program } = inject('programs');

/** What a vendor creates twice if asked twice, and the list by which it is found again. */
const CREATES = [
  ['supabase POST /v1/projects#1', 'supabase GET /v1/organizations/*/projects#1'],
  ['vercel POST /v13/deployments#1', 'vercel GET /v7/deployments#1'],
] as const;

/** The declared bounds (30 s and 20 s) become 1.5 s and 1 s: long enough for a busy machine to end the staleness. */
const TIME_SCALE = 0.05;
const LOOKS_IN_VAIN = 3;

function siteCalled(name: string): Site {
  const site = sites.find((one) => nameOf(one) === name);
  if (!site) throw new Error(`no call site is called ${name}`);
  return site;
}

async function fired(world: World): Promise<number> {
  const faults = (await world.ask('GET', '/_cloud/faults')) as readonly { fired: number }[];
  return Math.max(0, ...faults.map((fault) => fault.fired));
}

const hideAll = { effect: 'stale', ms: 3_600_000, nth: 1, count: 'always' };

describe('a list that does not show yet what was created', () => {
  it.each(CREATES)('%s, killed after it: the next run looks until the list shows it', async (create, list) => {
    const world = await aWorld({ timeScale: TIME_SCALE });
    await killAt(program, world, siteCalled(create), 'after');
    await disturb(world, siteCalled(list), hideAll);
    const rerun = startApply(program, world);
    await until(async () => (await fired(world)) >= LOOKS_IN_VAIN);
    await world.ask('DELETE', '/_cloud/faults');
    const { code, said } = await rerun.ended;
    expect(code, said).toBe(0);
    await expectSettled(world);
  });

  it.each(CREATES)('%s, its answer lost: the same run looks until the list shows it', async (create, list) => {
    const world = await aWorld({ timeScale: TIME_SCALE });
    await disturb(world, siteCalled(create), { effect: 'drop-after-commit' });
    // Hidden for 700 ms, that is for 14 s of the product’s time.
    await disturb(world, siteCalled(list), { ...hideAll, ms: 700 });
    const { report } = await applyHere(world);
    expect(await fired(world)).toBeGreaterThanOrEqual(LOOKS_IN_VAIN);
    await world.ask('DELETE', '/_cloud/faults');
    expect(report.result).toBe('done');
    await expectSettled(world);
  });

  it('killed after every create in turn, then all lists late: still nothing twice', async () => {
    const world = await aWorld({ timeScale: TIME_SCALE });
    for (const [create] of CREATES) await killAt(program, world, siteCalled(create), 'after');
    for (const [, list] of CREATES) await disturb(world, siteCalled(list), hideAll);
    const rerun = startApply(program, world);
    await until(async () => (await fired(world)) >= LOOKS_IN_VAIN);
    await world.ask('DELETE', '/_cloud/faults');
    const { code, said } = await rerun.ended;
    expect(code, said).toBe(0);
    await expectSettled(world);
  });
});
