import {
  type CheckRun,
  type CommitStatus,
  type Deployment,
  type DeploymentStatus,
  isPull,
  type Repository,
} from '../state.ts';
import type { World } from '../world.ts';
import { apiUrl, appView, nodeId, pageUrl, userView } from './common.ts';
import type { Rest, View } from './types.ts';

export function checkView(world: World, repository: Repository, run: CheckRun) {
  const url = apiUrl(world, repository, `/check-runs/${run.id}`);
  const pulls = repository.issues
    .filter(isPull)
    .filter(({ pull, state }) => state === 'open' && pull.headSha === run.headSha);
  return {
    id: run.id,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.headSha,
    name: run.name,
    external_id: run.externalId,
    url,
    html_url: pageUrl(world, repository, `/runs/${run.id}`),
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.id },
    app: appView(world, run.app),
    pull_requests: pulls.map(({ id, number, pull }) => ({
      id,
      number,
      url: apiUrl(world, repository, `/pulls/${number}`),
      head: { ref: pull.headRef, sha: pull.headSha },
      base: { ref: pull.baseRef, sha: pull.baseSha },
    })),
  } satisfies View<Rest['checks']['get']>;
}

export function statusView(world: World, repository: Repository, status: CommitStatus) {
  return {
    id: status.id,
    node_id: nodeId('Status', status.id),
    url: apiUrl(world, repository, `/statuses/${status.sha}`),
    avatar_url: null,
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    creator: userView(world, status.creator),
  } satisfies View<Rest['repos']['createCommitStatus']>;
}

export function deploymentView(world: World, repository: Repository, one: Deployment) {
  const url = apiUrl(world, repository, `/deployments/${one.id}`);
  return {
    id: one.id,
    node_id: nodeId('Deployment', one.id),
    url,
    sha: one.sha,
    ref: one.ref,
    task: one.task,
    payload: Object(one.payload),
    original_environment: one.environment,
    environment: one.environment,
    description: one.description,
    creator: userView(world, one.creator),
    created_at: one.createdAt,
    updated_at: one.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: apiUrl(world, repository),
    transient_environment: one.transient,
    production_environment: one.production,
  } satisfies View<Rest['repos']['getDeployment']>;
}

export function deploymentStatusView(world: World, repository: Repository, one: Deployment, status: DeploymentStatus) {
  const url = apiUrl(world, repository, `/deployments/${one.id}`);
  return {
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    url: `${url}/statuses/${status.id}`,
    state: status.state,
    creator: userView(world, status.creator),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    log_url: status.logUrl,
    environment_url: status.environmentUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: apiUrl(world, repository),
  } satisfies View<Rest['repos']['createDeploymentStatus']>;
}
