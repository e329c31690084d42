import { ProviderError } from '../../engine/errors.ts';
import type { Found, Identity, Kind, Readiness, Scope } from '../../engine/kind.ts';
import type { Outputs } from '../../engine/resource.ts';
import { conflict, hasStatus } from '../failure.ts';
import { foreignText } from '../foreign-text.ts';
import { buildLogTail } from './build-log.ts';
import type { Vercel } from './client.ts';
import {
  type Deployment,
  deleteDeployment,
  newestDeployment,
  postDeployment,
  readDeployment,
} from './deployment-api.ts';

export interface VercelDeploymentInputs {
  readonly projectId: string;
  readonly projectName: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly ref: string;
  /** The commit that `ref` stands for, or `ref` itself where nobody could resolve it. */
  readonly revision: string;
  /** Of `vercel.env`: a new one needs a new build, or the app keeps its old variables. */
  readonly envRevision: string;
}

type DeploymentScope = Scope<VercelDeploymentInputs>;

const FAILED = ['ERROR', 'CANCELED', 'BLOCKED', 'DELETED'];
const COMMIT = /^[0-9a-f]{40}$/;

/**
 * The production deployment of one app revision with one environment. A deployment never changes: another wish is
 * another deployment, and the one before serves until the new one has its address. `instanceUrl` is the template into
 * which that address, `{host}`, is put; the address is read from Vercel, because *.vercel.app names are global.
 */
export function vercelDeployment(vercel: Vercel, instanceUrl: string): Kind<VercelDeploymentInputs, Deployment> {
  return {
    name: 'vercel.deployment',
    holdsData: false,
    superseded: true,
    settlesWithinMs: 20_000,
    pace: { everyMs: 2_000, forMs: 30 * 60_000 },
    stableOutputs: [],
    identify: (scope) => identify(vercel, scope),
    read: async (_scope, id) => found(await readDeployment(vercel, id)),
    diff: () => [],
    create: (scope) => create(vercel, scope),
    update: async () => undefined,
    delete: (_scope, id) => deleteDeployment(vercel, id),
    ready: (_scope, { id }) => readiness(vercel, id),
    outputs: ({ inputs }, { id, actual }) => outputs(instanceUrl, inputs, id, actual),
  };
}

function found(deployment: Deployment | undefined): Found<Deployment> | undefined {
  return deployment && { id: deployment.id, actual: deployment };
}

/**
 * The recorded one, while it is what is wished; else the newest that has not failed. An older one with the wished meta
 * does not count: after going back to an earlier revision, what serves is the later one.
 */
async function identify(vercel: Vercel, scope: DeploymentScope): Promise<Identity<Deployment>> {
  const recorded = scope.recorded?.id === undefined ? undefined : await readDeployment(vercel, scope.recorded.id);
  if (recorded && isWished(scope, recorded)) return { state: 'found', id: recorded.id, actual: recorded };
  const newest = await newestDeployment(vercel, scope.inputs.projectId, (one) => !hasFailed(one));
  const current = newest && isWished(scope, newest) ? await readDeployment(vercel, newest.id) : undefined;
  return current && isWished(scope, current)
    ? { state: 'found', id: current.id, actual: current }
    : { state: 'absent' };
}

function isWished(scope: DeploymentScope, deployment: Deployment): boolean {
  const isHere = deployment.projectId === undefined || deployment.projectId === scope.inputs.projectId;
  const wished = Object.entries(metaOf(scope));
  return isHere && !hasFailed(deployment) && wished.every(([key, value]) => deployment.meta[key] === value);
}

function hasFailed({ state, aliasError }: Deployment): boolean {
  return FAILED.includes(state) || aliasError !== undefined;
}

function metaOf({ agency, inputs }: DeploymentScope): Record<string, string> {
  return { provisioner: agency.uid, appRevision: inputs.revision, envRevision: inputs.envRevision };
}

async function create(vercel: Vercel, scope: DeploymentScope): Promise<Found<Deployment> | undefined> {
  const { projectId, projectName, repository, ref, revision } = scope.inputs;
  const sha = COMMIT.test(revision) ? revision : undefined;
  try {
    return found(await postDeployment(vercel, { projectId, projectName, repository, ref, sha, meta: metaOf(scope) }));
  } catch (thrown) {
    if (hasStatus(thrown, 400)) throw unseen(thrown, repository, ref);
    throw hasStatus(thrown, 409) ? conflict(thrown) : thrown;
  }
}

/** Vercel says that a ref is missing also when its GitHub App may not read the repository. */
function unseen({ failure, message, cause }: ProviderError, repository: string, ref: string): ProviderError {
  const remedy = `Check that ${ref} exists in ${repository}, and that Vercel’s GitHub App may read that repository.`;
  return new ProviderError(failure, message, remedy, cause);
}

async function readiness(vercel: Vercel, id: string): Promise<Readiness<Deployment>> {
  const deployment = await readDeployment(vercel, id);
  if (!deployment) return gone(id);
  const { state, aliasAssigned, aliasError } = deployment;
  if (FAILED.includes(state)) return failedBuild(vercel, deployment);
  if (aliasError !== undefined) return withoutAddress(aliasError);
  if (state !== 'READY') return { state: 'waiting', on: `the build (${foreignText(state.toLowerCase(), 40)})` };
  const isServing = aliasAssigned && productionHost(deployment) !== undefined;
  return isServing
    ? { state: 'ready', found: { id, actual: deployment } }
    : { state: 'waiting', on: 'Vercel to give the finished build the production address' };
}

function gone(id: string): Readiness<Deployment> {
  return { state: 'failed', because: `the deployment ${id} was removed`, remedy: 'Run again; it is built anew.' };
}

function withoutAddress(reason: string): Readiness<Deployment> {
  return {
    state: 'failed',
    because: `the build is done, but it did not get the production address: ${foreignText(reason)}`,
    remedy: 'Look at the domains of the project in Vercel, and run again.',
  };
}

async function failedBuild(vercel: Vercel, { id, state, problem }: Deployment): Promise<Readiness<Deployment>> {
  const log = state === 'CANCELED' ? [] : await buildLogTail(vercel, id);
  const reason = problem === undefined ? '' : `: ${foreignText(problem)}`;
  return {
    state: 'failed',
    because: [`the deployment ${id} ended as ${foreignText(state, 40)}${reason}`, ...log].join('\n'),
    remedy: remedies[state] ?? 'Mend the app or its settings as the build log says, and run again; it is built anew.',
  };
}

const remedies: Readonly<Record<string, string>> = {
  CANCELED: 'Somebody canceled it in Vercel; run again, and it is built anew.',
  BLOCKED: 'Give the author of the commit access to the Vercel team, or choose a commit of somebody who has it.',
};

function outputs(template: string, { revision }: VercelDeploymentInputs, id: string, actual: Deployment): Outputs {
  const host = actual.aliasAssigned && actual.aliasError === undefined ? productionHost(actual) : undefined;
  return { id, revision, ...(host !== undefined && { host, url: template.replaceAll('{host}', host) }) };
}

/** Of several, the shortest under vercel.app: the others are longer forms of it that name the team or the branch. */
export function productionHost({ aliases, ownHost }: Pick<Deployment, 'aliases' | 'ownHost'>): string | undefined {
  const hosts = aliases.filter((host) => host !== ownHost).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return hosts.find((host) => host.endsWith('.vercel.app')) ?? hosts[0];
}
