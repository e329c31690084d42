import type { Actor } from '../actors.ts';
import { notFound, unprocessable } from '../answers.ts';
import { type Commit, type Person, readCommit, writeCommit } from '../git/commits.ts';
import { resolveCommit } from '../git/refs.ts';
import type { Git } from '../git/repository.ts';
import { changeTree, type TreeChange } from '../git/trees.ts';
import type { Repository } from '../state.ts';
import { noreplyAddress } from '../views/commits.ts';
import type { World } from '../world.ts';
import { platform } from './trial.ts';

/** As clients may send it; the date is ISO 8601. */
export interface GivenPerson {
  readonly name: string;
  readonly email: string;
  readonly date?: string | undefined;
}

export interface CommitWish {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author?: GivenPerson | undefined;
  readonly committer?: GivenPerson | undefined;
}

/** An account as git knows it. */
export function identity(world: World, login: string): Person {
  return { name: login, email: noreplyAddress(world, login), at: world.seconds() };
}

/**
 * Writes a commit for `actor`. The platform signs what a bot commits without saying who wrote it, nothing else:
 * https://docs.github.com/authentication/managing-commit-signature-verification/about-commit-signature-verification
 */
export async function makeCommit(
  world: World,
  repository: Repository,
  actor: Actor,
  wish: CommitWish,
): Promise<Commit> {
  const { tree, parents, message } = wish;
  const signs = actor.kind !== 'person' && wish.author === undefined && wish.committer === undefined;
  const author = given(world, wish.author) ?? given(world, wish.committer) ?? identity(world, actor.login);
  const committer = signs ? platform(world) : (given(world, wish.committer) ?? author);
  const git = world.git(repository);
  const sha = await writeCommit(git, { tree, parents, author, committer, message });
  if (signs) sign(repository, sha);
  return knownCommit(git, sha);
}

export function sign(repository: Repository, sha: string): void {
  if (!repository.signed.includes(sha)) repository.signed.push(sha);
}

function given(world: World, wish: GivenPerson | undefined): Person | undefined {
  if (wish === undefined) return undefined;
  const at = wish.date === undefined ? world.seconds() : Math.floor(Date.parse(wish.date) / 1_000);
  return { name: wish.name, email: wish.email, at };
}

/** The commit of a sha that is there. */
export async function knownCommit(git: Git, sha: string): Promise<Commit> {
  const commit = await readCommit(git, sha);
  if (commit === undefined) throw new Error(`${sha} is no commit of ${git.dir}.`);
  return commit;
}

/** The commit that a client calls `ref`; throws `refusal`, a 404 unless told. */
export async function wantedCommit(git: Git, ref: string, refusal = notFound()): Promise<Commit> {
  const sha = await resolveCommit(git, ref);
  if (sha === undefined) throw refusal;
  return knownCommit(git, sha);
}

/** The tree of `base` with `changes`. Throws the 422 for a path or an object that git would not take. */
export async function changedTree(git: Git, base: string | undefined, changes: readonly TreeChange[]): Promise<string> {
  const tree = await changeTree(git, base, changes);
  if (tree === undefined) throw unprocessable('tree.path contains a malformed path component');
  return tree;
}
