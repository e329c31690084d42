import { poll } from '../lib/poll.ts';
import { type Change, decide } from './decide.ts';
import { InternalError, isAmbiguous } from './errors.ts';
import { ATTEMPTS, announce, assertAllowed, unsettled } from './guard.ts';
import type { Done, Job } from './job.ts';
import type { Identity } from './kind.ts';

/**
 * Removes one resource for good: look, remove only what is provably ours, look again until it is gone, and only then
 * forget it together with its parts. A run that died in between finds it gone, or finds it and goes on.
 */
export async function remove(job: Job): Promise<Done> {
  for (let attempt = 1, removed = false; ; attempt += 1) {
    const change = decide(job.resource, job.kind, job.scope, await look(job, removed));
    assertAllowed(job, change);
    if (change.action === 'noop') return forget(job);
    if (attempt > ATTEMPTS) throw unsettled(job);
    if (attempt === 1) announce(job, change);
    await act(job, change, attempt === ATTEMPTS);
    removed = true;
  }
}

/** What was just removed may still be shown for a moment. */
async function look({ kind, scope, hands, resource }: Job, removed: boolean): Promise<Identity<unknown>> {
  const told = { ...scope, recorded: hands.recorded.get(resource.address) };
  if (!removed) return kind.identify(told);
  let seen: Identity<unknown> = { state: 'absent' };
  const gone = async () => {
    seen = await kind.identify(told);
    return seen.state === 'found' ? undefined : seen;
  };
  const pace = { everyMs: 1_000, forMs: kind.settlesWithinMs ?? 0 };
  return (await poll(scope.clock, pace, gone, scope.signal)) ?? seen;
}

async function act({ kind, scope, hands, resource }: Job, { action, id }: Change, last: boolean): Promise<void> {
  if (id === undefined) throw new InternalError(`${resource.address} has nothing to ${action}`, 'Mend decide.ts.');
  await hands.assertLease();
  try {
    await kind.delete(scope, id);
  } catch (thrown) {
    if (last || !isAmbiguous(thrown)) throw thrown;
  }
}

/** Its parts were its own: what held them is gone, so they are. */
async function forget({ hands, resource }: Job): Promise<Done> {
  const { address, parts = [] } = resource;
  const known = [address, ...parts].filter((one) => hands.recorded.has(one));
  if (known.length === 0) return { result: 'unchanged', outputs: {} };
  const id = hands.recorded.get(address)?.id;
  await hands.checkpoint(address, undefined, parts);
  return { result: 'deleted', outputs: {}, ...(id !== undefined && { id }) };
}
