import { resolve } from 'node:path';
import { composeRun, composeValidation, type Here } from '../compose.ts';
import { classify } from '../engine/errors.ts';
import type { RunResult, Stamped } from '../engine/events.ts';
import { readEnvironment, readSurroundings, type Variables } from '../environment.ts';
import type { Follower } from '../ports.ts';
import { actions, type Job, reportError } from '../report/actions.ts';
import { emitTo, type Reporter } from '../report/reporter.ts';
import { run } from '../run.ts';
import { readWorkflow } from '../workflow.ts';
import { type Command, readInputs } from './inputs.ts';
import type { Task } from './task.ts';

/** Whether the job may be green. A plan with changes is: the summary says what would change. Never rejects. */
export async function perform(variables: Variables, job: Job, signal: AbortSignal): Promise<boolean> {
  const reporter = actions(job);
  try {
    const followers: Follower[] = [];
    const emit = emitTo([reporter, passingTo(followers)], { now: () => Date.now() });
    const inputs = readInputs(variables);
    const { base, command } = inputs;
    const dir = resolve(variables.GITHUB_WORKSPACE || '.');
    const here: Here = { dir, signal, emit, ...(base !== undefined && { base }) };
    const workflow = await readWorkflow(variables);
    const follow = (follower: Follower) => void followers.push(follower);
    const result = await commands[command]({ inputs, variables, workflow, here, job, follow });
    return result === 'done' || result === 'changes';
  } catch (thrown) {
    reportError(classify(thrown), job);
    return false;
  } finally {
    reporter.end();
  }
}

/** Each loads what only it needs. */
const commands: Readonly<Record<Command, (task: Task) => Promise<RunResult>>> = {
  validate: async ({ inputs: { agencies }, variables, here }) => {
    const ports = composeValidation(here, readSurroundings(variables));
    return (await run({ mode: 'validate', agencies }, ports)).result;
  },
  plan: async (task) => {
    const { inputs, variables, here } = task;
    const { agencies, all, pull } = inputs;
    if (pull !== undefined) return (await import('./review-pull.ts')).reviewPull(task);
    const ports = await composeRun(here, readEnvironment(variables));
    return (await run({ mode: 'plan', agencies, all }, ports)).result;
  },
  apply: async (task) => (await (await import('./apply.ts')).applyHosted(task)).result,
  drift: async (task) => (await (await import('./drift.ts')).driftHosted(task)).result,
  intake: async (task) => (await import('./intake.ts')).intakeHosted(task),
};

function passingTo(followers: readonly Follower[]): Reporter {
  return {
    event: (event: Stamped) => {
      for (const follower of followers) follower.event(event);
    },
    end: () => undefined,
  };
}
