import { poll } from '../lib/poll.ts';
import { isTransient, ProviderError, WaitingError } from './errors.ts';
import type { Job } from './job.ts';
import type { Found } from './kind.ts';

/** How long a vendor may fail in a row while it is asked; services that start up often do, for a while. */
const PATIENCE_MS = 2 * 60_000;

/**
 * Waits until a thing works, at its kind's pace, and gives it as it is then. Rejects with the vendor's cause when it
 * cannot come to work, and with Waiting when its time is up.
 */
export async function untilReady(job: Job, found: Found<unknown>): Promise<Found<unknown>> {
  const { kind, scope } = job;
  if (!kind.ready || !kind.pace) return found;
  const watch = watchOf(job, found);
  const working = await poll(scope.clock, kind.pace, watch.look, scope.signal);
  if (working) return working;
  if (watch.failure()) throw watch.failure();
  throw new WaitingError(
    `${job.resource.address} is not ready yet: waiting for ${watch.on()}`,
    'Run again; it goes on from here.',
  );
}

/** Asks whether it works, and tells each time that it waits for something else; `failure` is the last look's, if it failed. */
function watchOf(job: Job, found: Found<unknown>) {
  const { kind, scope, hands, resource } = job;
  let on = '';
  let failure: unknown;
  let lastAnswer = scope.clock.elapsed();
  const wait = (next: string) => {
    if (next !== on) hands.emit({ type: 'waiting', agency: hands.agency.slug, address: resource.address, on: next });
    on = next;
    return undefined;
  };
  const look = async (): Promise<Found<unknown> | undefined> => {
    try {
      const readiness = await kind.ready?.(scope, found);
      failure = undefined;
      lastAnswer = scope.clock.elapsed();
      if (readiness?.state === 'ready') return readiness.found;
      if (readiness?.state === 'failed') throw broken(job, readiness.because, readiness.remedy);
      return wait(readiness?.on ?? 'its vendor');
    } catch (thrown) {
      if (!isTransient(thrown) || scope.clock.elapsed() - lastAnswer > PATIENCE_MS) throw thrown;
      failure = thrown;
      return wait('the vendor to answer');
    }
  };
  return { look, on: () => on, failure: () => failure };
}

function broken(job: Job, because: string, remedy: string): ProviderError {
  const vendor = job.resource.kind.split('.')[0] ?? '';
  const failure = { vendor, operation: 'become ready', transient: false, ambiguous: false };
  return new ProviderError(failure, `${job.resource.address} failed: ${because}`, remedy);
}
