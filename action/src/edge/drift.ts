import { composeRun } from '../compose.ts';
import { readEnvironment, readForgeEnvironment } from '../environment.ts';
import { driftIssue } from '../followers/drift-issue.ts';
import type { RunReport } from '../outcome.ts';
import { run } from '../run.ts';
import { placeOf } from './apply.ts';
import { hosting } from './hosting.ts';
import { lastRead } from './last-read.ts';
import type { Task } from './task.ts';

/** Looks whether anything moved by itself, on the branch as it is now; changes nothing but the issue that says so. */
export async function driftHosted({ inputs, variables, workflow, here }: Task): Promise<RunReport> {
  const environment = readEnvironment(variables);
  const hosted = await hosting(here, { environment: readForgeEnvironment(variables), workflow });
  const { issues } = hosted.forge;
  const { load, room } = lastRead(hosted.room.load);
  const issue = driftIssue({
    issues,
    emit: here.emit,
    known: () => new Set(room()?.agencies.map(({ slug }) => slug)),
    ...(workflow && { runUrl: workflow.url }),
  });
  // A look at some agencies says nothing of the others.
  const followers = inputs.agencies.length === 0 ? [issue] : [];
  const ports = await composeRun(here, environment, { ...placeOf(hosted), load, followers });
  return run({ mode: 'plan', agencies: inputs.agencies, settled: true }, ports);
}
