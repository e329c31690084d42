import type { Actor } from '../actors.ts';
import { record } from '../events.ts';
import { type Commit, readCommit } from '../git/commits.ts';
import { changedPaths } from '../git/diff.ts';
import { isAncestor, log } from '../git/history.ts';
import { moveRef, NOTHING, readRef } from '../git/refs.ts';
import type { Git } from '../git/repository.ts';
import { isPull, type PullRequest, type Repository } from '../state.ts';
import { pageUrl } from '../views/common.ts';
import { isoOf, type World } from '../world.ts';
import { closePull, recordPull } from './pull-events.ts';

export interface Push {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly forced: boolean;
}

/** What follows when a branch or a tag moved: the push event, and the pull requests from it and into it. */
export async function pushed(world: World, repository: Repository, actor: Actor, push: Push): Promise<void> {
  const branch = /^refs\/heads\/(.+)$/.exec(push.ref)?.[1];
  if (branch === undefined && !push.ref.startsWith('refs/tags/')) return;
  await recordPush(world, repository, actor, push);
  if (branch === undefined) return;
  for (const { home, issue } of openPullsFrom(world, repository, branch)) {
    await followHead(world, home, issue, actor, push);
  }
  await settleMerged(world, repository, actor, branch, push.after);
}

async function recordPush(world: World, repository: Repository, actor: Actor, push: Push): Promise<void> {
  const git = world.git(repository);
  const { ref, before, after } = push;
  const head = after === NOTHING ? undefined : await readCommit(git, after);
  const fresh = head === undefined ? [] : await newCommits(git, before, head);
  const commits = await Promise.all(fresh.map((commit) => pushedCommit(world, repository, commit)));
  const payload = {
    ref,
    before,
    after,
    created: before === NOTHING,
    deleted: after === NOTHING,
    forced: push.forced,
    base_ref: null,
    compare: pageUrl(world, repository, `/compare/${before}...${after}`),
    commits,
    head_commit: await headCommit(world, repository, head, commits),
    pusher: { name: actor.login },
  };
  await record(world, repository, actor, { name: 'push', payload, run: { ref, sha: head?.sha ?? null } });
}

/** The last twenty, as in GitHub's event. */
async function newCommits(git: Git, before: string, head: Commit): Promise<Commit[]> {
  if (head.parents.length === 1 && head.parents[0] === before) return [head];
  const without = before === NOTHING ? [] : [before];
  return (await log(git, head.sha, { without, limit: 20 })).toReversed();
}

/** Usually the last of the commits, so that it is not looked at twice. */
async function headCommit(world: World, repository: Repository, head: Commit | undefined, known: { id: string }[]) {
  if (head === undefined) return null;
  return known.find(({ id }) => id === head.sha) ?? pushedCommit(world, repository, head);
}

async function pushedCommit(world: World, repository: Repository, commit: Commit) {
  const files = await changedPaths(world.git(repository), commit.parents[0], commit.sha);
  const paths = (...statuses: string[]) =>
    files.filter((file) => statuses.includes(file.status)).map(({ path }) => path);
  const renamed = files.flatMap(({ previousPath }) => previousPath ?? []);
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: isoOf(commit.committer.at),
    url: pageUrl(world, repository, `/commit/${commit.sha}`),
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
    added: paths('added', 'renamed'),
    removed: [...paths('removed'), ...renamed],
    modified: paths('modified', 'changed'),
  };
}

function openPullsFrom(world: World, head: Repository, branch: string) {
  return world.state.repositories.flatMap((home) =>
    home.issues
      .filter(isPull)
      .filter(({ state, pull }) => state === 'open' && pull.headRepository === head.name && pull.headRef === branch)
      .map((issue) => ({ home, issue })),
  );
}

async function followHead(world: World, home: Repository, issue: PullRequest, actor: Actor, push: Push): Promise<void> {
  if (push.after === NOTHING) {
    await closePull(world, home, issue, actor);
    return;
  }
  await takeHead(world, home, issue, push.after);
  issue.updatedAt = world.now();
  await recordPull(world, home, issue, actor, 'synchronize', { before: push.before, after: push.after });
}

/** Brings the head's commits into the repository of the pull request, under `refs/pull/N/head`, as GitHub keeps them. */
export async function takeHead(world: World, home: Repository, issue: PullRequest, sha: string): Promise<void> {
  const git = world.git(home);
  const { pull, number } = issue;
  if (pull.headRepository !== home.name) {
    const from = world.directory(pull.headRepository);
    await git.run(['fetch', '--quiet', '--no-tags', from, `+refs/heads/${pull.headRef}:refs/pull/${number}/head`]);
  } else {
    const ref = `refs/pull/${number}/head`;
    await moveRef(git, ref, sha, (await readRef(git, ref))?.sha ?? NOTHING);
  }
  pull.headSha = sha;
  pull.baseSha = (await readRef(git, `refs/heads/${pull.baseRef}`))?.sha ?? pull.baseSha;
}

/** A pull request whose commits reach the base branch by another way counts as merged. */
async function settleMerged(world: World, repository: Repository, actor: Actor, branch: string, after: string) {
  if (after === NOTHING) return;
  const open = repository.issues
    .filter(isPull)
    .filter(({ state, pull }) => state === 'open' && pull.baseRef === branch);
  for (const issue of open) {
    if (!(await isAncestor(world.git(repository), issue.pull.headSha, after))) continue;
    await closePull(world, repository, issue, actor, after);
  }
}
