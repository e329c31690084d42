import type { Actor } from '../actors.ts';
import { Refusal } from '../answers.ts';
import { readCommit } from '../git/commits.ts';
import { isAncestor } from '../git/history.ts';
import { moveRef, NOTHING, readRef } from '../git/refs.ts';
import type { Protection, Repository } from '../state.ts';
import type { World } from '../world.ts';
import { pushed } from './pushed.ts';

export interface RefUpdate {
  /** In full. */
  readonly ref: string;
  /** NOTHING deletes it. */
  readonly after: string;
  readonly force?: boolean;
  /** What it must be at until now; whatever it is unless told. NOTHING = it must not exist. */
  readonly before?: string;
  /** The pull request that brings it: a branch that takes changes only so takes it. */
  readonly pull?: number;
  /** The status for a protected branch that says no: contents answers 409, everything else 422. */
  readonly refusal?: number;
}

/** The one way by which refs move. Throws the refusal when the ref is protected, elsewhere, or would lose commits. */
export async function updateRef(world: World, repository: Repository, actor: Actor, update: RefUpdate): Promise<void> {
  const git = world.git(repository);
  const { ref, after } = update;
  const before = (await readRef(git, ref))?.sha ?? NOTHING;
  if (update.before !== undefined && update.before !== before) throw moved(before);
  if (before === after) return;
  const forced = before !== NOTHING && after !== NOTHING && !(await isForward(world, repository, before, after));
  if (forced && update.force !== true) throw new Refusal(422, 'Update is not a fast-forward');
  refuseProtected(repository, actor, update, forced);
  if (!(await moveRef(git, ref, after, before))) throw moved(before);
  await pushed(world, repository, actor, { ref, before, after, forced });
}

function moved(before: string): Refusal {
  return new Refusal(422, before === NOTHING ? 'Reference update failed' : 'Reference cannot be updated');
}

async function isForward(world: World, repository: Repository, before: string, after: string): Promise<boolean> {
  const git = world.git(repository);
  const [from, to] = await Promise.all([readCommit(git, before), readCommit(git, after)]);
  return from !== undefined && to !== undefined && isAncestor(git, from.sha, to.sha);
}

/** What protects a branch from this actor; undefined when nothing does. */
export function protectionFor(repository: Repository, actor: Actor, ref: string): Protection | undefined {
  const found = repository.protections.find(({ branch }) => ref === `refs/heads/${branch}`);
  return found?.bypass.includes(actor.login) ? undefined : found;
}

function refuseProtected(repository: Repository, actor: Actor, update: RefUpdate, forced: boolean): void {
  const rules = protectionFor(repository, actor, update.ref);
  if (rules === undefined) return;
  const violations = [
    ...(update.after === NOTHING ? ['Cannot delete this branch'] : []),
    ...(forced ? ['Cannot force-push to this branch'] : []),
    ...(rules.pullRequest && update.pull === undefined ? ['Changes must be made through a pull request.'] : []),
    ...(rules.checks.length > 0 && update.pull === undefined ? [missingChecks(rules.checks)] : []),
  ];
  if (violations.length === 0) return;
  const text = violations.join('\n\n');
  const message = rules.kind === 'ruleset' ? `Repository rule violations found\n\n${text}\n\n` : text;
  throw new Refusal(update.refusal ?? 422, rules.says ?? message);
}

export function missingChecks(names: readonly string[]): string {
  if (names.length > 1) return `${names.length} of ${names.length} required status checks are expected.`;
  return `Required status check "${names[0]}" is expected.`;
}
