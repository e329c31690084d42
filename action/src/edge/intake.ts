import { accessTo } from '../compose.ts';
import type { RunResult } from '../engine/events.ts';
import { readForgeEnvironment } from '../environment.ts';
import { branchPulls } from '../forge/branch-pulls.ts';
import { createGitHub, repositoryOf } from '../forge/github.ts';
import { issueReader } from '../forge/read-issue.ts';
import type { Asked } from '../intake/asked.ts';
import { type IntakeReport, runIntake } from '../intake/run-intake.ts';
import { freshUid } from '../lib/uid.ts';
import { inert } from '../report/actions.ts';
import { controlPlaneOf } from './company.ts';
import { type Hosting, hosting } from './hosting.ts';
import type { Task } from './task.ts';

/** Makes approved requests pull requests: the one that is named, the one that was dispatched, or all there are. */
export async function intakeHosted(task: Task): Promise<RunResult> {
  const { result, headline, markdown, outcomes } = await takeIn(askedOf(task), task);
  const { job } = task;
  job.summarize(markdown);
  job.log(inert(`${headline}\n`));
  job.setOutput('changed', String(outcomes.some(({ opened }) => opened)));
  job.setOutput('result', result);
  job.setOutput('summary', headline);
  job.setOutput('pull-request-url', outcomes.length === 1 ? (outcomes[0]?.url ?? '') : '');
  for (const { request, error } of outcomes) {
    if (error) job.annotate(`${error.message}\n${error.remedy}`, { title: `Request ${request}` });
  }
  return result;
}

/** The same for whoever asks, such as a command line. */
export async function takeIn(
  asked: Asked,
  { variables, workflow, here }: Pick<Task, 'variables' | 'workflow' | 'here'>,
): Promise<IntakeReport> {
  const environment = readForgeEnvironment(variables);
  const hosted = await hosting(here, { environment, workflow });
  const { forge, clock } = hosted;
  // What is asked here changes nothing, so it is asked as the job.
  const policy = { clock, ...(here.fetch && { fetch: here.fetch }) };
  const reading = repositoryOf(createGitHub(accessTo(environment), policy), environment.repository);
  return runIntake(asked, {
    git: forge.git,
    pulls: forge.pulls,
    pullsOf: branchPulls(reading),
    issue: issueReader(reading),
    comments: forge.comments,
    controlPlane: await controlPlaneOf(environment, policy),
    base: hosted.branch,
    uid: freshUid,
    room: () => roomOf(hosted),
    emit: here.emit,
  });
}

/** A dispatch is read out of its event: what people wrote goes through no expression of a workflow. */
function askedOf({ inputs: { request, issue }, workflow }: Task): Asked {
  const event = workflow?.event;
  return {
    ...(request !== undefined && { request }),
    ...(issue !== undefined && { issue }),
    ...(event?.name === 'repository_dispatch' && { dispatch: event.payload }),
  };
}

async function roomOf({ room }: Hosting) {
  const { agencies } = await room.load();
  return { commit: room.revision() ?? '', agencies };
}
