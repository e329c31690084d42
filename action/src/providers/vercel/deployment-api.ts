import * as z from 'zod';
import type { Vercel } from './client.ts';

/** A deployment as Vercel tells of it. */
export interface Deployment {
  readonly id: string;
  readonly projectId: string | undefined;
  /** QUEUED, INITIALIZING, BUILDING, READY, ERROR, CANCELED, BLOCKED, and whatever Vercel thinks of next. */
  readonly state: string;
  /** The host that only this deployment has. */
  readonly ownHost: string;
  readonly meta: Readonly<Record<string, string>>;
  /** The other hosts that show it, as far as they were assigned. */
  readonly aliases: readonly string[];
  readonly aliasAssigned: boolean;
  readonly aliasError: string | undefined;
  /** Why it failed, in Vercel's words. */
  readonly problem: string | undefined;
}

const common = {
  projectId: z.string().nullish(),
  url: z.string().nullish(),
  meta: z.record(z.string(), z.unknown()).nullish(),
  alias: z.array(z.string()).nullish(),
  aliasAssigned: z.union([z.boolean(), z.number()]).nullish(),
  aliasError: z.object({ message: z.string().nullish(), code: z.string().nullish() }).nullish(),
  checksConclusion: z.string().nullish(),
  errorMessage: z.string().nullish(),
  readyStateReason: z.string().nullish(),
};
const single = z.object({ ...common, id: z.string(), readyState: z.string() });
const listed = z.object({ ...common, uid: z.string(), readyState: z.string().nullish(), state: z.string().nullish() });
const page = z.object({
  deployments: z.array(listed),
  pagination: z.object({ next: z.union([z.string(), z.number()]).nullish() }).nullish(),
});

type Shown = Omit<z.output<typeof single>, 'id' | 'readyState'>;

function deploymentOf(id: string, state: string, shown: Shown): Deployment {
  const meta = Object.entries(shown.meta ?? {}).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value]] : [],
  );
  const { aliasError } = shown;
  return {
    id,
    projectId: shown.projectId ?? undefined,
    state: shown.checksConclusion === 'failed' ? 'ERROR' : state,
    ownHost: shown.url ?? '',
    meta: Object.fromEntries(meta),
    aliases: shown.alias ?? [],
    aliasAssigned: Boolean(shown.aliasAssigned),
    aliasError: aliasError ? (aliasError.message ?? aliasError.code ?? 'no reason given') : undefined,
    problem: shown.errorMessage ?? shown.readyStateReason ?? undefined,
  };
}

/** `undefined` when there is no such deployment: https://vercel.com/docs/rest-api/deployments/get-a-deployment-by-id-or-url */
export async function readDeployment(vercel: Vercel, id: string): Promise<Deployment | undefined> {
  const shown = await vercel.request({
    operation: 'read deployment',
    method: 'GET',
    path: `/v13/deployments/${encodeURIComponent(id)}`,
    schema: single,
    scope: 'deployment:read',
    absentOn: [404],
  });
  return shown && deploymentOf(shown.id, shown.readyState, shown);
}

const PAGE = 100;
/** A project with three hundred failed production deployments in a row has none that stands. */
const PAGES = 3;

/** The newest production deployment of a project that `stands` accepts, as the list shows it (without aliases). */
export async function newestDeployment(
  vercel: Vercel,
  projectId: string,
  stands: (deployment: Deployment) => boolean,
): Promise<Deployment | undefined> {
  let until: string | number | undefined;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const answer = await vercel.request({
      operation: 'list deployments',
      method: 'GET',
      path: '/v7/deployments',
      query: { projectId, target: 'production', limit: PAGE, until },
      schema: page,
      scope: 'deployment:list',
    });
    const deployments = (answer?.deployments ?? []).map((one) =>
      deploymentOf(one.uid, one.readyState ?? one.state ?? '', one),
    );
    const found = deployments.find(stands);
    until = answer?.pagination?.next ?? undefined;
    if (found || until === undefined) return found;
  }
  return undefined;
}

export interface DeploymentWish {
  readonly projectId: string;
  readonly projectName: string;
  /** `owner/name` on GitHub; Vercel's GitHub App must be able to read it. */
  readonly repository: string;
  readonly ref: string;
  /** 40 hex digits, where the ref was resolved to a commit. */
  readonly sha: string | undefined;
  readonly meta: Readonly<Record<string, string>>;
}

/**
 * Builds a commit for production, always anew: a "similar" earlier deployment would hold the old environment.
 * https://vercel.com/docs/rest-api/deployments/create-a-new-deployment
 */
export async function postDeployment(vercel: Vercel, wish: DeploymentWish): Promise<Deployment | undefined> {
  const [org, repo] = wish.repository.split('/');
  const shown = await vercel.request({
    operation: 'create deployment',
    method: 'POST',
    path: '/v13/deployments',
    query: { forceNew: 1, skipAutoDetectionConfirmation: 1 },
    body: {
      name: wish.projectName,
      project: wish.projectId,
      target: 'production',
      gitSource: { type: 'github', org, repo, ref: wish.ref, ...(wish.sha !== undefined && { sha: wish.sha }) },
      meta: wish.meta,
    },
    schema: single,
    scope: 'deployment:create',
  });
  return shown && deploymentOf(shown.id, shown.readyState, shown);
}

/** Already gone is success. */
export async function deleteDeployment(vercel: Vercel, id: string): Promise<void> {
  await vercel.request({
    operation: 'delete deployment',
    method: 'DELETE',
    path: `/v13/deployments/${encodeURIComponent(id)}`,
    schema: z.unknown(),
    scope: 'deployment:delete',
    absentOn: [404],
  });
}
