import { mayPush, person } from './actors.ts';
import { changedTree, identity, makeCommit } from './acts/commits.ts';
import { forkRepository } from './acts/forks.ts';
import { addComment, newIssue, recordIssue } from './acts/issues.ts';
import { type MergeMethod, mergePull } from './acts/merge.ts';
import { closePull } from './acts/pull-events.ts';
import { openPull } from './acts/pulls.ts';
import { updateRef } from './acts/refs.ts';
import type { SeedOptions } from './forge.ts';
import { type Commit, readCommit } from './git/commits.ts';
import { log } from './git/history.ts';
import { listRefs, NOTHING, readRef, resolveCommit } from './git/refs.ts';
import { listTree } from './git/trees.ts';
import { type Issue, isPull, type Protection, type PullRequest, type Repository } from './state.ts';
import { ACTIONS_LOGIN, isoOf, ownerOf, type World } from './world.ts';

/** Paths with their whole new content; null removes. */
export type Files = Readonly<Record<string, string | Uint8Array | null>>;

export interface PushOptions {
  /** Login; the owner unless told. */
  readonly by?: string;
  readonly message?: string;
  /** What a branch that is not there yet starts from; the default branch unless told. */
  readonly from?: string;
  /** Replaces the branch by one commit on top of `from`. */
  readonly force?: boolean;
}

/** One repository, as the people who use it handle it. Whatever they may not do throws what the API would answer. */
export interface ForgeRepository {
  readonly name: string;
  /** The bare repository, for `git clone` and the like. Pushing into it goes unnoticed: use `push`. */
  readonly directory: string;
  /** One commit with `files` on top of `branch`. Gives its sha. */
  push(branch: string, files: Files, options?: PushOptions): Promise<string>;
  deleteBranch(branch: string, by?: string): Promise<void>;
  /** `head` is a branch, or `owner:branch` of a fork. Gives the number. */
  openPullRequest(wish: {
    head: string;
    title: string;
    base?: string;
    body?: string;
    by?: string;
    draft?: boolean;
  }): Promise<number>;
  /** Gives the commit that the base branch is at then. */
  merge(number: number, options?: { by?: string; method?: MergeMethod }): Promise<string>;
  closePullRequest(number: number, by?: string): Promise<void>;
  openIssue(wish: { title: string; body?: string; by?: string }): Promise<number>;
  comment(number: number, body: string, by?: string): Promise<void>;
  fork(by: string): Promise<ForgeRepository>;
  /** Who is not among `bypass` changes `branch` only by pull requests whose `checks` are green. GITHUB_TOKEN cannot be. */
  protect(branch: string, rules?: Partial<Omit<Protection, 'branch'>>): void;
  /** The commit a branch, a tag or a sha stands for; undefined when there is none. */
  head(ref?: string): Promise<string | undefined>;
  branches(): Promise<string[]>;
  /** A file's text on a branch or a commit; undefined when there is none. */
  read(path: string, ref?: string): Promise<string | undefined>;
  files(ref?: string): Promise<string[]>;
  /** Newest first. */
  log(ref?: string): Promise<readonly (Commit & { verified: boolean })[]>;
}

/** Makes the repository and its first commit. */
export async function seed(world: World, name: string, files: Files, options: SeedOptions): Promise<ForgeRepository> {
  const repository = await world.create(name, {
    private: options.private ?? true,
    defaultBranch: options.defaultBranch ?? 'main',
    collaborators: [...(options.collaborators ?? [])],
    actionsMayOpenPulls: options.actionsMayOpenPulls ?? true,
  });
  for (const login of options.collaborators ?? []) world.account(login);
  const pushOptions = { message: 'Begin', ...(options.by !== undefined && { by: options.by }) };
  await push(world, repository, repository.defaultBranch, files, pushOptions);
  return createForgeRepository(world, repository);
}

