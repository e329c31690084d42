import { timestamp } from '../lib/clock.ts';
import { poll } from '../lib/poll.ts';
import { type Change, decide } from './decide.ts';
import { InternalError, isAmbiguous } from './errors.ts';
import type { Result } from './events.ts';
import { ATTEMPTS, announce, assertAllowed, unsettled } from './guard.ts';
import type { Done, Job } from './job.ts';
import type { Found, Identity } from './kind.ts';
import { untilReady } from './ready.ts';
import { remove } from './remove.ts';
import type { Recorded } from './resource.ts';

/**
 * Brings one resource to what it should be: look, decide, act on the difference only, look again, wait until it works,
 * record. With `remove` it is all that acts, and it never acts on a memory: whatever it was told before, it looks first.
 * A thing is not created twice because an intent is recorded before, its id right after, and because a create whose
 * answer was lost is looked for until the vendor's list can no longer be stale.
 */
export async function execute(job: Job): Promise<Done> {
  if (job.resource.wish === 'absent') return remove(job);
  const { change, found } = await converge(job);
  if (!found) return nothingThere(job);
  await record(job, found);
  job.created(job.kind.outputs(job.scope, found));
  const working = await untilReady(job, found);
  await record(job, working);
  const outputs = job.kind.outputs(job.scope, working);
  return {
    result: resultOfChange(change),
    id: working.id,
    outputs,
    ...(change.because ? { because: change.because } : {}),
  };
}

/** Of what is only tended nothing may be there; then nothing is remembered of an attempt to make it, either. */
async function nothingThere({ hands, resource }: Job): Promise<Done> {
  if (hands.recorded.has(resource.address)) await hands.checkpoint(resource.address, undefined);
  return { result: 'unchanged', outputs: {} };
}

async function converge(job: Job): Promise<{ change: Change; found?: Found<unknown> }> {
  let first: Change | undefined;
  let mayHaveCreated = hasOpenIntent(job) || job.hands.afterKill === true;
  let answered = false;
  for (let attempt = 1; ; attempt += 1) {
    const seen = await look(job, mayHaveCreated);
    const change = decide(job.resource, job.kind, job.scope, seen);
    assertAllowed(job, change);
    const open = change.differences.filter(({ writeOnly }) => !(writeOnly && answered));
    if (seen.state === 'found' && open.length === 0) return { change: first ?? change, found: seen };
    if (seen.state !== 'found' && change.action === 'noop') return { change };
    if (attempt > ATTEMPTS) throw unsettled(job);
    if (!first) announce(job, change);
    first ??= change;
    const acted = await act(job, change, seen, attempt === ATTEMPTS);
    if (acted.created) return { change: first, found: acted.created };
    answered = acted.answered;
    mayHaveCreated = change.action === 'create';
  }
}

/**
 * While a create may have happened unseen, absence is believed only after the vendor's list had time to show it. By
 * then status holds an intent in place of an id that vanished, so it is looked for by name. A run that was killed counts
 * as an intent for everything, because later ones may not have been written down.
 */
async function look(job: Job, mayHaveCreated: boolean): Promise<Identity<unknown>> {
  const { kind, hands, resource } = job;
  const scope = { ...job.scope, recorded: hands.recorded.get(resource.address) };
  if (!mayHaveCreated) return kind.identify(scope);
  const pace = { everyMs: 1_000, forMs: kind.settlesWithinMs ?? 0 };
  const present = async () => {
    const seen = await kind.identify(scope);
    return seen.state === 'absent' ? undefined : seen;
  };
  return (await poll(scope.clock, pace, present, scope.signal)) ?? { state: 'absent' };
}

/** What came of acting: whether the vendor said that it was done, and what was created where the answer showed it. */
interface Acted {
  readonly answered: boolean;
  readonly created?: Found<unknown>;
}

/** Without `created` the next look has to tell, be it after an update or after a lost answer. */
async function act(job: Job, change: Change, seen: Identity<unknown>, last: boolean): Promise<Acted> {
  const { kind, scope, hands } = job;
  await hands.assertLease();
  try {
    if (change.action === 'create') {
      await intend(job, seen);
      const created = await kind.create(scope);
      return { answered: true, ...(created && { created }) };
    }
    const thing = existing(job, change, seen);
    await kind.update(scope, thing, change.differences);
    // Of two things of our name only the recorded one is found from now on.
    if (change.action === 'adopt') await hands.checkpoint(job.resource.address, { id: thing.id });
    return { answered: true };
  } catch (thrown) {
    if (last || !isAmbiguous(thrown)) throw thrown;
    return { answered: false };
  }
}

function existing(job: Job, change: Change, seen: Identity<unknown>): Found<unknown> {
  if (seen.state === 'found') return seen;
  const adopted = seen.state === 'foreign' ? seen.found.find(({ id }) => id === change.id) : undefined;
  if (!adopted) throw new InternalError(`${job.resource.address} has nothing to ${change.action}`, 'Mend decide.ts.');
  return adopted;
}

/**
 * What the new thing takes the place of stays recorded until then, such as the deployment that serves; but not what
 * vanished, or the next run would look for that instead of for what this one may have created.
 */
async function intend(job: Job, seen: Identity<unknown>): Promise<void> {
  if (job.kind.settlesWithinMs === undefined || hasOpenIntent(job)) return;
  const { address } = job.resource;
  const kept = seen.state === 'absent' ? job.hands.recorded.get(address) : undefined;
  await job.hands.checkpoint(address, { ...kept, intent: timestamp(job.scope.clock.now()) });
}

function hasOpenIntent(job: Job): boolean {
  return job.hands.recorded.get(job.resource.address)?.intent !== undefined;
}

async function record(job: Job, found: Found<unknown>): Promise<void> {
  const { kind, scope, hands, resource } = job;
  const recorded = { id: found.id, ...kind.remember?.(scope, found) };
  if (!sameRecord(hands.recorded.get(resource.address), recorded)) await hands.checkpoint(resource.address, recorded);
}

function sameRecord(a: Recorded | undefined, b: Recorded): boolean {
  if (!a) return false;
  const keys = Object.keys(b);
  return Object.keys(a).length === keys.length && keys.every((key) => a[key] === b[key]);
}

function resultOfChange(change: Change): Result {
  const results = {
    create: 'created',
    update: 'updated',
    replace: 'replaced',
    delete: 'deleted',
    recover: 'recovered',
  } as const;
  if (change.action === 'adopt') return 'adopted';
  return change.action === 'noop' || change.action === 'blocked' ? 'unchanged' : results[change.action];
}
