import type { Change } from './decide.ts';
import { BlockedError, ProviderError } from './errors.ts';
import type { Job } from './job.ts';
import { applyByName, permitFor } from './policy.ts';

/** Acting, losing the answer, and acting once more; a third try would only repeat what the vendor keeps refusing. */
export const ATTEMPTS = 3;

/** Says that something is about to be done. */
export function announce(job: Job, { action }: Change): void {
  job.hands.emit({ type: 'started', agency: job.hands.agency.slug, address: job.resource.address, action });
}

/** Throws for what a person has to decide, and for a danger that nobody agreed to. */
export function assertAllowed(job: Job, change: Change): void {
  const { address } = job.resource;
  if (change.action === 'blocked') {
    throw new BlockedError(`${address} is blocked: ${change.because}`, change.remedy ?? 'Decide, and run again.');
  }
  const permit = permitFor(change);
  if (permit !== undefined && !job.hands.permits.has(permit)) {
    throw new BlockedError(
      `${address} is blocked: the reviewed plan did not show "${change.danger}"`,
      `Something changed since the plan was made. Look at the plan again, and if it is meant, ${applyByName(job.hands.agency.slug)}.`,
    );
  }
}

/** The vendor says yes to everything, and it is never so. */
export function unsettled(job: Job): ProviderError {
  return new ProviderError(
    { vendor: job.resource.kind.split('.')[0] ?? '', operation: 'converge', transient: true, ambiguous: false },
    `${job.resource.address} does not stay as it was set`,
    'Look whether somebody else changes it at the vendor, and run again.',
  );
}
