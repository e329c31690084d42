import { randomUUID } from 'node:crypto';
import type { Environment } from '../environment.ts';
import { controlPlaneFollower } from '../followers/control-plane.ts';
import { residentsOf } from '../followers/onboarding.ts';
import type { RoomInput } from '../manifest/load.ts';
import type { Follower } from '../ports.ts';
import type { Task } from './apply.ts';
import { controlPlaneOf } from './company.ts';
import type { Hosting } from './hosting.ts';

export interface Audience {
  readonly task: Task;
  readonly environment: Environment;
  readonly hosted: Hosting;
  /** The control room as it was loaded last. */
  loaded(): RoomInput | undefined;
}

/** Everybody who is told of an apply, in the order in which they hear of its end. */
export async function applyFollowers(audience: Audience): Promise<Follower[]> {
  return await companyOf(audience);
}

async function companyOf({ task, environment, hosted, loaded }: Audience): Promise<Follower[]> {
  const { clock } = hosted;
  const { emit, fetch } = task.here;
  const plane = await controlPlaneOf(environment, { clock, ...(fetch && { fetch }) });
  if (!plane) return [];
  const room = async () => {
    const input = loaded();
    return input ? residentsOf(input) : [];
  };
  return [controlPlaneFollower({ plane, runId: task.workflow?.runId ?? randomUUID(), room, clock, emit })];
}
