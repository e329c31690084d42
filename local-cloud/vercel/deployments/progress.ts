import type { Deployment, Project } from '../state.ts';
import { present, type World } from '../world.ts';

export type ReadyState = 'QUEUED' | 'INITIALIZING' | 'BUILDING' | 'READY' | 'ERROR' | 'CANCELED' | 'BLOCKED';

/** However fast the clock, a build is seen unfinished this often, and a READY deployment this often without alias. */
const looksBeforeEnd = 3;
const looksBeforeAlias = 2;
/** After this much vendor time nobody needs to have looked. */
const graceMs = 5_000;

const stages = ['QUEUED', 'INITIALIZING', 'BUILDING'] as const;

/** Somebody asked for this deployment. */
export function look(world: World, deployment: Deployment): void {
  if (deployment.endedAt === null) deployment.looks += 1;
  else deployment.looksAfterEnd += 1;
  settle(world, deployment);
}

/** Brings a deployment up to the present vendor time. */
export function settle(world: World, deployment: Deployment): void {
  if (deployment.canceledAt !== null) return;
  const now = present(world);
  const due = deployment.createdAt + (deployment.outcome === 'blocked' ? 0 : world.timing.buildMs);
  const seen = deployment.looks >= looksBeforeEnd || now >= due + graceMs;
  if (deployment.endedAt === null && now >= due && seen) deployment.endedAt = due;
  if (deployment.endedAt !== null) settleAlias(world, deployment, deployment.endedAt + world.timing.aliasMs, now);
}

function settleAlias(world: World, deployment: Deployment, due: number, now: number): void {
  const { aliasedAt, aliasError, staged, outcome } = deployment;
  if (aliasedAt !== null || aliasError !== null || staged) return;
  const seen = deployment.looksAfterEnd >= looksBeforeAlias || now >= due + graceMs;
  if (now < due || !seen) return;
  if (outcome === 'alias-error') {
    deployment.aliasError = { code: 'alias_conflict', message: 'The alias could not be assigned to the deployment.' };
  } else if (outcome === 'ready') {
    const project = world.state.projects.find(({ id }) => id === deployment.projectId);
    if (deployment.target === 'production' && !assigns(project)) deployment.staged = true;
    else deployment.aliasedAt = due;
  }
}

/** Whether production deployments of a project take over its domains by themselves. */
export const assigns = (project: Project | undefined): boolean => project?.autoAssign === true && !project.paused;

/** The state as it stands, without looking. */
export function stateOf(world: World, deployment: Deployment): ReadyState {
  if (deployment.canceledAt !== null) return 'CANCELED';
  if (deployment.endedAt === null) return building(world, deployment);
  if (deployment.outcome === 'error') return 'ERROR';
  return deployment.outcome === 'blocked' ? 'BLOCKED' : 'READY';
}

function building(world: World, { createdAt, looks }: Deployment): ReadyState {
  const share = (present(world) - createdAt) / Math.max(world.timing.buildMs, 1);
  const byTime = share >= 0.1 || world.timing.buildMs === 0 ? 2 : Number(share >= 0.03);
  return stages[Math.min(byTime, looks)] ?? 'BUILDING';
}
