import { z } from 'zod';
import { json } from '../../answers.ts';
import { wantedCommit } from '../acts/commits.ts';
import { noContent, notFound, Refusal, slice, unprocessable } from '../answers.ts';
import { record } from '../events.ts';
import { count } from '../git/history.ts';
import { readRef } from '../git/refs.ts';
import { type RepositoryCall, type Route, repositoryRoute } from '../router.ts';
import type { Deployment, DeploymentStatus, Repository } from '../state.ts';
import { deploymentStates } from '../state-reports.ts';
import { deploymentStatusView, deploymentView } from '../views/checks.ts';
import { text } from './shapes.ts';
import { latestStatuses } from './statuses.ts';

const createBody = z.strictObject({
  ref: z.string().min(1),
  task: z.string().default('deploy'),
  auto_merge: z.boolean().default(true),
  required_contexts: z.array(z.string()).optional(),
  payload: z.union([z.record(z.string(), z.unknown()), z.string()]).default({}),
  environment: z.string().min(1).default('production'),
  description: text,
  transient_environment: z.boolean().default(false),
  production_environment: z.boolean().optional(),
});

const statusBody = z.strictObject({
  state: z.enum(deploymentStates),
  target_url: z.string().optional(),
  log_url: z.string().optional(),
  description: z.string().max(140).default(''),
  environment: z.string().optional(),
  environment_url: z.string().default(''),
  auto_inactive: z.boolean().default(true),
});

/** https://docs.github.com/rest/deployments */
export const deploymentRoutes: readonly Route[] = [
  repositoryRoute('POST', '/deployments', { access: 'deployments:write', body: createBody }, async (call) => {
    const { world, repository, git, actor, body } = call;
    const { sha } = await wantedCommit(git, body.ref, unprocessable(`No ref found for: ${body.ref}`));
    if (body.auto_merge) await requireUpToDate(call, body.ref);
    requireContexts(repository, sha, body);
    const now = world.now();
    const made: Deployment = {
      id: world.nextId(),
      sha,
      ref: body.ref,
      task: body.task,
      payload: body.payload,
      environment: body.environment,
      description: body.description ?? null,
      creator: actor.login,
      transient: body.transient_environment,
      production: body.production_environment ?? body.environment === 'production',
      createdAt: now,
      updatedAt: now,
      statuses: [],
    };
    repository.deployments.push(made);
    const view = deploymentView(world, repository, made);
    await record(world, repository, actor, {
      name: 'deployment',
      payload: { action: 'created', deployment: view },
      run: { ref: body.ref, sha },
    });
    return json(201, view);
  }),

  repositoryRoute('GET', '/deployments', { access: 'deployments:read' }, ({ world, repository, url }) => {
    const wanted = (['sha', 'ref', 'task', 'environment'] as const).flatMap((name) => {
      const value = url.searchParams.get(name);
      return value === null || value === 'none' ? [] : [{ name, value }];
    });
    const found = repository.deployments.filter((one) => wanted.every(({ name, value }) => one[name] === value));
    const { items, headers } = slice(found.toReversed(), url);
    return json(
      200,
      items.map((one) => deploymentView(world, repository, one)),
      headers,
    );
  }),

  repositoryRoute('GET', '/deployments/{id}', { access: 'deployments:read' }, (call) => {
    return json(200, deploymentView(call.world, call.repository, wantedDeployment(call)));
  }),

  repositoryRoute('DELETE', '/deployments/{id}', { access: 'deployments:write' }, (call) => {
    const { repository } = call;
    const gone = wantedDeployment(call);
    const isActive = gone.statuses.at(-1)?.state === 'success';
    if (isActive && repository.deployments.length > 1)
      throw unprocessable(
        'We cannot delete an active deployment unless it is the only deployment in a given environment.',
      );
    repository.deployments = repository.deployments.filter((one) => one !== gone);
    return noContent();
  }),

  repositoryRoute(
    'POST',
    '/deployments/{id}/statuses',
    { access: 'deployments:write', body: statusBody },
    async (call) => {
      const { world, repository, actor, body } = call;
      const one = wantedDeployment(call);
      const status: DeploymentStatus = {
        id: world.nextId(),
        state: body.state,
        description: body.description,
        environment: body.environment ?? one.environment,
        environmentUrl: body.environment_url,
        logUrl: body.log_url ?? body.target_url ?? '',
        creator: actor.login,
        createdAt: world.now(),
      };
      if (body.state === 'success' && body.auto_inactive) retireOthers(call, one, status);
      one.statuses.push(status);
      one.updatedAt = status.createdAt;
      const view = deploymentStatusView(world, repository, one, status);
      const payload = {
        action: 'created',
        deployment_status: view,
        deployment: deploymentView(world, repository, one),
      };
      await record(world, repository, actor, {
        name: 'deployment_status',
        payload,
        run: { ref: one.ref, sha: one.sha },
      });
      return json(201, view);
    },
  ),

  repositoryRoute('GET', '/deployments/{id}/statuses', { access: 'deployments:read' }, (call) => {
    const one = wantedDeployment(call);
    const { items, headers } = slice(one.statuses.toReversed(), call.url);
    return json(
      200,
      items.map((status) => deploymentStatusView(call.world, call.repository, one, status)),
      headers,
    );
  }),
];

function wantedDeployment({ repository, params }: RepositoryCall<'id'>): Deployment {
  const found = repository.deployments.find(({ id }) => String(id) === params.id);
  if (found === undefined) throw notFound();
  return found;
}

/** GitHub would merge the default branch into the deployed one, which is nothing that a deployment record should do. */
async function requireUpToDate({ repository, git }: RepositoryCall, ref: string): Promise<void> {
  const [head, main] = await Promise.all([
    readRef(git, `refs/heads/${ref}`),
    readRef(git, `refs/heads/${repository.defaultBranch}`),
  ]);
  if (head === undefined || main === undefined || head.sha === main.sha) return;
  if ((await count(git, main.sha, head.sha)) === 0) return;
  throw new Refusal(409, `Conflict merging ${repository.defaultBranch} into ${ref}.`);
}

/** Unless told otherwise every check and status of the commit has to be green, the running one of the caller included. */
function requireContexts(
  repository: Repository,
  sha: string,
  { ref, required_contexts: wanted }: z.output<typeof createBody>,
): void {
  const runs = repository.checkRuns.filter(({ headSha }) => headSha === sha);
  const contexts = new Map([
    ...runs.map(
      ({ name, conclusion }) => [name, ['success', 'neutral', 'skipped'].includes(String(conclusion))] as const,
    ),
    ...latestStatuses(repository, sha).map(({ context, state }) => [context, state === 'success'] as const),
  ]);
  const names = wanted ?? [...contexts.keys()];
  if (names.every((name) => contexts.get(name) === true)) return;
  throw new Refusal(409, `Conflict: Commit status checks failed for ${ref}.`);
}

/** https://docs.github.com/rest/deployments/statuses#create-a-deployment-status: `auto_inactive`. */
function retireOthers(
  { world, repository, actor }: RepositoryCall,
  one: Deployment,
  { createdAt }: DeploymentStatus,
): void {
  const others = repository.deployments.filter(
    (other) => other !== one && other.environment === one.environment && !other.transient && !other.production,
  );
  for (const other of others.filter(({ statuses }) => statuses.at(-1)?.state === 'success')) {
    const { environment } = other;
    const empty = { description: '', environmentUrl: '', logUrl: '' };
    other.statuses.push({
      id: world.nextId(),
      state: 'inactive',
      environment,
      creator: actor.login,
      createdAt,
      ...empty,
    });
  }
}
