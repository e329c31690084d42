import type { Here } from '../compose.ts';
import type { Variables } from '../environment.ts';
import type { Follower } from '../ports.ts';
import type { Job } from '../report/actions.ts';
import type { Workflow } from '../workflow.ts';
import type { Inputs } from './inputs.ts';

/** A job of the action, as its commands are handed it. */
export interface Task {
  readonly inputs: Inputs;
  readonly variables: Variables;
  readonly workflow: Workflow | undefined;
  readonly here: Here;
  /** For what a command says beside its events. */
  readonly job: Job;
  /** Lets somebody hear every event from now on. */
  follow(follower: Follower): void;
}
