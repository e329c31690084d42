import type { Deployment } from '../state.ts';
import { person, type World } from '../world.ts';
import { stateOf } from './progress.ts';
import { aliasesOf } from './serving.ts';

function gitSource({ source }: Deployment): Record<string, unknown> {
  const { ref, sha, repoId, repository, by } = source;
  const [org, repo] = repository.split('/');
  return by === 'repoId' ? { type: 'github', repoId, ref, sha } : { type: 'github', org, repo, ref, sha };
}

/** What the caller gave, and what Vercel adds about the commit. */
function metaOf(deployment: Deployment): Record<string, string> {
  const [githubOrg = '', githubRepo = ''] = deployment.source.repository.split('/');
  const { ref: githubCommitRef, sha: githubCommitSha } = deployment.source;
  return { githubDeployment: '1', githubOrg, githubRepo, githubCommitRef, githubCommitSha, ...deployment.meta };
}

const failures = {
  error: { errorCode: 'BUILD_FAILED', errorMessage: 'Command "npm run build" exited with 1', errorStep: 'buildStep' },
  blocked: {
    errorCode: 'TEAM_ACCESS_REQUIRED',
    errorMessage: 'Git author must have access to the project on Vercel to create deployments.',
  },
};

function failureOf(world: World, deployment: Deployment): Record<string, unknown> {
  const state = stateOf(world, deployment);
  if (state === 'ERROR') return failures.error;
  return state === 'BLOCKED' ? failures.blocked : {};
}

/** What list, single view and project have in common. */
function common(world: World, deployment: Deployment): Record<string, unknown> {
  const { endedAt, canceledAt, aliasError, aliasedAt, staged, createdAt } = deployment;
  const readyState = stateOf(world, deployment);
  const buildingAt = readyState === 'QUEUED' ? 0 : createdAt + 1;
  return {
    name: deployment.name,
    projectId: deployment.projectId,
    url: deployment.host,
    readyState,
    type: 'LAMBDAS',
    meta: metaOf(deployment),
    target: deployment.target,
    source: 'api-trigger-git-deploy',
    createdAt,
    buildingAt,
    aliasError,
    ...(endedAt !== null && readyState === 'READY' && { ready: endedAt }),
    ...(endedAt !== null && readyState === 'ERROR' && { buildErrorAt: endedAt }),
    ...(canceledAt !== null && { canceledAt }),
    ...(readyState === 'READY' && staged && { readySubstate: 'STAGED' }),
    ...(aliasedAt !== null && deployment.target === 'production' && { readySubstate: 'PROMOTED' }),
    ...failureOf(world, deployment),
    inspectorUrl: `https://vercel.com/${world.options.team.slug}/${deployment.name}/${deployment.id.slice(4)}`,
  };
}

/** GET and POST /v13/deployments. */
export function deploymentView(world: World, deployment: Deployment): Record<string, unknown> {
  const { team } = world.options;
  const project = world.state.projects.find(({ id }) => id === deployment.projectId);
  const names = Object.keys(deployment.env);
  const { readyState: status, ...rest } = common(world, deployment);
  return {
    ...rest,
    id: deployment.id,
    readyState: status,
    status,
    alias: aliasesOf(world, deployment),
    aliasAssigned: deployment.aliasedAt !== null,
    aliasAssignedAt: deployment.aliasedAt,
    gitSource: gitSource(deployment),
    project: { id: deployment.projectId, name: project?.name ?? deployment.name },
    creator: { uid: person.id, username: person.username },
    ...(deployment.accountId === team.id && { team: { id: team.id, name: team.name, slug: team.slug } }),
    ownerId: deployment.accountId,
    env: names,
    build: { env: names },
    projectSettings: { framework: null, ...frameworkOf(project?.settings) },
    bootedAt: deployment.createdAt,
    isInConcurrentBuildsQueue: false,
    isInSystemBuildsQueue: false,
    buildSkipped: false,
    public: false,
    regions: ['iad1'],
    routes: null,
    version: 2,
    plan: 'pro',
    createdIn: 'iad1',
  };
}

function frameworkOf(settings: Record<string, unknown> | undefined): Record<string, unknown> {
  return typeof settings?.framework === 'string' ? { framework: settings.framework } : {};
}

/** GET /v7/deployments. */
export function listView(world: World, deployment: Deployment): Record<string, unknown> {
  const shared = common(world, deployment);
  const creator = { uid: person.id, email: person.email, username: person.username };
  const aliasAssigned = deployment.aliasedAt ?? false;
  return {
    ...shared,
    uid: deployment.id,
    created: deployment.createdAt,
    state: shared.readyState,
    creator,
    aliasAssigned,
  };
}

/** In `targets` and `latestDeployments` of a project, which tell less, and nothing of failures. */
export function publicView(world: World, deployment: Deployment): Record<string, unknown> {
  const { name, url, readyState, readySubstate, type, meta, target, createdAt, buildingAt, aliasError, ready } = common(
    world,
    deployment,
  );
  return {
    name,
    url,
    readyState,
    readySubstate,
    type,
    meta,
    target,
    createdAt,
    buildingAt,
    aliasError,
    readyAt: ready,
    id: deployment.id,
    alias: aliasesOf(world, deployment),
    aliasAssigned: deployment.aliasedAt ?? false,
    deploymentHostname: deployment.host.replace(/\.vercel\.app$/, ''),
    creator: { uid: person.id, email: person.email, username: person.username },
    createdIn: 'iad1',
    plan: 'pro',
    private: true,
    userId: person.id,
    teamId: deployment.accountId === world.options.team.id ? deployment.accountId : null,
  };
}
