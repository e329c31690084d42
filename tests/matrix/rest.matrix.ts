import { describe, expect, inject, it } from 'vitest';
import { expectDone, killAt } from './cases.ts';
import { applyHere } from './here.ts';
import { expectHandedOver, expectNoWrites } from './oracle.ts';
import { readStatus, rewrite } from './room.ts';
import type { Site } from './sites.ts';
import { aWorld, type World } from './world.ts';

const { program } = inject('programs');

type Act = readonly [service: string, method: string, path: string];

const AUTH: Act = ['supabase', 'PATCH', '^/v1/projects/[^/]+/config/auth$'];
const PAUSE: Act = ['vercel', 'POST', '^/v1/projects/[^/]+/pause$'];
const UNPAUSE: Act = ['vercel', 'POST', '^/v1/projects/[^/]+/unpause$'];
const STOP: Act = ['supabase', 'POST', '^/v1/projects/[^/]+/pause$'];
const START: Act = ['supabase', 'POST', '^/v1/projects/[^/]+/restore$'];
const DELETES: readonly Act[] = [
  ['vercel', 'DELETE', '^/v9/projects/[^/]+$'],
  ['supabase', 'DELETE', '^/v1/projects/[^/]+$'],
];
const MOMENTS = ['before', 'after'] as const;

const siteOf = ([service, method, path]: Act): Site => ({ service, method, path, nth: 1 });

async function expectRest(world: World, reason: string): Promise<void> {
  const { conditions = [] } = (await readStatus(world.room)) ?? {};
  expect(conditions.filter(({ type }) => type !== 'Notified')).toMatchObject([{ type: 'Ready', reason }]);
  await expectNoWrites(world, () => expectDone(program, world));
}

/** A world whose agency was handed over without any trouble. */
async function handedOver(plan: 'pro' | 'free' = 'pro'): Promise<World> {
  const world = await aWorld({ plan });
  expect((await applyHere(world)).report.result).toBe('done');
  return world;
}

describe('killed while an agency is put to rest and while it is woken', () => {
  it.each([
    { plan: 'pro', rest: AUTH, wake: AUTH },
    { plan: 'pro', rest: PAUSE, wake: UNPAUSE },
    { plan: 'free', rest: STOP, wake: START },
  ] as const)('on the $plan plan, at $rest.0 $rest.1 $rest.2', async ({ plan, rest, wake }) => {
    const world = await handedOver(plan);
    for (const when of MOMENTS) {
      await rewrite(world.room, '  lifecycle: suspended\n');
      await killAt(program, world, siteOf(rest), when);
      await expectDone(program, world);
      await expectRest(world, 'Suspended');

      await rewrite(world.room, '  lifecycle: active\n');
      await killAt(program, world, siteOf(wake), when);
      await expectDone(program, world);
      await expectHandedOver(world);
    }
  });
});

describe('killed while an agency is destroyed', () => {
  it.each(DELETES.flatMap((act) => MOMENTS.map((when) => [when, ...act] as const)))(
    '%s %s %s %s',
    async (when, ...act) => {
      const world = await handedOver();
      await rewrite(world.room, '  lifecycle: retired\n');
      await expectDone(program, world);
      const { resources = {} } = (await readStatus(world.room)) ?? {};
      const ids = ['supabase.project', 'vercel.project'].map((address) => `${address}: ${resources[address]?.id}`);
      const wish = `  lifecycle: retired\n  destroy: { ${ids.join(', ')} }\n`;
      await rewrite(world.room, wish, (status) => ({ ...status, retainUntil: '2026-01-01T00:00:00Z' }));
      await killAt(program, world, siteOf(act), when);
      await expectDone(program, world);
      await expectRest(world, 'Destroyed');
      const { projects, vercelProjects, users } = await world.state();
      expect([projects.filter(({ status }) => status !== 'REMOVED'), vercelProjects, users]).toEqual([[], [], []]);
      const status = await readStatus(world.room);
      expect([status?.resources, status?.outputs]).toEqual([undefined, undefined]);
    },
  );
});
