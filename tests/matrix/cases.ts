import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { ProviderError, type ProvisionerError } from '../../action/src/engine/errors.ts';
import type { RunReport } from '../../action/src/outcome.ts';
import { apply, type Child, startApply } from './child.ts';
import { applyHere } from './here.ts';
import { expectHandedOver, expectNoWrites } from './oracle.ts';
import { nameOf, type Site } from './sites.ts';
import { aWorld, calm, disturb, type World } from './world.ts';

/** Kills a real process while it waits for the answer at `site`, before or after the vendor did its work, and reruns. */
export async function crash(program: string, site: Site, when: 'before' | 'after'): Promise<void> {
  const world = await aWorld();
  await killAt(program, world, site, when);
  await expectDone(program, world);
  await expectSettled(world);
}

/** Lets a process run until it is held at `site`, and ends it there as a power cut would. */
export async function killAt(program: string, world: World, site: Site, when: 'before' | 'after'): Promise<void> {
  await disturb(world, site, { effect: 'hold', when });
  const child = startApply(program, world);
  await held(world, child, site);
  child.process.kill('SIGKILL');
  const { signal, said } = await child.ended;
  expect(signal, said).toBe('SIGKILL');
  await until(async () => (await world.holds()).length === 0);
  await calm(world, [site]);
}

/** The vendor does its work and the answer is lost; the same run or the next one ends well. */
export async function lose(program: string, site: Site): Promise<void> {
  const world = await aWorld();
  await disturb(world, site, { effect: 'drop-after-commit' });
  const { code, said } = await apply(program, world);
  await calm(world, [site]);
  expect([0, 1], said).toContain(code);
  if (code !== 0) await expectDone(program, world);
  await expectSettled(world);
}

/** One call site misbehaves once, or every read of a run does; the same run or the next one ends well. */
export async function stumble(sites: readonly Site[], effect: object, deadlineMs?: number): Promise<RunReport> {
  const world = await aWorld();
  for (const site of sites) await disturb(world, site, effect);
  const { report } = await applyHere(world, deadlineMs === undefined ? {} : { deadlineMs });
  await calm(world, sites);
  if (report.result !== 'done') {
    expect(errorsOf(report).map((error) => [error.class, error.message])).toEqual(
      errorsOf(report).map(({ message }) => [expect.stringMatching(/^(provider|waiting)$/), message]),
    );
    await expectDoneHere(world);
  }
  await expectSettled(world);
  return report;
}

/** Longer than five attempts with the vendors' pauses take, and much shorter than a run that never gives up. */
const GIVES_UP_WITHIN_MS = 20_000;

/** A call site fails for good: the run ends red and says why; once the vendor has mended it the next one ends well. */
export async function persist(site: Site, effect: object, deadlineMs?: number): Promise<void> {
  const world = await aWorld();
  await disturb(world, site, { ...effect, count: 'always' });
  const began = performance.now();
  const { report } = await applyHere(world, deadlineMs === undefined ? {} : { deadlineMs });
  expect(performance.now() - began, 'time to give up').toBeLessThan(GIVES_UP_WITHIN_MS);
  await calm(world, [site]);
  expect(report.result).toBe('failed');
  expectExplained(errorsOf(report));
  await expectDoneHere(world);
  await expectSettled(world);
}

/** Each error says which vendor failed at what (or which check was not passed), and what to do about it. */
function expectExplained(errors: readonly ProvisionerError[]): void {
  expect(errors.length, 'errors of a red run').toBeGreaterThan(0);
  for (const error of errors) {
    if (!(error instanceof ProviderError)) throw new Error(`not a vendor's: ${error.class}: ${error.message}`);
    const { vendor, operation } = error.failure;
    expect(error.message).toSatisfy(
      (message: string) => message.startsWith(`${vendor}: ${operation} `) || message.startsWith('acceptance: '),
    );
    expect(error.remedy, error.message).toMatch(/\w+.*\.$/s);
  }
}

export function errorsOf({ error, agencies }: RunReport): ProvisionerError[] {
  const own = agencies.flatMap((agency) => agency.error ?? []);
  const outcomes = agencies.flatMap(({ execution }) => execution?.outcomes ?? []);
  return [...(error ? [error] : []), ...own, ...outcomes.flatMap((outcome) => outcome.error ?? [])];
}

/** Applying once more ends well. */
export async function expectDone(program: string, world: World): Promise<void> {
  const { code, said } = await apply(program, world);
  expect(code, said).toBe(0);
}

async function expectDoneHere(world: World): Promise<void> {
  const { report } = await applyHere(world);
  expect([report.result, errorsOf(report).map(({ message }) => message)]).toEqual(['done', []]);
}

/** All is there once, and a further run changes nothing. */
export async function expectSettled(world: World): Promise<void> {
  await expectHandedOver(world);
  await expectNoWrites(world, () => expectDoneHere(world));
}

/** Resolves when a request of `child` is held; a child that ends before was never there. */
export async function held(world: World, child: Child, site: Site): Promise<void> {
  let end: string | undefined;
  void child.ended.then(({ said }) => {
    end = said;
  });
  await until(async () => end !== undefined || (await world.holds()).length > 0);
  if ((await world.holds()).length > 0) return;
  throw new Error(`the fault at ${nameOf(site)} was never hit; the run ended with ${end}`);
}

const EVERY_MS = 5;
const AT_MOST_MS = 40_000;

export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + AT_MOST_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await wait(EVERY_MS);
  }
}
