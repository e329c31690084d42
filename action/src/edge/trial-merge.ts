import { ManifestError, WaitingError } from '../engine/errors.ts';
import type { GitData, PullRequest } from '../forge/forge.ts';
import type { WorkflowEvent } from '../workflow.ts';
import type { Hosting } from './hosting.ts';
import type { Task } from './task.ts';

/** GitHub finds out within seconds whether a pull request can be merged, once it is asked. */
const [LOOKS, APART_MS] = [12, 3_000];

/** An open pull request as its last push left it. */
export interface Trial {
  readonly pull: PullRequest;
  /** GitHub's merge of that very push on trial, and the commit of the branch that it was made onto; absent for a conflict. */
  readonly merge?: TrialMerge;
}

export interface TrialMerge {
  readonly commit: string;
  readonly onto: string;
}

/**
 * The pull request that the job is about. A commit may be at the head of several, a stranger's among them: where a run of
 * a workflow asks, it is the one which that run was for, and else the oldest into the branch that is applied, because
 * whoever copies a commit comes later than its author.
 */
export async function pullOf(
  { inputs: { pull }, workflow }: Task,
  { forge, branch }: Hosting,
): Promise<PullRequest | undefined> {
  if (typeof pull === 'number') return forge.pulls.read(pull);
  const open = await forge.pulls.open(undefined, branch);
  const [oldest] = open
    .filter(({ head }) => head.sha === pull?.head && isAskedFor(head, workflow?.event))
    .toSorted((a, b) => a.number - b.number);
  return oldest && forge.pulls.read(oldest.number);
}

function isAskedFor({ sha, ref, repository }: PullRequest['head'], event: WorkflowEvent | undefined): boolean {
  if (event?.name !== 'workflow_run' || event.headSha !== sha) return true;
  return repository === event.headRepository && ref === event.headBranch;
}

/**
 * Waits until GitHub has merged the last push on trial: for a while it still shows the merge of the push before.
 * Rejects when it is closed, and as Waiting when GitHub takes longer than half a minute.
 */
export async function trialOf(pull: PullRequest, { forge, clock }: Hosting, { here }: Task): Promise<Trial> {
  let seen = pull;
  for (let look = 1; look <= LOOKS; look += 1) {
    if (seen.state === 'closed') throw closed(pull);
    if (seen.mergeable === false) return { pull: seen };
    const merge = await mergeOf(seen, forge.git);
    if (merge) return { pull: seen, merge };
    await clock.sleep(APART_MS, here.signal);
    seen = await forge.pulls.read(pull.number);
  }
  throw new WaitingError(
    `GitHub does not say what merging the last push of pull request #${pull.number} would make`,
    'Run it again in a minute.',
  );
}

async function mergeOf({ mergeCommit, head }: PullRequest, git: GitData): Promise<TrialMerge | undefined> {
  if (mergeCommit === undefined) return undefined;
  const [onto, merged] = (await git.commit(mergeCommit)).parents;
  return onto !== undefined && merged === head.sha ? { commit: mergeCommit, onto } : undefined;
}

function closed({ number }: PullRequest): ManifestError {
  return new ManifestError(`pull request #${number} is closed`, 'What was merged is planned and applied by apply.');
}
