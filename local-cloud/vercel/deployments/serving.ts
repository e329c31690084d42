import type { Deployment, Project } from '../state.ts';
import type { World } from '../world.ts';
import { settle } from './progress.ts';

/** Brings a project's deployments up to the present: before its rules change, so that the past keeps the old ones. */
export function settleProject(world: World, project: Project): void {
  for (const deployment of ownOf(world, project)) settle(world, deployment);
}

const ownOf = (world: World, { id }: Project): Deployment[] =>
  world.state.deployments.filter(({ projectId }) => projectId === id);

/** The deployment that the production hosts of a project point at: the one that was given them last. */
export function current(world: World, project: Project): Deployment | undefined {
  settleProject(world, project);
  const assigned = ownOf(world, project).filter(
    ({ aliasedAt, target }) => aliasedAt !== null && target === 'production',
  );
  return assigned.toSorted((a, b) => (b.aliasedAt ?? 0) - (a.aliasedAt ?? 0) || b.createdAt - a.createdAt)[0];
}

/** The hosts that a deployment has besides its own. */
export function aliasesOf(world: World, deployment: Deployment): string[] {
  const project = world.state.projects.find(({ id }) => id === deployment.projectId);
  if (project === undefined || deployment.aliasedAt === null) return [];
  if (deployment.target === 'production') {
    const custom = project.domains.filter(({ verified, redirect }) => verified && redirect === null);
    return [...custom.map(({ name }) => name), project.host];
  }
  const branch = deployment.source.ref.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
  return [`${project.name}-git-${branch}-${world.options.team.slug}.vercel.app`];
}
