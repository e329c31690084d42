import type { Environment } from '../environment.ts';
import type { Follower } from '../ports.ts';
import type { Task } from './apply.ts';
import type { Hosting } from './hosting.ts';

/** Everybody who is told of an apply, in the order in which they hear of its end. */
export async function applyFollowers(_task: Task, _environment: Environment, _hosting: Hosting): Promise<Follower[]> {
  return [];
}
