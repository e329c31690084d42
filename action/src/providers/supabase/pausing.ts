import type { Difference, Scope } from '../../engine/kind.ts';
import { poll } from '../../lib/poll.ts';
import type { ProjectApi, SupabaseProject } from './project-api.ts';

/** A project on its way somewhere takes neither order; when it does not get there, the vendor says so better than we. */
const PATIENCE = { everyMs: 1_000, forMs: 5 * 60_000 };

/** Whether nothing answers in it. */
export function isPaused({ status }: SupabaseProject): boolean {
  return status === 'INACTIVE' || status === 'PAUSING';
}

/** Whether it runs although it need not, or does not although it should. `pausable` says what the plan allows. */
export function pausing(
  { suspended = false }: { readonly suspended?: boolean },
  actual: SupabaseProject,
): Difference[] {
  const isWished = suspended ? isPaused(actual) || !actual.pausable : !isPaused(actual);
  return isWished ? [] : [{ path: 'paused', before: String(!suspended), after: String(suspended) }];
}

type Waiting = Pick<Scope, 'clock' | 'signal'>;

export async function pause(api: ProjectApi, waiting: Waiting, id: string): Promise<void> {
  await until(api, waiting, id, 'ACTIVE_HEALTHY');
  await api.pause(id);
}

/** "This project is no longer in a paused state, it is PAUSING": it has to be down before it is brought up. */
export async function restore(api: ProjectApi, waiting: Waiting, id: string): Promise<void> {
  await until(api, waiting, id, 'INACTIVE');
  await api.restore(id);
}

async function until(api: ProjectApi, { clock, signal }: Waiting, id: string, wanted: string): Promise<void> {
  const reached = async () => {
    const actual = await api.read(id);
    return actual === undefined || actual.status === wanted || undefined;
  };
  await poll(clock, PATIENCE, reached, signal);
}
