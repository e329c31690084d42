import { accessTo, composeRun } from '../compose.ts';
import { classify, ProvisionerError } from '../engine/errors.ts';
import { type Environment, readEnvironment, readForgeEnvironment } from '../environment.ts';
import type { RunReport } from '../outcome.ts';
import type { Place } from '../ports.ts';
import { notBegun, run } from '../run.ts';
import { applyFollowers } from './followers.ts';
import { type Hosting, hosting } from './hosting.ts';
import { lastRead } from './last-read.ts';
import { reviewedBy } from './reviewed.ts';
import type { Task } from './task.ts';

/** Runs that write wait for each other in one queue; what is left is a command line, or a run that died. */
const WAIT_MS = 12 * 60_000;

/** Makes what is due so, on the branch as it is now, and records it there. */
export async function applyHosted(task: Task): Promise<RunReport> {
  const { inputs, variables, workflow, here } = task;
  const repository = readForgeEnvironment(variables);
  const hosted = await hosting(here, { environment: repository, workflow, waitMs: WAIT_MS });
  const { load, room } = lastRead(hosted.room.load);
  const environment = readOf(() => readEnvironment(variables));
  const audience = { task, environment: repository, hosted, room };
  if (environment instanceof ProvisionerError) {
    return notBegun(environment, { followers: await applyFollowers(audience), emit: here.emit });
  }
  const followers = await applyFollowers({ ...audience, resend: environment.resend });
  for (const follower of followers) task.follow(follower);
  const place = { ...placeOf(hosted), load, followers, reviewed: () => reviewed(task, hosted, accessTo(environment)) };
  const ports = await composeRun(here, environment, place);
  const { agencies, all, failed } = inputs;
  return run({ mode: 'apply', agencies, all, failed }, ports);
}

/** What is missing there is told where people look, and not in the log alone. */
function readOf(read: () => Environment): Environment | ProvisionerError {
  try {
    return read();
  } catch (thrown) {
    return classify(thrown);
  }
}

export function placeOf({ room }: Hosting): Place {
  return { load: room.load, lease: room.lease, recorder: room.recorder, revision: room.revision };
}

async function reviewed(
  { workflow, here }: Task,
  { room, forge, clock }: Hosting,
  access: ReturnType<typeof accessTo>,
) {
  const { githubRevisions } = await import('../forge/revisions.ts');
  const policy = { clock, signal: here.signal, ...(here.fetch && { fetch: here.fetch }) };
  return reviewedBy(
    workflow,
    { room: room.room, git: forge.git },
    {
      revisions: (refs) => githubRevisions(access, policy)(refs),
      clock,
      signal: here.signal,
    },
  );
}
