import { readCommit, writeCommit } from '../git/commits.ts';
import { mergeTrees } from '../git/merge.ts';
import { moveRef, NOTHING, readRef } from '../git/refs.ts';
import type { PullRequest, Repository } from '../state.ts';
import type { World } from '../world.ts';

/** What GitHub commits with when it makes a commit itself. */
export function platform(world: World) {
  return { name: 'GitHub', email: 'noreply@github.com', at: world.seconds() };
}

/**
 * Tries to merge an open pull request into the base branch as it stands now. The commit becomes `refs/pull/N/merge`, what
 * workflows of a pull request run on; null when it conflicts.
 */
export async function tryMerge(world: World, repository: Repository, issue: PullRequest): Promise<string | null> {
  const { pull, number } = issue;
  const git = world.git(repository);
  const base = await readRef(git, `refs/heads/${pull.baseRef}`);
  if (base === undefined) return null;
  const { trial } = pull;
  if (trial !== null && trial.base === base.sha && trial.head === pull.headSha) return trial.sha;
  const merged = await mergeTrees(git, base.sha, pull.headSha);
  const sha = 'tree' in merged ? await trialCommit(world, repository, issue, base.sha, merged.tree) : null;
  pull.trial = { base: base.sha, head: pull.headSha, sha, told: false };
  const ref = `refs/pull/${number}/merge`;
  const before = (await readRef(git, ref))?.sha ?? NOTHING;
  if (sha !== null && before !== sha) await moveRef(git, ref, sha, before);
  return sha;
}

/** Dated by what it merges, so that looking twice makes one commit. */
async function trialCommit(world: World, repository: Repository, issue: PullRequest, base: string, tree: string) {
  const git = world.git(repository);
  const { headSha } = issue.pull;
  const [ours, theirs] = await Promise.all([readCommit(git, base), readCommit(git, headSha)]);
  const at = Math.max(ours?.committer.at ?? 0, theirs?.committer.at ?? 0);
  const by = { ...platform(world), at };
  const message = `Merge ${headSha} into ${base}`;
  return writeCommit(git, { tree, parents: [base, headSha], author: by, committer: by, message });
}
