import { readCommit, writeCommit } from '../git/commits.ts';
import { mergeBase } from '../git/history.ts';
import { mergeTrees } from '../git/merge.ts';
import { moveRef, NOTHING, readRef } from '../git/refs.ts';
import type { PullRequest, Repository } from '../state.ts';
import type { World } from '../world.ts';

/** What GitHub commits with when it makes a commit itself. */
export function platform(world: World) {
  return { name: 'GitHub', email: 'noreply@github.com', at: world.seconds() };
}

/** https://github.blog/changelog/2026-02-19-changes-to-test-merge-commit-generation-for-pull-requests */
const KEPT_MS = 12 * 60 * 60_000;

/**
 * Tries to merge an open pull request into the base branch as it stands now. The commit becomes `refs/pull/N/merge`, what
 * workflows of a pull request run on; null when it conflicts. As at GitHub it is made anew only after a push to the
 * head, another merge base, or twelve hours: until then it stays on the base as that was.
 */
export async function tryMerge(world: World, repository: Repository, issue: PullRequest): Promise<string | null> {
  const { pull, number } = issue;
  const git = world.git(repository);
  const base = await readRef(git, `refs/heads/${pull.baseRef}`);
  if (base === undefined) return null;
  const { trial } = pull;
  const now = world.context.clock.now();
  const isFresh = trial !== null && trial.head === pull.headSha && now - trial.at < KEPT_MS;
  if (isFresh && trial.base === base.sha) return trial.sha;
  const merged = await mergeTrees(git, base.sha, pull.headSha);
  if ('tree' in merged && isFresh && trial.sha !== null && (await isKept(world, repository, trial.sha, base.sha))) {
    pull.trial = { ...trial, base: base.sha, told: false };
    return trial.sha;
  }
  const sha = 'tree' in merged ? await trialCommit(world, repository, issue, base.sha, merged.tree) : null;
  pull.trial = { base: base.sha, head: pull.headSha, sha, told: false, at: now };
  const ref = `refs/pull/${number}/merge`;
  const before = (await readRef(git, ref))?.sha ?? NOTHING;
  if (sha !== null && before !== sha) await moveRef(git, ref, sha, before);
  return sha;
}

async function isKept(world: World, repository: Repository, sha: string, base: string): Promise<boolean> {
  const git = world.git(repository);
  const [onto = '', head = ''] = (await readCommit(git, sha))?.parents ?? [];
  return (await mergeBase(git, onto, head)) === (await mergeBase(git, base, head));
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