export function createForgeRepository(world: World, repository: Repository): ForgeRepository {
  const git = world.git(repository);
  const owner = ownerOf(repository);
  const main = repository.defaultBranch;
  const turn = <T>(work: () => Promise<T>) => world.exclusive(work);
  return {
    name: repository.name,
    directory: world.directory(repository.name),
    push: (branch, files, options = {}) => turn(() => push(world, repository, branch, files, options)),
    deleteBranch: (branch, by = owner) =>
      turn(() => updateRef(world, repository, person(by), { ref: `refs/heads/${branch}`, after: NOTHING })),
    openPullRequest: ({ base = main, by = owner, ...wish }) =>
      turn(async () => (await openPull(world, repository, person(by), { ...wish, base })).number),
    merge: (number, { by = owner, ...wish } = {}) =>
      turn(() => mergePull(world, repository, person(by), pullOf(repository, number), wish)),
    closePullRequest: (number, by = owner) =>
      turn(() => closePull(world, repository, pullOf(repository, number), person(by))),
    openIssue: ({ by = owner, ...wish }) => turn(() => openIssue(world, repository, by, wish)),
    comment: (number, body, by = owner) =>
      turn(async () => void (await addComment(world, repository, person(by), issueOf(repository, number), body))),
    fork: (by) => turn(async () => createForgeRepository(world, await forkRepository(world, repository, by))),
    protect: (branch, rules = {}) => protect(repository, branch, rules),
    head: (ref = main) => resolveCommit(git, ref),
    branches: async () => (await listRefs(git, 'refs/heads/')).map(({ ref }) => ref.slice('refs/heads/'.length)),
    async read(path, ref = main) {
      const sha = await resolveCommit(git, ref);
      return sha === undefined ? undefined : (await git.object(`${sha}:${path}`))?.content.toString();
    },
    async files(ref = main) {
      const sha = await resolveCommit(git, ref);
      const entries = sha === undefined ? [] : await listTree(git, sha, { recursive: true });
      return entries.filter(({ type }) => type === 'blob').map(({ path }) => path);
    },
    async log(ref = main) {
      const sha = await resolveCommit(git, ref);
      const commits = sha === undefined ? [] : await log(git, sha);
      return commits.map((commit) => ({ ...commit, verified: repository.signed.includes(commit.sha) }));
    },
  };
}

async function push(world: World, repository: Repository, branch: string, files: Files, options: PushOptions) {
  const { by = ownerOf(repository), message = `Change ${Object.keys(files).join(', ')}`, force = false } = options;
  const git = world.git(repository);
  const actor = person(by);
  if (actor.kind === 'person' && !mayPush(repository, by)) throw new Error(`${by} may not push to ${repository.name}.`);
  const ref = `refs/heads/${branch}`;
  const tip = await readRef(git, ref);
  const from = options.from ?? (force ? repository.defaultBranch : undefined);
  const start =
    from !== undefined || tip === undefined ? await resolveCommit(git, from ?? repository.defaultBranch) : tip.sha;
  const base = start === undefined ? undefined : await readCommit(git, start);
  const changes = await Promise.all(
    Object.entries(files).map(async ([path, content]) => ({
      path,
      mode: '100644',
      sha: content === null ? null : await git.writeBlob(Buffer.from(content)),
    })),
  );
  const tree = await changedTree(git, base?.tree, changes);
  const { name, email, at } = identity(world, by);
  const author = { name, email, date: isoOf(at) };
  const commit = await makeCommit(world, repository, actor, { tree, parents: base ? [base.sha] : [], message, author });
  await updateRef(world, repository, actor, { ref, after: commit.sha, force });
  return commit.sha;
}

async function openIssue(world: World, repository: Repository, by: string, wish: { title: string; body?: string }) {
  const issue = newIssue(world, repository, person(by), wish, null);
  await recordIssue(world, repository, person(by), issue, 'opened');
  return issue.number;
}

function issueOf(repository: Repository, number: number): Issue {
  const issue = repository.issues.find((one) => one.number === number);
  if (issue === undefined) throw new Error(`${repository.name} has no issue ${number}.`);
  return issue;
}

function pullOf(repository: Repository, number: number): PullRequest {
  const issue = issueOf(repository, number);
  if (!isPull(issue)) throw new Error(`${repository.name}#${number} is no pull request.`);
  return issue;
}

/** https://docs.github.com/rest/repos/rules: GitHub Actions' own app is refused as a bypass actor. */
function protect(repository: Repository, branch: string, rules: Partial<Omit<Protection, 'branch'>>): void {
  const { kind = 'ruleset', pullRequest = true, checks = [], bypass = [], says } = rules;
  if (bypass.includes(ACTIONS_LOGIN)) {
    throw new Error('Actor GitHub Actions integration must be part of the ruleset source or owner organization');
  }
  repository.protections = repository.protections.filter((one) => one.branch !== branch);
  const said = says === undefined ? {} : { says };
  repository.protections.push({ branch, kind, pullRequest, checks: [...checks], bypass: [...bypass], ...said });
}
