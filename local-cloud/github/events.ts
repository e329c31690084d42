import type { Actor } from './actors.ts';
import { readRef } from './git/refs.ts';
import type { ForgeEvent, Repository } from './state.ts';
import { repositoryView, userView } from './views/common.ts';
import type { World } from './world.ts';

/** Older events are forgotten: whoever follows them does so closely. */
const KEPT = 1_000;

export interface Happening {
  readonly name: string;
  readonly payload: Record<string, unknown>;
  /** What runs would have for GITHUB_REF and GITHUB_SHA; the default branch as it is now unless told. */
  readonly run?: { readonly ref: string; readonly sha: string | null };
}

/** Notes what happened, as a webhook would tell it; the repository and the sender are added. */
export async function record(world: World, repository: Repository, actor: Actor, happening: Happening): Promise<void> {
  const { name, payload } = happening;
  const { ref, sha } = happening.run ?? (await defaultBranch(world, repository));
  const sides = { repository: repositoryView(world, repository), sender: userView(world, actor.login) };
  const event: ForgeEvent = {
    id: world.nextId(),
    name,
    repository: repository.name,
    actor: actor.login,
    runs: sha === null ? 'no' : runsOf(actor, name, String(payload.action ?? '')),
    ref,
    sha,
    at: world.now(),
    // What is noted must not change with what it was made from.
    payload: JSON.parse(JSON.stringify({ ...payload, ...sides })),
  };
  world.state.events.push(event);
  world.state.events.splice(0, Math.max(0, world.state.events.length - KEPT));
}

async function defaultBranch(world: World, repository: Repository) {
  const ref = `refs/heads/${repository.defaultBranch}`;
  return { ref, sha: (await readRef(world.git(repository), ref))?.sha ?? null };
}

/**
 * What GITHUB_TOKEN does starts no workflows, except dispatches; its pull requests wait for an approval since 2026-06-11.
 * https://docs.github.com/actions/concepts/security/github_token
 */
function runsOf(actor: Actor, name: string, action: string): ForgeEvent['runs'] {
  if (actor.kind !== 'actions' || name === 'repository_dispatch' || name === 'workflow_dispatch') return 'yes';
  return name === 'pull_request' && ['opened', 'synchronize', 'reopened'].includes(action) ? 'approval' : 'no';
}
