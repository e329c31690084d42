import type { Actor } from '../actors.ts';
import { invalid, Refusal } from '../answers.ts';
import { count, mergeBase } from '../git/history.ts';
import { readRef } from '../git/refs.ts';
import { isPull, type PullRequest, type Repository } from '../state.ts';
import { ownerOf, type World } from '../world.ts';
import { newIssue } from './issues.ts';
import { recordPull } from './pull-events.ts';
import { takeHead } from './pushed.ts';

export interface PullWish {
  readonly title: string;
  /** `branch`, or `owner:branch` for a fork. */
  readonly head: string;
  readonly base: string;
  readonly body?: string | null | undefined;
  readonly draft?: boolean | undefined;
}

/** Opens a pull request and says so to whoever follows the events. */
export async function openPull(
  world: World,
  repository: Repository,
  actor: Actor,
  wish: PullWish,
): Promise<PullRequest> {
  if (actor.kind === 'actions' && !repository.actionsMayOpenPulls) {
    throw new Refusal(403, 'GitHub Actions is not permitted to create or approve pull requests.');
  }
  const { owner, branch, from } = headOf(world, repository, wish.head);
  const base = await readRef(world.git(repository), `refs/heads/${wish.base}`);
  if (base === undefined) throw invalid({ resource: 'PullRequest', field: 'base', code: 'invalid' });
  const head = from && (await readRef(world.git(from), `refs/heads/${branch}`));
  if (from === undefined || head === undefined)
    throw invalid({ resource: 'PullRequest', field: 'head', code: 'invalid' });
  if (isOpen(repository, from.name, branch, wish.base)) {
    throw problem(`A pull request already exists for ${owner}:${branch}.`);
  }
  await requireCommits(world, repository, from, { head: head.sha, branch, base: base.sha, baseRef: wish.base });
  const pull = { ...emptyPull, draft: wish.draft ?? false, headRepository: from.name, headRef: branch };
  const issue = newIssue(world, repository, actor, wish, {
    ...pull,
    headSha: head.sha,
    baseRef: wish.base,
    baseSha: base.sha,
  });
  if (!isPull(issue)) throw new TypeError('A pull request was made without its pull.');
  await takeHead(world, repository, issue, head.sha);
  await recordPull(world, repository, issue, actor, 'opened');
  return issue;
}

const emptyPull = { mergedAt: null, mergedBy: null, mergeCommitSha: null, trial: null };

function headOf(world: World, repository: Repository, head: string) {
  const colon = head.indexOf(':');
  const owner = colon < 0 ? ownerOf(repository) : head.slice(0, colon);
  const branch = head.slice(colon + 1);
  const family = [repository, ...world.state.repositories.filter(({ parent }) => parent === repository.name)];
  return { owner, branch, from: family.find((one) => ownerOf(one).toLowerCase() === owner.toLowerCase()) };
}

function isOpen(repository: Repository, headRepository: string, headRef: string, baseRef: string): boolean {
  return repository.issues
    .filter(isPull)
    .some(
      ({ state, pull }) =>
        state === 'open' &&
        pull.headRepository === headRepository &&
        pull.headRef === headRef &&
        pull.baseRef === baseRef,
    );
}

async function requireCommits(
  world: World,
  repository: Repository,
  from: Repository,
  { head, branch, base, baseRef }: { head: string; branch: string; base: string; baseRef: string },
): Promise<void> {
  const git = world.git(repository);
  if (from !== repository) {
    await git.run(['fetch', '--quiet', '--no-tags', world.directory(from.name), `refs/heads/${branch}`]);
  }
  if ((await mergeBase(git, base, head)) === undefined) {
    throw problem(`The ${branch} branch has no history in common with ${baseRef}`);
  }
  if ((await count(git, head, base)) === 0) throw problem(`No commits between ${baseRef} and ${branch}`);
}

function problem(message: string): Refusal {
  return invalid({ resource: 'PullRequest', code: 'custom', message });
}

/** A pull request that is opened again is at whatever its branch is at by now; without the branch it stays closed. */
export async function refreshHead(world: World, repository: Repository, issue: PullRequest): Promise<void> {
  const { headRepository, headRef } = issue.pull;
  const from = world.find(headRepository);
  const head = from && (await readRef(world.git(from), `refs/heads/${headRef}`));
  if (head === undefined) throw invalid({ resource: 'PullRequest', field: 'state', code: 'invalid' });
  await takeHead(world, repository, issue, head.sha);
}
