import type { Actor } from '../actors.ts';
import { record } from '../events.ts';
import type { PullRequest, Repository } from '../state.ts';
import { pullView } from '../views/issues.ts';
import type { World } from '../world.ts';
import { tryMerge } from './trial.ts';

/** Notes a `pull_request` event. Its runs have the trial merge for GITHUB_SHA; a closed one has the head. */
export async function recordPull(
  world: World,
  repository: Repository,
  issue: PullRequest,
  actor: Actor,
  action: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  const { number, pull } = issue;
  const sha = issue.state === 'open' ? await tryMerge(world, repository, issue) : (pull.mergeCommitSha ?? pull.headSha);
  const merged = { merged: pull.mergedAt !== null };
  const payload = { action, number, pull_request: { ...pullView(world, repository, issue), ...merged }, ...more };
  const ref = pull.mergedAt === null ? `refs/pull/${number}/merge` : `refs/heads/${pull.baseRef}`;
  await record(world, repository, actor, { name: 'pull_request', payload, run: { ref, sha } });
}

/** Closes it, as merged when `mergeCommit` is given. */
export async function closePull(
  world: World,
  repository: Repository,
  issue: PullRequest,
  actor: Actor,
  mergeCommit?: string,
): Promise<void> {
  const now = world.now();
  issue.state = 'closed';
  issue.closedAt = now;
  issue.closedBy = actor.login;
  issue.updatedAt = now;
  if (mergeCommit !== undefined) {
    issue.pull.mergedAt = now;
    issue.pull.mergedBy = actor.login;
    issue.pull.mergeCommitSha = mergeCommit;
  }
  await recordPull(world, repository, issue, actor, 'closed');
}
