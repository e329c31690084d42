import type { ControlPlane, JobEnd, OpenJob } from '../control-plane/control-plane.ts';
import type { Status } from '../manifest/schema.ts';
import type { RunReport } from '../outcome.ts';
import { isSettled, keyOf, type Resident, statusAfter } from './onboarding.ts';

const DIED = {
  state: 'failed',
  errorMessage: 'Its run ended before this was done; a later one went on with it.',
} as const;

/** How a job ended whose run did not say it, by what is recorded of its agency. */
export function endOf(status: Status | undefined): JobEnd {
  return isSettled(status) ? { state: 'completed' } : DIED;
}

export interface LeftOptions {
  readonly plane: Pick<ControlPlane, 'endJobs'>;
  room(): Promise<readonly Resident[]>;
}

/**
 * Ends the jobs that other runs left open. Only for jobs that were open while this run alone could act. One that is
 * pending waits for a later run, so it stays until its agency needs none.
 */
export async function endLeft(
  left: readonly OpenJob[],
  report: RunReport,
  { plane, room }: LeftOptions,
): Promise<void> {
  const residents = new Map((await room()).map((resident) => [keyOf(resident.requestId), resident]));
  const ended = left.map((job) => {
    const resident = residents.get(keyOf(job.requestId));
    const end = endOf(resident && (statusAfter(report, resident.slug) ?? resident.status));
    return { ...job, end, waits: job.state === 'pending' && resident !== undefined && end === DIED };
  });
  for (const end of [{ state: 'completed' }, DIED] as const) {
    const ids = ended.filter((job) => !job.waits && job.end.state === end.state).map(({ id }) => id);
    await plane.endJobs(ids, end);
  }
}
