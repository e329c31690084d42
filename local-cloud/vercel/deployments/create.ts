import type { z } from 'zod';
import { badRequest, notFound } from '../answers.ts';
import { snapshot } from '../env/shape.ts';
import { deploymentHost } from '../hosts.ts';
import { findProject } from '../projects/find.ts';
import type { Deployment, Project } from '../state.ts';
import { newDeploymentId, stamp, type World } from '../world.ts';
import { assigns, settle, stateOf } from './progress.ts';
import type { createBody, createQuery } from './schema.ts';
import { outcomeOf, resolve } from './source.ts';

type Wish = z.infer<typeof createBody>;
type Source = Deployment['source'];

/** The deployments of the scope of a call; the host stands for the id as well. @throws Refusal 404 */
export function findDeployment(world: World, accountId: string, idOrHost: string): Deployment {
  const found = world.state.deployments.find(
    (deployment) => deployment.accountId === accountId && (deployment.id === idOrHost || deployment.host === idOrHost),
  );
  if (found === undefined) throw notFound('The deployment could not be found.');
  return found;
}

function sourceOf(world: World, accountId: string, wish: Wish): Source {
  if (wish.gitSource !== undefined) return resolve(world, wish.gitSource);
  if (wish.deploymentId === undefined) throw badRequest('Invalid request: missing required property `gitSource`.');
  return findDeployment(world, accountId, wish.deploymentId).source;
}

/** Without a framework Vercel asks a person to confirm what it detected, unless the call says not to. */
function checkConfirmed(world: World, project: Project, wish: Wish, skip: boolean): void {
  const first = !world.state.deployments.some(({ projectId }) => projectId === project.id);
  const framework = wish.projectSettings?.framework ?? project.settings.framework ?? null;
  if (!first || skip || framework !== null) return;
  const message =
    'The `projectSettings` object is required for new projects, but is missing in the deployment payload.';
  throw badRequest(
    `${message} Confirm the detected framework or pass skipAutoDetectionConfirmation=1.`,
    'missing_project_settings',
  );
}

/** An earlier deployment of the same commit, whatever its environment and meta: what comes back without `forceNew`. */
function similar(
  world: World,
  project: Project,
  target: Deployment['target'],
  { sha }: Source,
): Deployment | undefined {
  return world.state.deployments
    .toReversed()
    .filter((other) => other.projectId === project.id && other.target === target && other.source.sha === sha)
    .find((other) => !['ERROR', 'CANCELED', 'BLOCKED'].includes(stateOf(world, other)));
}

function add(world: World, project: Project, wish: Wish, source: Source): Deployment {
  const target = wish.target ?? null;
  const deployment: Deployment = {
    id: newDeploymentId(world),
    projectId: project.id,
    accountId: project.accountId,
    name: project.name,
    host: deploymentHost(world, project.name),
    target,
    meta: wish.meta ?? {},
    source,
    outcome: outcomeOf(world, source),
    env: snapshot(project, target === 'production' ? 'production' : 'preview'),
    staged: target === 'production' && !assigns(project),
    createdAt: stamp(world),
    looks: 0,
    looksAfterEnd: 0,
    endedAt: null,
    canceledAt: null,
    aliasedAt: null,
    aliasError: null,
  };
  world.state.deployments.push(deployment);
  return deployment;
}

/**
 * Starts a deployment, or gives back a similar one.
 * @throws Refusal 404 for an unknown project, 400 for a source that cannot be seen or settings nobody confirmed
 */
export function createDeployment(
  world: World,
  accountId: string,
  wish: Wish,
  options: z.infer<typeof createQuery>,
): Deployment {
  const project = findProject(world, accountId, wish.project ?? wish.name);
  checkConfirmed(world, project, wish, options.skipAutoDetectionConfirmation === '1');
  const source = sourceOf(world, accountId, wish);
  const before = options.forceNew === '1' ? undefined : similar(world, project, wish.target ?? null, source);
  if (before !== undefined) settle(world, before);
  else project.updatedAt = stamp(world);
  return before ?? add(world, project, wish, source);
}
