import type { Actor } from '../actors.ts';
import { Refusal } from '../answers.ts';
import type { Commit } from '../git/commits.ts';
import { writeCommit } from '../git/commits.ts';
import { log } from '../git/history.ts';
import { mergeTrees, rebase } from '../git/merge.ts';
import { readRef } from '../git/refs.ts';
import type { PullRequest, Repository } from '../state.ts';
import type { World } from '../world.ts';
import { identity, knownCommit, sign } from './commits.ts';
import { closePull } from './pull-events.ts';
import { missingChecks, protectionFor, updateRef } from './refs.ts';
import { platform } from './trial.ts';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface MergeWish {
  readonly method?: MergeMethod | undefined;
  /** What the head must be at. */
  readonly sha?: string | undefined;
  readonly title?: string | undefined;
  readonly message?: string | undefined;
}

/** Merges an open pull request into its base branch as that stands now. Gives the commit the branch is at then. */
export async function mergePull(
  world: World,
  repository: Repository,
  actor: Actor,
  issue: PullRequest,
  wish: MergeWish,
): Promise<string> {
  const { pull, number } = issue;
  if (issue.state !== 'open') throw notMergeable();
  if (pull.draft) throw new Refusal(405, 'Pull Request is still a draft');
  if (wish.sha !== undefined && wish.sha !== pull.headSha) {
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  const ref = `refs/heads/${pull.baseRef}`;
  requireChecks(repository, actor, issue);
  const git = world.git(repository);
  const tip = await readRef(git, ref);
  if (tip === undefined) throw notMergeable();
  const base = await knownCommit(git, tip.sha);
  const after = await methods[wish.method ?? 'merge']({ world, repository, actor, issue, wish, base });
  await updateRef(world, repository, actor, { ref, after, before: base.sha, pull: number });
  // A merge commit reaches the head, and so has closed it already.
  if (pull.mergedAt === null) await closePull(world, repository, issue, actor, after);
  return after;
}

interface Merging {
  readonly world: World;
  readonly repository: Repository;
  readonly actor: Actor;
  readonly issue: PullRequest;
  readonly wish: MergeWish;
  readonly base: Commit;
}

function notMergeable(): Refusal {
  return new Refusal(405, 'Pull Request is not mergeable');
}

function requireChecks(repository: Repository, actor: Actor, { pull }: PullRequest): void {
  const names = protectionFor(repository, actor, `refs/heads/${pull.baseRef}`)?.checks ?? [];
  const passed = [
    ...repository.checkRuns
      .filter(
        ({ headSha, conclusion }) =>
          headSha === pull.headSha && ['success', 'neutral', 'skipped'].includes(String(conclusion)),
      )
      .map(({ name }) => name),
    ...repository.statuses
      .filter(({ sha, state }) => sha === pull.headSha && state === 'success')
      .map(({ context }) => context),
  ];
  const missing = names.filter((name) => !passed.includes(name));
  if (missing.length > 0) throw new Refusal(405, missingChecks(missing));
}

const methods: Record<MergeMethod, (merging: Merging) => Promise<string>> = {
  async merge(merging) {
    const { issue, repository, base } = merging;
    const { headRepository, headRef, headSha } = issue.pull;
    const owner = headRepository.split('/')[0];
    const title = `Merge pull request #${issue.number} from ${owner}/${headRef}`;
    const sha = await commit(merging, [base.sha, headSha], title, issue.title);
    sign(repository, sha);
    return sha;
  },
  async squash(merging) {
    const { issue, repository, base } = merging;
    const sha = await commit(merging, [base.sha], `${issue.title} (#${issue.number})`, '');
    sign(repository, sha);
    return sha;
  },
  async rebase({ world, repository, issue, base }) {
    const git = world.git(repository);
    const commits = await log(git, issue.pull.headSha, { without: [base.sha], oldestFirst: true, noMerges: true });
    const tip = await rebase(git, base, commits, platform(world));
    if (tip === undefined) throw notMergeable();
    return tip;
  },
};

async function commit(merging: Merging, parents: string[], title: string, body: string): Promise<string> {
  const { world, repository, actor, issue, wish, base } = merging;
  const git = world.git(repository);
  const merged = await mergeTrees(git, base.sha, issue.pull.headSha);
  if (!('tree' in merged)) throw notMergeable();
  const text = wish.message ?? body;
  const message = `${wish.title ?? title}${text === '' ? '' : `\n\n${text}`}`;
  const author = identity(world, actor.login);
  return writeCommit(git, { tree: merged.tree, parents, author, committer: platform(world), message });
}
